"""The layers of a network: their kinds, sizes and weights, and how often each weight is used.

A convolution uses its kernel at every position of the image, a recurrent cell its weights at every step
of the sequence, a fully connected layer each weight once.
"""

import math
from typing import Any

from experiments.lab.settings import RunSettings


def layers(settings: RunSettings) -> list[dict[str, Any]]:
    """Return each layer of the network of `settings`, from the image up.

    `name`; `kind`, its class in Keras; `shape`, the sizes of what it gives out for an image;
    `weights`, their number; `uses`, how often each is used for an image, 0 where there are none.
    """
    from experiments.lab.networks import builders

    return [
        {
            "name": layer.name,
            "kind": type(layer).__name__,
            "shape": list(layer.output.shape[1:]),
            "weights": layer.count_params(),
            "uses": _uses(layer) if layer.count_params() else 0,
        }
        for layer in builders.build(settings).layers
    ]


def with_weights(settings: RunSettings) -> list[dict[str, Any]]:
    """Return those of `layers` that have weights."""
    return [layer for layer in layers(settings) if layer["weights"]]


def _uses(layer: Any) -> int:  # noqa: ANN401
    if hasattr(layer, "cell"):
        return layer.input.shape[1]  # steps
    return math.prod(layer.output.shape[1:-1])  # positions; 1 for a fully connected layer
