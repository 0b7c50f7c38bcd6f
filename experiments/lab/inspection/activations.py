"""What the layers of a trained network give out on a set of images, in numbers.

Statistics are over every position of every image, a filter at a time. All images go through the
network in batches, so that no more than one batch of feature maps is held in memory.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from experiments.lab.inspection.passes import Pass


@dataclass(frozen=True)
class Activations:
    """The activations of a convolutional layer, after its ReLU, on a set of images.

    For each filter, float64 (filters,): `mean`, `variance` (n in the denominator), `zeros` (the
    share of activations that are zero), `largest`, and `active` (the share of images with an
    activation above zero anywhere). `values` counts the activations of one filter. For each image,
    float64 (images,): `image_mean` and `image_zeros`, over all filters.
    """

    values: int
    mean: np.ndarray
    variance: np.ndarray
    zeros: np.ndarray
    largest: np.ndarray
    active: np.ndarray
    image_mean: np.ndarray
    image_zeros: np.ndarray

    @property
    def whole_mean(self) -> float:
        """The mean over all filters."""
        return float(self.mean.mean())

    @property
    def whole_variance(self) -> float:
        """The variance over all filters: the mean of theirs and the variance of their means."""
        return float(self.variance.mean() + self.mean.var())

    @property
    def whole_zeros(self) -> float:
        """The share of zeros over all filters."""
        return float(self.zeros.mean())

    @property
    def dead(self) -> list[int]:
        """The filters, from 0, that are not active on any image."""
        return np.flatnonzero(self.largest <= 0).tolist()


def describe(
    model: keras.Model, images: np.ndarray, layers: Sequence[str]
) -> dict[str, Activations]:
    """Return the statistics of each of `layers` on `images`, uint8 (n, height, width, channels).

    Raises ValueError for a layer that the model does not have, or that has no feature maps.
    """
    parts: dict[str, list[tuple[np.ndarray, ...]]] = {name: [] for name in layers}
    images_of: dict[str, list[np.ndarray]] = {name: [] for name in layers}
    positions = {}
    for maps in _feature_maps(model, images, layers):
        for name, values in maps.items():
            positions[name] = values.shape[1] * values.shape[2]
            parts[name].append(_sums(values))
            images_of[name].append(_by_image(values))
    return {
        name: _activations(parts[name], positions[name], np.concatenate(images_of[name], axis=1))
        for name in layers
    }


def count(
    model: keras.Model, images: np.ndarray, edges: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return a histogram of each filter of the layers in `edges`: int64 (filters, bins).

    `edges` are equally spaced, ascending, (bins + 1,). Values outside count to the first or last
    bin.
    """
    counts: dict[str, np.ndarray] = {}
    for maps in _feature_maps(model, images, list(edges)):
        for name, values in maps.items():
            counts[name] = counts.get(name, 0) + _histogram(values, edges[name])
    return counts


def _feature_maps(
    model: keras.Model, images: np.ndarray, layers: Sequence[str]
) -> Iterator[dict[str, np.ndarray]]:
    """Yield the feature maps of each batch: float32 (batch, height, width, filters) by layer."""
    for name in layers:
        shape = model.get_layer(name).output.shape
        if len(shape) != 4:
            raise ValueError(f"layer {name!r} has no feature maps, its output is {shape}")
    yield from Pass(model, layers).batches(images)


def _sums(values: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return what adds up over batches: images, sums, squares, zeros, largest, active images."""
    flat = values.reshape(-1, values.shape[-1])
    strongest = values.max(axis=(1, 2))
    return (
        np.full(values.shape[-1], len(values)),
        flat.sum(axis=0, dtype=np.float64),
        np.einsum("nf,nf->f", flat, flat, dtype=np.float64),
        (flat == 0).sum(axis=0),
        strongest.max(axis=0).astype(np.float64),
        (strongest > 0).sum(axis=0),
    )


def _by_image(values: np.ndarray) -> np.ndarray:
    """Return each image's mean and its share of zeros, float64 (2, images)."""
    flat = values.reshape(len(values), -1)
    return np.stack([flat.mean(axis=1, dtype=np.float64), (flat == 0).mean(axis=1)])


def _activations(
    parts: list[tuple[np.ndarray, ...]], positions: int, by_image: np.ndarray
) -> Activations:
    images, sums, squares, zeros, largest, active = (
        np.stack(column) for column in zip(*parts, strict=True)
    )
    counted = images.sum(axis=0)
    values = counted * positions
    mean = sums.sum(axis=0) / values
    return Activations(
        values=int(values[0]),
        mean=mean,
        variance=np.maximum(squares.sum(axis=0) / values - mean**2, 0),
        zeros=zeros.sum(axis=0) / values,
        largest=largest.max(axis=0),
        active=active.sum(axis=0) / counted,
        image_mean=by_image[0],
        image_zeros=by_image[1],
    )


def _histogram(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the counts of a batch, int64 (filters, bins): quicker than np.histogram a filter."""
    filters, bins = values.shape[-1], len(edges) - 1
    places = (values.reshape(-1, filters) - edges[0]) * (bins / (edges[-1] - edges[0]))
    places = np.clip(places.astype(np.int64), 0, bins - 1) + bins * np.arange(filters)
    return np.bincount(places.ravel(), minlength=filters * bins).reshape(filters, bins)
