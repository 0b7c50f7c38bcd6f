"""Figures of quantities by category: bars, heat maps, confusion matrices and histograms."""

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
    ON_DARK,
    ON_LIGHT,
    SEQUENTIAL,
    WIDE,
    Drawing,
    colour,
    new_canvas,
    plain_canvas,
    styled,
    thin_out,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NARROW_SPAN = 0.08  # of fractions on a colour bar, below which whole per cents repeat themselves


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
    canvas = new_canvas(2.8, wide)
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
    tell = _teller(percent, digits)
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
def heatmap(
    name: str,
    caption: str,
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    row_label: str = "",
    column_label: str = "",
    value_label: str = "",
    percent: bool = False,
    digits: int = 1,
    missing: str = "–",
    wide: bool = False,
) -> Drawing:
    """Draw `values` (rows, columns) as coloured cells with their numbers; NaN is `missing`."""
    values = np.asarray(values, float)
    canvas = new_canvas(0.9 + 0.36 * max(3, len(rows)), wide)
    axes = canvas.subplots()
    _cells(axes, values, rows, columns, row_label, column_label)
    picture = axes.images[0]
    tell = _teller(percent, digits)
    for (row, column), value in np.ndenumerate(values):
        known = math.isfinite(value)
        text = wording.number(100 * value if percent else value, digits) if known else missing
        axes.text(column, row, text, ha="center", va="center", fontsize=8,
                  color=_contrast(picture.to_rgba(value)) if known else MUTED)  # fmt: skip
    unit = f"{value_label} (%)" if percent else value_label
    bar = canvas.colorbar(picture, ax=axes, label=unit, fraction=0.05, pad=0.03)
    if percent:
        known = values[np.isfinite(values)]
        decimals = int(known.size > 0 and np.ptp(known) < NARROW_SPAN)
        bar.ax.yaxis.set_major_formatter(lambda value, _: wording.number(100 * value, decimals))
    bar.outline.set_visible(False)
    table = _matrix_rows(values, rows, columns, row_label or "row", column_label or "column")
    alt = f"Heat map of {value_label or 'values'}. " + " ".join(
        f"{row}: "
        + ", ".join(
            f"{column} {tell(value) if math.isfinite(value) else missing}"
            for column, value in zip(columns, line, strict=True)
        )
        + "."
        for row, line in zip(rows, values, strict=True)
    )
    return Drawing(name, caption, alt, canvas, table, wide=wide)


@styled
def confusion(
    name: str, caption: str, counts: np.ndarray, classes: Sequence[str], *, wide: bool = True
) -> Drawing:
    """Draw a confusion matrix, `counts[true, predicted]`; colour is the share of the true class."""
    counts = np.asarray(counts)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    canvas = new_canvas(4.9 if wide else 4.0, wide)
    axes = canvas.subplots()
    _cells(axes, shares, classes, classes, "true class", "predicted class", limits=(0, 1))
    long_names = max(len(text) for text in classes) > 3
    axes.tick_params(axis="x", labelrotation=35 if long_names else 0)
    if long_names:
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.set_aspect("equal")
    picture = axes.images[0]
    all_named = thin_out(axes, classes)
    for (row, column), amount in np.ndenumerate(counts):
        if amount and all_named:
            shade = _contrast(picture.to_rgba(shares[row, column]))
            text = wording.count(int(amount))
            axes.text(column, row, text, ha="center", va="center", fontsize=7, color=shade)
    bar = canvas.colorbar(picture, ax=axes, label="share of the true class (%)", shrink=0.8)
    bar.ax.yaxis.set_major_formatter(lambda value, _: wording.number(100 * value, 0))
    bar.outline.set_visible(False)
    table = _matrix_rows(counts, classes, classes, "true class", "predicted class", "images")
    return Drawing(name, caption, _confusion_words(counts, classes), canvas, table, wide=wide)


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


def _cells(
    axes: "Axes",
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    row_label: str,
    column_label: str,
    limits: tuple[float | None, float | None] = (None, None),
) -> None:
    axes.imshow(values, cmap=SEQUENTIAL, vmin=limits[0], vmax=limits[1], aspect="auto")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel(column_label)
    axes.set_ylabel(row_label)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _contrast(shade: Sequence[float]) -> str:
    """Return black or white, whichever is easier to read on `shade` (relative luminance)."""
    red, green, blue = shade[:3]
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5
    return ON_LIGHT if light else ON_DARK


def _teller(percent: bool, digits: int) -> Callable[[float], str]:
    return lambda value: (wording.percent if percent else wording.number)(value, digits)


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


def _matrix_rows(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    row_label: str,
    column_label: str,
    value_label: str = "value",
) -> list[dict[str, Any]]:
    return [
        {row_label: rows[row], column_label: columns[column], value_label: value}
        for (row, column), value in np.ndenumerate(values)
    ]


def _series_words(
    one: Series, groups: Sequence[str], tell: Callable[[float], str], missing: str
) -> str:
    pairs = zip(groups, one.values, strict=True)
    told = ", ".join(f"{group} {missing if v is None else tell(v)}" for group, v in pairs)
    return f"{one.label}: {told}." if one.label else f"{told}."


def _confusion_words(counts: np.ndarray, classes: Sequence[str]) -> str:
    correct = np.trace(counts) / max(counts.sum(), 1)
    wrong = counts - np.diag(np.diag(counts))
    largest = np.argsort(wrong, axis=None, kind="stable")[::-1][:3]
    confusions = [
        f"{classes[row]} taken for {classes[column]} ({wording.count(int(wrong[row, column]))})"
        for row, column in zip(*np.unravel_index(largest, wrong.shape), strict=True)
        if wrong[row, column]
    ]
    text = (
        f"Confusion matrix of {len(classes)} classes; {wording.percent(correct)} of "
        f"{wording.plural(int(counts.sum()), 'image')} on the diagonal."
    )
    return f"{text} Most frequent errors: {wording.and_list(confusions)}." if confusions else text


def _histogram_words(panel: Histogram) -> str:
    peaks = ", ".join(
        f"{label or 'values'} most often between {wording.number(panel.edges[peak])} "
        f"and {wording.number(panel.edges[peak + 1])}"
        for label, counts in panel.counts.items()
        for peak in [int(np.argmax(counts))]
    )
    note = f" ({panel.note})" if panel.note else ""
    return f"{panel.title}{note}: {peaks}."
