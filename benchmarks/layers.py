"""What layers laid out for a processor bring over Keras's own: a step with either, in turns.

    python -m benchmarks.layers [--rounds 5] [--steps 40]

A row for LeNet-5 and for each cell with 64, 128 and 256 units: milliseconds a step, medians of the
rounds, on one thread. Images are random: the time does not depend on them.
"""

import argparse
from collections import defaultdict
from unittest import mock

from experiments.lab.training import devices

devices.import_tensorflow()

import numpy as np  # noqa: E402  (TensorFlow reads its environment when it is imported)

from benchmarks.contestants import settings  # noqa: E402
from benchmarks.graphs import random_images, step_times  # noqa: E402
from benchmarks.learning import name  # noqa: E402
from benchmarks.workload import Length  # noqa: E402
from experiments.lab.data.splits import Splits  # noqa: E402
from experiments.lab.settings import BATCH_SIZE, RunSettings  # noqa: E402
from experiments.lab.training import trainer as training  # noqa: E402


def main() -> None:
    """Measure and print, a line for each network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40, help="steps that are timed")
    options = parser.parse_args()
    print(f"{'':16}{'Keras':>10}{'own':>10}{'ratio':>10}")
    for one in settings(Length(epochs=1, iterations=options.steps + 1)):
        if one.hyperparameters["learning_rate"] == 1e-3:
            print(row(one, options.rounds, options.steps), flush=True)


def row(one: RunSettings, rounds: int, steps: int) -> str:
    """Return the line of a network."""
    splits = random_images(one.data, BATCH_SIZE * (steps + 1))
    times = defaultdict(list)
    for _ in range(rounds):
        for own in (False, True):
            times[own].append(timed(one, splits, own, steps))
    theirs, ours = (np.median(times[own]) for own in (False, True))
    return f"{name(one):16}{theirs:10.1f}{ours:10.1f}{ours / theirs:10.2f}"


def timed(one: RunSettings, splits: Splits, own: bool, steps: int) -> float:
    """Return the milliseconds a step takes, after the first."""
    with mock.patch.object(training, "on_processor", lambda _: own):
        trainer = training.Trainer(one, splits)
    return step_times(trainer, steps)[1]


if __name__ == "__main__":
    main()
