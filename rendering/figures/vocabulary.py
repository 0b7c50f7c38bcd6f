"""The one chart vocabulary: every figure of the report is made by a function named here.

Each function takes the figure's `name` and `caption` first and returns a `Drawing`, with alternative text
computed from the data that it draws. matplotlib is imported only when something is drawn.
"""

from rendering.figures.charts import (
    Histogram,
    Series,
    bars,
    histograms,
)
from rendering.figures.dots import dots
from rendering.figures.drawing import Drawing
from rendering.figures.images import (
    Image,
    MapColumn,
    MapRow,
    around_grey,
    image_grid,
    maps,
    mosaic,
    weights_grid,
)
from rendering.figures.lines import Line, Panel, Points, curves, scatter
from rendering.figures.matrices import confusion, difference, heatmap

__all__ = [
    "Drawing",
    "Histogram",
    "Line",
    "MapColumn",
    "MapRow",
    "Panel",
    "Image",
    "Points",
    "Series",
    "around_grey",
    "bars",
    "confusion",
    "curves",
    "difference",
    "dots",
    "heatmap",
    "histograms",
    "maps",
    "mosaic",
    "image_grid",
    "scatter",
    "weights_grid",
]
