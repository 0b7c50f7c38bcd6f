"""Tests of `experiments.lab.networks.unrolled_cells`: Keras's own layers are the oracle, both ways."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.networks import unrolled_cells

CELLS = ["SimpleRNN", "LSTM", "GRU"]


def layers(cell, inputs, units, seed):
    """Return Keras's layer and ours with the same random weights, biases among them."""
    both = [getattr(module, cell)(units) for module in (keras.layers, unrolled_cells)]
    random = np.random.default_rng(seed)
    for layer in both:
        layer.build((None, None, inputs))
    weights = [random.normal(0, 0.5, it.shape).astype(np.float32) for it in both[0].weights]
    for layer in both:
        layer.set_weights(weights)
    return both


def states_and_gradients(layer, sequences, pull):
    """Return the last states, and the gradients of their product with `pull` by all that enters."""
    sequences = tf.constant(sequences)
    with tf.GradientTape() as tape:
        tape.watch(sequences)
        states = layer(sequences)
        product = tf.reduce_sum(states * pull)
    entered = [sequences, *(weight.value for weight in layer.weights)]
    return [states, *tape.gradient(product, entered)]


@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=8, deadline=None)
@given(
    batch=st.integers(1, 5),
    steps=st.integers(1, 6),
    inputs=st.integers(1, 4),
    units=st.integers(1, 6),
    seed=st.integers(0, 99),
)
def test_states_and_all_gradients_are_those_of_kerass_layer(
    cell, batch, steps, inputs, units, seed
):
    random = np.random.default_rng(seed)
    sequences = random.normal(0, 1, (batch, steps, inputs)).astype(np.float32)
    pull = random.normal(0, 1, (batch, units)).astype(np.float32)
    theirs, ours = (
        states_and_gradients(layer, sequences, pull)
        for layer in layers(cell, inputs, units, seed + 1)
    )
    assert len(ours) == len(theirs) == 5
    for one, other in zip(ours, theirs, strict=True):
        assert one.shape == other.shape
        assert np.allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_weights_are_named_and_start_as_kerass(cell):
    made = []
    for module in (keras.layers, unrolled_cells):
        keras.utils.set_random_seed(7)
        model = keras.Sequential([keras.Input((3, 2)), getattr(module, cell)(4, name="cell")])
        made.append(model.weights)
    theirs, ours = made
    assert [it.path.split("/", 1)[1] for it in ours] == [it.path.split("/", 1)[1] for it in theirs]
    assert all(np.array_equal(one, other) for one, other in zip(ours, theirs, strict=True))


def test_network_of_any_batch_size_is_one_graph():
    layer = unrolled_cells.GRU(3)
    layer.build((None, 4, 2))
    traced = tf.function(
        layer, reduce_retracing=True, input_signature=[tf.TensorSpec([None, 4, 2])]
    )
    assert traced(np.zeros((5, 4, 2), np.float32)).shape == (5, 3)
    assert traced(np.zeros((1, 4, 2), np.float32)).shape == (1, 3)
