"""All searches of a build behind one keras-tuner chief.

Workers ask the chief for a trial and get one of whichever search has work, so that no core waits for
the last trial of a search while another could begin. Every search keeps a keras-tuner oracle and a
project folder of its own (`tuner/SEARCH/`); the run store is the truth, the project a view of it: a
trial whose runs are all stored is completed from there and never reaches a worker.

A trial travels as "SEARCH/NUMBER". Reports of progress use keras-tuner's `update_trial` with a metric
named "progress", which is passed on to the display and not recorded; a metric "heartbeat" says only
that the worker lives, and "returned" that it gives the trial back. What a trial scores is read from
its stored runs: the numbers of a worker's own messages have been through single precision.
"""

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import keras_tuner as kt
from keras_tuner.engine.trial import Trial as TunerTrial

from experiments.lab.search.assignments import RETURNED, write_assignment
from experiments.lab.search.losses import ATTEMPTS, Expelled, Losses
from experiments.lab.search.openings import Opening
from experiments.lab.search.oracles import make_oracle
from experiments.lab.settings import DIRECTION, OBJECTIVE, Search
from experiments.lab.store.files import storing
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import RunIndex

SILENCE = 90.0  # seconds after which a worker that said nothing counts as dead
REPLAY = "replay"  # the tuner name under which stored trials are completed


class Listener(Protocol):
    """Hears what happens to the trials; called from several threads."""

    def trial_started(self, search: str, number: str, point: Mapping[str, Any], who: str) -> None:
        """A worker was given the trial; `point` has of its values what the search varies."""

    def trial_advanced(self, search: str, number: str, metrics: Mapping[str, float]) -> None:
        """The trial's worker reports `progress` (0 to 1) and current scores."""

    def trial_ended(self, search: str, number: str, trial: Trial, replayed: bool) -> None:
        """The trial ended, or was completed from the store."""


class Campaign(kt.Oracle):
    """The oracle that the chief serves: it hands out the trials of all open searches."""

    def __init__(
        self, runs: RunIndex, folder: Path, environment: Mapping[str, Any], listener: Listener
    ) -> None:
        super().__init__(objective=kt.Objective(OBJECTIVE, DIRECTION))
        self.verbose = 0
        self.changed = threading.Condition(threading.RLock())
        self._runs = runs
        self._folder = folder
        self._environment = environment
        self._listener = listener
        self._open: dict[str, Opening] = {}
        self._begun: dict[str, Opening] = {}
        self._closed: dict[str, SearchResult] = {}
        self._in_flight: dict[str, str] = {}  # run key -> trial
        self._losses = Losses()
        self._sealed = False
        self._heard: dict[str, float] = {}  # tuner -> when it last asked or reported
        self.trouble: Exception | None = None  # what went wrong while a worker was answered
        self._set_project_dir(str(folder), "workers")

    def add(self, search: Search, place: int = 0) -> None:
        """Open `search`; trials whose runs are stored are completed at once.

        Trials of searches with a lower `place` are handed out first.
        """
        with self.changed, storing(self._folder):
            if search.name in self._open or search.name in self._closed:
                return
            self._open[search.name] = self._begun[search.name] = self._begin(search, place)
            self._replay(self._open[search.name])
            self.changed.notify_all()

    @contextlib.contextmanager
    def _serving(self) -> Iterator[None]:
        """Hold the lock while a worker is answered; the build, not the worker, hears of an error."""
        with self.changed:
            try:
                with storing(self._folder):
                    yield
            except Expelled:
                raise
            except Exception as error:
                self.trouble = error
                self.changed.notify_all()
                raise

    def seal(self) -> None:
        """Say that no search will be added: workers that find nothing to do may leave."""
        with self.changed:
            self._sealed = True

    def let_go(self) -> None:
        """Release the lock if an interruption has left it with this thread, which is to end.

        A signal may be heard just after the lock was taken and before `with` knows of it; a worker's
        question would then wait for it for ever, and this process for the answer.
        """
        with contextlib.suppress(RuntimeError):  # once it is released
            while True:
                self.changed.release()

    def result(self, name: str) -> SearchResult | None:
        """Return the result of the search if it has ended."""
        with self.changed:
            return self._closed.get(name)

    @property
    def present(self) -> int:
        """How many workers have come and not been told to leave."""
        with self.changed:
            return len(self._heard)

    @property
    def unfinished(self) -> bool:
        """Whether a search is open."""
        with self.changed:
            return bool(self._open)

    def create_trial(self, tuner_id: str) -> TunerTrial:
        """Return a trial of the first search that has one for this tuner.

        Raises Expelled if the tuner fails whatever it is given.
        """
        with self._serving():
            self._losses.admit(tuner_id)
            self._heard[tuner_id] = time.monotonic()
            # A tuner that comes back after its death goes on with the trial it had. The assignment's
            # grids come before the wide searches, which only their own sections wait for, and single
            # trainings before searches of many, which keep all workers busy until the end.
            openings = sorted(
                self._open.values(),
                key=lambda opened: (
                    tuner_id not in opened.oracle.ongoing_trials,
                    not opened.search.points,
                    opened.place,
                    len(opened.search.points),
                ),
            )
            for opened in openings:
                self._replay(opened)
                opened.oracle.ready = lambda trial, of=opened: self._ready(of, trial, tuner_id)
                trial = opened.oracle.create_trial(tuner_id)
                if trial.status == "RUNNING":
                    return self._hand_out(opened, trial, tuner_id)
            status = "STOPPED" if self._sealed and not self._open else "IDLE"
            if status == "STOPPED":
                del self._heard[tuner_id]
            return TunerTrial(kt.HyperParameters(), status=status)

    def update_trial(
        self,
        trial_id: str,
        metrics: Mapping[str, float],
        step: int = 0,
        caller: str | None = None,
    ) -> TunerTrial:
        """Note that the trial's worker lives, pass progress on, and take back what is returned.

        Of a `caller`, a tuner, that does not hold the trial nothing is taken.
        """
        found = self._locate(trial_id)
        if found is None:
            return self.get_trial(trial_id)
        opened, number = found
        with self._serving():
            tuner_id = opened.tuner_of(number)
            if caller is not None and caller != tuner_id:
                return self.get_trial(trial_id)
            if tuner_id is not None:
                self._heard[tuner_id] = time.monotonic()
            if tuner_id is not None and "progress" in metrics:
                self._losses.prove(tuner_id)
            if tuner_id is not None and RETURNED in metrics:
                self._take_back(opened, tuner_id, trial_id)
        if "progress" in metrics:
            self._listener.trial_advanced(opened.search.name, number, metrics)
        return self.get_trial(trial_id)

    def end_trial(self, trial: TunerTrial, caller: str | None = None) -> None:
        """End the trial as its stored runs say, whatever the worker says of it.

        Without a stored run for every seed it counts as one that its worker died on. Of a `caller`, a
        tuner, that does not hold the trial nothing is taken.
        """
        found = self._locate(trial.trial_id)
        if found is None:
            return
        opened, number = found
        with self._serving():
            tuner_id, held = opened.tuner_of(number), opened.oracle.trials[number]
            if caller is not None and caller != tuner_id:
                return
            if tuner_id is not None and None not in map(self._runs.find, opened.runs(held)):
                self._end(opened, held)
            elif tuner_id is not None:
                self._count_loss(opened, held, tuner_id, last_line(trial.message))
            self._replay_all()

    def get_trial(self, trial_id: str) -> TunerTrial:
        """Return the trial under its travelling name, an empty one if there is none of that name."""
        found = self._locate(trial_id)
        if found is None:
            return TunerTrial(kt.HyperParameters(), trial_id=trial_id, status="INVALID")
        opened, number = found
        return _renamed(opened.oracle.get_trial(number), trial_id)

    def silent(self) -> list[str]:
        """Return the tuners that train and have said nothing for too long."""
        with self.changed:
            now = time.monotonic()
            training = {
                tuner for opened in self._open.values() for tuner in opened.oracle.ongoing_trials
            }
            return [it for it in training if now - self._heard.get(it, now) > SILENCE]

    def worker_lost(self, tuner_id: str, reason: str) -> str | None:
        """Note that the tuner died, and return its trial, which is handed out again.

        The third death on a trial is its failure.
        """
        with self.changed, storing(self._folder):
            self._heard.pop(tuner_id, None)
            for opened in list(self._open.values()):
                trial = opened.oracle.ongoing_trials.get(tuner_id)
                if trial is not None:
                    self._count_loss(opened, trial, tuner_id, reason)
                    self._replay_all()
                    return f"{opened.search.name}/{trial.trial_id}"
        return None

    def _count_loss(self, opened: Opening, trial: TunerTrial, tuner_id: str, reason: str) -> None:
        name = f"{opened.search.name}/{trial.trial_id}"
        if not self._losses.count(name, tuner_id, reason, self._alone(tuner_id)):
            self._take_back(opened, tuner_id, name)
            return
        for settings in opened.runs(trial):
            if self._runs.find(settings) is None:
                self._runs.record_failure(settings, f"{reason}, {ATTEMPTS} times")
        self._end(opened, trial)

    def _alone(self, tuner_id: str) -> bool:
        """Whether no other worker has spoken lately."""
        now = time.monotonic()
        others = (heard for tuner, heard in self._heard.items() if tuner != tuner_id)
        return all(now - heard > SILENCE for heard in others)

    def _take_back(self, opened: Opening, tuner_id: str, name: str) -> None:
        """Let the tuner's trial wait again, for whoever asks next."""
        opened.oracle.take_back(tuner_id)
        self._forget_flight(name)

    def _begin(self, search: Search, place: int) -> Opening:
        oracle = make_oracle(search)
        view = kt.engine.base_tuner.BaseTuner(
            oracle, directory=str(self._folder), project_name=search.name, overwrite=True
        )
        environment = {**self._environment, "code": self._runs.code(search)}
        write_assignment(search, environment, self._folder)
        return Opening(search, oracle, view, place)

    def _ready(self, opened: Opening, trial: TunerTrial, tuner_id: str) -> bool:
        """Whether no other trial is training one of the runs that this one lacks.

        And whether the tuner is not the one that has just failed it, while another is there.
        """
        loser = self._losses.last(f"{opened.search.name}/{trial.trial_id}")
        if loser == tuner_id and not self._alone(tuner_id):
            return False
        return not any(
            self._runs.key(settings) in self._in_flight for settings in opened.runs(trial)
        )

    def _hand_out(self, opened: Opening, trial: TunerTrial, tuner_id: str) -> TunerTrial:
        name = f"{opened.search.name}/{trial.trial_id}"
        for settings in opened.runs(trial):
            self._in_flight[self._runs.key(settings)] = name
        self._listener.trial_started(
            opened.search.name, trial.trial_id, opened.varied(trial), tuner_id
        )
        return _renamed(trial, name)

    def _replay_all(self) -> None:
        """Complete what a new run completes, in other searches too, and tell the build."""
        for opened in list(self._open.values()):
            self._replay(opened)
        self.changed.notify_all()

    def _replay(self, opened: Opening) -> None:
        """Complete from the store every waiting trial whose runs are all there."""
        oracle, wanted = opened.oracle, opened.oracle.ready
        oracle.ready = lambda trial: all(self._runs.find(run) for run in opened.runs(trial))
        try:
            while (trial := oracle.create_trial(REPLAY)).status == "RUNNING":
                self._end(opened, trial, replayed=True)
        finally:
            oracle.ready = wanted
        if trial.status == "STOPPED":
            self._close(opened)

    def _end(self, opened: Opening, trial: TunerTrial, replayed: bool = False) -> None:
        """Score the trial by its stored runs and close the search with its last trial."""
        ended = self._trial(opened, trial)
        self._score(opened, trial, ended)
        name = f"{opened.search.name}/{trial.trial_id}"
        self._forget_flight(name)
        self._listener.trial_ended(opened.search.name, trial.trial_id, ended, replayed)

    def _forget_flight(self, name: str) -> None:
        """Let go of the runs that the trial `name` was training."""
        self._in_flight = {key: value for key, value in self._in_flight.items() if value != name}

    def _score(self, opened: Opening, trial: TunerTrial, ended: Trial) -> None:
        if ended.completed:
            directions = {"test_accuracy": "max", opened.search.objective: opened.search.direction}
            for name, direction in directions.items():
                if not trial.metrics.exists(name):  # keras-tuner would take most for losses
                    trial.metrics.register(name, direction)
            step = int(ended.first.scores.get("best_iteration", 0))
            metrics = {name: ended.mean(name) for name in directions}
            opened.oracle.update_trial(trial.trial_id, metrics, step=step)
        trial.status = "COMPLETED" if ended.completed else "FAILED"
        trial.message = ended.message or None
        opened.oracle.end_trial(trial)

    def _close(self, opened: Opening) -> None:
        """Close the search: its oracle has nothing waiting and nothing under way."""
        if opened.search.name in self._closed:
            return
        opened.view.save()
        trials = [self._trial(opened, trial) for trial in opened.oracle.trials.values()]
        trials.sort(key=lambda trial: trial.trial_id)
        del self._open[opened.search.name]
        self._closed[opened.search.name] = SearchResult(opened.search, tuple(trials))

    def _trial(self, opened: Opening, trial: TunerTrial) -> Trial:
        runs = tuple(self._runs.find(settings) for settings in opened.runs(trial))
        hyperparameters = opened.search.hyperparameters(opened.point(trial))
        return Trial(opened.search.name, trial.trial_id, hyperparameters, runs)

    def _locate(self, trial_id: str) -> tuple[Opening, str] | None:
        """Return the trial's search, open or closed, and its number; None if there is no such trial.

        A worker thought dead may still report.
        """
        search, _, number = trial_id.rpartition("/")
        opened = self._begun.get(search)
        return (opened, number) if opened and number in opened.oracle.trials else None


def last_line(message: str | None) -> str:
    """Return the last line of a worker's message, which of a traceback is the one that says why."""
    lines = (message or "").strip().splitlines()
    return lines[-1] if lines else "the worker ended the trial without storing its run"


def _renamed(trial: TunerTrial, name: str) -> TunerTrial:
    copy = TunerTrial(trial.hyperparameters, trial_id=name, status=trial.status)
    copy.metrics, copy.score, copy.best_step = trial.metrics, trial.score, trial.best_step
    return copy
