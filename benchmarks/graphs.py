"""What TensorFlow's rewriting of graphs costs a training and what it brings: on and off, in turns.

    python -m benchmarks.graphs [--rounds 5] [--steps 20]

A row for LeNet-5 and for each cell with 256 units: seconds until the first step has been taken, which
is mostly tracing, and milliseconds a step from then on; medians of the rounds. Images are random: the
time does not depend on them. This project trains with it off (`devices.leave_graphs_alone`).
"""

import argparse
import time
from collections import defaultdict

from experiments.lab.training import devices

devices.import_tensorflow()

import keras  # noqa: E402  (TensorFlow reads its environment when it is imported)
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from benchmarks.learning import chosen, name  # noqa: E402
from benchmarks.workload import Length  # noqa: E402
from experiments.lab.data.facts import CLASSES, DATA_SETS  # noqa: E402
from experiments.lab.data.splits import Identity, Images, Splits  # noqa: E402
from experiments.lab.settings import RunSettings  # noqa: E402
from experiments.lab.training import trainer as training  # noqa: E402

UNITS = 256  # of the cells
ON, OFF = "on", "off"


def main() -> None:
    """Measure and print, a line for each network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20, help="steps that are timed")
    options = parser.parse_args()
    print(f"{'':16}{'first step, s':>24}{'a step, ms':>24}")
    print(f"{'':16}" + 2 * "".join(f"{it:>8}" for it in (ON, OFF, "ratio")))
    for one in chosen(Length(epochs=1, iterations=options.steps + 1), UNITS):
        print(row(one, options.rounds, options.steps), flush=True)


def row(one: RunSettings, rounds: int, steps: int) -> str:
    """Return the line of a network."""
    splits = random_images(one.data)
    times = defaultdict(list)
    for turn in range(rounds + 1):
        for rewriting in (ON, OFF):
            found = timed(one, splits, rewriting, steps)
            if turn:  # the first of a process has more to prepare
                times[rewriting].append(found)
    medians = {it: np.median(found, axis=0) for it, found in times.items()}
    columns = zip(medians[ON], medians[OFF], medians[OFF] / medians[ON], strict=True)
    return f"{name(one):16}" + "".join(f"{value:8.2f}" for it in columns for value in it)


def timed(one: RunSettings, splits: Splits, rewriting: str, steps: int) -> tuple[float, float]:
    """Return the seconds until the first step has been taken, and milliseconds a step after it."""
    started = time.perf_counter()
    trainer = training.Trainer(one, splits)
    tf.config.optimizer.set_experimental_options(dict.fromkeys(devices.REWRITING, rewriting == ON))
    prepared = time.perf_counter()
    first, step = step_times(trainer, steps)
    return prepared - started + first, step


def step_times(trainer: training.Trainer, steps: int) -> tuple[float, float]:
    """Return the seconds of the first step, and milliseconds a step of `steps` after it."""
    order = trainer.batches(0)[0][: steps + 1]
    started = time.perf_counter()
    trainer.advance(order[:1])
    first = time.perf_counter()
    trainer.advance(order[1:])
    ended = time.perf_counter()
    keras.backend.clear_session(free_memory=True)
    return first - started, 1000 * (ended - first) / (len(order) - 1)


def random_images(data: str, images: int = 4000) -> Splits:
    """Return random images with random labels, as many for every part."""
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (images, *DATA_SETS[data].shape), dtype=np.uint8)
    part = Images(pixels, generator.integers(0, CLASSES, images))
    return Splits(Identity(data, "random", "random", "", (), ""), part, part, part)


if __name__ == "__main__":
    main()
