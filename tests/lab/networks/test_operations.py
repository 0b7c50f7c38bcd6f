"""Tests of counting a network's multiplications, against the networks that are built."""

import dataclasses
import math
import subprocess
import sys

import pytest

from experiments.lab.data.views import View
from experiments.lab.networks import builders, operations
from experiments.lab.settings import RunSettings
from experiments.lab.store.keys import PROJECT

COLOURED = View("mnist", transform={"name": "channels", "channels": 3})
LENET = RunSettings(View("mnist"), "lenet5", {}, 1, 1)


def recurrent(cell, view=LENET.view):
    return RunSettings(view, "recurrent", {"cell": cell, "units": 5}, 1, 1)


def of_built(settings):
    """Count from the built network: each kernel's numbers, as often as its layer gives them a place."""
    counted = 0
    for layer in builders.build(settings).layers:
        places = math.prod(layer.output.shape[1:-1])
        if layer.name == "cell":
            places = layer.input.shape[1]
        kernels = [weight for weight in layer.weights if weight.path.endswith("kernel")]
        counted += places * sum(math.prod(kernel.shape) for kernel in kernels)
    return counted


@pytest.mark.parametrize(
    "hyperparameters",
    [
        {},
        {"first_filters": 12, "first_kernel": 3},
        {"first_stride": 2},
        {"second_filters": 9, "second_kernel": 4, "dense_units": 50, "last_units": 31},
        {"without": "conv2"},
        {"without": "conv1 dense2"},
        {"features": "image"},
        {"features": "conv1"},
        {"features": "pool2"},
        {"features": "flatten"},
        {"features": "dense1"},
        {"learning_rate": 0.1, "optimizer": "adam"},
    ],
    ids=str,
)
@pytest.mark.parametrize("view", [View("mnist"), View("cifar10"), COLOURED], ids=str)
def test_products_of_lenet5_are_those_of_the_built_network(hyperparameters, view):
    settings = dataclasses.replace(LENET, view=view, hyperparameters=hyperparameters)
    assert operations.products(settings) == of_built(settings)


@pytest.mark.parametrize("view", [View("mnist"), View("cifar10")], ids=str)
@pytest.mark.parametrize("cell", ["SimpleRNN", "LSTM", "GRU"])
def test_products_of_cells_are_those_of_the_built_network(cell, view):
    assert operations.products(recurrent(cell, view)) == of_built(recurrent(cell, view))


def test_lenet5_needs_the_products_counted_by_hand():
    convolutions = 28 * 28 * 5 * 5 * 6 + 10 * 10 * 5 * 5 * 6 * 16
    dense = 400 * 120 + 120 * 84 + 84 * 10
    assert operations.products(LENET) == convolutions + dense == 416_520


@pytest.mark.parametrize(("cell", "sets"), [("SimpleRNN", 1), ("LSTM", 4), ("GRU", 3)])
def test_cells_need_the_products_counted_by_hand(cell, sets):
    assert operations.products(recurrent(cell)) == 28 * sets * 5 * (28 + 5) + 5 * 10


def test_counting_imports_no_tensorflow():
    code = "import sys, experiments.lab.networks.operations; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT).returncode == 0
