"""The receptive field of a unit: which pixels of the image it can see, computed from the layers.

A layer with a window of k, stride s and p pixels of padding in front lets its unit i see the units
i*s - p ... i*s - p + k - 1 of the layer below. Followed down to the pixels this gives a size, a
stride and an offset for every layer, and for one unit the box of pixels that it sees, cut at every
border on the way. Padding "same" is TensorFlow's: it depends on the size of the map and puts the
odd pixel behind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import keras

# By name, so that asking needs no Keras. A unit of these sees the unit in its own place (Dense, on
# a map, works on the channels of each place) ...
_POINTWISE = (
    *("Activation", "ELU", "LeakyReLU", "PReLU", "ReLU", "Dense", "Rescaling", "Normalization"),
    *("BatchNormalization", "Dropout", "GaussianDropout", "GaussianNoise", "SpatialDropout2D"),
)
# ... of these a window ...
_CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D")
_POOLS = ("AveragePooling2D", "MaxPooling2D")
# ... and of these the whole map, as does every unit above them.
_WHOLE = ("Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D")


class Box(NamedTuple):
    """Pixels top <= row < bottom and left <= column < right of an image."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """The box as an index: `image[box.slices]` is the patch."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


class _Window(NamedTuple):
    """What one unit of a layer sees of the layer below, along one axis."""

    size: int
    stride: int
    dilation: int
    padding: int
    below: int  # units of the layer below
    count: int  # units of the layer

    @property
    def span(self) -> int:
        return (self.size - 1) * self.dilation + 1

    def seen_by(self, units: set[int]) -> set[int]:
        seen = (
            unit * self.stride - self.padding + tap * self.dilation
            for unit in units
            for tap in range(self.size)
        )
        return {place for place in seen if 0 <= place < self.below}


@dataclass(frozen=True)
class ReceptiveField:
    """The receptive field of the units of one layer; pairs are (vertical, horizontal), in pixels.

    `size` is the field of a unit away from the borders, `stride` the step from one unit's field to
    its neighbour's, `offset` the first pixel of the field of unit (0, 0): 0, or negative where
    padding lets the field begin outside the image. `shape` counts the units. A layer without
    places (Flatten, a global pool, Dense above them) has the shape (1, 1) and the field of all the
    units that it is fed from.
    """

    layer: str
    shape: tuple[int, int]
    windows: tuple[tuple[_Window, _Window], ...]  # from the pixels up

    @property
    def size(self) -> tuple[int, int]:
        """Pixels from the first to the last that a unit away from the borders sees."""
        return self._geometry(0)[0], self._geometry(1)[0]

    @property
    def stride(self) -> tuple[int, int]:
        """Pixels between the fields of neighbouring units."""
        return self._geometry(0)[1], self._geometry(1)[1]

    @property
    def offset(self) -> tuple[int, int]:
        """The first pixel of the field of unit (0, 0), not cut at the border."""
        return self._geometry(0)[2], self._geometry(1)[2]

    def box(self, position: tuple[int, int] = (0, 0)) -> Box:
        """The pixels that the unit at `position` (row, column) sees, cut to the image.

        Cut exactly: a unit of a padded layer sees nothing through the padding, even where the
        image goes on behind it. IndexError where the layer has no such unit.
        """
        if not all(0 <= place < count for place, count in zip(position, self.shape, strict=True)):
            raise IndexError(f"{self.layer!r} has {self.shape} units, none at {tuple(position)}")
        (top, bottom), (left, right) = (
            self._reach(axis, int(place)) for axis, place in enumerate(position)
        )
        return Box(top, left, bottom, right)

    def _geometry(self, axis: int) -> tuple[int, int, int]:
        size, stride, offset = 1, 1, 0
        for window in (pair[axis] for pair in self.windows):
            size += (window.span - 1) * stride
            offset -= window.padding * stride
            stride *= window.stride
        return size, stride, offset

    def _reach(self, axis: int, place: int) -> tuple[int, int]:
        seen = {place}
        for pair in reversed(self.windows):
            seen = pair[axis].seen_by(seen)
        return min(seen, default=0), max(seen, default=-1) + 1


def receptive_field(
    model: keras.Model, layer: str, image_size: tuple[int, int] | None = None
) -> ReceptiveField:
    """The receptive field of the units of `layer`, a layer's name, in a linear Keras model.

    `image_size` is (height, width); only a model whose input shape leaves it open needs it.
    Raises ValueError for a layer that the model does not have, for a layer on the way whose field
    is not known here, and for an image size that is not known; each by name.
    """
    chain = linear_layers(model)
    size = tuple(image_size or model.input_shape[1:3])
    if None in size:
        raise ValueError(f"model {model.name!r} takes images of any size: give image_size")
    windows: list[tuple[_Window, _Window]] = []
    flat = False
    for step in chain:
        pair = None if flat else _windows(step, size)
        flat = flat or type(step).__name__ in _WHOLE
        if pair:
            windows.append(pair)
            size = tuple(window.count for window in pair)
        if step.name == layer:
            return ReceptiveField(layer, size, tuple(windows))
    raise ValueError(f"model {model.name!r} has no layer {layer!r}")


def linear_layers(model: keras.Model) -> list[keras.Layer]:
    """The layers of a Sequential or a linear Functional model, from the image up.

    Models inside are opened, input layers left out. Raises ValueError where the model is not
    built, or where a layer has several inputs (named) or the model several outputs.
    """
    import keras

    if not model.built:
        raise ValueError(f"model {model.name!r} is not built: give it an Input layer")
    layers = model.layers if isinstance(model, keras.Sequential) else _functional_chain(model)
    chain: list[keras.Layer] = []
    for layer in layers:
        if isinstance(layer, keras.Model):
            chain.extend(linear_layers(layer))
        elif not isinstance(layer, keras.layers.InputLayer):
            chain.append(layer)
    return chain


def _functional_chain(model: keras.Model) -> list[keras.Layer]:
    """Follow the model's output down to its input: `model.layers` is in no promised order."""
    if len(getattr(model, "outputs", None) or ()) != 1:
        raise ValueError(f"model {model.name!r} is not linear: it needs one known output")
    chain, tensor = [], model.outputs[0]
    while tensor is not model.inputs[0]:
        layer, node, _ = tensor._keras_history
        below = layer._inbound_nodes[node].input_tensors
        if len(below) != 1:
            raise ValueError(f"model is not linear: layer {layer.name!r} has {len(below)} inputs")
        chain.append(layer)
        tensor = below[0]
    return chain[::-1]


def _windows(layer: keras.Layer, size: tuple[int, int]) -> tuple[_Window, _Window] | None:
    """What a unit of `layer` sees of a map of `size` below; None where that is its own place."""
    kind = type(layer).__name__
    if kind in _WHOLE:
        return tuple(_Window(below, 1, 1, 0, below, 1) for below in size)
    if kind in _POINTWISE:
        return None
    if kind == "ZeroPadding2D":
        axes = zip(layer.padding, size, strict=True)
        return tuple(
            _Window(1, 1, 1, front, below, front + below + back) for (front, back), below in axes
        )
    if kind not in _CONVOLUTIONS + _POOLS or layer.data_format != "channels_last":
        raise ValueError(f"no receptive field is known for layer {layer.name!r} ({kind})")
    extents = layer.pool_size if kind in _POOLS else layer.kernel_size
    dilations = (1, 1) if kind in _POOLS else layer.dilation_rate
    axes = zip(extents, layer.strides, dilations, size, strict=True)
    return tuple(_window(*axis, layer.padding) for axis in axes)


def _window(size: int, stride: int, dilation: int, below: int, padding: str) -> _Window:
    span = (size - 1) * dilation + 1
    if padding == "valid":
        return _Window(size, stride, dilation, 0, below, (below - span) // stride + 1)
    count = math.ceil(below / stride)
    missing = max((count - 1) * stride + span - below, 0)
    return _Window(size, stride, dilation, missing // 2, below, count)
