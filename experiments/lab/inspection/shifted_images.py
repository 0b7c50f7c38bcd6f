"""How well trained networks read images that are shifted by some pixels.

A convolution answers to a pattern in the same way wherever it lies, and a recurrent cell that reads rows
whenever it comes. What follows them need not, so the tolerance of a whole network has to be measured.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.lab.data.splits import Images
from experiments.lab.data.transforms import Shift
from experiments.lab.evidence.comparisons import standard_error
from experiments.lab.settings import RunSettings
from experiments.lab.store.runs import Run

PIXELS = tuple(range(-4, 5))  # MNIST's digits lie in the middle 20×20 of 28×28: nothing is lost
AXES = {"vertical": "down", "horizontal": "right"}  # and the direction that counts as positive
SURE = 2  # standard errors from which a difference of two accuracies is taken for more than chance


def study(runs: Sequence[Run], images: Images) -> dict[str, Any]:
    """Return the accuracy of each run's network on shifted images, as plain data.

    `accuracy` has for each run the lists "down" and "right", by the shift in `pixels`. At the
    largest shifts, of `largest` pixels either way along an axis ("vertical", "horizontal"), `held` is
    each network's mean accuracy and `lost` its fall from `unshifted`; `more`
    says along which axis it is clearly lower, or "neither"; and `ahead` has, by axis, the index of
    the network that is clearly higher there, or None.
    """
    accuracy = [_accuracies(run, images) for run in runs]
    count = len(images.labels)
    return {
        "pixels": list(PIXELS),
        "largest": max(PIXELS),
        "images": count,
        "accuracy": accuracy,
        "held": [{axis: _at_ends(one, axis) for axis in AXES} for one in accuracy],
        "unshifted": [one["down"][PIXELS.index(0)] for one in accuracy],
        "lost": [_lost(one) for one in accuracy],
        "more": [_more(one, count) for one in accuracy],
        "ahead": {axis: _ahead(accuracy, axis, count) for axis in AXES},
    }


def _accuracies(run: Run, images: Images) -> dict[str, list[float]]:
    read = _reader(run.settings, run.weights())
    return {
        direction: [
            float((read(Shift(**{direction: by})(images.images)) == images.labels).mean())
            for by in PIXELS
        ]
        for direction in AXES.values()
    }


def _reader(settings: RunSettings, weights: list[np.ndarray]) -> Any:  # noqa: ANN401
    """Return a function from images, uint8, to predicted classes."""
    from experiments.lab.inspection.passes import Pass
    from experiments.lab.networks import builders

    forward = Pass(builders.restore(settings, weights), ["logits"])
    return lambda images: forward(images)["logits"].argmax(axis=1)


def _lost(accuracy: dict[str, list[float]]) -> dict[str, float]:
    middle = PIXELS.index(0)
    return {
        axis: accuracy[direction][middle] - _at_ends(accuracy, axis)
        for axis, direction in AXES.items()
    }


def _more(accuracy: dict[str, list[float]], images: int) -> str:
    """Return the axis along which a shift costs clearly more."""
    ends = {axis: _at_ends(accuracy, axis) for axis in AXES}
    return min(ends, key=ends.get) if _apart(*ends.values(), images) else "neither"


def _ahead(accuracy: Sequence[dict[str, list[float]]], axis: str, images: int) -> int | None:
    """Return the index of the network that reads clearly more images at the largest shifts."""
    ends = [_at_ends(one, axis) for one in accuracy]
    first, second = sorted(range(len(ends)), key=lambda index: -ends[index])[:2]
    return first if _apart(ends[first], ends[second], images) else None


def _at_ends(accuracy: dict[str, list[float]], axis: str) -> float:
    values = accuracy[AXES[axis]]
    return (values[0] + values[-1]) / 2


def _apart(one: float, two: float, images: int) -> bool:
    """Return whether two accuracies differ by more than chance explains.

    Their errors are taken as independent, which for the same images asks rather too much.
    """
    error = math.hypot(standard_error(one, images), standard_error(two, images))
    return abs(one - two) > SURE * error
