"""How well trained networks read images that are shifted by some pixels.

A convolution answers to a pattern in the same way wherever it lies, and a recurrent cell that reads rows
whenever it comes. What follows them need not, so the tolerance of a whole network has to be measured.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.lab.data.splits import Images
from experiments.lab.data.transforms import Shift
from experiments.lab.evidence import differences
from experiments.lab.evidence.claims import Claim, End, claim, made, names_of
from experiments.lab.settings import RunSettings
from experiments.lab.store.records import Findings
from experiments.lab.store.runs import Run

PIXELS = tuple(range(-4, 5))  # MNIST's digits lie in the middle 20×20 of 28×28: nothing is lost
AXES = {"vertical": "down", "horizontal": "right"}  # and the direction that counts as positive


def study(runs: Mapping[str, Run], labels: Sequence[str], images: Images) -> Findings:
    """Return the accuracy of two networks on shifted images, and which differences are borne out.

    `runs` has the two by their short names, `labels` what prose calls them. Of the facts, `accuracy`
    has for each run the lists "down" and "right", by the shift in `pixels`. At the largest shifts,
    of `largest` pixels either way along an axis ("vertical", "horizontal"), `held` is each network's
    mean accuracy and `lost` its fall from `unshifted`. `axes` names, by run, the claim that holds
    vertical shifts against horizontal ones, and `ahead`, by axis, that which holds the first network
    against the second. Both are paired by image.
    """
    right = [_right(run, images) for run in runs.values()]
    held = [{axis: _at_ends(one, axis) for axis in AXES} for one in right]
    ends = [End.of_run(run, label) for run, label in zip(runs.values(), labels, strict=True)]
    axes = {name: _of_axes(name, *of_one) for name, *of_one in zip(runs, ends, held, strict=True)}
    ahead = {axis: _of_networks(axis, ends, held) for axis in AXES}
    facts = {
        **_numbers([_accuracies(one) for one in right], held),
        "images": len(images.labels),
        "axes": list(names_of(axes).values()),
        "ahead": names_of(ahead),
    }
    return Findings(facts=facts, claims=made([*axes.values(), *ahead.values()]))


def _numbers(
    accuracy: Sequence[Mapping[str, list[float]]], held: Sequence[Mapping[str, np.ndarray]]
) -> dict[str, Any]:
    unshifted = [one["down"][PIXELS.index(0)] for one in accuracy]
    means = [{axis: float(values.mean()) for axis, values in one.items()} for one in held]
    return {
        "pixels": list(PIXELS),
        "largest": max(PIXELS),
        "accuracy": accuracy,
        "held": means,
        "unshifted": unshifted,
        "lost": [
            {axis: before - after for axis, after in one.items()}
            for before, one in zip(unshifted, means, strict=True)
        ],
    }


def _of_axes(name: str, end: End, held: Mapping[str, np.ndarray]) -> Claim | None:
    """Return how a network reads images after vertical shifts against after horizontal ones."""
    sides = [dataclasses.replace(end, label=f"{axis} shifts") for axis in AXES]
    values = (held[axis] for axis in AXES)
    return claim(f"{name}-shifts", *sides, "accuracy", differences.paired(*values))


def _of_networks(
    axis: str, ends: Sequence[End], held: Sequence[Mapping[str, np.ndarray]]
) -> Claim | None:
    """Return how the first network reads images after shifts along an axis against the second."""
    values = (one[axis] for one in held)
    return claim(f"{axis}-shifts", *ends, "accuracy", differences.paired(*values))


def _right(run: Run, images: Images) -> dict[str, np.ndarray]:
    """Return which images are read rightly, by direction: bool (shifts, images)."""
    read = _reader(run.settings, run.weights())
    return {
        direction: np.stack(
            [read(Shift(**{direction: by})(images.images)) == images.labels for by in PIXELS]
        )
        for direction in AXES.values()
    }


def _reader(settings: RunSettings, weights: list[np.ndarray]) -> Any:  # noqa: ANN401
    """Return a function from images, uint8, to predicted classes."""
    from experiments.lab.inspection.passes import Pass
    from experiments.lab.networks import builders

    forward = Pass(builders.restore(settings, weights), ["logits"])
    return lambda images: forward(images)["logits"].argmax(axis=1)


def _accuracies(right: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    return {direction: rows.mean(axis=1).tolist() for direction, rows in right.items()}


def _at_ends(right: Mapping[str, np.ndarray], axis: str) -> np.ndarray:
    """Return how much of the two largest shifts along an axis each image survives: (images,)."""
    return right[AXES[axis]][[0, -1]].mean(axis=0)
