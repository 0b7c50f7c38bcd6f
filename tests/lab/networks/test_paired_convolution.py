"""Tests of `experiments.lab.networks.paired_convolution`: Keras's own layer is the oracle, both ways."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.data.views import View
from experiments.lab.networks import builders
from experiments.lab.networks.paired_convolution import PairedConv2D, fits
from experiments.lab.settings import RunSettings

LENET = RunSettings(View("cifar10"), "lenet5", {"learning_rate": 1e-3}, seed=1, length=1)


def outputs_and_gradients(layer, images, weights, pull):
    """Return the outputs, and the gradients of their product with `pull` by all that enters."""
    images = tf.constant(images)
    layer.build((None, *images.shape[1:]))
    layer.set_weights(weights)
    with tf.GradientTape() as tape:
        tape.watch(images)
        outputs = layer(images)
        product = tf.reduce_sum(outputs * pull)
    entered = [images, *(weight.value for weight in layer.weights)]
    return [outputs, *tape.gradient(product, entered)]


@settings(max_examples=20, deadline=None)
@given(
    batch=st.integers(1, 3),
    height=st.integers(5, 9),
    pairs=st.integers(3, 6),
    channels=st.integers(1, 3),
    filters=st.integers(1, 8),
    kernel=st.tuples(st.integers(1, 5), st.sampled_from([1, 3, 5])),
    seed=st.integers(0, 99),
)
def test_outputs_and_all_gradients_are_those_of_kerass_layer(
    batch, height, pairs, channels, filters, kernel, seed
):
    random = np.random.default_rng(seed)
    images = random.normal(0, 1, (batch, height, 2 * pairs, channels)).astype(np.float32)
    weights = [
        random.normal(0, 0.5, shape).astype(np.float32)
        for shape in ((*kernel, channels, filters), (filters,))
    ]
    pull = random.normal(0, 1, (batch, height - kernel[0] + 1, 2 * pairs - kernel[1] + 1, filters))
    theirs, ours = (
        outputs_and_gradients(layer(filters, kernel, activation="relu"), images, weights, pull)
        for layer in (keras.layers.Conv2D, PairedConv2D)
    )
    assert len(ours) == len(theirs) == 4
    for one, other in zip(ours, theirs, strict=True):
        assert one.shape == other.shape
        assert np.allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("filters", "columns", "stride", "said"),
    [(6, 5, 1, True), (8, 3, 1, True), (12, 5, 1, False), (6, 4, 1, False), (6, 5, 2, False)],
)
def test_pairs_are_for_few_filters_an_odd_width_and_no_stride(filters, columns, stride, said):
    assert fits(filters, columns, stride) == said


@pytest.mark.parametrize("data", ["cifar10", "mnist"])
@pytest.mark.parametrize("first", [{}, {"first_filters": 12}, {"first_stride": 2}])
def test_network_for_a_processor_has_the_weights_and_the_answers_of_the_other(data, first):
    wanted = dataclasses.replace(
        LENET, view=View(data), hyperparameters={**LENET.hyperparameters, **first}
    )
    theirs, ours = builders.build(wanted), builders.build(wanted, on_processor=True)
    assert isinstance(ours.get_layer("conv1"), PairedConv2D) == (not first)
    ours.set_weights(theirs.get_weights())
    shape = wanted.view.shape
    images = np.random.default_rng(0).random((3, *shape), np.float32)
    assert np.allclose(ours(images), theirs(images), atol=1e-5)
