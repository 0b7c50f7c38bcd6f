"""How a recurrent network reads an image: its states row by row, its gates, and the way back.

The network is run a row at a time by Keras's own cell, with the weights of a trained network or with
those that it started from. Images are uint8 (n, height, width, channels) or float32 as the networks
take them; rows are counted from 1, so that "after row 28" is after the last of MNIST's.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from experiments.lab.networks.builders import scaled

BATCH = 1000  # images
# The parts of a cell's sums that are gates, by their place in Keras's order of the weights.
GATES: Mapping[str, Mapping[str, int]] = {
    "SimpleRNN": {},
    "LSTM": {"input": 0, "forget": 1, "output": 3},
    "GRU": {"update": 0, "reset": 1},
}


class Saturation(NamedTuple):
    """Of all values of a gate, over images, rows and units, the shares near 0 and near 1."""

    below: float
    above: float


def predictions(
    model: keras.Model, images: np.ndarray, after: Sequence[int]
) -> dict[int, np.ndarray]:
    """Return the predicted classes if the network stops reading after some rows.

    The state after each row of `after` goes to the last layer, as that after the last row does when
    the network reads the whole image. Returns int64 (n,) by the number of rows.
    """
    parts: dict[int, list[np.ndarray]] = {rows: [] for rows in after}
    for rows in _batches(model, images):
        states = _states(model, rows)
        for count in after:
            logits = model.get_layer("logits")(states[count - 1][0])
            parts[count].append(logits.numpy().argmax(axis=1))
    return {count: np.concatenate(found) for count, found in parts.items()}


def gradient_norms(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the norm of each image's loss gradient by the state after each row: float64 (rows, n).

    The loss is the cross-entropy of the whole image, `labels` int (n,). The state is all that a cell
    hands on to the next row: of an LSTM, h and c together.
    """
    found = []
    for first, rows in zip(range(0, len(images), BATCH), _batches(model, images), strict=True):
        with tf.GradientTape() as tape:
            states = _states(model, rows, tape)
            logits = model.get_layer("logits")(states[-1][0])
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels[first : first + BATCH], logits
            )
        gradients = tape.gradient(losses, states, unconnected_gradients="zero")
        found.append([_norms(of_state) for of_state in gradients])
    return np.concatenate(found, axis=1)


def saturation(
    model: keras.Model, cell: str, images: np.ndarray, low: float, high: float
) -> dict[str, Saturation]:
    """Return the shares of each gate's values below `low` and above `high`, by the gate's name.

    `cell` is "SimpleRNN", which has no gates, "LSTM" or "GRU".
    """
    shares: dict[str, list[tuple[float, float, int]]] = {name: [] for name in GATES[cell]}
    for rows in _batches(model, images) if shares else ():
        for name, gate in gates(model, cell, rows).items():
            shares[name].append(((gate < low).mean(), (gate > high).mean(), len(rows)))
    return {name: _weighted(np.array(parts)) for name, parts in shares.items()}


def gates(model: keras.Model, cell: str, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return the values of each gate of `cell` for float32 `rows` (n, steps, inputs), by its name.

    They are float32 (steps, n, units), computed from the rows and the states before them as
    Hochreiter & Schmidhuber (1997, with the forget gate of Gers et al. 2000) and Cho et al. (2014)
    have them; of Keras's GRU, which has two biases, the gates take the sum.
    """
    states = [state[0].numpy() for state in _states(model, rows)]
    before = np.stack([np.zeros_like(states[0]), *states[:-1]])
    of_rows, of_state, bias = model.get_layer("cell").get_weights()
    sums = np.moveaxis(rows, 1, 0) @ of_rows + before @ of_state + np.atleast_2d(bias).sum(axis=0)
    units = before.shape[-1]
    return {
        name: 1 / (1 + np.exp(-sums[..., place * units : (place + 1) * units]))
        for name, place in GATES[cell].items()
    }


def _batches(model: keras.Model, images: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the images of each batch as float32 (batch, rows, pixels of a row)."""
    shape = model.get_layer("rows").target_shape
    for first in range(0, len(images), BATCH):
        batch = images[first : first + BATCH]
        batch = scaled(batch) if batch.dtype == np.uint8 else batch
        yield batch.reshape(len(batch), *shape)


def _states(
    model: keras.Model, rows: np.ndarray, tape: tf.GradientTape | None = None
) -> list[list[tf.Tensor]]:
    """Return the states after each row, of which the first is what the last layer sees."""
    cell = model.get_layer("cell").cell
    state = cell.get_initial_state(batch_size=len(rows))
    found = []
    for step in range(rows.shape[1]):
        # Copies: an LSTM's h is made from its c, but once handed on, they are apart.
        state = [tf.identity(part) for part in cell(rows[:, step], state, training=False)[1]]
        if tape is not None:
            tape.watch(state)
        found.append(state)
    return found


def _norms(gradients: Sequence[tf.Tensor]) -> np.ndarray:
    """Return the norm over all parts of a state, float64 (n,)."""
    return np.sqrt(sum((part.numpy().astype(np.float64) ** 2).sum(axis=1) for part in gradients))


def _weighted(parts: np.ndarray) -> Saturation:
    """Return the mean of the shares of batches, each by its number of images."""
    below, above = (parts[:, :2] * parts[:, 2:]).sum(axis=0) / parts[:, 2].sum()
    return Saturation(float(below), float(above))
