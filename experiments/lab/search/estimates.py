"""How long trainings take: from earlier runs in the store, else from their arithmetic."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from experiments.lab.data.facts import DATA_SETS, VALIDATION
from experiments.lab.networks import operations
from experiments.lab.settings import BATCH_SIZE, RunSettings
from experiments.lab.store.runs import Run


@dataclass(frozen=True)
class Cost:
    """What a step of a kind of network costs: `rate` multiply-adds a second, and `fixed` seconds besides.

    `fixed` is what a batch of BATCH_SIZE images costs however wide the layers are; that of recurrent
    cells comes once for each set of weights.
    """

    rate: float
    fixed: float


# Processor seconds of the report's networks on one core of a server processor (AMD EPYC).
CONVOLUTIONAL, RECURRENT = Cost(75e9, 3.7e-3), Cost(95e9, 0.8e-3)
START_SECONDS = 0.8  # building and tracing a network, testing and storing it
# Besides training: a section measured and drawn, with few images in a quick build; the last report.
MEASURING, MEASURING_FEW, PRINTING = 3.0, 1.0, 15.0
IMPORTS = 6.0  # until the first training begins
PRODUCT = 64  # rows and columns: OpenBLAS takes one core for it
PRODUCT_SECONDS = 5.3e-6  # of the processor above
PASSES = 3  # forward, and backward, which costs about twice as much


def steps(settings: RunSettings) -> int:
    """Return the number of training steps, given the official size of the data set."""
    if settings.unit == "iterations":
        return settings.length
    return settings.length * -(-_images(settings) // settings.batch_size)


def seconds(settings: RunSettings, known: Iterable[Run]) -> float:
    """Return about how long the run takes on one core, in seconds.

    The step of `known` runs that did the same work is taken as it was; for other work, what they took
    says how fast this machine is.
    """
    completed = [run for run in known if run.completed and run.step_seconds > 0]
    times = [run.step_seconds for run in completed if _alike(run, settings)]
    if times:
        return START_SECONDS + steps(settings) * sum(times) / len(times)
    return pace(completed) * (START_SECONDS + _work(settings) * _arithmetic(settings))


def pace(runs: Iterable[Run]) -> float:
    """Return how long steps took against what their arithmetic says; 1 if there are no runs."""
    ratios = [
        run.step_seconds / expected for run in runs if (expected := _arithmetic(run.settings)) > 0
    ]
    return median(ratios) if ratios else 1.0


def machine() -> float:
    """Return how long this machine takes for a product of matrices, against the one named above.

    For a machine of which nothing is known: the quickest of some goes, in milliseconds.
    """
    matrix = np.ones((PRODUCT, PRODUCT), np.float32)

    def go(products: int = 100) -> float:
        started = time.perf_counter()
        for _ in range(products):
            matrix @ matrix
        return (time.perf_counter() - started) / products

    return min(go() for _ in range(20)) / PRODUCT_SECONDS


def whole(
    trainings: Iterable[RunSettings], known: Sequence[Run], sections: int, few: bool, together: int
) -> float:
    """Return about how long a build takes, in seconds: start-up, training, measuring and printing.

    `sections` are measured, with `few` images or all, and `together` trainings run at once.
    """
    expected = [seconds(run, known) for run in trainings]
    speed = 1.0
    if not any(run.completed for run in known):
        speed = machine()
        expected = [speed * it for it in expected]
    measuring = speed * sections * (MEASURING_FEW if few else MEASURING)
    at_once = max((sum(expected) + measuring) / together, max(expected, default=0.0))
    return at_once + speed * (PRINTING + IMPORTS * bool(expected))


def middle(space: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the point in the middle of a search's space: its trials take about as long."""
    return {name: _middle(values) for name, values in space.items()}


def _middle(values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    if "values" in values:
        return values["values"][len(values["values"]) // 2]
    low, high = values["low"], values["high"]
    value = math.sqrt(low * high) if values.get("log") else (low + high) / 2
    return round(value) if values.get("integer") else value


def _alike(run: Run, settings: RunSettings) -> bool:
    """Whether a step of `run` does the same work, whatever the learning rate or the optimizer."""
    about = ("cell", "units", "first_filters", "second_filters", "first_kernel", "first_stride")
    there, here = run.settings, settings
    same = [(one.network, one.data, one.view.transform, one.batch_size) for one in (there, here)]
    return same[0] == same[1] and all(
        there.hyperparameters.get(name) == here.hyperparameters.get(name) for name in about
    )


def _images(settings: RunSettings) -> int:
    """Return how many images are trained on."""
    images = settings.limit or DATA_SETS[settings.data].training
    if settings.view.per_class is None:
        return images
    return min(images, settings.view.per_class * settings.view.classes)


def _work(settings: RunSettings) -> float:
    """Return how many steps of training take as long as the whole run, with what it is tested on."""
    taken, whole = steps(settings), DATA_SETS[settings.data]
    held_out = VALIDATION if settings.limit is None else settings.limit // 5
    epochs = settings.unit == "epochs"
    validations = settings.length if epochs else taken // max(1, settings.validate_every)
    tested = whole.test if settings.limit is None else held_out
    return taken + (validations * held_out + tested) / settings.batch_size / PASSES


def _arithmetic(settings: RunSettings) -> float:
    """Return the seconds that a step takes by its layers; 0 for a network that cannot be built."""
    try:
        layers = operations.layers(settings)
    except (KeyError, ValueError):  # its run fails at once
        return 0.0
    recurrent = settings.network == "recurrent"
    cost = RECURRENT if recurrent else CONVOLUTIONAL
    sets = operations.WEIGHT_SETS[settings.hyperparameters["cell"]] if recurrent else 1
    # The layer on top is trained; those that were taken over are only passed through.
    below, top = (sum(it.products for it in part) for part in (layers[:-1], layers[-1:]))
    passes = 1 if settings.start_from and below else PASSES
    fixed = cost.fixed * sets * passes / PASSES if below else 0.0
    batch = settings.batch_size
    return (passes * below + PASSES * top) * batch / cost.rate + fixed * batch / BATCH_SIZE
