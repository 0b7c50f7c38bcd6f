"""A convolution of few filters laid out for a processor: the numbers of Keras's layer, in less time.

A processor computes eight or sixteen channels at once; six leave part of its width idle. Here two
neighbouring columns stand as one with twice the channels, which in memory they are already: the
filters are repeated, each once for either column, and twelve are computed at a time. They are a column
wider then, with zeros in it, a sixth of the products in vain (measured: docs/benchmarks.md).
"""

import keras
import tensorflow as tf

MOST_FILTERS = 8  # with more, a processor's width is used as it is


class PairedConv2D(keras.layers.Conv2D):
    """Keras's Conv2D with an odd number of columns, stride 1 and no padding, on an even width."""

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Return (n, height - rows + 1, width - columns + 1, filters) of (n, height, width, channels).

        The kernel is (rows, columns, channels, filters), all float32.
        """
        _, height, width, channels = images.shape
        rows, columns, _, filters = self.kernel.shape
        pairs = tf.reshape(images, [-1, height, width // 2, 2 * channels])
        sums = tf.nn.conv2d(pairs, paired(tf.convert_to_tensor(self.kernel)), 1, "VALID")
        sums = tf.nn.bias_add(sums, tf.tile(tf.convert_to_tensor(self.bias), [2]))
        shape = [-1, height - rows + 1, width - columns + 1, filters]
        return tf.reshape(self.activation(sums), shape)


def paired(kernel: tf.Tensor) -> tf.Tensor:
    """Return the kernel that computes two columns at once: (rows, pairs, 2 channels, 2 filters).

    `kernel` is (rows, columns, channels, filters), with an odd number of columns.
    """
    rows, columns, channels, filters = kernel.shape
    left = tf.pad(kernel, [[0, 0], [0, 1], [0, 0], [0, 0]])
    right = tf.pad(kernel, [[0, 0], [1, 0], [0, 0], [0, 0]])
    both = tf.stack([left, right], axis=3)
    return tf.reshape(both, [rows, (columns + 1) // 2, 2 * channels, 2 * filters])


def fits(filters: int, columns: int, stride: int) -> bool:
    """Return whether a convolution can be computed in pairs of columns, and gains by it."""
    return filters <= MOST_FILTERS and columns % 2 == 1 and stride == 1
