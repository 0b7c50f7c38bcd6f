"""The run store: every training run, keyed by what it depends on, written whole or not at all.

A run is one folder, `runs/KEY/`: `run.json` with settings, curves, scores, status and environment, and
`arrays.npz` with the test set's predicted probabilities and the weights. `run.json` carries the digest
of both, so that a file which was cut, garbled or emptied is noticed; the run is then set aside under
`runs/damaged/` and trained again. While a run is trained its state lies in `runs/KEY.partial/`.
"""

import dataclasses
import datetime
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.lab.settings import CURVES, RunSettings
from experiments.lab.store import sealed
from experiments.lab.store.keys import digest

FORMAT = 2
COMPLETED, DIVERGED, FAILED = "completed", "diverged", "failed"
MESSAGE_LENGTH = 300  # characters of an error that a failed run keeps: TensorFlow's can fill pages
_KEY = re.compile("[0-9a-f]{24}")


def run_key(settings: RunSettings, fingerprint: str, code: str, versions: Mapping[str, str]) -> str:
    """Return the key of the run: 24 hex digits that change with everything its result depends on.

    `fingerprint` is the data set's, `code` the key of the definitions that the training can reach,
    `versions` names TensorFlow, Keras and NumPy.
    """
    return digest(
        {
            "settings": settings.to_json(),
            "data": fingerprint,
            "code": code,
            "versions": dict(versions),
        }
    )[:24]


@dataclass(frozen=True)
class Run:
    """A training run that ended.

    `status` is "completed", "diverged" (a loss that is not finite; `message` names the iteration) or
    "failed" (`message` holds the error). `curves` maps each of CURVES to a list, all of equal length
    and empty if the run failed, with one value for each validation: training values are means since the
    one before. `scores` has `validation_accuracy`,
    `validation_loss`, `test_accuracy`, `test_loss` of the last weights, and
    `best_validation_accuracy` with `best_iteration`. `parameters` counts trainable weights. `seconds`
    is the time of training alone, `step_seconds` the median time of a training step.
    """

    key: str
    settings: RunSettings
    status: str
    curves: Mapping[str, list[float]]
    scores: Mapping[str, float]
    parameters: int
    seconds: float
    step_seconds: float
    environment: Mapping[str, Any]
    finished_at: str
    message: str = ""
    folder: Path | None = None

    @property
    def completed(self) -> bool:
        """Whether the run came to its end and has scores."""
        return self.status == COMPLETED

    def probabilities(self) -> np.ndarray:
        """Return the predicted probabilities for the test set, float32 (images, classes)."""
        return self._arrays("probabilities")["probabilities"]

    def weights(self, epoch: int | None = None) -> list[np.ndarray]:
        """Return the model's weights in Keras's order: the last, or those kept after `epoch`.

        Epoch 0 is before training. Raises KeyError if the run kept none for that epoch.
        """
        prefix = "weights" if epoch is None else f"epoch{epoch}"
        arrays = self._arrays(f"{prefix}/")
        if not arrays:
            raise KeyError(f"run {self.key} kept no weights of epoch {epoch}")
        return [arrays[f"{prefix}/{index}"] for index in range(len(arrays))]

    def epochs_kept(self) -> list[int]:
        """Return the epochs whose weights were kept, in order."""
        with np.load(self.folder / "arrays.npz", allow_pickle=False) as stored:
            names = {name.split("/")[0] for name in stored.files if name.startswith("epoch")}
        return sorted(int(name.removeprefix("epoch")) for name in names)

    def _arrays(self, prefix: str) -> dict[str, np.ndarray]:
        with np.load(self.folder / "arrays.npz", allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files if name.startswith(prefix)}


class RunStore:
    """The runs of one output folder. `say` is told, in a line, of every file that was set aside."""

    def __init__(self, folder: Path, say: Callable[[str], None] = print) -> None:
        self.folder = folder
        self.say = say
        self._sound: dict[str, Run] = {}

    def state_folder(self, key: str) -> Path:
        """Return the folder for the state of the run `key` while it is trained."""
        return self.folder / f"{key}.partial"

    def read(self, key: str) -> Run | None:
        """Return the run `key` if it is whole, else None; a damaged one is set aside."""
        if key in self._sound:
            return self._sound[key]
        run = self._read_or_set_aside(self.folder / key)
        # A failed run is tried again, by another process: what is read today is not true tomorrow.
        if run is not None and run.status != FAILED:
            self._sound[key] = run
        return run

    def _read_or_set_aside(self, folder: Path) -> Run | None:
        for last in (False, True):
            try:
                return _read_run(folder)
            except (OSError, ValueError, KeyError, TypeError) as error:
                if not folder.exists():
                    return None
                # Another process may have put a new run in the place of the one that was being read.
                if last:
                    self._set_aside(folder, error)
        return None

    def forget(self, key: str) -> None:
        """Read the run `key` from its files when it is next asked for."""
        self._sound.pop(key, None)

    def runs(self) -> list[Run]:
        """Return all whole runs of the store."""
        keys = (path.name for path in self.folder.glob("*") if _KEY.fullmatch(path.name))
        found = (self.read(key) for key in sorted(keys))
        return [run for run in found if run is not None]

    def write(self, run: Run, arrays: Mapping[str, np.ndarray]) -> Run:
        """Store `run` with its `arrays` in one step and drop its training state."""
        folder = self.folder / run.key
        partial = self.folder / f".{run.key}.{os.getpid()}.partial"
        before = self.folder / f".{run.key}.{os.getpid()}.before"
        try:
            _write_run(run, arrays, partial)
            if folder.exists():
                folder.rename(before)
            partial.rename(folder)
        finally:
            # Also what a process that was killed while it wrote this run has left.
            for path in self.folder.glob(f".{run.key}.*"):
                shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(self.state_folder(run.key), ignore_errors=True)
        self._sound.pop(run.key, None)
        return dataclasses.replace(run, folder=folder)

    def _set_aside(self, folder: Path, error: Exception) -> None:
        target = self.folder / "damaged" / f"{folder.name}-{time.time_ns()}"
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.rename(target)
        except FileNotFoundError:
            return  # another process has done it
        self.say(f"run {folder.name} is damaged ({error}); kept as {target}, to be trained again")


@dataclass(frozen=True)
class RunIndex:
    """The store as a build sees it: asked by settings, which with data, code and versions make a key.

    `fingerprints` maps a data set's name to its fingerprint; `code` gives the key of the code that trains
    with some settings. A run that failed before `since` (ISO
    8601, UTC) does not count: a new build tries it again. Nor does one that ended before the moment
    that `not_before` has for its key: it is to be trained afresh.
    """

    store: RunStore
    fingerprints: Mapping[str, str]
    code: Callable[[RunSettings], str]
    versions: Mapping[str, str]
    since: str
    not_before: Mapping[str, str] = field(default_factory=dict)

    def key(self, settings: RunSettings) -> str:
        """Return the key of the run with `settings`."""
        code = self.code(settings)
        return run_key(settings, self.fingerprints[settings.data], code, self.versions)

    def find(self, settings: RunSettings) -> Run | None:
        """Return the run with `settings` if it is stored and counts."""
        key = self.key(settings)
        run = self.store.read(key)
        if run is not None and not self._counts(run):
            self.store.forget(key)  # another process may have trained it again
            run = self.store.read(key)
        return run if run is not None and self._counts(run) else None

    def _counts(self, run: Run) -> bool:
        since = self.since if run.status == FAILED else ""
        return run.finished_at >= max(since, self.not_before.get(run.key, ""))

    def record_failure(self, settings: RunSettings, message: str) -> Run:
        """Store that the run with `settings` failed, and why."""
        run = Run(
            key=self.key(settings),
            settings=settings,
            status=FAILED,
            curves={name: [] for name in CURVES},
            scores={},
            parameters=0,
            seconds=0.0,
            step_seconds=0.0,
            environment={},
            finished_at=now(),
            message=first_line(message),
        )
        return self.store.write(run, {})


def now() -> str:
    """Return the time as runs and records note it: ISO 8601, UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")


def first_line(message: str) -> str:
    """Return the first line of an error's message that says something, cut to a readable length."""
    line = next((line.strip() for line in message.splitlines() if line.strip()), "no message")
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 1] + "…"


def _write_run(run: Run, arrays: Mapping[str, np.ndarray], folder: Path) -> None:
    plain = {
        item.name: getattr(run, item.name)
        for item in dataclasses.fields(run)
        if item.name not in ("folder", "settings")
    }
    plain["settings"] = run.settings.to_json()
    # The curves of a run that diverged end in values that are not finite.
    files = folder / "run.json", folder / "arrays.npz"
    sealed.write(files[0], plain, FORMAT, arrays, files[1], any_float=True)


def _read_run(folder: Path) -> Run:
    """Return the run in `folder`; ValueError says what is wrong with it."""
    plain = sealed.read(folder / "run.json", FORMAT, folder / "arrays.npz")
    del plain["digest"]
    settings = RunSettings.from_json(plain.pop("settings"))
    if plain["key"] != folder.name:
        raise ValueError("run.json belongs to another run")
    return Run(settings=settings, folder=folder, **plain)
