"""Figures of quantities by category: bars and histograms."""

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from rendering import wording
from rendering.figures.drawing import (
    INK,
    MUTED,
    NARROW,
    WIDE,
    Drawing,
    colour,
    new_canvas,
    plain_canvas,
    styled,
    teller,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Series:
    """A series of bars, one for each group; None where there is no value, told by `missing`."""

    label: str
    values: Sequence[float | None]
    deviations: Sequence[float | None] | None = None


@dataclass(frozen=True)
class Histogram:
    """One small histogram: `edges` (n + 1) and, by label, the `counts` (n) of each distribution."""

    title: str
    edges: Sequence[float]
    counts: Mapping[str, Sequence[float]] = field(default_factory=dict)
    note: str = ""


@styled
def bars(
    name: str,
    caption: str,
    groups: Sequence[str],
    series: Sequence[Series],
    y_label: str,
    *,
    percent: bool = False,
    digits: int = 1,
    missing: str = "no result",
    y_range: tuple[float | None, float | None] = (None, None),
    wide: bool = True,
) -> Drawing:
    """Draw groups of bars with their values, and lines of one deviation up and down where known.

    With `percent` the values are fractions. `y_range`, in the values' unit, cuts the axis where all
    bars are long.
    """
    factor = 100 if percent else 1
    canvas = new_canvas(2.2, wide)
    axes = canvas.subplots()
    axes.grid(axis="y")
    axes.set_ylabel(f"{y_label} (%)" if percent else y_label)
    width = 0.8 / len(series)
    for index, one in enumerate(series):
        places = np.arange(len(groups)) + (index - (len(series) - 1) / 2) * width
        _draw_series(axes, one, places, 0.9 * width, factor, digits, missing, index)
    letters = max(8, int(80 * canvas.get_figwidth() / WIDE / len(groups)))
    axes.set_xticks(range(len(groups)), [textwrap.fill(group, letters) for group in groups])
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.6, len(groups) - 0.4)
    axes.margins(y=0.12)
    low, high = (None if bound is None else factor * bound for bound in y_range)
    axes.set_ylim(low, high)
    if len(series) > 1:
        canvas.legend(loc="outside upper left", ncols=4)
    tell = teller(percent, digits)
    alt = f"Bar chart of {y_label}. " + " ".join(
        _series_words(one, groups, tell, missing) for one in series
    )
    return Drawing(name, caption, alt, canvas, _series_rows(groups, series), wide=wide)


def _draw_series(
    axes: "Axes",
    one: Series,
    places: np.ndarray,
    width: float,
    factor: float,
    digits: int,
    missing: str,
    index: int,
) -> None:
    heights = [math.nan if value is None else factor * value for value in one.values]
    spreads = [0.0 if value is None else factor * value for value in one.deviations or []]
    axes.bar(places, heights, width, color=colour(index), label=one.label)
    if spreads:
        axes.errorbar(places, heights, spreads, fmt="none", ecolor=INK, elinewidth=0.8, capsize=2)
    for position, (place, height) in enumerate(zip(places, heights, strict=True)):
        if math.isnan(height):
            axes.text(place, 0.02, missing, transform=axes.get_xaxis_transform(), rotation=90,
                      ha="center", va="bottom", fontsize=7.5, color=MUTED)  # fmt: skip
            continue
        top = height + (spreads[position] if spreads else 0)
        axes.annotate(wording.number(height, digits), (place, top), (0, 2), ha="center",
                      textcoords="offset points", va="bottom", fontsize=7.5)  # fmt: skip


@styled
def histograms(
    name: str,
    caption: str,
    panels: Sequence[Histogram],
    x_label: str,
    *,
    columns: int = 6,
    log_y: bool = False,
    wide: bool = True,
) -> Drawing:
    """Draw small histograms on common axes: each distribution's share of values in each bin."""
    columns = min(columns, len(panels))
    rows = math.ceil(len(panels) / columns)
    canvas, grid = _small_axes(rows, columns, WIDE if wide else NARROW)
    labels = list(dict.fromkeys(label for panel in panels for label in panel.counts))
    for index, (axes, panel) in enumerate(zip(grid.ravel(), panels, strict=False)):
        for label, counts in panel.counts.items():
            axes.stairs(100 * _shares(counts), panel.edges, color=colour(labels.index(label)),
                        label=label, linewidth=1, fill=len(labels) == 1)  # fmt: skip
        axes.set_title(panel.title, fontsize=8, pad=2)
        axes.text(0.97, 0.93, panel.note, transform=axes.transAxes, ha="right", va="top",
                  fontsize=7, color=MUTED)  # fmt: skip
        axes.label_outer()
        axes.tick_params(labelbottom=index >= len(panels) - columns)
    if log_y:
        grid[0, 0].set_yscale("log")
    for axes in grid.ravel()[len(panels) :]:
        axes.remove()
    canvas.supxlabel(x_label, fontsize=8.5, y=0.01, va="bottom")
    canvas.supylabel("share of values (%)", fontsize=8.5, x=0.005)
    if len(labels) > 1:
        handles, names = grid[0, 0].get_legend_handles_labels()
        canvas.legend(handles, names, loc="upper left", ncols=4, borderpad=0)
    table = [
        {"histogram": panel.title, "distribution": label, "from": low, "to": high, "count": amount}
        for panel in panels
        for label, counts in panel.counts.items()
        for low, high, amount in zip(panel.edges[:-1], panel.edges[1:], counts, strict=True)
    ]
    alt = f"Histograms of {x_label}. " + " ".join(_histogram_words(panel) for panel in panels)
    return Drawing(name, caption, alt, canvas, table, wide=wide)


def _small_axes(rows: int, columns: int, width: float) -> tuple["Figure", np.ndarray]:
    """Return a canvas with a grid of small axes that share their scales, an inch high each."""
    above, below, left, high, between = 0.42, 0.42, 0.6, 0.78, 0.27
    height = above + rows * (high + between) - between + below
    canvas = plain_canvas(width, height)
    grid = canvas.subplots(
        rows, columns, squeeze=False, sharex=True, sharey=True,
        gridspec_kw={
            "left": left / width, "right": 1 - 0.06 / width, "bottom": below / height,
            "top": 1 - above / height, "hspace": between / high, "wspace": 0.12,
        },
    )  # fmt: skip
    return canvas, grid


def _shares(counts: Sequence[float]) -> np.ndarray:
    counts = np.asarray(counts, float)
    return counts / max(counts.sum(), 1)


def _series_rows(groups: Sequence[str], series: Sequence[Series]) -> list[dict[str, Any]]:
    return [
        {
            "group": group,
            "series": one.label,
            "value": "" if one.values[index] is None else one.values[index],
            "deviation": one.deviations[index] if one.deviations else "",
        }
        for one in series
        for index, group in enumerate(groups)
    ]


def _series_words(
    one: Series, groups: Sequence[str], tell: Callable[[float], str], missing: str
) -> str:
    pairs = zip(groups, one.values, strict=True)
    told = ", ".join(f"{group} {missing if v is None else tell(v)}" for group, v in pairs)
    return f"{one.label}: {told}." if one.label else f"{told}."


def _histogram_words(panel: Histogram) -> str:
    peaks = ", ".join(
        f"{label or 'values'} most often between {wording.number(panel.edges[peak])} "
        f"and {wording.number(panel.edges[peak + 1])}"
        for label, counts in panel.counts.items()
        for peak in [int(np.argmax(counts))]
    )
    note = f" ({panel.note})" if panel.note else ""
    return f"{panel.title}{note}: {peaks}."
