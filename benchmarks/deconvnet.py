"""How long the deconvnet takes for LeNet-5, beside one forward pass over the same images.

    python -m benchmarks.deconvnet [--images 10000] [--rounds 5] [--count 9]

Rows: the forward pass of the whole network as a compiled graph (the yardstick) and as
`model.predict`; the search for the strongest activations of all filters of both convolutional
layers; and the search with all their projections. They take turns, so that a busy machine is busy for
all of them; the median of the rounds is given. Images and weights are random: the time does not
depend on them.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from experiments.lab.inspection.deconvnet import Deconvnet
from experiments.lab.networks.lenet5 import lenet5

BATCH = 256  # images a step, the same for all rows


def forward_pass(model: keras.Model, images: np.ndarray) -> Callable[[], None]:
    """A pass of the whole network over the images in a compiled graph."""
    compiled = tf.function(model, reduce_retracing=True)

    def run() -> None:
        for start in range(0, len(images), BATCH):
            compiled(tf.constant(images[start : start + BATCH])).numpy()

    return run


def projections_of_strongest(deconvnet: Deconvnet, images: np.ndarray, count: int) -> int:
    """Search and project, a layer at a time; returns how many projections were made."""
    made = 0
    for layer, found in deconvnet.strongest(images, count).items():
        filters = np.repeat(np.arange(len(found.images)), found.images.shape[1])
        places = found.positions.reshape(-1, 2)
        made += len(deconvnet.project(images[found.images.ravel()], layer, filters, places))
    return made


def medians(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each task; they take turns, after one untimed turn each."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(rounds + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=9)
    options = parser.parse_args()

    keras.utils.set_random_seed(0)
    model = lenet5((32, 32, 3))
    images = np.random.default_rng(0).random((options.images, 32, 32, 3), dtype=np.float32)
    deconvnet = Deconvnet(model, batch=BATCH)
    projections = projections_of_strongest(deconvnet, images, options.count)
    seconds = medians(
        {
            "forward pass, compiled": forward_pass(model, images),
            "forward pass, model.predict": lambda: model.predict(images, BATCH, verbose=0),
            f"{options.count} strongest of every filter": lambda: deconvnet.strongest(
                images, options.count
            ),
            f"... and their {projections} projections": lambda: projections_of_strongest(
                deconvnet, images, options.count
            ),
        },
        options.rounds,
    )
    yardstick = next(iter(seconds.values()))
    print(f"{options.images} images 32x32x3, LeNet-5; TensorFlow {tf.__version__}, ", end="")
    print(f"Keras {keras.__version__}, {os.cpu_count()} cores, {platform.machine()}")
    for name, median in seconds.items():
        print(f"{name:<34}{median:8.3f} s{median / yardstick:8.2f} x")


if __name__ == "__main__":
    main()
