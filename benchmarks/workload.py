"""The trainings that are timed: the assignment's own, shortened by option, the same for everybody."""

from dataclasses import dataclass

from experiments.lab.settings import BATCH_SIZE, CLASSES, Search, grid

CNN_IMAGES = 45_000
ROWS, PIXELS = 28, 28
GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}
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
    """Return the floating-point operations of all trainings, two for a multiply-add.

    Forward, and twice that backward, but for the gradient by the input of a network's first layer.
    """
    images = length.epochs * CNN_IMAGES * len(RATES)
    steps = length.iterations * BATCH_SIZE
    recurrent = sum(cell_operations(gates, units) for gates in GATES.values() for units in UNITS)
    return images * lenet_operations() + steps * recurrent


def lenet_operations() -> float:
    """Return the operations of training LeNet-5 on one CIFAR-10 image."""
    first = 28 * 28 * 6 * 5 * 5 * 3
    others = 10 * 10 * 16 * 5 * 5 * 6 + 400 * 120 + 120 * 84 + 84 * CLASSES
    return 2 * (2 * first + 3 * others)


def cell_operations(gates: int, units: int) -> float:
    """Return the operations of training a recurrent network on one image of 28 rows."""
    return 2 * ROWS * gates * units * (2 * PIXELS + 3 * units) + 2 * 3 * units * CLASSES
