"""Figures of a wide search: its progress beside the grid's, and its trials by learning rate."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from rendering.figures import vocabulary as figures
from rendering.figures.drawing import Drawing


def drawings(
    facts: Mapping[str, Any] | None, group: str, names: Mapping[str, str]
) -> list[Drawing]:
    """Return the figures of a wide search: its progress, and its trials by learning rate.

    `group` is the hyper-parameter that gives the points their colours, `names` has its values in
    words. Without a wide search, or if none of its trials completed, there are none.
    """
    if facts is None or facts["best"]["wide"] is None:
        return []
    return [_progress(facts), _by_rate(facts["tried"], group, names)]


def _progress(facts: Mapping[str, Any]) -> Drawing:
    lines = [_so_far("wide search", facts["tried"]), _so_far("grid", facts["grid_tried"])]
    panel = figures.Panel("", "trial", "best validation accuracy so far", lines, percent=True)
    caption = (
        "The best validation accuracy that the wide search had found after each trial, and the "
        "assignment's grid, in the order in which their trials were proposed."
    )
    return figures.curves("wide-progress", caption, [panel])


def _so_far(label: str, rows: Sequence[Mapping[str, Any]]) -> figures.Line:
    values = [row["validation_accuracy"][0] for row in rows]
    best = itertools.accumulate((-math.inf if it is None else it for it in values), max)
    return figures.Line(label, range(1, len(rows) + 1), list(best))


def _by_rate(rows: Sequence[Mapping[str, Any]], group: str, names: Mapping[str, str]) -> Drawing:
    groups = []
    for value, label in names.items():
        own = [
            row
            for row in rows
            if row["hyperparameters"][group] == value and row["validation_accuracy"][0] is not None
        ]
        rates = [row["hyperparameters"]["learning_rate"] for row in own]
        if own:
            groups.append(
                figures.Points(label, rates, [row["validation_accuracy"][0] for row in own])
            )
    return figures.scatter(
        "wide-rates",
        f"The trials of the wide search by their learning rate and {group}; the other settings "
        "differ too.",
        groups,
        "learning rate",
        "validation accuracy",
        percent=True,
        log_x=True,
    )
