"""A drawn figure: its words, its numbers, and how it is written to disk.

All figures share one style, so that their text prints at the size of a caption: they are drawn at the
width at which they are printed and are never scaled.
"""

import csv
import functools
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from experiments.lab.store.drawings import FigureEntry, Origin
from experiments.lab.store.files import write_whole
from rendering import fonts, wording

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

P = ParamSpec("P")
R = TypeVar("R")

MILLIMETRE = 1 / 25.4  # in inches
WIDE, NARROW = (
    160 * MILLIMETRE,
    112 * MILLIMETRE,
)  # text and margin on A4, and the most that leaves the margin free
RASTER_DPI = 300

# Text in an SVG stays text. A viewer without the report's fonts takes the family they are cut from, or
# Arial, whose letters are a tenth wider.
FAMILIES = (fonts.SANS, "DejaVu Sans")
FONT = ", ".join(f"'{family}'" for family in FAMILIES).encode()
FALLBACK = b", 'Source Sans 3', 'Source Sans Pro', Arial, sans-serif"

# Okabe and Ito's palette, told apart by readers with any form of colour blindness; its yellow is left
# out, which is too light for lines on white. See https://jfly.uni-koeln.de/color/.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
INK, MUTED, RULE = "#222222", "#5f6368", "#d5d8dc"
# Letters on the colours of a map: as dark and as light on every page, light or dark.
ON_LIGHT, ON_DARK = "#1c1c1c", "#ffffff"
MOST_NAMED = 25  # rows or columns of a matrix
SEQUENTIAL, DIVERGING = "viridis", "RdBu_r"

STYLE = {
    "font.family": list(FAMILIES),
    "mathtext.fontset": "custom",
    "mathtext.rm": fonts.SANS,
    "mathtext.it": f"{fonts.SANS}:italic",
    "mathtext.bf": f"{fonts.SANS}:bold",
    "mathtext.cal": f"{fonts.SANS}:italic",  # not used; its default is in no font here
    "mathtext.fallback": "stixsans",
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.labelsize": 8.5,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "figure.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.titlepad": 6,
    "axes.titleweight": "bold",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "axes.unicode_minus": True,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "lines.linewidth": 1.4,
    "lines.markersize": 4,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "legend.columnspacing": 1.6,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "image.interpolation": "none",
    "path.simplify": True,
    "path.simplify_threshold": 0.5,
    "svg.fonttype": "none",  # text stays text: quick to print, and found by a search
    "svg.hashsalt": "figures",  # identifiers that do not change from one build to the next
}


@dataclass(frozen=True)
class Drawing:
    """A figure in memory, as a section's `draw` returns it.

    `name` is unique in its section; `caption` is printed under it; `alt` says in words what is drawn, for
    a reader who cannot see it; `canvas` is the matplotlib figure; `table` has the numbers drawn, a
    mapping from column to value for each row. A `raster` drawing is written as PNG, others as SVG.
    """

    name: str
    caption: str
    alt: str
    canvas: "Figure"
    table: Sequence[Mapping[str, Any]]
    raster: bool = False
    wide: bool = True
    origin: Origin = Origin()

    def drawn_from(self, origin: Origin) -> "Drawing":
        """Return the drawing with what it was drawn from: `record.origin(...)`."""
        return replace(self, origin=origin)

    def save(self, folder: Path, section: str) -> FigureEntry:
        """Write image and table to `folder`/figures and return their entry for the record.

        The same drawing gives the same bytes. Raises OSError when `folder` cannot be written.
        """
        stem = f"figures/{section}-{self.name}"
        file = f"{stem}.{'png' if self.raster else 'svg'}"
        write_whole(folder / file, self.image())
        write_whole(folder / f"{stem}.csv", table_text(self.table).encode())
        return FigureEntry(
            self.name, self.caption, self.alt, file, f"{stem}.csv", self.wide, self.origin
        )

    def image(self) -> bytes:
        """Return the file's content: SVG, or PNG for a raster drawing."""
        buffer = io.BytesIO()
        kind = "png" if self.raster else "svg"
        metadata = {"Software": None} if self.raster else {"Date": None, "Creator": None}
        with style():
            self.canvas.savefig(buffer, format=kind, dpi=RASTER_DPI, metadata=metadata)
        content = buffer.getvalue()
        return content if self.raster else content.replace(FONT, FONT + FALLBACK)


def table_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the rows as CSV text: a line of column names, in order of first use, then a line a row."""
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def style() -> AbstractContextManager:
    """Return a context in which matplotlib draws in the report's style, whatever the user's own is."""
    import matplotlib

    # Naming the backend would make matplotlib import pyplot and look for a screen.
    fonts.for_matplotlib()
    defaults = {key: matplotlib.rcParamsDefault[key] for key in _settings()}
    return matplotlib.rc_context({**defaults, **STYLE})


@functools.cache
def _settings() -> tuple[str, ...]:
    import matplotlib

    return tuple(key for key in matplotlib.rcParamsDefault if not key.startswith("backend"))


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Make a drawing function draw in the report's style."""

    @functools.wraps(function)
    def draw(*args: P.args, **kwargs: P.kwargs) -> R:
        with style():
            return function(*args, **kwargs)

    return draw


def new_canvas(height: float, wide: bool = True) -> "Figure":
    """Return an empty figure of the report's width and `height` inches that lays itself out."""
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(WIDE if wide else NARROW, height), layout="constrained")
    canvas.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0.06, hspace=0.04)
    return canvas


def plain_canvas(width: float, height: float) -> "Figure":
    """Return an empty figure of `width` by `height` inches whose parts are placed by hand.

    Matplotlib's own layout takes seconds for twenty pairs of axes.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


def colour(index: int) -> str:
    """Return the colour of the series with this index; they repeat after seven."""
    return COLOURS[index % len(COLOURS)]


def teller(percent: bool, digits: int) -> Callable[[float], str]:
    """Return what says a value in words, fractions as per cents if asked to."""
    return lambda value: (wording.percent if percent else wording.number)(value, digits)


def thin_out(axes: "Axes", names: Sequence[str]) -> bool:
    """Name on both axes as many of the names as there is room for, and return whether these are all."""
    step = -(-len(names) // MOST_NAMED)
    axes.set_xticks(range(0, len(names), step), names[::step])
    axes.set_yticks(range(0, len(names), step), names[::step])
    return step == 1
