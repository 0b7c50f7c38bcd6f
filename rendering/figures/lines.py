"""Figures of lines and points: learning curves and scatter plots."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rendering import wording
from rendering.figures.courses import course
from rendering.figures.drawing import INK, WIDE, Drawing, colour, new_canvas, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKERS = "osD^vPX"
# Where a group's points have their names, in points from the marker: points of two groups that fall
# together keep theirs apart.
CORNERS = (((5, 4), "left"), ((5, -10), "left"), ((-5, 4), "right"), ((-5, -10), "right"))
DIRECT_LABELS = 6  # lines in a panel that are named at their ends; more go into a legend
LETTERS = 45  # that fit beside one another under a panel, at the least


@dataclass(frozen=True)
class Line:
    """A line of a panel: `y` at `x`, of equal length; NaN and infinity leave a gap.

    Lines with the same `label` share a colour: give training (`dashed`) and validation (solid) of one
    setting the same label. `deviation` draws a band of that half height. `note` follows the label, for
    instance "diverged at iteration 750"; the last point of such a line is crossed.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    dashed: bool = False
    deviation: Sequence[float] | None = None
    note: str = ""


@dataclass(frozen=True)
class Panel:
    """One pair of axes with its lines. With `percent`, `y` are fractions and are drawn times 100."""

    title: str
    x_label: str
    y_label: str
    lines: Sequence[Line]
    percent: bool = False
    log_x: bool = False
    log_y: bool = False
    y_range: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True)
class Points:
    """A group of points of a scatter plot. `names`, where given, are written beside the points."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    names: Sequence[str] = ()


@styled
def curves(
    name: str,
    caption: str,
    panels: Sequence[Panel],
    *,
    dashed_means: str = "training",
    solid_means: str = "validation",
    columns: int = 2,
    wide: bool = True,
    shared: bool = False,
) -> Drawing:
    """Draw one or several panels of lines, `columns` side by side, with a `shared` vertical scale or not.

    One panel with few lines names them at their ends, otherwise a legend above the panels does.
    """
    columns = min(columns, len(panels))
    rows = math.ceil(len(panels) / columns)
    canvas = new_canvas(2.0 * rows + 0.35, wide)
    grid = canvas.subplots(rows, columns, squeeze=False, sharey=shared).ravel()
    labels = list(dict.fromkeys(line.label for panel in panels for line in panel.lines))
    direct = len(panels) == 1 and len(labels) <= DIRECT_LABELS
    for axes, panel in zip(grid, panels, strict=False):
        _draw_panel(axes, panel, labels)
        if direct:
            _label_ends(axes, panel, labels)
    for axes in grid[1 : len(panels)] if shared else ():
        axes.set_ylabel("")
    for axes in grid[len(panels) :]:
        axes.remove()
    _legend(canvas, panels, [] if direct else labels, (dashed_means, solid_means))
    # Where all lines are solid, these are what the axis says, and no validation.
    several = len({line.dashed for panel in panels for line in panel.lines}) > 1
    means = (dashed_means, solid_means) if several else None
    table = [row for panel in panels for row in _panel_rows(panel, means)]
    alt = " ".join(_panel_words(panel, dashed_means) for panel in panels)
    return Drawing(name, caption, alt, canvas, table, wide=wide)


@styled
def scatter(
    name: str,
    caption: str,
    groups: Sequence[Points],
    x_label: str,
    y_label: str,
    *,
    percent: bool = False,
    log_x: bool = False,
    log_y: bool = False,
    wide: bool = True,
) -> Drawing:
    """Draw groups of points, each with its own colour and marker; `percent` as in `Panel`."""
    canvas = new_canvas(2.4, wide)
    axes = canvas.subplots()
    factor = 100 if percent else 1
    _set_axes(axes, x_label, y_label, percent, log_x, log_y)
    for index, group in enumerate(groups):
        y = factor * np.asarray(group.y, float)
        marker = MARKERS[index % len(MARKERS)]
        axes.scatter(
            group.x, y, s=26, color=colour(index), marker=marker, label=group.label, zorder=3
        )
        aside, side = CORNERS[index % len(CORNERS)]
        for label, x_value, y_value in zip(group.names, group.x, y, strict=False):
            axes.annotate(
                label, (x_value, y_value), aside, textcoords="offset points", fontsize=7.5,
                ha=side, color=colour(index),
            )  # fmt: skip
    axes.margins(0.08)
    if len(groups) > 1:
        canvas.legend(loc="outside upper left", ncols=4)
    table = [
        {"group": group.label, "name": label, x_label: x_value, y_label: y_value}
        for group in groups
        for label, x_value, y_value in zip(_names(group), group.x, group.y, strict=True)
    ]
    alt = f"Scatter plot of {y_label} against {x_label}. " + " ".join(
        _points_words(group, percent) for group in groups
    )
    return Drawing(name, caption, alt, canvas, table, wide=wide)


def _draw_panel(axes: "Axes", panel: Panel, labels: Sequence[str]) -> None:
    factor = 100 if panel.percent else 1
    # Errors that are all zero have no place on a logarithmic axis.
    log_y = panel.log_y and any((_finite(line.y) > 0).any() for line in panel.lines)
    _set_axes(axes, panel.x_label, panel.y_label, panel.percent, panel.log_x, log_y)
    axes.set_title(panel.title)
    for line in panel.lines:
        shade = colour(labels.index(line.label))
        x, y = np.asarray(line.x, float), factor * _finite(line.y)
        if line.deviation is not None:
            spread = factor * _finite(line.deviation)
            axes.fill_between(x, y - spread, y + spread, color=shade, alpha=0.15, linewidth=0)
        axes.plot(
            x, y, color=shade, linestyle=(0, (3, 1.6)) if line.dashed else "-",
            linewidth=1.0 if line.dashed else 1.5,
        )  # fmt: skip
        _mark_end(axes, line, x, y, labels.index(line.label))
    places = np.concatenate([np.asarray(line.x, float) for line in panel.lines] or [[]])
    if panel.log_x:
        # Few values far apart: a decade's own ticks miss them, or crowd between two.
        axes.set_xticks(ticks := np.unique(places), tick_labels(ticks))
        axes.minorticks_off()
    elif np.array_equal(places, np.round(places)):
        axes.xaxis.get_major_locator().set_params(integer=True)  # no half epochs
    low, high = panel.y_range
    if (low, high) != (None, None):  # which would hold the scale as it is: others may share it
        axes.set_ylim(
            None if low is None else factor * low, None if high is None else factor * high
        )


def tick_labels(ticks: np.ndarray) -> list[str]:
    """Return the labels of increasing values on a logarithmic axis, empty where two would touch."""
    heights = np.log(ticks)
    places = LETTERS * (heights - heights[0]) / (np.ptp(heights) or 1.0)
    labels, end = [], -np.inf  # the end of the last label, in letters
    for place, words in zip(places, (f"{tick:g}" for tick in ticks), strict=True):
        fits = place - len(words) / 2 > end
        labels.append(words if fits else "")
        end = place + len(words) / 2 + 1 if fits else end
    return labels


def _mark_end(axes: "Axes", line: Line, x: np.ndarray, y: np.ndarray, index: int) -> None:
    """Mark the last finite point: with the setting's own marker, or a cross where the run broke off."""
    known = np.flatnonzero(np.isfinite(y))
    if known.size and (line.note or not line.dashed):
        marker = "x" if line.note else MARKERS[index % len(MARKERS)]
        size = 6 if line.note else 4
        axes.plot(
            x[known[-1]], y[known[-1]], marker, color=colour(index), markersize=size, zorder=4
        )


def _set_axes(
    axes: "Axes", x_label: str, y_label: str, percent: bool, log_x: bool, log_y: bool
) -> None:
    from matplotlib.ticker import LogLocator

    axes.grid(axis="y")
    axes.set_xlabel(x_label)
    axes.set_ylabel(f"{y_label} (%)" if percent else y_label)
    if log_x:
        axes.set_xscale("log")
    if log_y:
        axes.set_yscale("log")
        if percent:
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
            axes.minorticks_off()
    else:
        axes.yaxis.get_major_locator().set_params(nbins=6)


def _label_ends(axes: "Axes", panel: Panel, labels: Sequence[str]) -> None:
    """Write each setting's name to the right of its solid line, names apart from one another."""
    factor = 100 if panel.percent else 1
    ends = {}
    for line in panel.lines:
        y = factor * _finite(line.y)
        known = np.flatnonzero(np.isfinite(y))
        if known.size and (not line.dashed or line.label not in ends):
            ends[line.label] = (y[known[-1]], line.note)
    axes.autoscale_view()
    heights = axes.transData.transform([(1, y) for y, _ in ends.values()])[:, 1] if ends else []
    low, high = axes.transAxes.transform([(0, 0), (0, 1)])[:, 1]
    # Zero lies far below a logarithmic axis, and its name stands at the foot of it.
    places = spread([min(max(0.0, (it - low) / (high - low)), 1.0) for it in heights], gap=0.075)
    for (label, (_, note)), place in zip(ends.items(), places, strict=True):
        text = f"{label}\n({note})" if note else label
        axes.annotate(
            text, (1, place), (6, 0), xycoords="axes fraction", textcoords="offset points",
            color=colour(labels.index(label)), fontsize=8, va="center", annotation_clip=False,
        )  # fmt: skip


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Return `places` moved as little as needed for any two to be at least `gap` apart.

    Neighbours that are too close become a block around their common mean, until none touch.
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    blocks: list[list[int]] = []
    for index in order:
        blocks.append([index])
        while len(blocks) > 1 and _top(blocks[-2], places, gap) + gap > _bottom(
            blocks[-1], places, gap
        ):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    result = [0.0] * len(places)
    for block in blocks:
        for position, index in enumerate(block):
            result[index] = _bottom(block, places, gap) + position * gap
    return result


def _bottom(block: Sequence[int], places: Sequence[float], gap: float) -> float:
    return sum(places[index] for index in block) / len(block) - gap * (len(block) - 1) / 2


def _top(block: Sequence[int], places: Sequence[float], gap: float) -> float:
    return _bottom(block, places, gap) + gap * (len(block) - 1)


def _legend(
    canvas: "Figure", panels: Sequence[Panel], labels: Sequence[str], means: tuple[str, str]
) -> None:
    from matplotlib.lines import Line2D

    notes = {line.label: line.note for panel in panels for line in panel.lines if line.note}
    handles = [
        Line2D(
            [], [], color=colour(index), marker=MARKERS[index % len(MARKERS)],
            label=f"{label} ({notes[label]})" if label in notes else label,
        )
        for index, label in enumerate(labels)
    ]  # fmt: skip
    styles = {line.dashed for panel in panels for line in panel.lines}
    if len(styles) == 2:
        handles += [
            Line2D([], [], color=INK, linewidth=1.0, linestyle=(0, (3, 1.6)), label=means[0]),
            Line2D([], [], color=INK, label=means[1]),
        ]
    if handles:
        canvas.legend(handles=handles, loc="outside upper left", ncols=_columns(canvas, handles))


def _columns(canvas: "Figure", handles: Sequence[Any]) -> int:
    """Return how many entries of a legend fit side by side, by the length of the longest."""
    longest = max(len(handle.get_label()) for handle in handles)
    room = 110 * canvas.get_figwidth() / WIDE  # letters of the legend's size across a wide figure
    return max(1, min(len(handles), int(room // (longest + 7))))


def _finite(values: Iterable[float | None]) -> np.ndarray:
    array = np.array([math.nan if value is None else value for value in values], float)
    array[~np.isfinite(array)] = math.nan
    return array


def _panel_rows(panel: Panel, means: tuple[str, str] | None) -> list[dict[str, Any]]:
    return [
        {
            "panel": panel.title,
            "line": line.label,
            **({"kind": means[0] if line.dashed else means[1]} if means else {}),
            panel.x_label: x,
            "value": y,
            "deviation": "" if line.deviation is None else line.deviation[index],
        }
        for line in panel.lines
        for index, (x, y) in enumerate(zip(line.x, line.y, strict=True))
    ]


def _panel_words(panel: Panel, dashed_means: str) -> str:
    lines = "; ".join(_line_words(line, panel.percent, dashed_means) for line in panel.lines)
    title = f"{panel.title}: " if panel.title else ""
    return f"{title}{panel.y_label} against {panel.x_label}. {lines}."


def _line_words(line: Line, percent: bool, dashed_means: str) -> str:
    tell = wording.percent if percent else wording.number
    known = _finite(line.y)
    places = np.asarray(line.x, dtype=float)[np.isfinite(known)]
    known = known[np.isfinite(known)]
    label = f"{line.label} ({dashed_means})" if line.dashed else line.label
    note = f", {line.note}" if line.note else ""
    if not known.size:
        return f"{label} has no finite value{note}"
    if known.size == 1:
        return f"{label} is {tell(known[0])}{note}"
    return f"{label} {course(places, known, tell)}{note}"


def _names(group: Points) -> Sequence[str]:
    return group.names or [""] * len(group.x)


def _points_words(group: Points, percent: bool) -> str:
    tell = wording.percent if percent else wording.number
    if not group.names:
        amount = wording.plural(len(group.x), "point")
        low, high = tell(min(group.y)), tell(max(group.y))
        return f"{group.label}: {amount}, from {low} to {high}."
    pairs = zip(group.names, group.y, strict=True)
    return f"{group.label}: " + ", ".join(f"{label} {tell(y)}" for label, y in pairs) + "."
