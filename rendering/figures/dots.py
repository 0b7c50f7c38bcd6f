"""Figures of values on one axis: a row of dots for each group, and their mean."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rendering.figures.drawing import INK, MUTED, Drawing, new_canvas, styled, teller

ROW = 0.24  # inches


@styled
def dots(
    name: str,
    caption: str,
    groups: Mapping[str, Sequence[float]],
    means: Sequence[float],
    members: Sequence[str],
    label: str,
    *,
    line_at: float | None = None,
    percent: bool = False,
    digits: int = 1,
    wide: bool = True,
) -> Drawing:
    """Draw the values of each group in a row, grey, and its mean, black; a line at `line_at`.

    `members` name the values of every group. With `percent` the values are fractions.
    """
    factor = 100 if percent else 1
    canvas = new_canvas(0.55 + ROW * len(groups), wide)
    axes = canvas.subplots()
    axes.grid(axis="x")
    if line_at is not None:
        axes.vlines(factor * line_at, -0.5, len(groups) - 0.5, color=INK, linewidth=0.8)
    for row, (values, mean) in enumerate(zip(groups.values(), means, strict=True)):
        given = factor * np.asarray(values, float)
        axes.scatter(given, [row] * len(given), s=16, color=MUTED, alpha=0.6, linewidth=0)
        axes.scatter([factor * mean], [row], s=22, color=INK, marker="D", zorder=3)
    axes.set_yticks(range(len(groups)), list(groups))
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlabel(f"{label} (%)" if percent else label)
    axes.spines["left"].set_visible(False)
    tell = teller(percent, digits)
    alt = f"Dot plot of {label}. " + " ".join(
        f"{group}: mean {tell(mean)}, {_ends(values, members, tell)}."
        for (group, values), mean in zip(groups.items(), means, strict=True)
    )
    return Drawing(name, caption, alt, canvas, _rows(groups, means, members, label), wide=wide)


def _ends(values: Sequence[float], members: Sequence[str], tell: Any) -> str:  # noqa: ANN401
    low, high = int(np.argmin(values)), int(np.argmax(values))
    return f"from {tell(values[low])} ({members[low]}) to {tell(values[high])} ({members[high]})"


def _rows(
    groups: Mapping[str, Sequence[float]],
    means: Sequence[float],
    members: Sequence[str],
    label: str,
) -> list[dict[str, Any]]:
    return [
        {"group": group, "of": member, label: value}
        for (group, values), mean in zip(groups.items(), means, strict=True)
        for member, value in zip((*members, "mean"), (*values, mean), strict=True)
    ]
