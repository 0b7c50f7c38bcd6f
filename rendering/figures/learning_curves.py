"""Panels of learning curves, from the plain data of `experiments.lab.evidence.summaries`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rendering import wording
from rendering.figures.lines import Line, Panel

ERROR = "error"  # the share of images that are read wrongly
SHOWN = 2  # times the loss of guessing: losses above it would flatten all the rest


def panels(
    labels: Sequence[str],
    curves: Sequence[Mapping[str, Any]],
    x: str = "epoch",
    errors: bool = False,
) -> list[Panel]:
    """Return a panel of losses and one of accuracies: training dashed, validation solid.

    `labels` name the trials of `curves`; `x` is "epoch" or "iteration". Losses above `_top` are
    cut off, which `remarks` says. Where accuracies are so high that their differences would drown,
    `errors` are drawn instead, on a logarithmic scale.
    """
    losses = _panel("Loss", "loss", labels, curves, x, False)
    accuracies = _panel("Accuracy", "accuracy", labels, curves, x, True)
    return [losses, of_errors(accuracies, "Error", ERROR) if errors else accuracies]


def of_errors(accuracies: Panel, title: str, label: str) -> Panel:
    """Return a panel of accuracies as one of errors, the shares that are missing to all."""
    lines = [
        replace(line, y=[None if it is None else 1 - it for it in line.y])
        for line in accuracies.lines
    ]
    return replace(accuracies, title=title, y_label=label, lines=lines, log_y=True)


def remarks(curves: Sequence[Mapping[str, Any]]) -> str:
    """Return what a caption must add about bands and losses cut off, with a space before it."""
    words = ""
    if any(one["loss"]["deviation"] for one in curves):
        words += " Lines are means over seeds, bands one standard deviation."
    if _cut(curves):
        words += f" Losses above {wording.number(_top(curves), 1)} are not shown."
    return words


def _panel(
    title: str,
    name: str,
    labels: Sequence[str],
    curves: Sequence[Mapping[str, Any]],
    x: str,
    percent: bool,
) -> Panel:
    lines = [
        Line(
            label,
            one[x],
            one[kind]["mean"],
            dashed=kind == name,
            deviation=one[kind]["deviation"],
            note="" if kind == name else one["note"],
        )
        for label, one in zip(labels, curves, strict=True)
        for kind in (name, f"validation_{name}")
    ]
    top = _top(curves) if name == "loss" and _cut(curves) else None
    return Panel(title, x, name, lines, percent=percent, y_range=(None, top))


def _top(curves: Sequence[Mapping[str, Any]]) -> float:
    return SHOWN * max(one["guessing"] for one in curves)


def _cut(curves: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        value is not None and value > _top(curves)
        for one in curves
        for kind in ("loss", "validation_loss")
        for value in one[kind]["mean"]
    )
