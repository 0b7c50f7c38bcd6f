"""How long trainings take: from earlier runs in the store, else from their arithmetic."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from experiments.lab.data.facts import DATA_SETS
from experiments.lab.networks import operations
from experiments.lab.settings import RunSettings
from experiments.lab.store.runs import Run

OPERATIONS_A_SECOND = 15e9  # multiply-adds that one core of a server processor did in training
START_SECONDS = 4.0  # building and tracing a network


def steps(settings: RunSettings) -> int:
    """Return the number of training steps, given the official size of the data set."""
    if settings.unit == "iterations":
        return settings.length
    images = settings.limit or DATA_SETS[settings.data].training
    if settings.view.per_class is not None:
        images = min(images, settings.view.per_class * settings.view.classes)
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
    same = [(one.network, one.data, one.view.transform, one.batch_size) for one in (there, here)]
    return same[0] == same[1] and all(
        there.hyperparameters.get(name) == here.hyperparameters.get(name) for name in about
    )


def _arithmetic(settings: RunSettings) -> float:
    try:
        forward = operations.products(settings)
    except (KeyError, ValueError):  # a network that cannot be built: its run fails at once
        return 0.0
    # Backward costs about twice forward.
    return 3 * forward * settings.batch_size / OPERATIONS_A_SECOND
