"""A build: train what is missing, measure what is stale, draw it, write the report after each section."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import experiments
from building import plan as planning
from building.afresh import Afresh
from building.context import Context
from building.display import Display
from building.folder import drop_scratch
from building.writer import Writer
from experiments.lab.evidence.claims import as_plain
from experiments.lab.search import estimates
from experiments.lab.search.crew import Crew
from experiments.lab.settings import Search
from experiments.lab.store.files import nothing_can_be_written
from experiments.lab.store.held import NotReady
from experiments.lab.store.keys import library_versions
from experiments.lab.store.records import DONE, FAILED, Findings, Record
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import first_line, now
from experiments.lab.study import Section, Study
from experiments.lab.training import devices

WATCH_EVERY = 1.0  # seconds between two looks at the workers
FAREWELL = 3.0  # seconds


class Builder:
    """Measures the sections and parts in `wanted`, in order, and what they need before them."""

    def __init__(
        self, context: Context, writer: Writer, wanted: list[str], display: Display
    ) -> None:
        self._context, self._display = context, display
        self._pending = wanted
        self._writer = writer
        self._opened: set[str] = set()
        self._kept: set[str] = set()
        self.failed: list[str] = []
        self.undrawn: list[str] = []

    def build(self, afresh: Afresh) -> None:
        """Build all pending sections. A failure is recorded in its section and stops no other."""
        runs = planning.to_train(self._context, self._writer.states, self._pending)
        expected = [run for own in runs.values() for run in own]
        self._display.expect(expected, self._context.held.runs.runs() if expected else [])
        with self._training():
            while self._pending:
                self._display.to_measure(self._measuring())
                self._open_searches()
                section = self._next()
                if section is None:
                    self._watch()
                    continue
                self._make(section)
                if section not in self.failed and not self._writer.draw(section):
                    self.undrawn.append(section)
                afresh.section_done(section)
                self._pending.remove(section)
                self._writer.section_finished(section, more=bool(self._pending))

    def _measuring(self) -> float:
        """Return about how long measuring what is pending takes, in seconds of one core."""
        few = self._context.request.profile.limit is not None
        each = estimates.MEASURING_FEW if few else estimates.MEASURING
        return len(self._pending) * each

    def complete_views(self, searches: Iterable[Search]) -> None:
        """Make the views of `searches` again from stored runs; what is lost meanwhile is trained."""
        with self._training():
            for search in searches:
                self._open(search, place=0)
                while (result := self._campaign.result(search.name)) is None:
                    self._watch()
                self._keep(result)

    @contextmanager
    def _training(self) -> Iterator[None]:
        """Serve a campaign for as long as the build goes on.

        Workers that will be needed start at once and import TensorFlow while this process does.
        """
        devices.prepare_process()
        from experiments.lab.search.admission import Admission
        from experiments.lab.search.chief import Chief

        output, tuner = self._context.request.output, self._context.tuner_folder
        with ExitStack() as ending:
            admission = Admission.made_for(tuner)
            ending.callback(admission.withdraw, tuner)
            chief = Chief(admission)
            ending.callback(chief.stop)
            self._crew = self._hire(chief.address, admission.secret)
            ending.callback(drop_scratch, output)
            ending.callback(self._crew.stop)
            if any(self._writer.states[section].runs for section in self._pending):
                self._crew.start()
            devices.import_tensorflow("matplotlib.pyplot")
            from experiments.lab.search.campaign import Campaign

            devices.hide_gpus()
            devices.leave_graphs_alone()
            environment = self._context.environment()
            self._campaign = Campaign(self._context.index, tuner, environment, self._display)
            ending.callback(self._campaign.let_go)
            chief.serve(self._campaign)
            yield
            self._dismiss()

    def _hire(self, address: tuple[str, int], secret: str) -> Crew:
        """Return the workers of this machine, not yet started."""
        gpus = devices.gpu_count()
        return Crew(
            self._context.request.output,
            address,
            self._context.request.jobs or jobs(gpus, self._context.replicas),
            self._worker_lost,
            gpus=gpus,
            whole=self._context.replicas > 1,
            secret=secret,
        )

    def _dismiss(self) -> None:
        """Give the workers, on this machine and others, a moment to hear that all is done."""
        self._campaign.seal()
        until = time.monotonic() + FAREWELL
        while self._campaign.present and time.monotonic() < until:
            time.sleep(0.1)

    def _watch(self) -> None:
        """Wait a little for news, look after the workers, and let them leave when all is begun."""
        with self._campaign.changed:
            self._campaign.changed.wait(WATCH_EVERY)
        self._writer.trials_moved_on()
        if self._campaign.trouble is not None:
            raise self._campaign.trouble
        for tuner_id in self._campaign.silent():
            self._worker_lost(tuner_id, "the worker has said nothing for too long")
            self._crew.end(tuner_id)
        if self._opened.issuperset(self._pending):
            self._campaign.seal()
        if self._crew.check() == 0 and self._campaign.unfinished:
            self._crew.start()  # all had left before another machine's worker was lost

    def _worker_lost(self, tuner_id: str, reason: str) -> str | None:
        """Say so, and return the trial that the worker had, if any."""
        trial = self._campaign.worker_lost(tuner_id, reason)
        self._display.say(f"{tuner_id}: {reason}" + (f" while training {trial}" if trial else ""))
        return trial

    def _open_searches(self) -> None:
        """Open the searches of every pending section whose needs are met."""
        for section in self._pending:
            if self._unmet(section) or section in self._opened:
                continue
            self._opened.add(section)
            try:
                self._refuse_failed_needs(section)
                searches = self._context.searches(section)
            except Exception as error:
                if nothing_can_be_written(error):
                    raise
                self._fail(section, error)
                continue
            needed = any(section in self._context.section(it).needs for it in experiments.names())
            for search in searches:
                self._open(search, turn(self._context.section(section), needed))

    def _refuse_failed_needs(self, section: str) -> None:
        """Raise NotReady if what the section needs failed: an earlier result of it is not meant."""
        for need in self._context.section(section).needs:
            if need in self.failed:
                raise NotReady(f"it needs {need}, which failed")

    def _open(self, search: Search, place: int) -> None:
        if self._campaign.result(search.name) is None:
            known = self._context.held.runs.runs()
            points = search.points or [estimates.middle(search.space)] * search.max_trials
            trials = [list(search.runs(point)) for point in points]
            self._display.plan(search.name, trials, known)
            self._campaign.add(search, place)
        if self._campaign.result(search.name) is None and not self._crew.started:
            self._crew.start()

    def _next(self) -> str | None:
        """Return the first pending section that can be measured now."""
        for section in self._pending:
            if section in self.failed:
                return section
            if self._unmet(section) or section not in self._opened:
                continue
            searches = self._context.searches(section)
            results = [self._campaign.result(search.name) for search in searches]
            if None not in results:
                for result in results:
                    self._keep(result)
                return section
        return None

    def _keep(self, result: SearchResult) -> None:
        """Store a search's result and its view for TensorBoard."""
        from experiments.lab.search import tensorboard

        if result.search.name not in self._kept:
            self._kept.add(result.search.name)
            self._context.keep_result(result)
            tensorboard.write(result, self._context.request.output / "tensorboard")

    def _unmet(self, section: str) -> list[str]:
        """Return the needed sections that are still to be built."""
        return [need for need in self._context.section(section).needs if need in self._pending]

    def _make(self, section: str) -> None:
        """Measure the section and store its record, or the record of its failure."""
        if section in self.failed:
            return
        started = time.monotonic()
        self._display.section(section, "measuring")
        study = self._context.study(section)
        try:
            findings = self._context.module(section).measure(study)
            self._context.held.keep_record(self._record(study, DONE, findings, started))
            self._display.say(f"{section}: measured")
        except Exception as error:  # a section's failure is said in its place in the report
            if nothing_can_be_written(error):
                raise
            self._fail(section, error)
        finally:
            self._display.section(section, "")

    def _fail(self, section: str, error: Exception) -> None:
        named = str(error) if isinstance(error, NotReady) else f"{type(error).__name__}: {error}"
        message = first_line(named)
        self.failed.append(section)
        study = self._context.study(section)
        record = self._record(study, FAILED, Findings(), time.monotonic())
        record.message = message
        self._context.held.keep_record(record)
        self._display.say(f"{section}: failed: {message}")
        if os.environ.get("ASSIGNMENT2_TRACEBACK"):
            raise error

    def _record(self, study: Study, status: str, findings: Findings, started: float) -> Record:
        section = study.section.name
        try:
            inputs = planning.inputs(self._context, section)
            definitions = planning.definitions(self._context, section)
            searches = self._context.searches(section)
        except Exception:  # what it depends on could not be made
            inputs, definitions, searches = {}, {}, []
        trials = [trial for search in searches for trial in self._trials_of(search)]
        sources = {name: self._context.sources[name] for name in study.section.data}
        trained = sum(run.seconds for trial in trials for run in trial.runs)
        return Record(
            section=section,
            status=status,
            profile=self._context.request.profile.name,
            settings=self._context.settings(),
            inputs=inputs,
            definitions=definitions,
            built_at=now(),
            seconds=time.monotonic() - started + trained,
            environment={"processor": devices.processor(), **library_versions()},
            data={name: vars(source.identity) for name, source in sources.items()},
            command=self._context.request.again(section),
            scores=findings.scores,
            facts=findings.facts,
            claims=[as_plain(claim) for claim in findings.claims],
            trials=[row for trial in trials for row in trial.rows()],
            runs=runs_read(study, trials),
            arrays=findings.arrays,
        )

    def _trials_of(self, search: Search) -> tuple[Trial, ...]:
        result = self._campaign.result(search.name)
        return result.trials if result else ()


def runs_read(study: Study, trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Return key and seed of every run of a section's trials, and of the results it was given."""
    given = [trial for result in study.read.values() for trial in result.trials]
    runs = {run.key: run for trial in (*trials, *given) for run in trial.runs}
    return [{"key": key, "seed": run.settings.seed} for key, run in runs.items()]


def turn(section: Section, needed: bool) -> int:
    """Return when a section's trials are handed out: those of one with a lower number first.

    What other sections need comes first, then what is slow to measure, then all else.
    """
    return 0 if needed else 1 if section.slow else 2


def jobs(gpus: int, replicas: int = 1) -> int:
    """Return how many trainings to run at once: one on each GPU, else one on each core."""
    if replicas > 1:
        return 1
    if gpus:
        return gpus
    # What this process may use, which on a shared machine is less than there is.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
