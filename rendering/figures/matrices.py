"""Figures of matrices: cells with their numbers, what was taken for what, and how two differ."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rendering import wording
from rendering.figures.drawing import (
    COLOURS,
    INK,
    MUTED,
    ON_DARK,
    ON_LIGHT,
    SEQUENTIAL,
    Drawing,
    new_canvas,
    styled,
    teller,
    thin_out,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

NARROW_SPAN = 0.08  # of fractions on a colour bar, below which whole per cents repeat themselves
MATRIX = 2.9  # inches, the height of a matrix of classes
STRONG = 0.6  # the share of the scale from which on letters are light


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
    tell = teller(percent, digits)
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
    """Draw a confusion matrix, `counts[true, predicted]`.

    Colour is the share of the true class, of the errors alone: on the diagonal stand the counts.
    """
    counts = np.asarray(counts)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    errors = np.where(np.eye(len(counts), dtype=bool), np.nan, shares)
    canvas = new_canvas(MATRIX, wide)
    axes = canvas.subplots()
    largest = float(np.nanmax(errors, initial=0.0)) or 1.0
    _of_classes(axes, errors, classes, _fading(COLOURS[1]), (0.0, largest))
    if thin_out(axes, classes):
        for (row, column), amount in np.ndenumerate(counts):
            if amount:
                strong = row != column and shares[row, column] > STRONG * largest
                shade = MUTED if row == column else ON_DARK if strong else INK
                _write(axes, row, column, wording.count(int(amount)), shade)
    _share_bar(canvas, axes, "share of the true class (%)")
    table = _matrix_rows(counts, classes, classes, "true class", "predicted class", "images")
    return Drawing(name, caption, _confusion_words(counts, classes), canvas, table, wide=wide)


@styled
def difference(
    name: str,
    caption: str,
    counts: tuple[np.ndarray, np.ndarray],
    labels: tuple[str, str],
    classes: Sequence[str],
    *,
    wide: bool = True,
) -> Drawing:
    """Draw the errors of one confusion matrix less those of another, the diagonal left blank.

    `counts` are of the same images, `labels` say whose they are.
    """
    first, second = (np.asarray(one) for one in counts)
    less = (first - second).astype(float)
    np.fill_diagonal(less, np.nan)
    canvas = new_canvas(MATRIX, wide)
    axes = canvas.subplots()
    largest = float(np.nanmax(np.abs(less), initial=0.0)) or 1.0
    _of_classes(axes, less, classes, _fading(COLOURS[1], COLOURS[0]), (-largest, largest))
    if thin_out(axes, classes):
        for (row, column), amount in np.ndenumerate(less):
            if math.isfinite(amount) and amount:
                shade = ON_DARK if abs(amount) > STRONG * largest else INK
                _write(axes, row, column, wording.signed(amount, 0), shade)
    bar = canvas.colorbar(axes.images[0], ax=axes, label="images more or fewer", shrink=0.8)
    bar.ax.yaxis.set_major_formatter(lambda value, _: wording.signed(value, 0))
    bar.outline.set_visible(False)
    table = [
        {"true class": classes[row], "predicted class": classes[column],
         labels[0]: first[row, column], labels[1]: second[row, column]}
        for row, column in np.ndindex(*less.shape) if row != column
    ]  # fmt: skip
    return Drawing(
        name, caption, _difference_words(less, labels, classes), canvas, table, wide=wide
    )


def _of_classes(
    axes: "Axes",
    values: np.ndarray,
    classes: Sequence[str],
    colours: "Colormap",
    limits: tuple[float, float],
) -> None:
    """Draw a square of cells, the true classes down and the predicted ones across."""
    _cells(axes, values, classes, classes, "true class", "predicted class", limits, colours)
    long_names = max(len(text) for text in classes) > 3
    axes.tick_params(axis="x", labelrotation=35 if long_names else 0)
    if long_names:
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.set_aspect("equal")
    axes.spines[:].set_visible(True)


def _fading(above: str, below: str = "") -> "Colormap":
    """Return colours from none at zero to one above it, and another below: the page shines through."""
    from matplotlib.colors import LinearSegmentedColormap

    steps = ([below, f"{below}00"] if below else []) + [f"{above}00", above]
    return LinearSegmentedColormap.from_list("fading", steps)


def _write(axes: "Axes", row: int, column: int, text: str, shade: str) -> None:
    axes.text(column, row, text, ha="center", va="center", fontsize=7, color=shade)


def _share_bar(canvas: Any, axes: "Axes", label: str) -> None:  # noqa: ANN401
    """Put a bar with per cents beside cells that hold fractions."""
    bar = canvas.colorbar(axes.images[0], ax=axes, label=label, shrink=0.8)
    span = axes.images[0].norm.vmax - axes.images[0].norm.vmin
    decimals = 1 if span < NARROW_SPAN else 0
    bar.ax.yaxis.set_major_formatter(lambda value, _: wording.number(100 * value, decimals))
    bar.outline.set_visible(False)


def _cells(
    axes: "Axes",
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    row_label: str,
    column_label: str,
    limits: tuple[float | None, float | None] = (None, None),
    colours: "Colormap | str" = SEQUENTIAL,
) -> None:
    axes.imshow(values, cmap=colours, vmin=limits[0], vmax=limits[1], aspect="auto")
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


def _difference_words(less: np.ndarray, labels: tuple[str, str], classes: Sequence[str]) -> str:
    known = np.nan_to_num(less)
    text = (
        f"Matrix of {len(classes)} classes: errors of {labels[0]} less those of {labels[1]}, "
        f"{wording.signed(float(known.sum()), 0)} in all."
    )
    told = []
    for place, word in ((known.argmax(), "more"), (known.argmin(), "fewer")):
        row, column = np.unravel_index(place, known.shape)
        amount = int(abs(known[row, column]))
        if amount and (known[row, column] > 0) == (word == "more"):
            told.append(
                f"{wording.count(amount)} {word}, {classes[row]} taken for {classes[column]}"
            )
    return f"{text} At most {wording.and_list(told)}." if told else text
