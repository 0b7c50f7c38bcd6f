"""How each rate's network fares inside: its first steps, its silent units, its accuracy in the end."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from experiments.lab.store.records import Record
from experiments.lab.store.results import Trial
from rendering import wording
from rendering.figures import vocabulary as figures

if TYPE_CHECKING:
    from experiments.lab.data.splits import Splits

STEPS, QUICK_STEPS = 200, 20  # from the first on; fewer in a quick build
FITTED = 5000  # training images, the first ones, on which a network is tested after its training
LISTENED = 500  # of them, for which units are silent or are not


def of_trial(trial: Trial, splits: "Splits", quick: bool) -> dict[str, Any]:
    """Return what is in a trial's networks; empty if none completed.

    `training_accuracy` is the mean over the completed runs after the last epoch, on the first FITTED
    training images (`fitted` of them). `silence` (`silence.by_epoch`, on the first `listened` of them)
    and `steps` (`first_steps.again`) are of the first completed run, as is the mean training loss of its
    last epoch (`last_loss`); `guessing_loss` is what that is held against.
    """
    from experiments.descent import first_steps, silence
    from experiments.lab.inspection import after_training

    if not trial.completed:
        return {}
    images = after_training.first(splits.train, FITTED)
    run = trial.first
    return {
        "training_accuracy": after_training.mean_accuracy(trial, images),
        "fitted": len(images.labels),
        "silence": silence.by_epoch(run, images.images[:LISTENED]),
        "listened": min(LISTENED, len(images.labels)),
        "steps": first_steps.again(run, splits, QUICK_STEPS if quick else STEPS),
        "guessing_loss": silence.guessing_loss(splits.train.labels),
        "last_loss": run.curves["loss"][-1],
    }


def draw(record: Record, labels: Sequence[str]) -> list[figures.Drawing]:
    """Return the figures of the first steps and of the silent units, none without a completed run."""
    rows = [row for row in record.facts["rows"] if row["inside"]]
    if not rows:
        return []
    known = [
        label for label, row in zip(labels, record.facts["rows"], strict=True) if row["inside"]
    ]
    inside = [row["inside"] for row in rows]
    drawings = [_steps(inside, known), _silence(inside, known)]
    return [drawing.drawn_from(record.origin(rows)) for drawing in drawings]


def _steps(inside: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> figures.Drawing:
    def panel(title: str, name: str, y_label: str, log: bool) -> figures.Panel:
        lines = [
            figures.Line(label, range(1, len(values) + 1), [value or math.nan for value in values])
            for label, values in zip(labels, [one["steps"][name] for one in inside], strict=True)
        ]
        return figures.Panel(title, "step", y_label, lines, log_y=log)

    steps = len(inside[0]["steps"]["loss"])
    caption = (
        f"The first {wording.plural(steps, 'step')} at each rate: the batch’s loss, and the length of "
        "the gradient of the first convolution’s weights, on a logarithmic scale. A line ends where the "
        "gradient is exactly zero."
    )
    panels = [
        panel("Loss of the batch", "loss", "loss", False),
        panel("First convolution", "first", "length of the gradient", True),
    ]
    return figures.curves("first-steps", caption, panels)


def _silence(inside: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> figures.Drawing:
    layers = inside[0]["silence"]["layers"]
    series = [
        figures.Series(label, [one["silence"]["epochs"][-1]["silent"][layer] for layer in layers])
        for label, one in zip(labels, inside, strict=True)
    ]
    caption = (
        f"The share of each layer’s units that give out zero for every one of {inside[0]['listened']} "
        "training images, after the last epoch, at each rate."
    )
    return figures.bars("silent", caption, layers, series, "silent units", percent=True)
