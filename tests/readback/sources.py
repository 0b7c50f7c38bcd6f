"""Where a number or an image that is shown comes from: the path to it in the record."""

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .distinct import KEPT, Item, Path, leaves, spelled
from .pictures import native, untinted

ALIKE = 0.97  # correlation from which on an image counts as that of an array
UNKNOWN = "?"
LITERAL = 8  # numbers that are told as they are, at most
FEWEST = 600  # what a count is at least that stands for itself: see `distinct`


class Sources:
    """The numbers and arrays of a record, found again by their values."""

    def __init__(self, values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        self.paths = [
            (path, value)
            for path, value in leaves(values)
            if isinstance(value, int | float) and not isinstance(value, bool)
        ]
        self._by_value: dict[float, list[Path]] = defaultdict(list)
        for path, value in self.paths:
            if math.isfinite(value) and not _kept(path, value):
                self._by_value[_rounded(value)].append(path)
        self.arrays = {name: np.asarray(one) for name, one in arrays.items()}
        self._rows = [row for name, one in self.arrays.items() for row in _rows(name, one)]
        self._images = self._all_images()

    def curve(self, values: np.ndarray, label: str) -> str:
        """Return the paths of several numbers, drawn on an axis with this label, in one word.

        The numbers may be drawn in per cent, where the label says so, or in thousandths or thousands.
        Numbers that are not the record's own, such as 64, 128 and 256 units, stand for themselves.
        """
        if re.search(r"\berror \(%\)$", label):
            found = [self._one(1 - value / 100) for value in values]
            if any(path is not None for path in found):  # bands are as high as those of accuracies
                return "1 − " + together(found)
        for factor in (100,) if label.endswith("(%)") else (1, 1000, 1 / 1000):
            found = [self._one(value / factor) for value in values]
            if any(path is not None for path in found):
                times = "" if factor in (1, 100) else f" × {factor:g}"
                return together(found) + times
        return self._row(values) or ", ".join(f"{value:g}" for value in values[:LITERAL])

    def _one(self, value: float) -> Path | None:
        return next(iter(self.candidates(value)), None)

    def candidates(self, value: float) -> list[Path]:
        """Return the paths to a number, the first one first."""
        return self._by_value.get(_rounded(value), []) if math.isfinite(value) else []

    def _row(self, values: np.ndarray) -> str:
        """Return the row of an array that is proportional to the values."""
        known = np.nan_to_num(np.asarray(values, float))
        for name, row in self._rows:
            if row.shape == known.shape and row.any() and known.any():
                shares = row / np.abs(row).sum(), known / np.abs(known).sum()
                if np.allclose(*shares, atol=1e-9):
                    return name
        return ""

    def matrix(self, cells: np.ndarray) -> str:
        """Return the array that cells show, or the shares of its rows; else their paths, row by row."""
        found = (
            self._of_errors(cells)
            or self.array(cells)
            or next(
                (
                    f"{name}, as shares of the rows"
                    for name, one in self.arrays.items()
                    if one.shape == cells.shape and np.allclose(_shares(one), cells, atol=1e-9)
                ),
                "",
            )
        )
        rows = [together([self._one(value) for value in row]) for row in cells]
        return found or "; ".join(rows)

    def _of_errors(self, cells: np.ndarray) -> str:
        """Return of what array cells without a diagonal are the shares of the rows, or the difference."""
        if not np.isnan(np.diag(cells)).all():
            return ""
        for (name, one), (other, two) in itertools.product(self.arrays.items(), repeat=2):
            fits = one.shape == two.shape == cells.shape and name != other
            if fits and _alike_off_diagonal(one - two, cells):
                return f"{name} less {other}"
        for name, one in self.arrays.items():
            if one.shape == cells.shape and _alike_off_diagonal(_shares(one), cells):
                return f"{name}, as shares of the rows but for the diagonal"
        return ""

    def array(self, cells: np.ndarray) -> str:
        """Return the name of the array that is equal to the cells, empty if none is."""
        return next((name for name, one in self.arrays.items() if np.array_equal(one, cells)), "")

    def _all_images(self) -> dict[tuple[int, int], "Candidates"]:
        found = defaultdict(list)
        for name, array in self.arrays.items():
            for label, image in _images(name, array):
                found[image.shape[:2]].append((label, image))
        return {size: Candidates(several) for size, several in found.items()}

    def image(self, image: np.ndarray) -> str:
        """Return the name of the array that an image shows; of several images side by side, of each."""
        whole = self._image(image)
        if whole == UNKNOWN and (parts := halves(image)):
            return " beside ".join(self._image(part) for part in parts)
        return whole

    def _image(self, image: np.ndarray) -> str:
        candidates = self._images.get(image.shape[:2])
        return candidates.best(image) if candidates else UNKNOWN


class Candidates:
    """Arrays of one height and width, compared with what is shown."""

    def __init__(self, named: Sequence[tuple[str, np.ndarray]]) -> None:
        classes = [one for one in named if one[1].ndim == 2 and one[1].dtype == np.int64]
        self._classes = classes
        self._bytes = [one for one in named if one[1].dtype == np.uint8]
        others = [(name, np.atleast_3d(image)) for name, image in named]
        self._grey, self._coloured = (
            (
                [name for name, image in others if image.shape[2] == channels],
                standardized([image for _, image in others if image.shape[2] == channels]),
            )
            for channels in (1, 3)
        )

    def best(self, image: np.ndarray) -> str:
        """Return the name of the array that the image shows."""
        found = []
        for shown in untinted(image).values():
            coloured = shown.ndim == 3 and np.ptp(shown, axis=2).max() > 0
            names, rows = self._coloured if coloured else self._grey
            if len(names):
                flat = shown if coloured or shown.ndim == 2 else shown[..., 0]
                found.append(_most_alike(names, rows @ standardized([flat])[0]))
        if found and max(found)[0] > ALIKE:
            return max(found)[1]
        return self._by_classes(image) or self._by_rows(image) or UNKNOWN

    def _by_classes(self, image: np.ndarray) -> str:
        return next((name for name, one in self._classes if _function_of(image, one)), "")

    def _by_rows(self, image: np.ndarray) -> str:
        """Return the array of which some rows are shown, from the top."""
        for name, one in self._bytes:
            same = (image == np.broadcast_to(np.atleast_3d(one), image.shape)).all(axis=(1, 2))
            if same[0]:
                return (
                    f"the first {np.argmin(same) if not same.all() else len(same)} rows of {name}"
                )
        return ""


def standardized(images: Sequence[np.ndarray]) -> np.ndarray:
    """Return images as rows of mean 0 and length 1."""
    rows = np.array([np.asarray(image, float).ravel() for image in images])
    if not len(rows):
        return rows
    rows = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)


def _most_alike(names: Sequence[str], correlations: np.ndarray) -> tuple[float, str]:
    at = int(np.abs(correlations).argmax())
    return abs(correlations[at]), names[at] + (", dark is high" if correlations[at] < 0 else "")


def halves(image: np.ndarray) -> list[np.ndarray]:
    """Return the two images that a mosaic of two has side by side, without their enlargement."""
    height, width = image.shape[:2]
    if width % 2 == 0:
        return []
    return [native(image[:, : width // 2]), native(image[:, width // 2 + 1 :])]


def _alike_off_diagonal(one: np.ndarray, other: np.ndarray) -> bool:
    off = ~np.eye(len(one), dtype=bool)
    return bool(np.allclose(one[off], other[off], atol=1e-9))


def _function_of(shown: np.ndarray, classes: np.ndarray) -> bool:
    """Return whether an image has one colour for each class, and more than one colour."""
    codes = shown.astype(int) @ [65536, 256, 1]
    several = [np.unique(codes[classes == one]) for one in np.unique(classes)]
    return len(np.unique(codes)) > 1 and all(len(one) == 1 for one in several)


def _rows(name: str, array: np.ndarray) -> list[tuple[str, np.ndarray]]:
    if array.ndim == 0 or array.ndim > 3:
        return []
    return [
        (name + "".join(f"[{at}]" for at in place), array[place].astype(float))
        for place in np.ndindex(array.shape[:-1])
    ]


def _images(name: str, array: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Return every image that an array may hold: with its channels last, or its filters last."""
    found = []
    if array.ndim >= 2 and array.shape[-1] > 3:
        found += _places(name, array, 2)
    if array.ndim >= 3 and array.shape[-1] in (1, 3):
        found += _places(name, array, 3)
    if array.ndim == 4 and array.shape[2] == 3:  # a convolution's filters
        for number in range(array.shape[-1]):
            found.append((f"{name}[filter {number}]", array[..., number]))
            for channel in range(3):
                found.append(
                    (f"{name}[filter {number}, channel {channel}]", array[:, :, channel, number])
                )
        found.append((f"{name}, summed", array.sum(axis=-1)))
    if array.ndim == 3 and array.shape[0] == array.shape[1]:
        found += [
            (f"{name}[map {number}]", array[..., number]) for number in range(array.shape[-1])
        ]
    return found


def _places(name: str, array: np.ndarray, size: int) -> list[tuple[str, np.ndarray]]:
    return [
        (name + "".join(f"[{at}]" for at in place), array[place])
        for place in itertools.product(*(range(n) for n in array.shape[:-size]))
    ]


def _kept(path: Path, value: float) -> bool:
    """Return whether a number stayed as it was, and so may be like one of elsewhere."""
    if isinstance(value, int):
        return value < FEWEST
    return any(str(part) in KEPT for part in path)


def _shares(counts: np.ndarray) -> np.ndarray:
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _rounded(value: float) -> float:
    return float(f"{value:.9g}")


def together(paths: Sequence[Path | None]) -> str:
    """Return one word for the paths of several numbers in a row: items that follow in order are "*"."""
    if None in paths:
        kept = [path for path in paths if path is not None]
        gaps = [index for index, path in enumerate(paths) if path is None]
        return f"{together(kept)} but for {gaps}" if kept else UNKNOWN
    if len(paths) == 1:
        return spelled(paths[0])
    if len({len(path) for path in paths}) > 1:
        return ", ".join(spelled(path) for path in paths)
    parts = []
    for position in zip(*paths, strict=True):
        if len(set(position)) == 1:
            parts.append(str(position[0]) if isinstance(position[0], Item) else f".{position[0]}")
        elif all(isinstance(one, Item) for one in position):
            parts.append(_items(position))
        else:
            parts.append(f".({', '.join(dict.fromkeys(str(one) for one in position))})")
    return "".join(parts).lstrip(".")


def _items(items: Sequence[Item]) -> str:
    if [item.index for item in items] == list(range(len(items))):
        return "[*]"
    return f"[{', '.join(item.name for item in items)}]"
