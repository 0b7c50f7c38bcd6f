"""Networks that have not been trained, for comparison: with fresh weights, or with those of the start.

Fresh weights are drawn as the network's own were before training, with another seed: an unrelated
network. The own start is the network at epoch 0, from which training moves away by some distance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from experiments.deconvnet.subject import Subject
from experiments.lab.evidence.differences import correlations

if TYPE_CHECKING:
    from experiments.lab.inspection.deconvnet import Deconvnet

ALL, START = "all layers", "own start"


@dataclass(frozen=True)
class State:
    """The trained network with the weights of `layers` fresh, or, for `START`, all as at epoch 0."""

    name: str
    layers: tuple[str, ...]

    def deconvnets(self, subject: Subject, draws: int) -> Iterator[Deconvnet]:
        """Yield the deconvnet of each network in this state: one for each draw, one of the start."""
        from experiments.lab.inspection.deconvnet import Deconvnet

        model = subject.network(subject.weights())
        deconvnet = Deconvnet(model)
        for number in range(1 if self.name == START else draws):
            model.set_weights(self._weights(subject, number))
            yield deconvnet

    def _weights(self, subject: Subject, number: int) -> list[np.ndarray]:
        if self.name == START:
            return subject.weights(0)
        return partly_fresh(subject, self.layers, number)


def states(subject: Subject) -> list[State]:
    """Return the states to compare, from the top down.

    Ends with all layers, the lowest convolution alone, and the own start. The layers above the last
    convolution take no part in its projections and are one state.
    """
    names = [layer.name for layer in subject.model.layers if layer.weights][::-1]
    last, first = subject.convolutions[-1], subject.convolutions[0]
    above = names.index(last)
    found = [State(f"above {last}", tuple(names[:above]))]
    for count in range(above + 1, len(names)):
        found.append(State(f"{names[count - 1]} and above", tuple(names[:count])))
    whole = tuple(names)
    return [*found, State(ALL, whole), State(f"{first} alone", (first,)), State(START, whole)]


def partly_fresh(subject: Subject, layers: tuple[str, ...], number: int) -> list[np.ndarray]:
    """Return the trained weights with those of `layers` fresh, the `number`-th draw of them."""
    names = [layer.name for layer in subject.model.layers for _ in layer.weights]
    pairs = zip(names, subject.weights(), subject.fresh(number), strict=True)
    return [fresh if name in layers else values for name, values, fresh in pairs]


def kept(subject: Subject) -> list[dict[str, object]]:
    """Return each convolution's correlation with its own start, over all of its weights.

    `correlation` is Pearson's, None where the weights are constant.
    """
    trained, start = (subject.network(subject.weights(epoch)) for epoch in (None, 0))
    found = []
    for name in subject.convolutions:
        rows = [model.get_layer(name).get_weights()[0][None] for model in (trained, start)]
        value = float(correlations(*rows)[0])
        found.append({"name": name, "correlation": value if np.isfinite(value) else None})
    return found
