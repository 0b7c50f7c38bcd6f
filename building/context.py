"""Everything a build knows before it does anything: request, data, what stands, sections, code."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import experiments
from building import code
from building.request import Request
from experiments.lab.data.splits import Source, Splits
from experiments.lab.settings import Search
from experiments.lab.store import results
from experiments.lab.store.held import Held, NotReady
from experiments.lab.store.keys import library_version, library_versions
from experiments.lab.store.results import SearchResult
from experiments.lab.store.runs import RunIndex, now
from experiments.lab.study import Section, Study
from experiments.lab.training.devices import logical_cpus
from experiments.lab.training.sourcecode import training_code


class Undecided(NotReady):
    """A section failed to say what has to be trained for it."""


@dataclass
class Context:
    """The state of the output folder, as the request sees it.

    `superseded` has, for the keys of runs that are trained afresh, when the one ended that stood before.
    `build` names what is being done with the folder now.
    """

    request: Request
    sources: Mapping[str, Source]
    replicas: int
    say: Callable[[str], None]
    build: str = field(default_factory=lambda: f"{now()} {os.getpid()}")
    superseded: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        output = self.request.output
        self.held = Held(output, self.say)
        self.tuner_folder = output / "tuner"
        fingerprints = {name: it.identity.fingerprint for name, it in self.sources.items()}
        self.index = RunIndex(
            self.held.runs,
            fingerprints,
            training_code,
            library_versions(),
            self.build,
            self.superseded,
        )
        self._loaded: dict[str, Splits] = {}
        self._searches: dict[tuple[str, int], list[Search]] = {}

    def module(self, name: str) -> ModuleType:
        """Return the module of a section or part."""
        return experiments.module(name)

    def section(self, name: str) -> Section:
        """Return what a section or part says of itself."""
        return self.module(name).SECTION

    def settings(self) -> dict[str, object]:
        """Return the request's settings that results depend on."""
        profile = self.request.profile
        return {
            "profile": profile.name,
            "seeds": profile.seeds,
            "epochs": profile.epochs,
            "iterations": profile.iterations,
            "limit": profile.limit,
            "replicas": self.replicas,
        }

    def environment(self) -> dict[str, object]:
        """Return what workers are told of data and versions, and compare with their own."""
        return {
            "sources": {name: source.to_json() for name, source in self.sources.items()},
            "versions": dict(self.index.versions),
            "build": self.build,
            "superseded": dict(self.superseded),
        }

    def study(self, name: str, held: Any = None) -> Study:  # noqa: ANN401
        """Return what a section or part is handed; `held` takes the place of the stores."""
        return Study(
            section=self.section(name),
            profile=self.request.profile,
            sources=self.sources,
            held=held or self.held,
            replicas=self.replicas,
            loaded=self._loaded,
        )

    def splits(self, name: str, limit: int | None) -> Splits:
        """Return a data set divided, as runs with this `limit` see it."""
        if limit != self.request.profile.limit:
            return self.sources[name].load(limit)
        if name not in self._loaded:
            self._loaded[name] = self.sources[name].load(limit)
        return self._loaded[name]

    def searches(self, name: str) -> list[Search]:
        """Return what has to be trained for a section; NotReady if it depends on what is missing.

        Whatever else a section raises is its failure, not the build's: Undecided.
        """
        place = name, self.held.changes
        try:
            if place not in self._searches:
                self._searches[place] = self.with_classes(
                    self.module(name).searches(self.study(name))
                )
            return self._searches[place]
        except NotReady:
            raise
        except Exception as error:
            raise Undecided(f"{type(error).__name__}: {error}") from error

    def with_classes(self, searches: Iterable[Search]) -> list[Search]:
        """Return the searches for as many classes as the data at hand have."""
        names = {name: source.identity.classes for name, source in self.sources.items()}
        return [replace(search, classes=len(names[search.data])) for search in searches]

    def stored_result(self, search: Search) -> SearchResult | None:
        """Return the stored result of exactly this search if all its runs are there and count."""
        result = self.last_result(search)
        if result is None or any(self.index.find(run.settings) is None for run in result.runs):
            return None
        return result

    def last_result(self, search: Search) -> SearchResult | None:
        """Return the stored result of exactly this search, also while runs of it are trained again."""
        stored = self.held.stored_result(search.name)
        return stored[1] if stored and stored[0] == self.search_key(search) else None

    def search_key(self, search: Search) -> str:
        """Return what identifies the search with its data, code and versions."""
        settings = next(iter(search.runs(search.points[0] if search.points else {})))
        key = f"{self.index.key(settings)}-{results.definition_digest(search)}"
        if search.points:
            return key
        # Whoever proposes its points decides what is trained.
        return f"{key}-{code.proposing().key[:12]}-{library_version('keras-tuner')}"

    def keep_result(self, result: SearchResult) -> None:
        """Store which runs make up the search's trials."""
        self.held.keep_result(result, self.search_key(result.search))


def replicas(strategy: str, gpus: Callable[[], int]) -> int:
    """Return over how many devices one training is split.

    One, unless "mirrored" was asked for: the networks are small, so that several trainings side by
    side use several GPUs better than one training split over them.
    """
    if strategy != "mirrored":
        return 1
    return logical_cpus() or gpus()


def asked_searches(context: Context) -> list[Search]:
    """Return the searches that the sections ask for, each name once, in the order of the sections.

    Those of a section that depends on what is missing are left out.
    """
    found: dict[str, Search] = {}
    for section in experiments.names():
        try:
            for search in context.searches(section):
                found.setdefault(search.name, search)
        except NotReady:
            continue
    return list(found.values())


def stored_searches(context: Context) -> list[SearchResult]:
    """Return the results of all searches that are stored, in the order of their sections."""
    stored = (context.held.stored_result(search.name) for search in asked_searches(context))
    return [result for _, result in filter(None, stored)]
