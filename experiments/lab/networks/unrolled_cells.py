"""Recurrent cells laid out for a processor: the numbers of Keras's layers, in less time.

Keras lays a batch's states out as (batch, units). A step then multiplies them by a matrix whose rows are
all gates wide: with 256 units they lie 4 KB apart, which collide in a processor's caches. Here states
are (units, batch), so that the wide matrix stands on the left, where it is read along its rows. Biases
are weights of an input that is always 1 (measured: docs/benchmarks.md). TensorFlow would fold each
transposition below into the products that read it, and so bring the collisions back, if
`devices.leave_graphs_alone` did not turn that off.

The gradients are written by hand, from the same equations as the steps; tests hold both against Keras's
own layers.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

Gradient = Callable[[tf.Tensor], Any]


class _LastState:
    """What the three layers share: default activations, no masks, and the last state alone."""

    def __init__(self, units: int, name: str | None = None) -> None:
        super().__init__(units, name=name)

    def build(self, sequences_shape: tuple[int | None, ...]) -> None:
        """Make the weights that Keras's layer makes."""
        super().build(sequences_shape)

    def compute_output_shape(self, sequences_shape: tuple[int | None, ...]) -> tuple:
        """Return (batch, units)."""
        return sequences_shape[0], self.units

    def call(self, sequences: tf.Tensor) -> tf.Tensor:
        """Return the last state, (batch, units), of float32 (batch, steps, inputs)."""
        return tf.transpose(self._last_state(_by_step(sequences)))


class SimpleRNN(_LastState, keras.layers.SimpleRNN):
    """Keras's SimpleRNN."""

    def _last_state(self, steps: tf.Tensor) -> tf.Tensor:
        cell = self.cell
        weights = _stacked(cell.recurrent_kernel, cell.kernel, cell.bias)
        return _simple(steps, weights, self.units)


class LSTM(_LastState, keras.layers.LSTM):
    """Keras's LSTM."""

    def _last_state(self, steps: tf.Tensor) -> tf.Tensor:
        cell = self.cell
        weights = _stacked(cell.recurrent_kernel, cell.kernel, cell.bias)
        return _lstm(steps, weights, self.units)


class GRU(_LastState, keras.layers.GRU):
    """Keras's GRU, which resets the state after the product with its weights."""

    def _last_state(self, steps: tf.Tensor) -> tf.Tensor:
        bias = tf.convert_to_tensor(self.cell.bias)
        of_inputs = _stacked(self.cell.kernel, bias[0])
        of_state = _stacked(self.cell.recurrent_kernel, bias[1])
        return _gru(steps, of_inputs, of_state, self.units)


def _by_step(sequence: tf.Tensor) -> tf.Tensor:
    """Return (batch, steps, inputs) as (steps, inputs + 1, batch), the last input always 1."""
    steps = tf.transpose(sequence, [1, 2, 0])
    return tf.concat([steps, tf.ones_like(steps[:, :1])], axis=1)


def _stacked(*weights: Any) -> tf.Tensor:  # noqa: ANN401
    """Return kernels, (rows, gates * units), and a bias under one another, transposed."""
    *kernels, bias = (tf.convert_to_tensor(part) for part in weights)
    return tf.transpose(tf.concat([*kernels, bias[None]], axis=0))


def _zeros(steps: tf.Tensor, units: int) -> tf.Tensor:
    """Return the state before the first step, (units, batch)."""
    return tf.zeros([units, tf.shape(steps)[2]])


def _through_tanh(value: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
    """Return the gradient by x, given that by `value` = tanh(x)."""
    return tf.raw_ops.TanhGrad(y=value, dy=gradient)


def _through_logistic(value: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
    """Return the gradient by x, given that by `value` = 1 / (1 + exp(-x))."""
    return tf.raw_ops.SigmoidGrad(y=value, dy=gradient)


def _of_weights(of_sums: Sequence[tf.Tensor], entered: Sequence[tf.Tensor]) -> tf.Tensor:
    """Return the gradient by weights of which each step's sums are `weights @ entered`."""
    return tf.add_n(
        [tf.matmul(part, it, transpose_b=True) for part, it in zip(of_sums, entered, strict=True)]
    )


def _of_steps(weights: tf.Tensor, of_sums: Sequence[tf.Tensor]) -> tf.Tensor:
    """Return the gradient by the steps, of which the sums are `weights @ step`."""
    return tf.stack([tf.matmul(weights, part, transpose_a=True) for part in of_sums])


def _simple(steps: tf.Tensor, weights: tf.Tensor, units: int) -> tf.Tensor:
    """Return the last state h, (units, batch), of h = tanh(W [h, x, 1]).

    `steps` are (steps, inputs + 1, batch), `weights` (units, units + inputs + 1).
    """

    @tf.custom_gradient
    def run(steps: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
        entered, states = [], [_zeros(steps, units)]
        for step in tf.unstack(steps):
            entered.append(tf.concat([states[-1], step], axis=0))
            states.append(tf.tanh(tf.matmul(weights, entered[-1])))

        def gradient(of_state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            back = tf.transpose(weights[:, :units])
            of_sums = []
            for state in reversed(states[1:]):
                of_sums.insert(0, _through_tanh(state, of_state))
                of_state = tf.matmul(back, of_sums[0])
            return _of_steps(weights[:, units:], of_sums), _of_weights(of_sums, entered)

        return states[-1], gradient

    return run(steps, weights)


def _lstm(steps: tf.Tensor, weights: tf.Tensor, units: int) -> tf.Tensor:
    """Return the last state h, (units, batch), of an LSTM (Hochreiter & Schmidhuber 1997).

    i, f, g, o = the four parts of W [h, x, 1], with the logistic function of all but g, of which it
    is tanh; c = f c + i g; h = o tanh(c). `weights` are (4 units, units + inputs + 1).
    """

    @tf.custom_gradient
    def run(steps: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
        state = memory = _zeros(steps, units)
        entered, gates, memories, shown = [], [], [memory], []
        for step in tf.unstack(steps):
            entered.append(tf.concat([state, step], axis=0))
            i, f, g, o = tf.split(tf.matmul(weights, entered[-1]), 4)
            gates.append((tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)))
            i, f, g, o = gates[-1]
            memory = f * memory + i * g
            memories.append(memory)
            shown.append(tf.tanh(memory))
            state = o * shown[-1]

        def gradient(of_state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            back = tf.transpose(weights[:, :units])
            of_sums, of_memory = [], tf.zeros_like(memory)
            for (i, f, g, o), before, seen in zip(
                reversed(gates), reversed(memories[:-1]), reversed(shown), strict=True
            ):
                of_memory += _through_tanh(seen, of_state * o)
                parts = [
                    _through_logistic(i, of_memory * g),
                    _through_logistic(f, of_memory * before),
                    _through_tanh(g, of_memory * i),
                    _through_logistic(o, of_state * seen),
                ]
                of_sums.insert(0, tf.concat(parts, axis=0))
                of_memory *= f
                of_state = tf.matmul(back, of_sums[0])
            return _of_steps(weights[:, units:], of_sums), _of_weights(of_sums, entered)

        return state, gradient

    return run(steps, weights)


def _gru(steps: tf.Tensor, of_inputs: tf.Tensor, of_state: tf.Tensor, units: int) -> tf.Tensor:
    """Return the last state h, (units, batch), of a GRU (Cho et al. 2014) as Keras has it.

    z, r = the logistic function of two thirds of V [x, 1] + U [h, 1]; the candidate g = tanh of the
    last third of V [x, 1] plus r times that of U [h, 1]; h = z h + (1 - z) g. `of_inputs`, V, is
    (3 units, inputs + 1), and `of_state`, U, (3 units, units + 1).
    """

    @tf.custom_gradient
    def run(
        steps: tf.Tensor, of_inputs: tf.Tensor, of_state: tf.Tensor
    ) -> tuple[tf.Tensor, Gradient]:
        state = _zeros(steps, units)
        one = tf.ones_like(state[:1])
        entered, passed = [], []
        for step in tf.unstack(steps):
            entered.append(tf.concat([state, one], axis=0))
            given, kept = tf.matmul(of_inputs, step), tf.matmul(of_state, entered[-1])
            given_gates, given_new = tf.split(given, [2 * units, units])
            kept_gates, kept = tf.split(kept, [2 * units, units])
            z, r = tf.split(tf.sigmoid(given_gates + kept_gates), 2)
            g = tf.tanh(given_new + r * kept)
            passed.append((z, r, g, kept, state))
            state = g + z * (state - g)

        def gradient(by_state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            back = tf.transpose(of_state[:, :units])
            by_given, by_kept = [], []
            for z, r, g, kept, before in reversed(passed):
                by_z = _through_logistic(z, by_state * (before - g))
                by_g = _through_tanh(g, by_state - by_state * z)
                by_r = _through_logistic(r, by_g * kept)
                by_given.insert(0, tf.concat([by_z, by_r, by_g], axis=0))
                by_kept.insert(0, tf.concat([by_z, by_r, by_g * r], axis=0))
                by_state = by_state * z + tf.matmul(back, by_kept[0])
            inputs = tf.unstack(steps)
            return (
                _of_steps(of_inputs, by_given),
                _of_weights(by_given, inputs),
                _of_weights(by_kept, entered),
            )

        return state, gradient

    return run(steps, of_inputs, of_state)
