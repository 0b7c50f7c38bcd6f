"""Everything a build knows before it does anything: folders, data, records, runs, sections."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType

import experiments
from building.request import Request
from experiments.lab.data import views
from experiments.lab.data.splits import Source, Splits
from experiments.lab.settings import Search
from experiments.lab.store import records, results
from experiments.lab.store.keys import library_versions, source_digests
from experiments.lab.store.records import Record, RecordError
from experiments.lab.store.results import SearchResult
from experiments.lab.store.runs import RunIndex, RunStore, now
from experiments.lab.study import Section, Study
from experiments.lab.training.devices import logical_cpus
from experiments.lab.training.sourcecode import training_code


class NotReady(Exception):
    """A section asked for something that another one has not made yet."""


class Undecided(NotReady):
    """A section failed to say what has to be trained for it."""


@dataclass
class Context:
    """The state of the output folder, as the request sees it."""

    request: Request
    sources: Mapping[str, Source]
    replicas: int
    say: Callable[[str], None]
    since: str = field(default_factory=now)
    results: dict[str, SearchResult] = field(default_factory=dict)

    def __post_init__(self) -> None:
        output = self.request.output
        self.records_folder = output / "records"
        self.searches_folder = output / "records" / "searches"
        self.tuner_folder = output / "tuner"
        self.store = RunStore(output / "runs", self.say)
        fingerprints = {name: it.identity.fingerprint for name, it in self.sources.items()}
        self.index = RunIndex(
            self.store, fingerprints, training_code(), library_versions(), self.since
        )
        self._records: dict[str, Record | None] = {}
        self._code: dict[str, dict[str, str]] = {}

    def module(self, section: str) -> ModuleType:
        """Return the module of `section`."""
        return experiments.module(section)

    def section(self, name: str) -> Section:
        """Return what the section `name` says of itself."""
        return self.module(name).SECTION

    def code(self, section: str) -> dict[str, str]:
        """Return the digests of the code of `section` as it was when this was first asked.

        A record says what it was made from: an edit in the middle of a build makes it stale.
        """
        if section not in self._code:
            own = source_digests([experiments.module_name(section)])
            self._code[section] = own | dict(self.index.code)
        return self._code[section]

    def record(self, section: str) -> Record | None:
        """Return the stored record of `section`; one that cannot be read counts as missing."""
        if section not in self._records:
            try:
                self._records[section] = records.read(section, self.records_folder)
            except RecordError as error:
                aside = records.set_aside(section, self.records_folder)
                self.say(f"{error}; kept in {aside}, to be made again")
                self._records[section] = None
        return self._records[section]

    def keep(self, record: Record) -> None:
        """Store `record`."""
        records.write(record, self.records_folder)
        self._records[record.section] = record

    def environment(self) -> dict[str, object]:
        """Return what workers are told of data, code and versions, and compare with their own."""
        return {
            "sources": {name: source.to_json() for name, source in self.sources.items()},
            "code": dict(self.index.code),
            "versions": dict(self.index.versions),
            "since": self.since,
        }

    def study(self, section: str) -> Study:
        """Return what the section is handed; asking it for what is not there raises NotReady."""
        return Study(
            section=self.section(section),
            profile=self.request.profile,
            identity=lambda name: self.sources[name].identity,
            splits=self._splits(),
            result=self._result,
            record=self._needed_record,
            replicas=self.replicas,
        )

    def _splits(self) -> Callable[[str | views.View], Splits]:
        """Return what gives a section its images: a data set, read once, or a view of one."""
        load = functools.cache(lambda name: self.sources[name].load(self.request.profile.limit))

        def splits(asked: str | views.View) -> Splits:
            view = views.View(asked) if isinstance(asked, str) else asked
            return views.apply(view, load(view.name))

        return splits

    def searches(self, section: str) -> list[Search]:
        """Return the section's searches; NotReady if they depend on a record that is missing.

        Whatever else a section raises is its failure, not the build's: Undecided.
        """
        try:
            return self.module(section).searches(self.study(section))
        except NotReady:
            raise
        except Exception as error:
            raise Undecided(f"{type(error).__name__}: {error}") from error

    def stored_result(self, search: Search) -> SearchResult | None:
        """Return the stored result of exactly this search if all its runs are there and count."""
        held = results.read(search.name, self.searches_folder, self.store)
        if held is None or held[0] != self.search_key(search):
            return None
        runs = [run for trial in held[1].trials for run in trial.runs]
        counts = all(self.index.find(run.settings) is not None for run in runs)
        return held[1] if counts else None

    def search_key(self, search: Search) -> str:
        """Return what identifies the search with its data, code and versions."""
        settings = next(iter(search.runs(search.points[0] if search.points else {})))
        return self.index.key(settings) + "-" + results.definition_digest(search)

    def keep_result(self, result: SearchResult) -> None:
        """Store which runs make up the search's trials."""
        results.write(result, self.search_key(result.search), self.searches_folder)
        self.results[result.search.name] = result

    def _result(self, name: str) -> SearchResult:
        if name not in self.results:
            held = results.read(name, self.searches_folder, self.store)
            if held is None:
                raise NotReady(f"the search {name} has not been made")
            self.results[name] = held[1]
        return self.results[name]

    def _needed_record(self, section: str) -> Record:
        record = self.record(section)
        if record is None or record.status != "done":
            raise NotReady(f"the section {section} has not been built")
        return record


def replicas(strategy: str, gpus: Callable[[], int]) -> int:
    """Return over how many devices one training is split.

    One, unless "mirrored" was asked for: the networks are small, so that several trainings side by
    side use several GPUs better than one training split over them.
    """
    if strategy != "mirrored":
        return 1
    return logical_cpus() or gpus()
