"""A worker: asks the chief for trials, trains their runs, stores them, and leaves when told to.

Started by the build, one for each core or GPU, as

    python -m experiments.lab.search.worker OUTPUT

with keras-tuner's environment: KERASTUNER_TUNER_ID (any name without "chief" in it),
KERASTUNER_ORACLE_IP and KERASTUNER_ORACLE_PORT. OUTPUT is the build's output folder, which all
workers share.
"""

import contextlib
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from experiments.lab.training import devices

devices.import_tensorflow("sklearn", "matplotlib.pyplot")

import grpc  # noqa: E402
import keras  # noqa: E402  (TensorFlow reads its environment when it is imported)
import keras_tuner as kt  # noqa: E402
from keras_tuner.src.distribute import utils as distribution  # noqa: E402

from experiments.lab.data.sources import here  # noqa: E402
from experiments.lab.data.splits import DataError, Source, Splits  # noqa: E402
from experiments.lab.search import connection  # noqa: E402
from experiments.lab.search.admission import name_of  # noqa: E402
from experiments.lab.search.assignments import (  # noqa: E402
    RETURNED,
    UNFIT,
    Assignment,
    WorkError,
    read_assignment,
    read_point,
)
from experiments.lab.search.connection import Heartbeat  # noqa: E402
from experiments.lab.settings import DIRECTION, OBJECTIVE, RunSettings  # noqa: E402
from experiments.lab.store.files import (  # noqa: E402
    StorageError,
    nothing_can_be_written,
    storing,
)
from experiments.lab.store.keys import library_versions  # noqa: E402
from experiments.lab.store.results import Trial  # noqa: E402
from experiments.lab.store.runs import (  # noqa: E402
    TAKEN_UP_AT,
    WORKER,
    Run,
    RunIndex,
    RunStore,
    now,
)
from experiments.lab.training import course  # noqa: E402
from experiments.lab.training.execution import execute, images  # noqa: E402
from experiments.lab.training.sourcecode import training_code  # noqa: E402
from experiments.lab.training.trainer import Trainer  # noqa: E402

PAUSE = 0.2  # seconds between two questions while there is nothing to train
RUNS_A_PROCESS = 24  # TensorFlow keeps some megabytes of every graph that a process has made
REPORT_EVERY = 0.5  # seconds between two reports of progress


class Unfit(kt.errors.FatalError):
    """This worker cannot train what it was given, another might; the message says why."""


class Worker(kt.engine.base_tuner.BaseTuner):
    """keras-tuner's loop over trials, with the run store in the place of its checkpoints."""

    def __init__(self, output: Path) -> None:
        self._tuner_folder = output / "tuner"
        # A worker's own project folder holds nothing that anybody reads.
        name = name_of(os.environ.get("KERASTUNER_TUNER_ID", "alone"))
        oracle = kt.Oracle(objective=kt.Objective(OBJECTIVE, DIRECTION))
        scratch = self._tuner_folder / ".workers"
        with storing(scratch):
            super().__init__(oracle, directory=str(scratch), project_name=name, overwrite=True)
        if distribution.has_chief_oracle():
            self.oracle.stub = connection.stub_of(self._tuner_folder)
        self._store = RunStore(output / "runs", say=lambda line: print(line, flush=True))
        self._splits: dict[tuple[str, int | None], Splits] = {}
        self._asked = False
        self._trained = 0
        self.trial_id: str | None = None  # the trial under way, for the heartbeat

    def pre_create_trial(self) -> None:
        """Pause before asking again if the last answer was that there is nothing yet.

        After so many runs the process gives way to a new one with the same number, name and work.
        """
        if self._trained >= RUNS_A_PROCESS:
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
        if self._asked:
            time.sleep(PAUSE)
        self._asked = True

    def on_trial_begin(self, trial: "kt.engine.trial.Trial") -> None:
        """Note that the chief had something."""
        self._asked = False
        self.trial_id = trial.trial_id

    def on_trial_end(self, trial: "kt.engine.trial.Trial") -> None:
        """Tell the chief, as keras-tuner does, that the trial has ended."""
        self.trial_id = None
        super().on_trial_end(trial)

    def run_trial(self, trial: "kt.engine.trial.Trial") -> dict[str, float]:
        """Train what the trial lacks; return its mean validation accuracy over the seeds.

        Whatever the search's objective is: the chief scores the trial by its stored runs.

        Raises FailedTrialError, which keras-tuner records, if no run completed.
        """
        try:
            return self._train_missing(trial)
        except (Unfit, OSError, ImportError, MemoryError) as error:
            # This machine's fault, or that of its way to the folder: another may do better.
            with contextlib.suppress(grpc.RpcError):
                self.oracle.update_trial(trial.trial_id, {RETURNED: 1.0})
            raise error if isinstance(error, Unfit) else Unfit(str(error)) from error

    def _train_missing(self, trial: "kt.engine.trial.Trial") -> dict[str, float]:
        name, _, number = trial.trial_id.rpartition("/")
        assignment = read_assignment(name, self._tuner_folder)
        index = self._index(assignment)
        search = assignment.search
        point = read_point(search, number, self._tuner_folder)
        wanted = list(search.runs(point))
        runs = []
        for place, settings in enumerate(wanted):
            report = Progress(self.oracle, trial.trial_id, place, len(wanted), settings)
            runs.append(index.find(settings) or self.train(settings, assignment, index, report))
        ended = Trial(name, number, search.hyperparameters(point), tuple(runs))
        if not ended.completed:
            raise kt.errors.FailedTrialError(ended.message)
        return {OBJECTIVE: ended.mean(OBJECTIVE)}

    def train(
        self, settings: RunSettings, assignment: Assignment, index: RunIndex, report: "Progress"
    ) -> Run:
        """Train and store the run with `settings`; whatever it raises is recorded as its failure.

        Raises Unfit if this machine is the reason: its data differ, or its disk is full.
        """
        try:
            splits = self._data(settings, assignment)
            return train_and_store(settings, splits, index, report)
        except Exception as error:  # a failure is a result of the search, with its message
            mine = isinstance(error, DataError | ImportError | MemoryError)
            if mine or nothing_can_be_written(error):
                raise Unfit(str(error) or type(error).__name__) from error
            traceback.print_exc()
            return index.record_failure(settings, f"{type(error).__name__}: {error}")
        finally:
            self._trained += 1
            keras.backend.clear_session(free_memory=True)

    def _index(self, assignment: Assignment) -> RunIndex:
        environment = assignment.environment
        mine = {"code": training_code(assignment.search), "versions": library_versions()}
        for name, value in mine.items():
            if environment[name] != value:
                raise Unfit(f"the {name} here and those of the build that is running differ")
        sources = environment["sources"]
        fingerprints = {
            name: Source.from_json(it).identity.fingerprint for name, it in sources.items()
        }
        return RunIndex(
            self._store,
            fingerprints,
            training_code,
            mine["versions"],
            environment["build"],
            environment["superseded"],
        )

    def _data(self, settings: RunSettings, assignment: Assignment) -> Splits:
        """Return the data set of the run, which the next run may share."""
        wanted = (settings.data, settings.limit)
        if wanted not in self._splits:
            if settings.limit is None:
                self._splits.clear()  # one data set at a time: they are large
            source = Source.from_json(assignment.environment["sources"][settings.data])
            self._splits[wanted] = images(settings, here(source))
        return self._splits[wanted]


class Progress:
    """Tells the chief how far a trial is, not more often than it can be read."""

    def __init__(
        self,
        oracle: Any,
        trial_id: str,
        place: int,
        runs: int,
        settings: RunSettings,  # noqa: ANN401
    ) -> None:
        self._oracle, self._trial_id = oracle, trial_id
        self._place, self._runs, self._settings = place, runs, settings
        self._last = 0.0

    def __call__(self, trainer: Trainer, loss: float) -> None:
        """Send the share of the trial that is done and the current scores."""
        if time.monotonic() - self._last < REPORT_EVERY:
            return
        self._last = time.monotonic()
        progress = trainer.progress
        share = min(1.0, progress.iteration / trainer.total_steps)
        metrics = {
            "progress": (self._place + share) / self._runs,
            "iteration": float(progress.iteration),
            "epoch": float(progress.epoch),
            "loss": loss,
        }
        if progress.curves["validation_accuracy"]:
            metrics["validation_accuracy"] = progress.curves["validation_accuracy"][-1]
        # A chief that does not take the report is no failure of the training.
        with contextlib.suppress(grpc.RpcError):
            self._oracle.update_trial(self._trial_id, metrics)


def train_and_store(
    settings: RunSettings, whole: Splits, index: RunIndex, hear: course.Hear
) -> Run:
    """Train the run with `settings` on the data set `whole` and store it.

    ValueError if a run that it starts from is not there.
    """
    start = None
    if settings.start_from is not None:
        start = index.store.read(settings.start_from["run"])
        if start is None:
            raise ValueError(f"the run {settings.start_from['run']} to start from is not there")
    key, mark = index.key(settings), index.fingerprints[settings.data]
    index.store.begin(key, settings, mark)
    taken_up = {WORKER: os.environ.get("KERASTUNER_TUNER_ID", ""), TAKEN_UP_AT: now()}
    ended = dict(vars(execute(settings, whole, start, index.store.state_folder(key), hear)))
    arrays = ended.pop("arrays")
    environment = {**devices.description(), **library_versions(), **taken_up}
    run = Run(key, settings, environment=environment, finished_at=now(), fingerprint=mark, **ended)
    return index.store.write(run, arrays)


def main() -> None:
    """Work on the trials of the build in the folder that the command line names."""
    if devices.logical_cpus():
        devices.split_cpu(devices.logical_cpus())
    try:
        worker = Worker(Path(sys.argv[1]))
        heartbeat = Heartbeat(worker)
        heartbeat.start()
        connection.reach_chief(worker.oracle.stub)
        heartbeat.reached()
        worker.search()
    except (Unfit, WorkError, StorageError) as reason:
        print(reason, flush=True)
        sys.exit(UNFIT)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.PERMISSION_DENIED:
            raise
        print(error.details(), flush=True)
        sys.exit(UNFIT)


if __name__ == "__main__":
    main()
