"""A deconvnet for trained Keras models: what in an image excites a unit, as a projection.

Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks" (arXiv 1311.2901v3),
section 2.1 and figure 1. To look at one activation of a feature map, every other activation of
that layer is set to zero and the signal goes down to the pixels; every layer on the way is undone
in its turn:

    unpool   A maximum goes back to the place it came from, which the forward pass has recorded
             (the switches); zeros elsewhere.              (..., h', w', k) -> (..., h, w, k)
    rectify  A ReLU on the signal itself, where the network has a ReLU, so that the reconstruction
             stays positive as feature maps are.           (..., h, w, k) -> (..., h, w, k)
    filter   Convolution with the transposed filters.      (..., h, w, k) -> (..., H, W, c)

The pixels come last after a filter and are not rectified. Projections belong to one image, through
the switches: they are no samples from the model. Figure 2 shows the nine strongest of a map.

Three rules differ in the ReLU alone. `deconvnet` lets a signal pass where the *signal* is positive,
`gradient` where the *forward activation* was (Simonyan et al. 2013, arXiv 1312.6034; the paper's
deconvnet is compared there, section 4), `guided_backpropagation` where both are (Springenberg et
al. 2014, arXiv 1412.6806, figure 1). All start from the activation's own value a, so `gradient` is
a * da/dx, the gradient of a**2 / 2.

What the paper leaves open, and what is done here:

    biases    Not used on the way down: they are no part of the transposed linear map.
    padding   The transposed convolution of a "same" convolution yields the size of the map below;
              what falls on the padding is cut off. A ZeroPadding2D layer is undone by cropping.
    overlap   Pools that share a maximum add their signals there, the transpose of reading it twice.
    ties      The first maximum in row order has the switch, as TensorFlow's own gradient has it.
    scaling   A Rescaling layer is a linear map: its transpose multiplies by `scale`, and its offset
              is left out like a bias. Projections lie in the model's input, below the Rescaling.
    maps      A layer's feature map is its convolution after the ReLU and before the pool. The
              strongest unit of a pooled map is this map's strongest, by the switches.

Convolution with any stride and padding, ReLU, max-pooling, zero padding and rescaling are undone, in
any order (transposed_layers.py). A convolution above any other layer cannot be projected; what
stands above the last convolution (Flatten, Dense, ...) is not used. The way up is the model's own,
in its own precision; the way down is float32.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from experiments.lab.inspection.receptive_fields import linear_layers
from experiments.lab.inspection.transposed_layers import (
    RULES,
    Step,
    UnsupportedLayerError,
    step_of,
)

__all__ = ["RULES", "Deconvnet", "Strongest", "UnsupportedLayerError"]


class Strongest(NamedTuple):
    """The strongest activations of every filter of one layer, strongest first.

    `images` (filters, count) int: indices of the images; `positions` (filters, count, 2) int: row
    and column in the feature map; `values` (filters, count) float32. A filter has an image once at
    most. Of equal activations the first image, and in it the first place in row order, comes first.
    """

    images: np.ndarray
    positions: np.ndarray
    values: np.ndarray


class Deconvnet:
    """Projects units of a trained model's convolutional layers down to its input.

    The model is a built Sequential or linear Functional model. Its weights are read at every call,
    so that other weights may be set into it at any time. At most `batch` images or projections (or all
    the projections of one image) are in work at once. Images are arrays (n, height, width, channels),
    n at least 1, uint8 or float, in the range that the model itself expects.

    Raises UnsupportedLayerError, naming the layer, where no convolution can be projected, and
    ValueError where the model is not linear, not built or without a convolution.
    """

    def __init__(self, model: keras.Model, batch: int = 256) -> None:
        self.batch = batch
        self._steps: list[Step] = []
        self._depths: dict[str, int] = {}  # how many steps lead to each layer's feature map
        self._obstacle: UnsupportedLayerError | None = None
        chain = linear_layers(model)
        self._read(chain)
        self._beyond = {layer.name for layer in chain[len(self._steps) :]}
        if not self._depths:
            raise self._obstacle or ValueError(f"model {model.name!r} has no convolutional layer")
        # A graph runs a pass a fifth faster than single operations; the last, smaller batch must
        # not cost a second trace.
        self._traced_maxima = tf.function(self._maxima, reduce_retracing=True)

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers that can be projected, from the image up."""
        return tuple(self._depths)

    def features(self, images: np.ndarray, layer: str) -> np.ndarray:
        """The feature maps of `layer`, after its ReLU: (n, h, w, filters) float32."""
        steps = self._steps_to(layer)
        return np.concatenate([_forward(images[part], steps) for part in self._parts(len(images))])

    def project(
        self,
        images: np.ndarray,
        layer: str,
        filters: int | np.ndarray,
        positions: np.ndarray | None = None,
        rule: str = "deconvnet",
    ) -> np.ndarray:
        """Projections of single activations, in the model's input (paper: section 2.1, figure 2).

        `filters` is one filter for all images, (n,) one for each image, or (n, m) several for each,
        which share a forward pass. `positions` has the shape of `filters` and a last axis (row,
        column) in the feature map; without it, the strongest unit of each map is taken, the first
        in row order of equals. `rule` is one of RULES.

        Returns (n, height, width, channels) float32, or (n, m, height, width, channels). The
        projection of an activation of zero is zero.

        Raises ValueError for an unknown layer or rule or a wrong shape, IndexError for an unknown
        filter or position, UnsupportedLayerError for a layer above one that cannot be undone.
        """
        steps = self._steps_to(layer)
        if rule not in RULES:
            raise ValueError(f"unknown rule {rule!r}, not one of {', '.join(RULES)}")
        filters = np.full(len(images), filters) if np.ndim(filters) == 0 else np.asarray(filters)
        _check_integers("filters", filters, (len(images), *filters.shape[1:2]))
        if positions is not None:
            positions = np.asarray(positions)
            _check_integers("positions", positions, (*filters.shape, 2))
        projections = []
        for part in self._parts(len(images), projections_each=filters[:1].size):
            places = None if positions is None else positions[part]
            projections.append(_projections(images[part], steps, filters[part], places, rule))
        return np.concatenate(projections)

    def strongest(self, images: np.ndarray, count: int = 9) -> dict[str, Strongest]:
        """For every filter of every layer, the `count` strongest activations over all images.

        One pass forward in batches, which keeps nothing but the strongest so far: `images` may be
        a memory map of any length. Of fewer images than `count`, all are returned. The result fits
        `project`: images[found.images.ravel()], with the filter's number for each.
        """
        found: dict[str, Strongest] = {}
        for part in self._parts(len(images)):
            batch = tf.constant(images[part])
            indices = np.arange(len(batch)) + part.start
            for layer, maxima in zip(self.layers, self._traced_maxima(batch), strict=True):
                values, positions = (array.numpy() for array in maxima)
                new = Strongest(np.broadcast_to(indices, values.shape), positions, values)
                found[layer] = _merged([found[layer], new] if layer in found else [new], count)
        return found

    def _read(self, chain: list[keras.Layer]) -> None:
        """Turn layers into steps, up to the first that cannot be undone."""
        newest, rectifiers = "", (keras.layers.ReLU, keras.layers.Activation)
        for layer in chain:
            try:
                self._steps.append(step_of(layer))
            except UnsupportedLayerError as obstacle:
                self._obstacle = obstacle
                return
            depth = len(self._steps)
            if isinstance(layer, keras.layers.Conv2D):
                if layer.name in self._depths:
                    raise ValueError(f"two convolutional layers are named {layer.name!r}")
                newest = layer.name
                self._depths[newest] = depth
            elif isinstance(layer, rectifiers) and self._depths.get(newest) == depth - 1:
                self._depths[newest] = depth  # a ReLU right above the convolution belongs to it

    def _steps_to(self, layer: str) -> list[Step]:
        if layer in self._depths:
            return self._steps[: self._depths[layer]]
        if self._obstacle is not None and layer in self._beyond:
            raise self._obstacle
        raise ValueError(f"no convolutional layer {layer!r}; there are {', '.join(self.layers)}")

    def _parts(self, images: int, projections_each: int = 1) -> Iterator[slice]:
        if not images * projections_each:
            raise ValueError("no images or no filters")
        step = max(self.batch // projections_each, 1)
        return (slice(start, start + step) for start in range(0, images, step))

    def _maxima(self, images: tf.Tensor) -> list[tuple[tf.Tensor, tf.Tensor]]:
        """For each layer the maxima of the maps (filters, n) and their places (filters, n, 2)."""
        maxima, maps, done = [], images, 0
        for depth in self._depths.values():
            maps, done = _forward(maps, self._steps[done:depth]), depth
            height, width, filters = tf.unstack(tf.shape(maps)[1:])
            units = tf.reshape(maps, (-1, height * width, filters))
            places = tf.transpose(tf.argmax(units, axis=1, output_type=tf.int32))
            positions = tf.stack([places // width, places % width], axis=-1)
            maxima.append((tf.transpose(tf.reduce_max(units, axis=1)), positions))
        return maxima


def _forward(images: np.ndarray | tf.Tensor, steps: list[Step]) -> tf.Tensor:
    maps = tf.cast(images, tf.float32)
    for step in steps:
        maps = step.forward(maps)
    return maps


def _projections(
    images: np.ndarray,
    steps: list[Step],
    filters: np.ndarray,
    positions: np.ndarray | None,
    rule: str,
) -> np.ndarray:
    """Up with the images, then down with one activation alone for each of `filters`."""
    maps, memories = tf.cast(images, tf.float32), []
    for step in steps:
        maps, memory = step.up(maps)
        memories.append(memory)
    images_of = np.repeat(np.arange(len(filters)), filters[0].size)
    places = None if positions is None else positions.reshape(-1, 2)
    signal = _single_activations(maps, images_of, filters.reshape(-1), places)
    for step, memory in zip(reversed(steps), reversed(memories), strict=True):
        signal = step.down(signal, memory, images_of, rule)
    return signal.numpy().reshape(*filters.shape, *images.shape[1:])


def _single_activations(
    maps: tf.Tensor, images_of: np.ndarray, filters: np.ndarray, positions: np.ndarray | None
) -> tf.Tensor:
    """Maps (k, h, w, filters) of zeros but for one unit's activation in each."""
    height, width, depth = maps.shape[1:]
    if filters.min() < 0 or filters.max() >= depth:
        raise IndexError(f"filters are numbered 0 to {depth - 1}")
    chosen = tf.gather_nd(tf.transpose(maps, (0, 3, 1, 2)), np.stack([images_of, filters], axis=1))
    values = chosen.numpy().reshape(-1, height * width)
    if positions is None:
        places = values.argmax(axis=1)
    elif (positions < 0).any() or (positions >= (height, width)).any():
        raise IndexError(f"feature maps have {height} rows and {width} columns")
    else:
        places = positions @ (width, 1)
    unit = np.arange(len(places))
    signal = np.zeros((len(places), height * width, depth), np.float32)
    signal[unit, places, filters] = values[unit, places]
    return tf.reshape(signal, (-1, height, width, depth))


def _check_integers(name: str, given: np.ndarray, shape: tuple[int, ...]) -> None:
    if given.shape != shape or given.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers {shape}, not {given.dtype} {given.shape}")


def _merged(parts: list[Strongest], count: int) -> Strongest:
    """The `count` strongest of all; the sort is stable, so that of equals the earlier stays."""
    side_by_side = [np.concatenate(arrays, axis=1) for arrays in zip(*parts, strict=True)]
    order = np.argsort(-side_by_side[-1], axis=1, kind="stable")[:, :count]
    each = np.arange(len(order))[:, None]
    return Strongest(*(array[each, order] for array in side_by_side))
