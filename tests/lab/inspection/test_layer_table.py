"""Tests of the table of a network's layers."""

import pytest

from experiments.lab.data.views import View
from experiments.lab.inspection import layer_table
from experiments.lab.settings import RunSettings

LENET = RunSettings(View("mnist"), "lenet5", {}, 1, 1)


def test_layers_are_told_from_the_image_up_with_their_sizes():
    rows = layer_table.layers(LENET)
    assert [(row["name"], row["shape"]) for row in rows] == [
        ("padding", [32, 32, 1]),
        ("conv1", [28, 28, 6]),
        ("pool1", [14, 14, 6]),
        ("conv2", [10, 10, 16]),
        ("pool2", [5, 5, 16]),
        ("flatten", [400]),
        ("dense1", [120]),
        ("dense2", [84]),
        ("logits", [10]),
    ]
    assert [row["kind"] for row in rows[:3]] == ["ZeroPadding2D", "Conv2D", "MaxPooling2D"]
    assert sum(row["weights"] for row in rows) == 61_706


def test_convolutions_use_their_weights_at_every_position_and_dense_layers_once():
    uses = {layer["name"]: layer["uses"] for layer in layer_table.with_weights(LENET)}
    assert uses == {"conv1": 784, "conv2": 100, "dense1": 1, "dense2": 1, "logits": 1}


@pytest.mark.parametrize("cell", ["SimpleRNN", "LSTM", "GRU"])
def test_cell_uses_its_weights_at_each_of_the_steps(cell):
    settings = RunSettings(View("mnist"), "recurrent", {"cell": cell, "units": 5}, 1, 1)
    assert [layer["uses"] for layer in layer_table.with_weights(settings)] == [28, 1]
