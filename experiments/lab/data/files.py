"""Reads data files (`mnist.npz`, `cifar10.npz`), checks all that is in them, takes fingerprints.

A file holds four arrays: `x_train` and `x_test`, of shape (n, 28, 28) or (n, 28, 28, 1) for MNIST and
(n, 32, 32, 3) for CIFAR-10, and `y_train` and `y_test`, labels from 0 up of shape (n,) or (n, 1), or
one-hot, of 2 to 100 classes; `forms` says which numbers are taken. It may hold `classes`, the names of
the classes; without them there are as many as the training labels tell of. Any other content is refused
with a `DataError` that names file, array and fault, and where it can the line of NumPy that mends it.
An array's header is checked before its bytes are read, and nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import math
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

from experiments.lab.data import forms
from experiments.lab.data.facts import SHAPES
from experiments.lab.store.plain_text import plain

NAMES = ("x_train", "y_train", "x_test", "y_test")

LEAST_TRAINING = 10
"""Training images a class must have: a tenth is held out, and each part needs every class."""

LEAST_TEST = 1
"""Test images a class must have."""

RULES = 3
"""Edition of the checks in this module. Raise it when they change: remembered verdicts expire."""

REMEDY = "give a whole file, or another folder with --data-dir, or --data stand-in"


class DataError(Exception):
    """Data that cannot be used; the message is one line with file, array, fault and remedy."""


@dataclass(frozen=True)
class Arrays:
    """A whole data set in one form, however its file wrote it.

    Attributes:
        x_train, x_test: uint8 (n, height, width, channels).
        y_train, y_test: int64 (n,), from 0 up.
        group_train: int64 (n,) or None. Training images with the same number stem from one
            original, so they never part between training and validation. Only stand-ins have it.
        classes: the names that the file gives its classes, None if it gives none.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    group_train: np.ndarray | None = None
    classes: tuple[str, ...] | None = None


def fingerprint(arrays: Arrays) -> str:
    """SHA-256 over names, shapes, dtypes and bytes of the arrays, as 64 hex digits."""
    found = hashlib.sha256()
    for name in (*NAMES, "group_train"):
        array = getattr(arrays, name)
        if array is not None:
            found.update(f"{name} {array.shape} {array.dtype.str}\n".encode())
            found.update(np.ascontiguousarray(array).data)
    if arrays.classes is not None:
        found.update(f"classes {arrays.classes}\n".encode())
    return found.hexdigest()


def read(path: Path, name: str, grouped: bool = False, notes: list[str] | None = None) -> Arrays:
    """Read and check the data set `name` ("mnist" or "cifar10") in the file `path`.

    With `grouped`, `group_train` is read too. `notes` takes what is said of unusual forms. Raises
    DataError for whatever is wrong.
    """
    notes = [] if notes is None else notes
    wanted = (*NAMES, "group_train") if grouped else NAMES
    found = {array: _read_array(path, array, name) for array in wanted}
    names = _classes(path)
    classes = len(names) if names else forms.number_of_classes(found["y_train"])
    _in_one_form(path, found, classes, notes)
    for part in ("train", "test"):
        _check_pair(path, part, found, classes)
    images = {key: _as_images(found[key], name) for key in ("x_train", "x_test")}
    others = {key: found[key].astype(np.int64).reshape(-1) for key in wanted if key not in images}
    return Arrays(**images, **others, classes=names)


def _in_one_form(path: Path, found: dict[str, np.ndarray], classes: int, notes: list[str]) -> None:
    """Turn images into bytes and labels into integers, in place, and note what that took."""
    came = {}
    for array in NAMES:
        try:
            if array.startswith("x"):
                found[array], came[array] = forms.images(found[array], array)
            else:
                found[array], hot = forms.labels(found[array], array, classes)
                notes += [f"{array} is one-hot"] * hot
        except forms.Unclear as error:
            _refuse(path, array, str(error))
        if array.startswith("y"):
            _check_labels(path, array, found[array], classes)
    train, test = came["x_train"], came["x_test"]
    if (train == forms.UNIT) != (test == forms.UNIT):
        _refuse(path, "x_test", f"{test}, but x_train has {train}")
    notes += [f"{array} has {form}" for array, form in came.items() if form != forms.BYTES]


def _classes(path: Path) -> tuple[str, ...] | None:
    """Return the names that the file gives the classes; None if it gives none."""
    with zipfile.ZipFile(path) as archive:
        if "classes.npy" not in archive.namelist():
            return None
    try:
        _header(path, "classes")
        with np.load(path, allow_pickle=False) as archive:
            names = forms.class_names(archive["classes"])
    except forms.Unclear as error:
        _refuse(path, "classes", str(error))
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        _refuse(path, "classes", f"the file is damaged or cut short ({error})")
    return tuple(plain(it) for it in names)


def _refuse(path: Path, array: str, fault: str) -> NoReturn:
    raise DataError(f"{path}, {array}: {fault}; {REMEDY}") from None


def _read_array(path: Path, array: str, name: str) -> np.ndarray:
    """One array of the file, its header checked first."""
    try:
        dtype, shape = _header(path, array)
        if array == "group_train" and dtype.kind not in "iu":
            _refuse(path, array, f"dtype {dtype}, but integers are needed")
        _check_shape(path, array, shape, name)
        with np.load(path, allow_pickle=False) as archive:
            values = archive[array]
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; {REMEDY}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        _refuse(path, array, f"the file is damaged or cut short ({error})")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}); {REMEDY}") from None
    return values


def _header(path: Path, array: str) -> tuple[np.dtype, tuple[int, ...]]:
    """Dtype and shape as an array's header states them, once the member's size bears them out."""
    with zipfile.ZipFile(path) as archive:
        if f"{array}.npy" not in archive.namelist():
            held = ", ".join(sorted(entry.removesuffix(".npy") for entry in archive.namelist()))
            _refuse(path, array, f"the array is missing (the file holds {held or 'nothing'})")
        with archive.open(f"{array}.npy") as member:
            version = np.lib.format.read_magic(member)
            reader = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }.get(version)
            if reader is None:
                _refuse(path, array, "not a plain array of numbers")
            shape, _, dtype = reader(member)
            if dtype.hasobject:
                _refuse(path, array, "holds pickled objects, which are never read")
            there = archive.getinfo(f"{array}.npy").file_size - member.tell()
    if there != math.prod(shape) * dtype.itemsize:
        _refuse(path, array, f"cut short: {there} bytes for shape {shape} of {dtype}")
    return dtype, shape


def _check_shape(path: Path, array: str, shape: tuple[int, ...], name: str) -> None:
    height, width, channels = SHAPES[name]
    if array.startswith("x"):
        allowed = [(height, width, channels)] + [(height, width)] * (channels == 1)
        wanted = " or ".join(f"(n, {', '.join(map(str, form))})" for form in allowed)
    else:
        hot = len(shape) == 2 and array.startswith("y") and not forms.wrong_number(shape[1])
        allowed = [(), (1,), shape[1:] if hot else ()]
        wanted = f"(n,), (n, 1) or one-hot (n, classes) of {forms.FEWEST} to {forms.MOST} classes"
    if not shape or shape[1:] not in allowed:
        mend = forms.reshaped(shape, SHAPES[name], array) if array.startswith("x") else ""
        _refuse(path, array, f"shape {shape}, but {wanted} is needed{mend}")


def _check_labels(path: Path, array: str, labels: np.ndarray, classes: int) -> None:
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        value = labels.reshape(-1)[wrong[0]]
        known = f"0 to {classes - 1}, as {classes} classes have them"
        fault = f"label {value} at position {wrong[0]} is not one of {known}"
        _refuse(path, array, fault + forms.from_zero(labels, array))


def _check_pair(path: Path, part: str, arrays: dict[str, np.ndarray], classes: int) -> None:
    """Images, labels and groups are equally many, and every class has enough of them."""
    labels = arrays[f"y_{part}"]
    for other in (f"x_{part}", f"group_{part}"):
        if other in arrays and len(arrays[other]) != len(labels):
            fault = f"{len(labels)} labels for the {len(arrays[other])} rows of {other}"
            _refuse(path, f"y_{part}", fault)
    counts = np.bincount(labels.astype(np.int64).reshape(-1), minlength=classes)
    least = LEAST_TRAINING if part == "train" else LEAST_TEST
    few = int(counts.argmin())
    if counts[few] < least:
        fault = f"class {few} has {counts[few]} images, but at least {least} are needed"
        _refuse(path, f"y_{part}", fault + forms.from_zero(labels, f"y_{part}"))


def _as_images(values: np.ndarray, name: str) -> np.ndarray:
    return np.ascontiguousarray(values.reshape(-1, *SHAPES[name]))
