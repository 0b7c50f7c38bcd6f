"""The trainings that are timed: the assignment's own, shortened by option, the same for everybody."""

from dataclasses import dataclass

from experiments.lab.data.facts import DATA_SETS
from experiments.lab.networks.operations import layers
from experiments.lab.settings import BATCH_SIZE, RunSettings, Search, grid

UNITS = (256, 128, 64)
RATES = (1e-4, 1e-3, 1e-2)


@dataclass(frozen=True)
class Length:
    """How long the trainings are: epochs of a CNN, iterations of a recurrent network."""

    epochs: int
    iterations: int


def searches(length: Length) -> list[Search]:
    """Return the assignment's trainings as searches: LeNet-5 by rate, and cells by units."""
    rates = grid(learning_rate=RATES, optimizer=("adam",))
    cells = [
        {"cell": cell, "units": units, "learning_rate": 1e-3, "optimizer": "adam"}
        for units in UNITS
        for cell in ("LSTM", "GRU", "SimpleRNN")
    ]
    return [
        Search("rates", "LeNet-5", "cifar10", "lenet5", length.epochs, points=rates),
        Search(
            "cells",
            "Cells",
            "mnist",
            "recurrent",
            length.iterations,
            unit="iterations",
            points=tuple(cells),
            validate_every=length.iterations,
        ),
    ]


def operations(length: Length) -> float:
    """Return the floating-point operations of all trainings."""
    rates, cells = searches(length)
    images = length.epochs * DATA_SETS[rates.data].training
    seen = {rates.name: images, cells.name: length.iterations * BATCH_SIZE}
    return sum(
        seen[search.name] * operations_an_image(run)
        for search in (rates, cells)
        for point in search.points
        for run in search.runs(point)
    )


def operations_an_image(run: RunSettings) -> float:
    """Return the operations of training a network on one image, two for a multiply-add.

    Forward, and twice that backward, but for the gradient by the image.
    """
    forward = sum(layer.products for layer in layers(run))
    return 2 * (3 * forward - _by_the_image(run))


def _by_the_image(run: RunSettings) -> int:
    """Return the products of the gradient by the image, which no training needs."""
    first = layers(run)[0]
    if run.network != "recurrent":
        return first.products
    # Of a cell's weights only those of its input reach the image.
    units, inputs = run.hyperparameters["units"], run.view.shape[1] * run.view.shape[2]
    return first.products * inputs // (units + inputs)
