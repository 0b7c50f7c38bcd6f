"""What networks of small initial weights share: input centred on zero, and how weights are drawn.

Zeiler & Fergus (arXiv 1311.2901v3, section 3) centre their images and draw all weights with a standard
deviation of 0.01. With Keras's default start, whose weights are several times as large, a small network
learns by changing its first filters little, and pictures of them show the draw. Layers must have room to
move away from zero: hence more than the paper's 0.01.
"""

import keras

FIRST, ABOVE = 0.015, 0.03  # standard deviations: the lowest layer with weights, and all above it


def centring() -> keras.layers.Layer:
    """Return the layer "centring", which takes images in [0, 1] to [-1, 1]."""
    return keras.layers.Rescaling(2.0, offset=-1.0, name="centring")


def weights(first: bool) -> keras.initializers.Initializer:
    """Return how a layer's weights are drawn: normal, around zero; `first` is the lowest layer's.

    Every call gives another draw, which Keras's global seed decides.
    """
    return keras.initializers.RandomNormal(stddev=FIRST if first else ABOVE)
