"""The course of a training: rounds from one validation to the next, and what an interruption needs.

After every round the state is written to the run's folder, and the weights of the epoch if they are
to be kept. A training that finds a state there goes on from it and ends with the same weights and
curves, bit for bit, as one that was never interrupted.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from experiments.lab.store import sealed
from experiments.lab.store.files import Damaged, remove_folder
from experiments.lab.training.trainer import Diverged, Trainer, progress_of

STEPS_A_CALL = 50  # enough to hide the cost of a call, few enough for progress every second or two
STATE = "state"

Hear = Callable[[Trainer, float], None]


def train(trainer: Trainer, folder: Path, hear: Hear) -> dict[str, np.ndarray]:
    """Train to the end from where the state in `folder` stands; return the arrays that a run keeps.

    `hear` is told of every call with the trainer and the last loss. Raises Diverged.
    """
    snapshots = Snapshots(trainer, folder)
    resume(trainer, snapshots, folder)
    snapshots.keep()
    for order in rounds(trainer):
        run_round(trainer, order, hear)
        snapshots.keep()
        sealed.write_bytes(folder / STATE, trainer.state())
    return trainer.arrays() | snapshots.arrays()


def resume(trainer: Trainer, snapshots: "Snapshots", folder: Path) -> None:
    """Go on from the state in `folder` if there is one; say so if it is damaged, and begin again."""
    try:
        state = sealed.read_bytes(folder / STATE)
        snapshots.check(progress_of(sealed.arrays_of(state)).epoch)
        trainer.resume(state)
    except FileNotFoundError:
        return
    except (ValueError, KeyError) as error:
        print(f"{folder}: cannot go on from here ({error}); the run begins again", flush=True)
        remove_folder(folder)


class Snapshots:
    """The weights after every epoch, if the settings ask for them, in files beside the state."""

    def __init__(self, trainer: Trainer, folder: Path) -> None:
        self._trainer, self._folder = trainer, folder
        self._wanted = trainer.settings.snapshots

    def keep(self) -> None:
        """Keep the weights as they are now, under the number of epochs trained."""
        if self._wanted:
            name = f"epoch{self._trainer.progress.epoch}"
            sealed.write_bytes(self._folder / name, sealed.npz(self._trainer.weights(name)))

    def check(self, epoch: int) -> None:
        """Raise Damaged if the weights of an epoch up to `epoch` are not whole."""
        for number in range(epoch + 1 if self._wanted else 0):
            try:
                sealed.read_bytes(self._folder / f"epoch{number}")
            except FileNotFoundError as error:
                raise Damaged(f"epoch{number} is missing") from error

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all that was kept, by the names under which a run stores it."""
        arrays: dict[str, np.ndarray] = {}
        for number in range(self._trainer.progress.epoch + 1 if self._wanted else 0):
            arrays |= sealed.arrays_of(sealed.read_bytes(self._folder / f"epoch{number}"))
        return arrays


def rounds(trainer: Trainer) -> Iterator[list[np.ndarray]]:
    """Yield the steps still to take, a list of index arrays for each stretch up to a validation."""
    settings = trainer.settings
    if settings.unit == "epochs":
        for epoch in range(trainer.progress.epoch, settings.length):
            yield trainer.batches(epoch)
        return
    while trainer.progress.iteration < settings.length:
        done = trainer.progress.iteration
        size = min(settings.validate_every, settings.length - done)
        yield list(_stretch(trainer, done, size))


def _stretch(trainer: Trainer, first: int, size: int) -> Iterator[np.ndarray]:
    """Yield the batches of iterations `first` to `first + size`, which may span epochs."""
    steps_an_epoch = max(1, trainer.images // trainer.settings.batch_size)
    while size:
        epoch, offset = divmod(first, steps_an_epoch)
        part = trainer.batches(epoch)[0][offset : offset + size]
        yield part
        first += len(part)
        size -= len(part)


def run_round(trainer: Trainer, order: list[np.ndarray], hear: Hear) -> None:
    """Train for one round, validate, and add a point to the curves; `hear` is told of every call.

    Raises Diverged if a loss is not finite, the validation's included: the last step may be the one
    that spoils the weights.
    """
    losses, accuracies, sizes = [], [], []
    for part in order:
        for first in range(0, len(part), STEPS_A_CALL):
            chosen = part[first : first + STEPS_A_CALL]
            loss, accuracy = trainer.advance(chosen)
            losses += loss.tolist()
            accuracies += accuracy.tolist()
            sizes += [chosen.shape[1]] * len(chosen)
            hear(trainer, float(loss[-1]))
    progress = trainer.progress
    progress.epoch += trainer.settings.unit == "epochs"
    validation_loss, validation_accuracy, _ = trainer.evaluate(trainer.splits.validation)
    if not np.isfinite(validation_loss):
        raise Diverged(progress.iteration)
    seen = progress.iteration * trainer.settings.batch_size / trainer.images
    point = {
        "iteration": progress.iteration,
        "epoch": progress.epoch if trainer.settings.unit == "epochs" else seen,
        "loss": np.average(losses, weights=sizes),
        "accuracy": np.average(accuracies, weights=sizes),
        "validation_loss": validation_loss,
        "validation_accuracy": validation_accuracy,
        "seconds": progress.seconds,
    }
    for name, value in point.items():
        progress.curves[name].append(float(value))
