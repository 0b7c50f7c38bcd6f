"""The data sets: their identity, and their division into training, validation and test images.

A `Source`, found by `sources.find`, names a checked file of arrays. `Source.load` divides
it: CIFAR-10 into 45,000 training, 5,000 validation and 10,000 test images, MNIST into
55,000, 5,000 and 10,000; of a training set of another size a tenth is held out for validation. The
validation images are chosen class by class in the classes' own proportions (stratified) and with a
fixed seed, so every run, section and machine has the same ones. Choices are made on validation
data; test data serve for final figures alone.

What a training run depends on is the arrays' fingerprint and this module, not where data come from.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.lab.data.facts import PUBLISHED_TRAINING, VALIDATION
from experiments.lab.data.files import Arrays, DataError, fingerprint, read

__all__ = ["DataError", "Identity", "Images", "Source", "Splits", "divide"]

SPLIT_SEED = 20
"""Seed of the choice of validation images, and of which images a limit keeps."""

LEAST_LIMITED = 100
"""Validation and test images that even the smallest limit leaves, where there are as many."""


@dataclass(frozen=True)
class Identity:
    """What a data set is, and how the report may call it.

    Attributes:
        name: "cifar10" or "mnist".
        kind: "official", "unverified" or "stand-in".
        label: how prose names it, with its qualifier unless it is official.
        fingerprint: SHA-256 over the arrays, 64 hex digits.
        classes: their names, in the order of the labels.
        origin: where it came from.
    """

    name: str
    kind: str
    label: str
    fingerprint: str
    classes: tuple[str, ...]
    origin: str


@dataclass(frozen=True)
class Images:
    """One part of a data set: uint8 (n, height, width, channels) and int64 (n,)."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Splits:
    """A data set divided for training, for choosing, and for final figures."""

    identity: Identity
    train: Images
    validation: Images
    test: Images


@dataclass(frozen=True)
class Source:
    """A data set that has been found, in a file that need not have been read yet.

    Attributes:
        identity: what it is.
        file: the .npz file with its arrays on this machine.
    """

    identity: Identity
    file: str

    def load(self, limit: int | None = None) -> Splits:
        """Read and divide the data set.

        Args:
            limit: keep about this many training images, and a fifth of it, but no fewer than 100
                (or all there are), for validation and for testing: for runs that only have to be
                quick. A stand-in's training images keep their proportions but not their groups.

        Raises:
            DataError: the file is gone, damaged, or holds other arrays than when it was found.
        """
        arrays = read(Path(self.file), self.identity.name, self.identity.kind == "stand-in")
        held = fingerprint(arrays)
        if held != self.identity.fingerprint:
            raise DataError(
                f"{self.file}: its arrays have the fingerprint {held[:12]}, but "
                f"{self.identity.label} has {self.identity.fingerprint[:12]}: the data differ; "
                "use the same file everywhere, or start the build again"
            )
        return divide(self.identity, arrays, limit)

    def to_json(self) -> str:
        """All of it as JSON, for another process."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Source:
        """The source that `to_json` wrote. Raises DataError when `text` is something else."""
        try:
            held = json.loads(text)
            identity = held["identity"]
            identity = Identity(**{**identity, "classes": tuple(identity["classes"])})
            return cls(identity, held["file"])
        except (ValueError, TypeError, KeyError) as error:
            raise DataError(f"not the description of a data source: {error!r}") from None


def divide(identity: Identity, arrays: Arrays, limit: int | None = None) -> Splits:
    """Divide checked arrays as `Source.load` says; images keep their order in the file."""
    classes = len(identity.classes)
    if limit is not None and limit < classes:
        raise ValueError(f"a limit of {limit} images leaves classes out; at least {classes}")
    labels, groups = arrays.y_train, arrays.group_train
    size = _validation_size(identity.name, len(labels))
    held_out = np.zeros(len(labels), dtype=bool)
    if groups is None:
        held_out[_stratified(labels, size)] = True
    else:
        held_out[_whole_groups(labels, groups, size)] = True
    fifth = None if limit is None else max(limit // 5, LEAST_LIMITED)
    return Splits(
        identity,
        _part(arrays.x_train, labels, np.flatnonzero(~held_out), limit),
        _part(arrays.x_train, labels, np.flatnonzero(held_out), fifth),
        _part(arrays.x_test, arrays.y_test, np.arange(len(arrays.y_test)), fifth),
    )


def _validation_size(name: str, training: int) -> int:
    return VALIDATION if training == PUBLISHED_TRAINING[name] else training // 10


def _part(images: np.ndarray, labels: np.ndarray, chosen: np.ndarray, limit: int | None) -> Images:
    if limit is not None and limit < len(chosen):
        chosen = chosen[_stratified(labels[chosen], limit)]
    return Images(images[chosen], labels[chosen])


def _stratified(labels: np.ndarray, size: int) -> np.ndarray:
    """Positions, in order, of `size` labels, each class in proportion.

    A smaller choice is almost wholly part of a larger one: both take a class's images in the same
    random order.
    """
    shares = _shares(np.bincount(labels), size)
    order = _random_order(len(labels))
    chosen = [order[labels[order] == label][:share] for label, share in enumerate(shares)]
    return np.sort(np.concatenate(chosen))


def _shares(counts: np.ndarray, size: int) -> np.ndarray:
    """Split `size` in proportion to `counts`, in whole numbers (largest remainders), each > 0."""
    exact = counts * (size / counts.sum())
    shares = np.maximum(np.floor(exact).astype(int), np.minimum(counts, 1))
    for label in np.argsort(shares - exact, kind="stable"):
        if shares.sum() >= size:
            break
        shares[label] += 1
    while shares.sum() > size:
        shares[np.argmax(shares)] -= 1
    return shares


def _whole_groups(labels: np.ndarray, groups: np.ndarray, size: int) -> np.ndarray:
    """Positions of about `size` labels in proportion, no group divided.

    All images of a group have the same label.
    """
    _, first, member = np.unique(groups, return_index=True, return_inverse=True)
    chosen = _stratified(labels[first], round(size * len(first) / len(labels)))
    return np.flatnonzero(np.isin(member, chosen))


def _random_order(count: int) -> np.ndarray:
    # Sorting uniform numbers, not Generator.permutation, whose stream NumPy does not promise.
    generator = np.random.Generator(np.random.PCG64(SPLIT_SEED))
    return np.argsort(generator.random(count), kind="stable")
