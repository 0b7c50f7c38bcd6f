"""Tests of how often a network uses its weights."""

import pytest

from experiments.lab.inspection import weight_sharing
from experiments.lab.settings import RunSettings


def recurrent(cell, units=5):
    return RunSettings("mnist", "recurrent", {"cell": cell, "units": units}, 1, 1)


LENET = RunSettings("mnist", "lenet5", {}, 1, 1)


def test_lenet5_needs_the_products_counted_by_hand():
    convolutions = 28 * 28 * 5 * 5 * 6 + 10 * 10 * 5 * 5 * 6 * 16
    dense = 400 * 120 + 120 * 84 + 84 * 10
    assert weight_sharing.products(LENET) == convolutions + dense == 416_520


def test_convolutions_use_their_weights_at_every_position_and_dense_layers_once():
    uses = {layer["name"]: layer["uses"] for layer in weight_sharing.layers(LENET)}
    assert uses == {"conv1": 784, "conv2": 100, "dense1": 1, "dense2": 1, "logits": 1}


@pytest.mark.parametrize(("cell", "sets"), [("SimpleRNN", 1), ("LSTM", 4), ("GRU", 3)])
def test_cell_uses_its_weights_at_each_of_the_steps(cell, sets):
    layers = weight_sharing.layers(recurrent(cell))
    assert [layer["uses"] for layer in layers] == [28, 1]
    expected = 28 * sets * 5 * (28 + 5) + 5 * 10
    assert weight_sharing.products(recurrent(cell)) == expected
