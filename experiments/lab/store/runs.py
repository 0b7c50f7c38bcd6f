"""The run store: every training run, keyed by what it depends on, whole or not there.

A run is one folder, `runs/KEY/`: `run.json` with settings, curves, scores, status and environment, beside
it the arrays: the test set's predicted probabilities and the weights (`sealed` says how both are kept). A
training that failed leaves `failed.json` there, which takes nothing away from a run that stands. Reading
changes nothing. What is read and found damaged counts as missing; who trains it again sets it aside under
`runs/damaged/`. While a run is trained its state lies in `runs/KEY.partial/`.
"""

import dataclasses
import datetime
import errno
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.lab.settings import CURVES, RunSettings
from experiments.lab.store import sealed
from experiments.lab.store.files import Damaged, StorageError, move, names_in, remove, remove_folder
from experiments.lab.store.keys import digest
from experiments.lab.store.plain_text import plain
from experiments.lab.store.sealed import Arrays, OtherFormat

FORMAT = 3
RUN, FAILURE, BEGUN = "run.json", "failed.json", "begun.json"
COMPLETED, DIVERGED, FAILED = "completed", "diverged", "failed"
WORKER, TAKEN_UP_AT = "worker", "taken_up_at"  # in a run's environment: no key depends on that
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
    is the time of training alone, `step_seconds` the median time of a training step. `fingerprint` is
    that of the data set. `build` names the build in which a training failed. `environment` has the
    device and the libraries' versions, and which worker trained it since when.
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
    fingerprint: str = ""
    build: str = ""
    arrays: Arrays = field(default_factory=Arrays, repr=False, compare=False)

    @property
    def completed(self) -> bool:
        """Whether the run came to its end and has scores."""
        return self.status == COMPLETED

    @property
    def worker(self) -> str:
        """The name of the worker that trained it, empty where none was kept."""
        return self.environment.get(WORKER, "")

    @property
    def taken_up_at(self) -> str:
        """When that worker took it up (ISO 8601, UTC), empty where that was not kept."""
        return self.environment.get(TAKEN_UP_AT, "")

    def probabilities(self) -> np.ndarray:
        """Return the predicted probabilities for the test set, float32 (images, classes)."""
        return self.arrays.named("probabilities")["probabilities"]

    def weights(self, epoch: int | None = None) -> list[np.ndarray]:
        """Return the model's weights in Keras's order: the last, or those kept after `epoch`.

        Epoch 0 is before training. Raises KeyError if the run kept none for that epoch.
        """
        prefix = "weights" if epoch is None else f"epoch{epoch}"
        arrays = self.arrays.named(f"{prefix}/")
        if not arrays:
            raise KeyError(f"run {self.key} kept no weights of epoch {epoch}")
        return [arrays[f"{prefix}/{index}"] for index in range(len(arrays))]

    def epochs_kept(self) -> list[int]:
        """Return the epochs whose weights were kept, in order."""
        names = {name.split("/")[0] for name in self.arrays.named("epoch")}
        return sorted(int(name.removeprefix("epoch")) for name in names)


class RunStore:
    """The runs of one output folder. `say` is told, in a line, of every run that is found damaged."""

    def __init__(self, folder: Path, say: Callable[[str], None] = print) -> None:
        self.folder = folder
        self.say = say
        self._sound: dict[str, Run] = {}
        self._said: set[str] = set()

    def state_folder(self, key: str) -> Path:
        """Return the folder for the state of the run `key` while it is trained."""
        return self.folder / f"{key}.partial"

    def read(self, key: str) -> Run | None:
        """Return the run `key`, None if there is none or it is damaged.

        Raises StorageError if it cannot be read.
        """
        if key not in self._sound:
            run = self._read(key, RUN)
            if run is None:
                return None
            self._sound[key] = run
        return self._sound[key]

    def failure(self, key: str) -> Run | None:
        """Return the run `key` as it last failed, None if it has not failed since it was trained.

        It is tried again, perhaps by another process: what is read now is not true for long.
        """
        return self._read(key, FAILURE)

    def latest(self, key: str) -> Run | None:
        """Return the run `key` as it last ended: its failure if there is one, else the run itself."""
        return self.failure(key) or self.read(key)

    def _read(self, key: str, file: str) -> Run | None:
        try:
            return _read_run(self.folder / key, file)
        except (FileNotFoundError, OtherFormat):
            return None
        except Damaged as error:
            if key not in self._said:
                self._said.add(key)
                self.say(f"run {key} is damaged ({error}); it counts as missing")
            return None

    def forget(self, key: str) -> None:
        """Read the run `key` from its files when it is next asked for."""
        self._sound.pop(key, None)

    def stored_keys(self) -> list[str]:
        """Return the keys under which something is stored, sorted."""
        return [name for name in names_in(self.folder) if _KEY.fullmatch(name)]

    def runs(self) -> list[Run]:
        """Return all whole runs of the store."""
        found = (self.read(key) for key in self.stored_keys())
        return [run for run in found if run is not None]

    def begin(self, key: str, settings: RunSettings, fingerprint: str) -> None:
        """Note in its state's folder which run is trained there."""
        begun = {"key": key, "settings": settings.to_json(), "fingerprint": fingerprint}
        sealed.write(self.state_folder(key) / BEGUN, begun, FORMAT)

    def begun(self) -> Iterator[tuple[str, Run | None]]:
        """Yield the keys of trainings that did not end, each with what is known of its run.

        That is None where the folder is damaged, another edition's of this project, or no folder.
        """
        for name in names_in(self.folder):
            key = name.removesuffix(".partial")
            if name != key and _KEY.fullmatch(key):
                if not (self.folder / name).is_dir():
                    yield key, None
                    continue
                try:
                    plain, _ = sealed.read(self.folder / name / BEGUN, FORMAT)
                    settings = RunSettings.from_json(plain["settings"])
                    yield key, _unmeasured(key, settings, "", plain["fingerprint"])
                except (FileNotFoundError, Damaged):
                    yield key, None

    def sweep(self, superseded: Mapping[str, str] | None = None) -> None:
        """Remove what writers that were killed have left; only while nobody writes.

        That is also the state of a training whose run stands, unless that run is being trained afresh:
        `superseded` is as in `RunIndex`. What is no folder in the place of a state goes too.
        """
        for key, _ in list(self.begun()):
            run, state = self.read(key), self.state_folder(key)
            stands = run is not None and run.finished_at != (superseded or {}).get(key)
            if stands or not state.is_dir():
                remove_folder(state)
        for key in self.stored_keys():
            folder = self.folder / key
            if folder.is_dir():
                sealed.drop_unnamed(folder)
                if not names_in(folder):
                    folder.rmdir()

    def write(self, run: Run, arrays: Mapping[str, np.ndarray]) -> Run:
        """Store `run` with its `arrays` in one step and drop its training state.

        A failed run is stored beside the one that stands, if any.
        """
        folder = self.folder / run.key
        self._make_room(folder)
        if run.status == FAILED:
            _write_run(run, arrays, folder / FAILURE)
        else:
            remove(folder / FAILURE)
            _write_run(run, arrays, folder / RUN)
            remove_folder(self.state_folder(run.key))
        self._sound.pop(run.key, None)
        return self.latest(run.key)

    def _make_room(self, folder: Path) -> None:
        """Set aside what lies in the place of a run, or of a failure beside it, and is no whole one."""
        if (folder.is_symlink() and not folder.exists()) or _is_damaged(folder, RUN):
            self._set_aside(folder, "run", folder)
        elif _is_damaged(folder, FAILURE):
            self._set_aside(folder, "failure of run", folder / FAILURE)

    def _set_aside(self, folder: Path, kind: str, path: Path) -> None:
        target = self.folder / "damaged" / f"{folder.name}-{time.time_ns()}"
        move(path, target if path == folder else target / path.name)
        self.say(f"what is left of the damaged {kind} {folder.name} is kept as {target}")


@dataclass(frozen=True)
class RunIndex:
    """The store as a build sees it: asked by settings, which with data, code and versions make a key.

    `fingerprints` maps a data set's name to its fingerprint; `code` gives the key of the code that trains
    with some settings. A training that failed in another build than `build` does not count: a new build
    tries it again. Nor does the run that stood when a training was asked for afresh: `superseded` has,
    for its key, when that run ended. No two clocks are compared: machines' clocks need not agree.
    """

    store: RunStore
    fingerprints: Mapping[str, str]
    code: Callable[[RunSettings], str]
    versions: Mapping[str, str]
    build: str
    superseded: Mapping[str, str] = field(default_factory=dict)

    def key(self, settings: RunSettings) -> str:
        """Return the key of the run with `settings`."""
        code = self.code(settings)
        return run_key(settings, self.fingerprints[settings.data], code, self.versions)

    def find(self, settings: RunSettings) -> Run | None:
        """Return the run with `settings` if it is stored and counts, else its failure in this build."""
        key = self.key(settings)
        run = self._counting(key)
        if run is None:
            self.store.forget(key)  # another process may have trained it again
            run = self._counting(key)
        return run

    def _counting(self, key: str) -> Run | None:
        run = self.store.read(key)
        if run is not None and run.finished_at != self.superseded.get(key):
            return run
        failure = self.store.failure(key)
        return failure if failure is not None and failure.build == self.build else None

    def record_failure(self, settings: RunSettings, message: str) -> Run:
        """Store that the run with `settings` failed, and why."""
        fingerprint = self.fingerprints[settings.data]
        run = _unmeasured(self.key(settings), settings, first_line(message), fingerprint)
        return self.store.write(dataclasses.replace(run, build=self.build), {})


def _unmeasured(key: str, settings: RunSettings, message: str, fingerprint: str) -> Run:
    """Return a run that has no results: it failed, or has not ended."""
    return Run(
        key=key,
        settings=settings,
        status=FAILED,
        curves={name: [] for name in CURVES},
        scores={},
        parameters=0,
        seconds=0.0,
        step_seconds=0.0,
        environment={},
        finished_at=now(),
        message=message,
        fingerprint=fingerprint,
    )


def now() -> str:
    """Return the time as runs and records note it: ISO 8601, UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")


def first_line(message: str) -> str:
    """Return the first line of an error's message that says something, cut to a readable length."""
    line = next((plain(line) for line in message.splitlines() if line.strip()), "no message")
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 1] + "…"


def _write_run(run: Run, arrays: Mapping[str, np.ndarray], path: Path) -> None:
    plain = {
        item.name: getattr(run, item.name)
        for item in dataclasses.fields(run)
        if item.name not in ("arrays", "settings")
    }
    plain["settings"] = run.settings.to_json()
    # The curves of a run that diverged end in values that are not finite.
    sealed.write(path, plain, FORMAT, arrays, any_float=True)


def _is_damaged(folder: Path, file: str) -> bool:
    try:
        _read_run(folder, file)
    except (FileNotFoundError, OtherFormat):
        return False
    except Damaged:
        return True
    return False


def _read_run(folder: Path, file: str) -> Run:
    """Return the run in `folder`; raises as `sealed.read`."""
    try:
        plain, arrays = sealed.read(folder / file, FORMAT)
        del plain["digest"]
        settings = RunSettings.from_json(plain.pop("settings"))
        return Run(settings=settings, arrays=arrays, **plain)
    except StorageError as error:
        if error.errno == errno.ENOTDIR and folder.parent.is_dir():
            raise Damaged(f"{folder.name} is no folder") from error
        raise
    except (KeyError, TypeError) as error:
        raise Damaged(f"{file} is no run ({error})") from error
