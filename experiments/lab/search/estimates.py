"""How long trainings take: from earlier runs in the store, else from their arithmetic."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from experiments.lab.settings import RunSettings
from experiments.lab.store.runs import Run

TRAINING_IMAGES = {"cifar10": 45_000, "mnist": 55_000}
# Multiply-adds for an image, forward: LeNet-5's convolutions and dense layers; a cell's two products
# for each of 28 rows, once for each gate.
LENET_OPERATIONS = 650_000
GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}
ROWS, PIXELS = 28, 28
OPERATIONS_A_SECOND = 15e9  # what one core of a server processor did of them in training
START_SECONDS = 4.0  # building and tracing a network


def steps(settings: RunSettings) -> int:
    """Return the number of training steps, given the official size of the data set."""
    if settings.unit == "iterations":
        return settings.length
    images = settings.limit or TRAINING_IMAGES[settings.data]
    return settings.length * -(-images // settings.batch_size)


def seconds(settings: RunSettings, known: Iterable[Run]) -> float:
    """Return about how long the run takes on one core, in seconds."""
    times = [run.step_seconds for run in known if run.completed and _alike(run, settings)]
    step = sum(times) / len(times) if times else _arithmetic(settings)
    return START_SECONDS + steps(settings) * step


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
    same = (there.network, there.data, there.batch_size) == (
        here.network,
        here.data,
        here.batch_size,
    )
    return same and all(
        there.hyperparameters.get(name) == here.hyperparameters.get(name) for name in about
    )


def _arithmetic(settings: RunSettings) -> float:
    operations = LENET_OPERATIONS
    if settings.network == "recurrent":
        units = settings.hyperparameters["units"]
        gates = GATES[settings.hyperparameters["cell"]]
        operations = ROWS * gates * units * (units + PIXELS)
    # Backward costs about twice forward.
    return 3 * operations * settings.batch_size / OPERATIONS_A_SECOND
