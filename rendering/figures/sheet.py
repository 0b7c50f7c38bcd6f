"""A sheet of images in rows and columns, laid out by hand in millimetres from the top left corner.

Exact, and for a hundred images far quicker than a pair of axes for each. Images keep their pixels:
they are enlarged a whole number of times without smoothing.
"""

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rendering import wording
from rendering.figures.drawing import (
    INK,
    MILLIMETRE,
    MUTED,
    NARROW,
    RULE,
    WIDE,
    plain_canvas,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHARP = 160  # pixels along the longer side that an image is enlarged to at least
LETTER, LINE = 1.35, 3.4  # millimetres that a letter and a line of 7.5 points take
GAP = 1.6  # millimetres between images
TITLE_LETTERS = 18  # after which a row's title is broken


class Sheet:
    """A canvas on which images stand in columns, measured in millimetres from the top left."""

    def __init__(
        self,
        columns: int,
        row_titles: Sequence[str],
        column_titles: Sequence[str],
        wide: bool,
        largest: float,
        gap: float = GAP,
    ) -> None:
        self.width = (WIDE if wide else NARROW) / MILLIMETRE
        longest = max(
            (len(line) for t in row_titles for line in wrapped(t, TITLE_LETTERS)), default=0
        )
        self.left = longest * LETTER + 2.5 if longest else 0.5
        self.gap = gap
        room = self.width - self.left - 0.5
        self.cell = min(largest, (room - (columns - 1) * gap) / columns)
        taken = self.left + columns * (self.cell + gap) - gap + 0.5
        self.width = min(self.width, max(taken, 62.0))
        letters = max(4, round((self.cell + gap - 1) / LETTER))
        self.titles = [wrapped(title, letters) for title in column_titles]
        lines = max((len(title) for title in self.titles), default=0)
        self.top = lines * LINE + 1.2 if lines else 0.5
        self._edges: list[list[tuple[float, float]]] = []

    def open(self, height: float) -> "Axes":
        """Make the canvas, `height` millimetres high, and return its only pair of axes."""
        self.height = height
        self.canvas = plain_canvas(self.width * MILLIMETRE, height * MILLIMETRE)
        axes = self.canvas.add_axes((0, 0, 1, 1))
        axes.axis("off")
        axes.set(xlim=(0, self.width), ylim=(height, 0))
        return axes

    def finished(self) -> "Figure":
        """Draw the edges of all images, as one path, and return the canvas."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        if self._edges:
            edges = Path.make_compound_path(*map(Path, self._edges))
            line = PathPatch(edges, fill=False, edgecolor=RULE, linewidth=0.4, zorder=2)
            self.canvas.axes[0].add_artist(line).set_clip_path(None)
        return self.canvas

    def x(self, column: int) -> float:
        """Return where a column's left edge is."""
        return self.left + column * (self.cell + self.gap)

    def put(self, axes: "Axes", image: np.ndarray, column: int, y: float) -> None:
        """Place an image, uint8 (height, width, 3), with its top at `y`."""
        times = max(1, math.ceil(SHARP / max(image.shape[:2])))
        enlarged = np.repeat(np.repeat(image, times, axis=0), times, axis=1)
        x, tall = self.x(column), self.cell * ratio(image)
        right, low = x + self.cell, y + tall
        _place(axes, enlarged, (x, right, low, y))
        self._edges.append([(x, y), (right, y), (right, low), (x, low), (x, y)])

    def words(self, axes: "Axes", text: str, column: int, y: float) -> None:
        """Write the words under an image whose lower edge is at `y`."""
        lines = wrapped(text, max(4, int((self.cell + self.gap) / LETTER)))
        axes.text(self.x(column) + self.cell / 2, y + 0.7, "\n".join(lines), ha="center", va="top",
                  fontsize=7.5, linespacing=1.1)  # fmt: skip

    def row_title(self, axes: "Axes", text: str, y: float) -> None:
        """Write the title of the row whose middle is at `y`."""
        axes.text(self.left - 1.5, y, "\n".join(wrapped(text, TITLE_LETTERS)), ha="right", va="center",
                  fontsize=7.5, linespacing=1.1)  # fmt: skip

    def column_titles(self, axes: "Axes") -> None:
        """Write the titles above the first row, each on its lowest lines."""
        for column, lines in enumerate(self.titles):
            axes.text(self.x(column) + self.cell / 2, self.top - 1.0, "\n".join(lines), ha="center",
                      va="bottom", fontsize=7.5, linespacing=1.1, color=MUTED)  # fmt: skip

    def set_title(self, axes: "Axes", text: str, first: int, last: int) -> None:
        """Write the title of the columns `first` to `last` above their own titles."""
        middle = (self.x(first) + self.x(last) + self.cell) / 2
        axes.text(middle, self.top - 1.0 - LINE, text, ha="center", va="bottom", fontsize=8)

    def colour_bar(
        self,
        axes: "Axes",
        y: float,
        scale: tuple[float, float],
        palette: str,
        label: str,
        column: int | None = None,
        percent: bool = False,
    ) -> None:
        """Draw a colour bar at `y`, under one column or at the left, with its ends told."""
        x = self.left if column is None else self.x(column)
        long = 50.0 if column is None else self.cell
        ramp = tinted(np.linspace(0, 1, 256)[None, :], 0, 1, palette)
        _place(axes, ramp, (x, x + long, y + 2.2, y))
        for share, side in ((0, "left"), (1, "right")):
            text = told(scale[0] + share * (scale[1] - scale[0]), percent)
            axes.text(x + share * long, y + 2.8, text, ha=side, va="top", fontsize=7)
        axes.text(x + long / 2, y + (2.8 if column is None else 5.8), label, ha="center", va="top",
                  fontsize=7, color=INK)  # fmt: skip


def _place(axes: "Axes", image: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    """Put an image on the sheet as it is; `imshow` takes most of the time of a sheet of a hundred."""
    from matplotlib.image import AxesImage

    artist = AxesImage(axes, extent=extent, interpolation="none", zorder=1)
    artist.set_data(image)
    axes.add_image(artist)


def shown(image: np.ndarray, scale: tuple[float, float] | None) -> np.ndarray:
    """Return an image as uint8 (height, width, 3); see `Image` for what is accepted.

    Raises ValueError for another shape. Values outside the scale are cut to it, NaN becomes black.
    """
    image = np.asarray(image)
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[2] not in (1, 3):
        raise ValueError(f"an image has one or three channels, not the shape {image.shape}")
    if np.issubdtype(image.dtype, np.floating):
        low, high = scale or (np.nanmin(image), np.nanmax(image))
        fraction = (image.astype(np.float64) - low) / ((high - low) or 1.0)
        image = np.rint(255 * np.nan_to_num(np.clip(fraction, 0, 1)))
    return np.broadcast_to(image.astype(np.uint8), (*image.shape[:2], 3))


def tinted(values: np.ndarray, low: float, high: float, palette: str) -> np.ndarray:
    """Return values (height, width) in colours of a palette, uint8 (height, width, 3)."""
    import matplotlib

    fraction = (np.asarray(values, float) - low) / ((high - low) or 1.0)
    return matplotlib.colormaps[palette](np.clip(fraction, 0, 1), bytes=True)[..., :3]


def wrapped(text: str, letters: int) -> list[str]:
    """Return the lines of `text`, none longer than `letters` unless a word is."""
    return [line for part in text.split("\n") for line in textwrap.wrap(part, letters) or [""]]


def ratio(image: np.ndarray) -> float:
    """Return an image's height over its width."""
    return image.shape[0] / image.shape[1]


def told(value: float, percent: bool) -> str:
    """Return a value of a scale in about three digits, or in whole per cent."""
    if percent:
        return wording.percent(value, 0)
    return wording.number(value, 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2)
