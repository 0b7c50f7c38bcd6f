"""Does this project learn what `Model.fit` learns? Test accuracy over seeds, side by side.

    python -m benchmarks.learning --data-dir DIR [--seeds 8] [--epochs 2] [--iterations 300]

The same settings are trained by this project's loop and by Keras's own `fit`, with seeds 1, 2, ... each.
Both draw other orders of the images, so single runs differ; what is compared is the mean. The interval
is Welch's for the difference of the means, at 95 %.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from experiments.lab.training import devices

devices.prepare_process()

import keras  # noqa: E402  (TensorFlow reads its environment when it is imported)
import numpy as np  # noqa: E402
from scipy import stats  # noqa: E402

from benchmarks.contestants import fitted, settings  # noqa: E402
from benchmarks.workload import Length  # noqa: E402
from experiments.lab.data import sources  # noqa: E402
from experiments.lab.data.splits import Splits  # noqa: E402
from experiments.lab.settings import RunSettings  # noqa: E402
from experiments.lab.training import course  # noqa: E402
from experiments.lab.training import trainer as training  # noqa: E402

UNITS = 64  # of the cells; those with more take longer and are computed by the same code


def main() -> None:
    """Train and print, a line for each setting."""
    options = parser().parse_args()
    length = Length(options.epochs, options.iterations)
    print(f"{options.seeds} seeds, {length.epochs} epochs or {length.iterations} iterations\n")
    print(f"{'':16}{'this project':>20}{'Model.fit':>20}{'difference':>14}{'95 % interval':>20}")
    for one in chosen(length, UNITS):
        splits = sources.find(one.data, data_dir=options.data_dir).load(None)
        ours, keras_own = [], []
        for seed in range(1, options.seeds + 1):
            seeded = RunSettings.from_json({**one.to_json(), "seed": seed})
            ours.append(trained(seeded, splits))
            keras_own.append(fitted(seeded, options.data_dir))
        print(row(name(one), np.array(ours), np.array(keras_own)), flush=True)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("--data-dir", required=True, type=Path, help="mnist.npz and cifar10.npz")
    made.add_argument("--seeds", type=int, default=8)
    made.add_argument("--epochs", type=int, default=2)
    made.add_argument("--iterations", type=int, default=300)
    return made


def chosen(length: Length, units: int) -> Iterator[RunSettings]:
    """Yield LeNet-5 at 1e-3 and each cell with so many units."""
    wanted = {"learning_rate": 1e-3, "units": units}
    for one in settings(length):
        if all(one.hyperparameters.get(key, value) == value for key, value in wanted.items()):
            yield one


def name(one: RunSettings) -> str:
    """Return what a row is called."""
    point = one.hyperparameters
    return f"{point['cell']}, {point['units']}" if "cell" in point else "LeNet-5"


def trained(one: RunSettings, splits: Splits) -> float:
    """Return the test accuracy that this project's training reaches."""
    with tempfile.TemporaryDirectory() as folder:
        trainer = training.Trainer(one, splits)
        course.train(trainer, Path(folder), lambda *_: None)
        reached = trainer.scores()["test_accuracy"]
    keras.backend.clear_session(free_memory=True)
    return reached


def row(title: str, ours: np.ndarray, theirs: np.ndarray) -> str:
    """Return a line with means, deviations, and the difference with its interval, in per cent."""
    interval = stats.ttest_ind(ours, theirs, equal_var=False).confidence_interval()
    cells = [f"{100 * it.mean():.2f} ± {100 * it.std(ddof=1):.2f}" for it in (ours, theirs)]
    difference = f"{100 * (ours.mean() - theirs.mean()):+.2f}"
    bounds = f"{100 * interval.low:+.2f} to {100 * interval.high:+.2f}"
    return f"{title:16}{cells[0]:>20}{cells[1]:>20}{difference:>14}{bounds:>20}"


if __name__ == "__main__":
    main()
