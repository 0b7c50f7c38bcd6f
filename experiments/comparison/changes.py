"""How trained networks read images that are changed in ways they were not trained on, each by itself."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from experiments.lab.data.splits import Images
from experiments.lab.data.transforms import Hidden, Noise, Rotation, Shift, Transform
from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import Claim, Difference, End, claim
from experiments.lab.store.records import Findings
from experiments.lab.store.runs import Run
from rendering.figures import vocabulary as figures

SEED = 1  # of the noise
TOP, BOTTOM = 4, 24  # rows between which MNIST's digits lie, in the middle 20 × 20 of 28 × 28


class Kind(NamedTuple):
    """A kind of change: its title and axis, how strong it is tried, and the transform for a strength."""

    name: str
    title: str
    unit: str
    strengths: tuple[int, ...]
    transform: Callable[[int], Transform]


def shifted_right(pixels: int) -> Transform:
    """Return the transform that shifts to the right by some pixels."""
    return Shift(right=pixels)


def middle_hidden(rows: int) -> Transform:
    """Return the transform that hides the middle rows."""
    return Hidden((TOP + BOTTOM - rows) // 2, rows)


def last_hidden(rows: int) -> Transform:
    """Return the transform that hides the last of the rows where digits lie."""
    return Hidden(BOTTOM - rows, rows)


SHIFTS, TURNS = tuple(range(-4, 5)), (-45, -30, -15, 0, 15, 30, 45)
LEVELS, ROWS = (0, 30, 60, 90), (0, 2, 4, 6, 8)
KINDS = (
    Kind("down", "Shifted down (−: up)", "pixels", SHIFTS, Shift),
    Kind("right", "Shifted right (−: left)", "pixels", SHIFTS, shifted_right),
    Kind("turned", "Turned (−: clockwise)", "degrees", TURNS, Rotation),
    Kind("noise", "Noise", "grey levels", LEVELS, Noise),
    Kind("first", "First rows hidden", "rows", ROWS, partial(Hidden, TOP)),
    Kind("middle", "Middle rows hidden", "rows", ROWS, middle_hidden),
    Kind("last", "Last rows hidden", "rows", ROWS, last_hidden),
)
# The strongest changes, which claims are about: the name of the kind, and which of its strengths.
STRONGEST = {
    "a shift up": ("down", 0),
    "a shift down": ("down", -1),
    "a shift left": ("right", 0),
    "a shift right": ("right", -1),
    "a clockwise turn": ("turned", 0),
    "a counterclockwise turn": ("turned", -1),
    "noise": ("noise", -1),
    "hiding the first rows": ("first", -1),
    "hiding the middle rows": ("middle", -1),
    "hiding the last rows": ("last", -1),
}


def measure(runs: Mapping[str, Run], names: Sequence[str], images: Images) -> Findings:
    """Return the accuracy of two networks on changed images, and which differences are borne out.

    `runs` has the two by their short names, `names` what prose calls them. Of the facts, `kinds` has the
    curves; `strongest` the strongest changes with each network's accuracy; `ahead`, by change, names the
    claim that holds the first network against the second there, and `last`, by network, that which
    holds its accuracy without the last rows against that without the first ones.
    """
    right = [_right(run, images) for run in runs.values()]
    ends = [End.of_run(run, name) for run, name in zip(runs.values(), names, strict=True)]
    claims = comparisons.adjusted(_claims(list(runs), ends, right), "changed images")
    facts = {
        "images": len(images.labels),
        "unchanged": [float(one["down"][SHIFTS.index(0)].mean()) for one in right],
        "kinds": [_curves(kind, right) for kind in KINDS],
        "strongest": [_strongest(change, right) for change in STRONGEST],
        "ahead": {change: _name(change) for change in STRONGEST},
        "last": {name: f"last-{short}" for name, short in zip(names, runs, strict=True)},
        "runs": [run.key for run in runs.values()],
        "claims": [one.name for one in claims],
    }
    return Findings(facts=facts, claims=claims)


def drawings(facts: Mapping[str, Any], labels: Sequence[str]) -> list[figures.Drawing]:
    """Draw accuracy against the strength of each kind of change."""
    panels = {kind["name"]: _panel(kind, labels) for kind in facts["kinds"]}
    shifts = [panels.pop(name) for name in ("down", "right")]
    caption = "Test accuracy on {}; neither network was trained on any."
    return [
        figures.curves("shifts", caption.format("shifted images"), shifts),
        figures.curves(
            "changes",
            caption.format("turned and noisy images, and on images with hidden rows"),
            list(panels.values()),
            columns=3,
        ),
    ]


def _panel(kind: Mapping[str, Any], labels: Sequence[str]) -> figures.Panel:
    lines = [
        figures.Line(label, kind["strengths"], accuracy)
        for label, accuracy in zip(labels, kind["test_accuracy"], strict=True)
    ]
    return figures.Panel(kind["title"], kind["unit"], "test accuracy", lines, percent=True)


def _curves(kind: Kind, right: Sequence[Mapping[str, np.ndarray]]) -> dict[str, Any]:
    return {
        "name": kind.name,
        "title": kind.title,
        "unit": kind.unit,
        "strengths": list(kind.strengths),
        "test_accuracy": [one[kind.name].mean(axis=1).tolist() for one in right],
    }


def _strongest(change: str, right: Sequence[Mapping[str, np.ndarray]]) -> dict[str, Any]:
    kind = next(one for one in KINDS if one.name == STRONGEST[change][0])
    strength = kind.strengths[STRONGEST[change][1]]
    return {
        "change": change,
        "size": f"{abs(strength)} {kind.unit}",
        "accuracy": [float(_at(one, change).mean()) for one in right],
        "claim": _name(change),
    }


def _claims(
    shorts: Sequence[str], ends: Sequence[End], right: Sequence[Mapping[str, np.ndarray]]
) -> list[Claim]:
    ahead = [
        claim(_name(change), *ends, "accuracy", _apart(*(_at(one, change) for one in right)))
        for change in STRONGEST
    ]
    last = [
        claim(f"last-{short}", end, end, "accuracy", _apart(one["last"][-1], one["first"][-1]))
        for short, end, one in zip(shorts, ends, right, strict=True)
    ]
    return [*ahead, *last]


def _name(change: str) -> str:
    return f"changed-{change.replace(' ', '-')}"


def _at(right: Mapping[str, np.ndarray], change: str) -> np.ndarray:
    kind, index = STRONGEST[change]
    return right[kind][index]


def _apart(left: np.ndarray, right: np.ndarray) -> Difference:
    found = comparisons.networks_apart(left, right)
    means = float(left.mean()), float(right.mean())
    return Difference(*means, *found, comparisons.MCNEMAR, "images", len(left))


def _right(run: Run, images: Images) -> dict[str, np.ndarray]:
    """Return which images are read correctly, by kind of change: bool (strengths, images)."""
    from experiments.lab.inspection.passes import Pass
    from experiments.lab.networks import builders

    forward = Pass(builders.restore(run.settings, run.weights()), ["logits"])

    def read(seen: np.ndarray) -> np.ndarray:
        return forward(seen)["logits"].argmax(axis=1) == images.labels

    numbers, unchanged = np.arange(len(images.labels)), read(images.images)

    def under(kind: Kind, strength: int) -> np.ndarray:
        transform = kind.transform(strength)
        return read(transform(images.images, numbers, SEED)) if strength else unchanged

    return {kind.name: np.stack([under(kind, by) for by in kind.strengths]) for kind in KINDS}
