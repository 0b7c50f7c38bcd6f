"""Figures made of images: grids of images, filters' weights, and maps beside their images."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rendering import wording
from rendering.figures.drawing import DIVERGING, SEQUENTIAL, Drawing, styled
from rendering.figures.sheet import GAP, LETTER, LINE, Sheet, ratio, shown, tinted, told

LARGEST = 24.0  # millimetres that an image is wide at most
WEIGHTS_LARGEST, MAP_LARGEST = 20.0, 34.0  # the same for filters and for maps


@dataclass(frozen=True)
class Image:
    """An image, (height, width), (height, width, 1) or (height, width, 3), and the words under it.

    Integers are 0 to 255; floats lie in the figure's `scale`. With `scale=None` a float image is
    stretched from its own smallest to its own largest value, which the caption must then say.
    """

    image: np.ndarray
    caption: str = ""


@dataclass(frozen=True)
class MapRow:
    """An image and maps (height, width) computed for it; one row of the figure."""

    title: str
    image: np.ndarray
    maps: Sequence[np.ndarray]


@dataclass(frozen=True)
class MapColumn:
    """What the maps of a column show: title, unit and common scale; None takes it from the maps."""

    title: str
    label: str = ""
    scale: tuple[float, float] | None = None
    diverging: bool = False
    percent: bool = False


@styled
def image_grid(
    name: str,
    caption: str,
    rows: Sequence[Sequence[Image | None]],
    *,
    row_titles: Sequence[str] = (),
    column_titles: Sequence[str] = (),
    scale: tuple[float, float] | None = (0.0, 1.0),
    largest: float = LARGEST,
    wide: bool = True,
    raster: bool = False,
) -> Drawing:
    """Draw rows of images with titles and words under each; None leaves a place empty.

    `scale` has the values of black and of white for float images; `largest` bounds an image's
    width in millimetres.
    """
    columns = max(len(row) for row in rows)
    words = max((len(p.caption) for row in rows for p in row if p), default=0)
    sheet = Sheet(columns, row_titles, column_titles, wide, largest)
    lines = math.ceil(words * LETTER / (sheet.cell + GAP)) if words else 0
    shape = max((ratio(p.image) for row in rows for p in row if p), default=1.0)
    tall = sheet.cell * shape
    step = tall + lines * LINE + (GAP if not lines else 1.2 * GAP)
    axes = sheet.open(sheet.top + len(rows) * step)
    for index, row in enumerate(rows):
        y = sheet.top + index * step
        if row_titles:
            sheet.row_title(axes, row_titles[index], y + tall / 2)
        for column, picture in enumerate(row):
            if picture is not None:
                sheet.put(axes, shown(picture.image, scale), column, y)
                sheet.words(axes, picture.caption, column, y + tall)
    sheet.column_titles(axes)
    table = _image_rows(rows, row_titles, column_titles)
    alt = _grid_words(rows, row_titles, column_titles)
    return Drawing(name, caption, alt, sheet.finished(), table, raster=raster, wide=wide)


def around_grey(values: np.ndarray, limit: float | None = None) -> np.ndarray:
    """Return signed values on a scale from 0 to 1 with zero in its middle.

    `limit` is the absolute value at its ends; without it, the largest one of the values.
    """
    limit = float(np.abs(values).max()) if limit is None else limit
    return 0.5 + values / (2 * (limit or 1.0))


@styled
def weights_grid(
    name: str,
    caption: str,
    filters: Mapping[str, np.ndarray],
    *,
    channels: Sequence[str] = ("red", "green", "blue"),
    wide: bool = True,
) -> Drawing:
    """Draw filters as images: in colour, and each channel on a diverging scale with its bar.

    `filters` maps a label ("trained", "untrained") to weights (height, width, channels, filters), as
    Keras stores them, of one shape; sets stand side by side. All share one scale, symmetric about
    zero: in the colour row grey is zero.
    """
    limit = max(float(np.abs(weights).max()) for weights in filters.values()) or 1.0
    shape = next(iter(filters.values()))
    titles, count = _channel_titles(shape, channels), shape.shape[-1]
    several = len(filters) > 1
    numbers = ["\n" * several + str(index + 1) for index in range(count)]
    between = [""]  # an empty column
    columns = (numbers + between) * len(filters)
    sheet = Sheet(len(columns) - 1, titles, columns[:-1], wide, WEIGHTS_LARGEST)
    step = sheet.cell * ratio(shape) + GAP
    axes = sheet.open(sheet.top + len(titles) * step + 11)
    for place, (label, weights) in enumerate(filters.items()):
        first = place * (count + 1)
        if several:
            sheet.set_title(axes, label, first, first + count - 1)
        for index, (image, diverging) in enumerate(_weight_rows(weights)):
            for number in range(count):
                one = image[..., number]
                pixels = (
                    tinted(one, -limit, limit, DIVERGING)
                    if diverging
                    else shown(one, (-limit, limit))
                )
                sheet.put(axes, pixels, first + number, sheet.top + index * step)
    for index, title in enumerate(titles):
        sheet.row_title(axes, title, sheet.top + (index + 0.5) * step - GAP / 2)
    sheet.column_titles(axes)
    sheet.colour_bar(axes, sheet.top + len(titles) * step + 2, (-limit, limit), DIVERGING, "weight")
    table = [
        row for label, weights in filters.items() for row in _weight_table(label, weights, channels)
    ]
    alt = " ".join(_weight_words(label, weights) for label, weights in filters.items())
    return Drawing(name, caption, alt, sheet.finished(), table, wide=wide)


@styled
def maps(
    name: str,
    caption: str,
    rows: Sequence[MapRow],
    columns: Sequence[MapColumn],
    *,
    image_title: str = "image",
    wide: bool = True,
) -> Drawing:
    """Draw images with their maps beside them; a column of maps has one scale and a colour bar."""
    scales = [_map_scale(rows, index, column) for index, column in enumerate(columns)]
    titles = [image_title, *(column.title for column in columns)]
    sheet = Sheet(len(titles), [row.title for row in rows], titles, wide, MAP_LARGEST, gap=3.0)
    step = sheet.cell * max(ratio(row.image) for row in rows) + GAP
    axes = sheet.open(sheet.top + len(rows) * step + 12)
    for index, row in enumerate(rows):
        y = sheet.top + index * step
        sheet.row_title(axes, row.title, y + (step - GAP) / 2)
        sheet.put(axes, shown(row.image, (0, 1)), 0, y)
        for column, values in enumerate(row.maps):
            palette = _palette(columns[column])
            sheet.put(axes, tinted(values, *scales[column], palette), column + 1, y)
    sheet.column_titles(axes)
    for index, (column, scale) in enumerate(zip(columns, scales, strict=True)):
        sheet.colour_bar(axes, sheet.top + len(rows) * step + 1.5, scale, _palette(column),
                         column.label, column=index + 1, percent=column.percent)  # fmt: skip
    table = [line for row in rows for line in _map_table(row, columns)]
    alt = " ".join(_map_words(row, columns) for row in rows)
    return Drawing(name, caption, alt, sheet.finished(), table, wide=wide)


def mosaic(
    images: Sequence[np.ndarray], columns: int, gap: int = 1, paper: float = 1.0
) -> np.ndarray:
    """Return one image of several of equal shape, `columns` side by side, `gap` pixels apart.

    For float images `paper` is the gap's value; integers take 255 times it. Places that are left
    over stay paper.
    """
    first = np.asarray(images[0])
    height, width = first.shape[:2]
    rows = math.ceil(len(images) / columns)
    ground = paper if np.issubdtype(first.dtype, np.floating) else round(255 * paper)
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, *first.shape[2:])
    whole = np.full(shape, ground, first.dtype)
    for index, image in enumerate(images):
        y, x = index // columns * (height + gap), index % columns * (width + gap)
        whole[y : y + height, x : x + width] = image
    return whole


def _palette(column: MapColumn) -> str:
    return DIVERGING if column.diverging else SEQUENTIAL


def _map_scale(rows: Sequence[MapRow], index: int, column: MapColumn) -> tuple[float, float]:
    if column.scale is not None:
        return column.scale
    low = min(float(np.nanmin(row.maps[index])) for row in rows)
    high = max(float(np.nanmax(row.maps[index])) for row in rows)
    limit = max(abs(low), abs(high))
    return (-limit, limit) if column.diverging else (low, high)


def _channel_titles(weights: np.ndarray, channels: Sequence[str]) -> list[str]:
    if weights.shape[2] == 3:
        return ["in colour", *channels]
    if weights.shape[2] == 1:
        return ["weights"]
    return [f"channel {index + 1}" for index in range(weights.shape[2])]


def _weight_rows(weights: np.ndarray) -> list[tuple[np.ndarray, bool]]:
    """Return rows of images of filters, (height, width[, 3], filters), and if they diverge."""
    colour = [(weights, False)] if weights.shape[2] == 3 else []
    return colour + [(weights[:, :, index], True) for index in range(weights.shape[2])]


def _weight_table(label: str, weights: np.ndarray, channels: Sequence[str]) -> list[dict[str, Any]]:
    names = channels if weights.shape[2] == 3 else range(1, weights.shape[2] + 1)
    return [
        {"set": label, "filter": f + 1, "channel": names[c], "row": y, "column": x, "weight": value}
        for (y, x, c, f), value in np.ndenumerate(weights)
    ]


def _weight_words(label: str, weights: np.ndarray) -> str:
    height, width, channels, count = weights.shape
    strength = np.sqrt((weights.astype(float) ** 2).sum(axis=(0, 1, 2)))
    return (
        f"Weights of {count} filters of {height} by {width} with "
        f"{wording.plural(channels, 'channel')}, {label}: "
        f"from {wording.number(float(weights.min()))} to {wording.number(float(weights.max()))}; "
        f"filter {int(strength.argmax()) + 1} is the strongest, "
        f"filter {int(strength.argmin()) + 1} the weakest."
    )


def _image_rows(
    rows: Sequence[Sequence[Image | None]],
    row_titles: Sequence[str],
    column_titles: Sequence[str],
) -> list[dict[str, Any]]:
    return [
        {
            "row": row_titles[index] if row_titles else index + 1,
            "column": column_titles[column] if column_titles else column + 1,
            "caption": picture.caption,
            "height": picture.image.shape[0],
            "width": picture.image.shape[1],
            "smallest": np.nanmin(picture.image),
            "mean": np.nanmean(picture.image),
            "largest": np.nanmax(picture.image),
        }
        for index, row in enumerate(rows)
        for column, picture in enumerate(row)
        if picture is not None
    ]


def _grid_words(
    rows: Sequence[Sequence[Image | None]],
    row_titles: Sequence[str],
    column_titles: Sequence[str],
) -> str:
    amount = sum(picture is not None for row in rows for picture in row)
    columns = f" Columns: {', '.join(column_titles)}." if column_titles else ""
    listed = []
    for index, row in enumerate(rows):
        captions = [" ".join(p.caption.split()) for p in row if p is not None and p.caption]
        title = row_titles[index] if row_titles else f"row {index + 1}"
        if captions or row_titles:
            listed.append(f"{title}: {', '.join(captions)}" if captions else title)
    listing = f" Rows: {'; '.join(listed)}." if listed else ""
    size = f"{wording.plural(amount, 'image')} in {wording.plural(len(rows), 'row')}."
    return f"{size}{columns}{listing}"


def _map_table(row: MapRow, columns: Sequence[MapColumn]) -> list[dict[str, Any]]:
    return [
        {"image": row.title, "map": column.title, "row": y, "column": x, "value": value}
        for column, values in zip(columns, row.maps, strict=True)
        for (y, x), value in np.ndenumerate(values)
    ]


def _map_words(row: MapRow, columns: Sequence[MapColumn]) -> str:
    told = "; ".join(
        _one_map(values, column) for column, values in zip(columns, row.maps, strict=True)
    )
    return f"{row.title}: {told}."


def _one_map(values: np.ndarray, column: MapColumn) -> str:
    """Say a map's range and where its smallest value lies, as the row and column counted from 1."""
    y, x = np.unravel_index(np.nanargmin(values), values.shape)
    low, high = (
        told(float(np.nanmin(values)), column.percent),
        told(float(np.nanmax(values)), column.percent),
    )
    return f"{column.title} from {low} (row {y + 1}, column {x + 1}) to {high}"
