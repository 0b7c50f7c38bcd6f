"""A network of three convolutions, small enough for a build and deep enough for a hierarchy.

Convolutions of 5×5, 3×3 and 3×3 pixels without padding, each with rectified linear units and a 2×2
max-pooling, one fully connected layer, and dropout (Srivastava et al. 2014) before the logits. Images are
centred and weights start small (`small_start`), so that filters are made by training, not by the draw. On
32×32 pixels of three channels it has 41,450 weights.
"""

import keras

from experiments.lab.data.facts import CLASSES
from experiments.lab.networks import small_start

CONVOLUTIONS = ((16, 5), (32, 3), (64, 3))  # filters, and the side of each in pixels
DENSE_UNITS = 64
DROPOUT = 0.2  # share of the fully connected layer's units that a training step leaves out


def three_layer(
    shape: tuple[int, int, int], *, on_processor: bool = False, classes: int = CLASSES
) -> keras.Model:
    """Return the network for images of `shape` (height, width, channels), 22 pixels a side or more.

    The layers' names are centring, conv1, pool1 to conv3, pool3, flatten, dense1, dropout and logits.
    `on_processor` changes nothing: no layer has few enough filters to be laid out otherwise.
    """
    layers: list[keras.Layer] = [keras.Input(shape, name="image"), small_start.centring()]
    for number, (filters, side) in enumerate(CONVOLUTIONS, 1):
        start = small_start.weights(first=number == 1)
        layers += [
            keras.layers.Conv2D(
                filters, side, activation="relu", kernel_initializer=start, name=f"conv{number}"
            ),
            keras.layers.MaxPooling2D(2, name=f"pool{number}"),
        ]
    layers += [
        keras.layers.Flatten(name="flatten"),
        _dense(DENSE_UNITS, "dense1", "relu"),
        keras.layers.Dropout(DROPOUT, name="dropout"),
        _dense(classes, "logits"),
    ]
    return keras.Sequential(layers, name="three_layer")


def _dense(units: int, name: str, activation: str | None = None) -> keras.Layer:
    start = small_start.weights(first=False)
    return keras.layers.Dense(units, activation=activation, kernel_initializer=start, name=name)
