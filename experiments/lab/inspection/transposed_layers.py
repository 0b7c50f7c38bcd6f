"""The layers that a deconvnet passes, each in both directions: up to its outputs, down by transpose.

Zeiler & Fergus (arXiv 1311.2901v3), section 2.1, name three ways down: unpooling, rectification and
filtering; zero padding and rescaling are here because networks begin with them. Going down is
written out, not differentiated: `down` of every layer but the ReLU is the transpose of what the
layer did to its images.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

# Where a signal passes a ReLU: where the signal is positive, where the forward activation was, both.
RULES = ("deconvnet", "gradient", "guided_backpropagation")


class UnsupportedLayerError(ValueError):
    """A layer stands in the way that the deconvnet cannot undo."""

    def __init__(self, layer: Any, reason: str) -> None:
        kind = type(layer).__name__
        super().__init__(f"the deconvnet cannot undo layer {layer.name!r} ({kind}): {reason}")


class Step:
    """A layer in both directions."""

    def __init__(self, layer: keras.Layer) -> None:
        self.layer = layer

    def forward(self, inputs: tf.Tensor) -> tf.Tensor:
        """The layer's outputs as float32."""
        return tf.cast(self.layer(inputs), tf.float32)

    def up(self, inputs: tf.Tensor) -> tuple[tf.Tensor, Any]:
        """The layer's outputs, and what `down` must remember of each image."""
        return self.forward(inputs), None

    def down(self, signal: tf.Tensor, memory: Any, images_of: np.ndarray, rule: str) -> tf.Tensor:
        """The signal (k, ...) below the layer, from that above it.

        `images_of` (k,) says which image of `up` each belongs to, `rule` is one of RULES.
        """
        raise NotImplementedError


class _Rectifier(Step):
    """ReLU: the one place where the rules differ (paper: section 2.1, "Rectification")."""

    def up(self, inputs: tf.Tensor) -> tuple[tf.Tensor, Any]:
        outputs = self.forward(inputs)
        return outputs, outputs > 0

    def down(self, signal: tf.Tensor, memory: Any, images_of: np.ndarray, rule: str) -> tf.Tensor:
        if rule != "deconvnet":
            signal = tf.where(tf.gather(memory, images_of), signal, 0.0)
        return signal if rule == "gradient" else tf.nn.relu(signal)


class _Convolution(_Rectifier):
    """Convolution, and the ReLU that may be inside (paper: section 2.1, "Filtering")."""

    def up(self, inputs: tf.Tensor) -> tuple[tf.Tensor, Any]:
        outputs, active = super().up(inputs)
        return outputs, (inputs.shape[1:], active)

    def down(self, signal: tf.Tensor, memory: Any, images_of: np.ndarray, rule: str) -> tf.Tensor:
        shape, active = memory
        if self.layer.activation is keras.activations.relu:
            signal = super().down(signal, active, images_of, rule)
        kernel = tf.cast(tf.convert_to_tensor(self.layer.kernel), tf.float32)
        shape = (len(images_of), *shape)
        padding = self.layer.padding.upper()
        return tf.nn.conv2d_transpose(signal, kernel, shape, self.layer.strides, padding)


class _MaxPooling(Step):
    """Max-pooling and its switches (paper: section 2.1, "Unpooling", and figure 1, bottom)."""

    def up(self, inputs: tf.Tensor) -> tuple[tf.Tensor, Any]:
        layer = self.layer
        outputs, switches = tf.nn.max_pool_with_argmax(
            inputs, layer.pool_size, layer.strides, layer.padding.upper()
        )
        return outputs, (inputs.shape[1:], switches)

    def down(self, signal: tf.Tensor, memory: Any, images_of: np.ndarray, rule: str) -> tf.Tensor:
        shape, switches = memory  # a switch counts through one image: (row * width + column) * k
        count, size = len(images_of), shape.num_elements()
        start = tf.range(count, dtype=switches.dtype)[:, None, None, None] * size
        places = tf.reshape(tf.gather(switches, images_of) + start, (-1, 1))
        unpooled = tf.scatter_nd(places, tf.reshape(signal, (-1,)), [count * size])  # sums
        return tf.reshape(unpooled, (count, *shape))


class _Rescaling(Step):
    """A linear map with an offset; its transpose has the scale alone."""

    def down(self, signal: tf.Tensor, memory: Any, images_of: np.ndarray, rule: str) -> tf.Tensor:
        return signal * tf.cast(self.layer.scale, tf.float32)


class _ZeroPadding(Step):
    """Zeros around the map; its transpose cuts them off."""

    def down(self, signal: tf.Tensor, memory: Any, images_of: np.ndarray, rule: str) -> tf.Tensor:
        (top, bottom), (left, right) = self.layer.padding
        height, width = signal.shape[1:3]
        return signal[:, top : height - bottom, left : width - right]


def step_of(layer: keras.Layer) -> Step:
    """The step for `layer`; raises UnsupportedLayerError, with its name and what is wrong.

    Only Keras's own layers are taken: a class derived from one may do anything.
    """
    kind = _STEPS.get(type(layer))
    if kind is None:
        known = ", ".join(sorted(one.__name__ for one in _STEPS))
        raise UnsupportedLayerError(layer, f"it is none of {known}")
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise UnsupportedLayerError(layer, "channels must come last")
    activation = getattr(layer, "activation", keras.activations.relu)
    linear_too = kind is _Convolution and activation is keras.activations.linear
    if activation is not keras.activations.relu and not linear_too:
        raise UnsupportedLayerError(layer, "its activation is not ReLU")
    if kind is _Convolution and (set(layer.dilation_rate) != {1} or layer.groups != 1):
        raise UnsupportedLayerError(layer, "dilation and groups are not supported")
    if type(layer) is keras.layers.ReLU and (
        layer.max_value is not None or layer.negative_slope or layer.threshold
    ):
        raise UnsupportedLayerError(layer, "only a plain ReLU is supported")
    return kind(layer)


_STEPS: dict[type, type[Step]] = {
    keras.layers.Activation: _Rectifier,
    keras.layers.Conv2D: _Convolution,
    keras.layers.MaxPooling2D: _MaxPooling,
    keras.layers.ReLU: _Rectifier,
    keras.layers.Rescaling: _Rescaling,
    keras.layers.ZeroPadding2D: _ZeroPadding,
}
