"""What a reader of a figure sees, read back from matplotlib's canvas.

A line is known by its colour, as the legend or the name at its end gives it, and by its style, as the
legend explains it; an image by the titles of its row and column and the words under it.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib import colormaps, colors

from rendering.figures.drawing import DIVERGING, INK, SEQUENTIAL

DASHED = "dashed"


@dataclass(frozen=True)
class Seen:
    """One thing in a figure: what is written about it, and its numbers along each axis.

    `words` are those beside it: "panel", "label", "style", and "x" and "y" for the axes' labels.
    """

    words: dict[str, str]
    numbers: dict[str, np.ndarray] = field(default_factory=dict)
    image: np.ndarray | None = None


def read(canvas: Any) -> list[Seen]:  # noqa: ANN401
    """Return all that a canvas shows."""
    found = []
    key = legend(canvas)
    around = {"x": _text(canvas._supxlabel), "y": _text(canvas._supylabel)}
    for axes in canvas.axes:
        if not axes.axison:
            found += sheet(axes)
            continue
        if axes.get_label() == "<colorbar>":
            continue
        words = {
            "panel": axes.get_title(loc="left") or axes.get_title(),
            "x": axes.get_xlabel() or around["x"],
            "y": _y_label(axes) or around["y"],
        }
        names = key | direct(axes)
        for reader in (lines, bands, bars, points, cells, stairs):
            found += list(reader(axes, words, names))
    return found


def _y_label(axes: Any) -> str:  # noqa: ANN401
    """Return the label of the axes, or of those whose scale they share."""
    beside = axes.get_shared_y_axes().get_siblings(axes)
    return axes.get_ylabel() or next((it.get_ylabel() for it in beside if it.get_ylabel()), "")


def _text(label: Any) -> str:  # noqa: ANN401
    return "" if label is None else label.get_text()


def legend(canvas: Any) -> dict[str, str]:  # noqa: ANN401
    """Return what the legend says of each colour, and of the dashed and the solid line."""
    known = {}
    for box in canvas.legends:
        for handle, text in zip(box.legend_handles, box.get_texts(), strict=True):
            shade = _colour(handle)
            if shade == INK.lower() and hasattr(handle, "get_linestyle"):
                known[style(handle)] = text.get_text()
            else:
                assert shade not in known, f"two entries of the legend are {shade}"
                known[shade] = text.get_text()
    return known


def labels(canvas: Any) -> dict[str, str]:  # noqa: ANN401
    """Return what each colour of a figure stands for, by its legend and the names at lines' ends."""
    known = {shade: text for shade, text in legend(canvas).items() if shade.startswith("#")}
    for axes in canvas.axes:
        known |= direct(axes)
    return known


def direct(axes: Any) -> dict[str, str]:  # noqa: ANN401
    """Return what is written in each colour at the ends of lines."""
    return {
        colors.to_hex(text.get_color()): text.get_text()
        for text in axes.texts
        if getattr(text, "xycoords", "") == "axes fraction"
    }


def style(line: Any) -> str:  # noqa: ANN401
    """Return whether a line is dashed or solid."""
    return "solid" if line.get_linestyle() == "-" else DASHED


def _colour(artist: Any) -> str:  # noqa: ANN401
    getter = "get_color" if hasattr(artist, "get_color") else "get_facecolor"
    shade = getattr(artist, getter)()
    if getter == "get_facecolor" and np.ndim(shade) == 2:
        shade = shade[0]
    if getter == "get_facecolor" and shade[3] == 0:
        shade = artist.get_edgecolor()
    return colors.to_hex(shade)


def lines(axes: Any, words: dict, names: dict) -> Iterator[Seen]:  # noqa: ANN401
    """Yield the lines; the marker at an end is none of its own, but has to lie on its line."""
    drawn = [line for line in axes.lines if line.get_marker() in ("None", "", None)]
    for line in drawn:
        shade, how = _colour(line), style(line)
        seen = {
            "label": names.get(shade, ""),
            "style": names.get(how, "" if how == "solid" else how),
        }
        x, y = (np.asarray(one, float) for one in line.get_data())
        yield Seen({**words, **seen}, {"x": x, "y": y})
    for mark in axes.lines:
        if mark not in drawn and len(mark.get_xdata()) == 1:
            place = mark.get_xdata()[0], mark.get_ydata()[0]
            own = [line for line in drawn if _colour(line) == _colour(mark)]
            ends = [tuple(line.get_xydata()[np.isfinite(line.get_ydata())][-1]) for line in own]
            assert tuple(place) in ends, (
                f"a marker of {names.get(_colour(mark))} is on no line's end"
            )


def bands(axes: Any, words: dict, names: dict) -> Iterator[Seen]:  # noqa: ANN401
    """Yield half the heights of the bands around lines."""
    for band in axes.collections:
        if not hasattr(band, "get_datalim") or type(band).__name__ != "FillBetweenPolyCollection":
            continue
        corners = band.get_paths()[0].vertices
        x = np.unique(corners[:, 0])
        half = [np.ptp(corners[corners[:, 0] == at, 1]) / 2 for at in x]
        label = names.get(_colour(band), "")
        yield Seen({**words, "label": label, "style": "band"}, {"y": np.array(half)})


def bars(axes: Any, words: dict, names: dict) -> Iterator[Seen]:  # noqa: ANN401
    """Yield the heights of each series of bars, and the lengths of their error bars."""
    groups = [" ".join(label.get_text().split()) for label in axes.get_xticklabels()]
    for box in axes.containers:
        if type(box).__name__ == "BarContainer":
            heights = np.array([bar.get_height() for bar in box])
            label = names.get(_colour(box[0]), "")
            x = ", ".join(groups)
            yield Seen({**words, "x": x, "label": label, "style": "bars"}, {"y": heights})
            _check_written(axes, box)
        else:
            segments = box[2][0].get_segments()
            half = np.array([np.ptp(one[:, 1]) / 2 for one in segments])
            yield Seen({**words, "x": ", ".join(groups), "style": "error bars"}, {"y": half})


def _check_written(axes: Any, box: Any) -> None:  # noqa: ANN401
    written = {round(text.xy[0], 6): text.get_text() for text in axes.texts if hasattr(text, "xy")}
    for bar in box:
        if np.isfinite(bar.get_height()):
            text = written[round(bar.get_x() + bar.get_width() / 2, 6)]
            decimals = len(text.partition(".")[2])
            shown = float(text.replace("\u202f", "").replace("\u2212", "-"))
            assert abs(shown - bar.get_height()) <= 0.5001 * 10**-decimals, f"{text} on another bar"


def points(axes: Any, words: dict, names: dict) -> Iterator[Seen]:  # noqa: ANN401
    """Yield the points of a scatter plot with the names beside them."""
    for group in axes.collections:
        if type(group).__name__ != "PathCollection":
            continue
        x, y = np.asarray(group.get_offsets(), float).T
        rows = [one.get_text() for one in axes.get_yticklabels()]
        if np.ptp(y) == 0 and any(row[:1].isalpha() for row in rows):  # in the row of their group
            row = {"label": rows[int(y[0])], "style": "points", "x": "", "y": words["x"]}
            yield Seen({**words, **row}, {"y": x})
            continue
        told = {tuple(text.xy): text.get_text() for text in axes.texts if hasattr(text, "xy")}
        beside = ", ".join(told[place] for place in zip(x, y, strict=True) if place in told)
        seen = {"label": names.get(_colour(group), ""), "style": f"points {beside}".strip()}
        yield Seen({**words, **seen}, {"x": x, "y": y})


def cells(axes: Any, words: dict, names: dict) -> Iterator[Seen]:  # noqa: ANN401
    """Yield a matrix of cells, with the numbers that are written in them."""
    for image in axes.images:
        rows, columns = (
            [" ".join(label.get_text().split()) for label in labels]
            for labels in (axes.get_yticklabels(), axes.get_xticklabels())
        )
        written = {text.get_position()[::-1]: text.get_text() for text in axes.texts}
        values = np.asarray(image.get_array(), float)
        told = np.full(values.shape, np.nan)
        for (row, column), text in written.items():
            if text[-1:].isdigit():
                told[int(row), int(column)] = float(
                    text.replace("\u202f", "").replace("\u2212", "-")
                )
        bar = next(one for one in axes.figure.axes if one.get_label() == "<colorbar>")
        seen = {"style": "cells", "label": bar.get_ylabel()}
        seen |= {"y": f"{words['y']} {', '.join(rows)}", "x": f"{words['x']} {', '.join(columns)}"}
        yield Seen({**words, **seen}, {"cells": np.ma.filled(values, np.nan), "written": told})


def stairs(axes: Any, words: dict, names: dict) -> Iterator[Seen]:  # noqa: ANN401
    """Yield the shares of a histogram's bins and their edges."""
    for patch in axes.patches:
        if type(patch).__name__ == "StepPatch":
            data = patch.get_data()
            label = names.get(_colour(patch), "")
            note = " ".join(text.get_text() for text in axes.texts)
            seen = {**words, "label": label, "style": f"histogram {note}".strip()}
            yield Seen(seen, {"share": np.asarray(data.values), "x": np.asarray(data.edges)})


def sheet(axes: Any) -> Iterator[Seen]:  # noqa: ANN401
    """Yield the images of a sheet with the words that stand beside, above and under each."""
    images = [one for one in axes.images if one.get_array().shape[0] > 1]
    top = min((min(image.get_extent()[2:]) for image in images), default=0)
    for image in images:
        left, right, low, high = image.get_extent()
        beside = [
            t for t in axes.texts if t.get_ha() == "right" and high < t.get_position()[1] < low
        ]
        above = [t for t in axes.texts if t.get_va() == "bottom" and t.get_position()[1] <= top]
        own = [t for t in above if abs(t.get_position()[0] - (left + right) / 2) < 0.01]
        sets = [t for t in above if t.get_fontsize() == 8 and _covers(t, own, above, left, right)]
        under = [
            t for t in axes.texts
            if t.get_va() == "top" and abs(t.get_position()[0] - (left + right) / 2) < 0.01
            and 0 < t.get_position()[1] - low < 1
        ]  # fmt: skip
        words = {"panel": _join(beside), "x": _join([*sets, *own]), "label": _join(under)}
        yield Seen({**words, "style": "image"}, image=native(np.asarray(image.get_array())))


def _covers(text: Any, own: list, above: list, left: float, right: float) -> bool:  # noqa: ANN401
    """Return whether the title of a set of columns is the nearest one to the image's column."""
    titles = [one for one in above if one.get_fontsize() == 8]
    middle = (left + right) / 2
    return text not in own and text is min(titles, key=lambda t: abs(t.get_position()[0] - middle))


def _join(texts: list) -> str:
    return " ".join(" ".join(text.get_text().split()) for text in texts)


def native(image: np.ndarray) -> np.ndarray:
    """Return an image without its enlargement: every pixel once."""
    image = np.asarray(image)
    for times in range(min(image.shape[:2]), 1, -1):
        if image.shape[0] % times or image.shape[1] % times:
            continue
        small = image[::times, ::times]
        if np.array_equal(np.repeat(np.repeat(small, times, 0), times, 1), image):
            return small
    return image


def untinted(image: np.ndarray) -> dict[str, np.ndarray]:
    """Return what an image may show: its pixels, and the values if it is in a palette's colours."""
    found = {"pixels": image.astype(float)}
    codes = image.astype(int) @ [65536, 256, 1]
    for palette in (SEQUENTIAL, DIVERGING):
        table = _codes(palette)
        if set(codes.ravel().tolist()) <= set(table):
            found[palette] = np.vectorize(table.get, otypes=[float])(codes)
    return found


@functools.cache
def _codes(palette: str) -> dict[int, int]:
    """Return the place of each colour of a palette, by its code."""
    colours = colormaps[palette](np.arange(256), bytes=True)[:, :3].astype(int)
    return {int(code): place for place, code in enumerate(colours @ [65536, 256, 1])}
