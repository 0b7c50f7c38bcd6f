"""Takes images and labels in the forms that files usually have, where there is no doubt what is meant.

Images: bytes; other integers from 0 to 255; floating-point numbers in [0, 1], which are taken times
255, or in [0, 255], to the nearest byte. Labels: integers, or one row for each image with a single
one (one-hot). `Unclear` says what is wrong with anything else, and the line of NumPy that mends it.
"""

import numpy as np

BRIGHTEST = 255  # of a byte
BYTES, UNIT, WIDE = "bytes", "numbers in [0, 1], taken times 255", "numbers in [0, 255]"
FEWEST, MOST = 2, 100  # classes
MOST_LETTERS = 40  # of a class's name


class Unclear(ValueError):
    """An array in a form that may mean several things; `mend` is the line of NumPy that decides."""

    def __init__(self, fault: str, mend: str = "") -> None:
        super().__init__(fault + (f"; mend it with {mend}" if mend else ""))


def images(values: np.ndarray, name: str) -> tuple[np.ndarray, str]:
    """Return the images as uint8, and in which form they came; Unclear if that cannot be told.

    Args:
        values: any shape, as the file has them.
        name: how the file calls them, for the line that mends.
    """
    if values.dtype == np.uint8 or not values.size:
        return values.astype(np.uint8, copy=False), BYTES
    if values.dtype.kind not in "iuf":
        raise Unclear(f"dtype {values.dtype}, but uint8 is needed", f"{name}.astype('uint8') * 255")
    if count := int(np.isnan(values).sum()):
        fault = f"dtype {values.dtype} with {count} NaN, but uint8 is needed"
        raise Unclear(fault, f"np.nan_to_num({name})")
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > BRIGHTEST:
        mend = f"np.interp({name}, (np.min({name}), np.max({name})), (0, 255)).astype('uint8')"
        fault = f"dtype {values.dtype} from {low:g} to {high:g}, but [0, 1] or [0, 255] is needed"
        raise Unclear(fault, mend)
    if values.dtype.kind != "f":
        return values.astype(np.uint8), BYTES
    form, factor = (UNIT, BRIGHTEST) if high <= 1 else (WIDE, 1)
    return np.rint(values.astype(np.float32, copy=False) * factor).astype(np.uint8), form


def labels(values: np.ndarray, name: str, classes: int) -> tuple[np.ndarray, bool]:
    """Return the labels, integers (n,), and whether they came one-hot; Unclear if they are neither."""
    values = values.reshape(-1) if values.shape[1:] == (1,) else values
    if values.ndim == 1:
        if values.dtype.kind in "iu":
            return values, False
        nan = int(np.isnan(values).sum()) if values.dtype.kind == "f" else 0
        said = f" with {nan} NaN" if nan else ""
        mend = "" if nan else f"{name}.astype('int64')"
        raise Unclear(f"dtype {values.dtype}{said}, but integers are needed", mend)
    if values.shape[1:] != (classes,):
        fault = f"shape {values.shape}, but (n,), (n, 1) or one-hot (n, {classes}) is needed"
        raise Unclear(fault)
    wrong = (values != 0).sum(axis=1) != 1
    wrong |= (values == 1).sum(axis=1) != 1
    if wrong.any():
        fault = f"shape {values.shape}, but row {int(wrong.argmax())} is not one-hot"
        raise Unclear(fault, f"{name}.argmax(axis=1)")
    return values.argmax(axis=1), True


def number_of_classes(values: np.ndarray) -> int:
    """Return how many classes labels tell of: the width of one-hot rows, else one more than the largest.

    It is held to 2 to 100: what is outside is found to be wrong when the labels are looked at.
    """
    if values.ndim == 2 and values.shape[1] > 1:
        return values.shape[1]
    largest = int(values.max()) if values.size and values.dtype.kind in "iu" else 0
    return min(max(largest + 1, FEWEST), MOST)


def wrong_number(classes: int) -> str:
    """Return what is wrong with a number of classes; empty if nothing is."""
    right = FEWEST <= classes <= MOST
    return "" if right else f"{classes} classes, but {FEWEST} to {MOST} are needed"


def from_zero(values: np.ndarray, name: str) -> str:
    """Return what mends labels, if it is that they count from one."""
    return f"; mend it with {name} - 1" if len(values) and values.min() == 1 else ""


def reshaped(shape: tuple[int, ...], wanted: tuple[int, ...], name: str) -> str:
    """Return what mends images of another shape, if it is clear: flat ones, or channels first."""
    height, width, channels = wanted
    if shape[1:] == (height * width * channels,):
        return f"; mend it with {name}.reshape(-1, {height}, {width}, {channels})"
    if shape[1:] == (channels, height, width):
        return f"; mend it with {name}.transpose(0, 2, 3, 1)"
    return ""


def class_names(values: np.ndarray) -> tuple[str, ...]:
    """Return the classes' names; Unclear if they are not 2 to 100 different short texts."""
    mend = "np.array(['first', 'second', ...]), one for each class"
    if values.dtype.kind not in "US" or values.ndim != 1:
        raise Unclear(f"{values.dtype} of shape {values.shape}, but texts are needed", mend)
    if fault := wrong_number(len(values)):
        raise Unclear(fault, mend)
    try:
        names = [it.decode() if isinstance(it, bytes) else it for it in values.tolist()]
    except UnicodeDecodeError:
        raise Unclear("names that are not UTF-8", mend) from None
    if len(set(names)) < len(names) or not all(0 < len(it.strip()) <= MOST_LETTERS for it in names):
        raise Unclear(f"names that are not different, or not of 1 to {MOST_LETTERS} letters", mend)
    return tuple(names)
