"""The recurrent network: it reads an image as a sequence of rows, of MNIST 28 steps of 28 pixels."""

import keras

from experiments.lab.data.facts import CLASSES
from experiments.lab.networks import unrolled_cells
from experiments.lab.store.registry import Registry

CELLS = Registry(
    "cell",
    {
        "SimpleRNN": keras.layers.SimpleRNN,
        "LSTM": keras.layers.LSTM,
        "GRU": keras.layers.GRU,
    },
)
UNROLLED = Registry(
    "cell",
    {
        "SimpleRNN": unrolled_cells.SimpleRNN,
        "LSTM": unrolled_cells.LSTM,
        "GRU": unrolled_cells.GRU,
    },
)


def recurrent(
    shape: tuple[int, int, int],
    *,
    cell: str,
    units: int,
    on_processor: bool = False,
    classes: int = CLASSES,
) -> keras.Model:
    """Return a recurrent network over the rows of images of `shape`; channels are laid side by side.

    `cell` is "SimpleRNN", "LSTM" or "GRU" with Keras's default activations. Raises ValueError
    for another.
    """
    layer = (UNROLLED if on_processor else CELLS).named(cell)
    height, width, channels = shape
    return keras.Sequential(
        [
            keras.Input(shape, name="image"),
            keras.layers.Reshape((height, width * channels), name="rows"),
            layer(units, name="cell"),
            keras.layers.Dense(classes, name="logits"),
        ],
        name="recurrent",
    )
