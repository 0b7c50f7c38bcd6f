"""How often a network uses each of its weights for one image, layer by layer.

A convolution uses its kernel at every position of the image, a recurrent cell its weights at every step
of the sequence, a fully connected layer each weight once.
"""

import math
from typing import Any

from experiments.lab.settings import RunSettings


def layers(settings: RunSettings) -> list[dict[str, Any]]:
    """Return each layer with weights: name, kind in words, number of weights, uses for an image."""
    return [
        {
            "name": layer.name,
            "kind": type(layer).__name__,
            "weights": layer.count_params(),
            "uses": _uses(layer),
        }
        for layer in _layers_with_weights(settings)
    ]


def products(settings: RunSettings) -> int:
    """Return the multiplications by weights that the network of `settings` needs for one image.

    Biases, activations and a gate's products of two activations are not counted.
    """
    return sum(
        _uses(layer) * sum(math.prod(w.shape) for w in _matrices(layer))
        for layer in _layers_with_weights(settings)
    )


def _layers_with_weights(settings: RunSettings) -> list[Any]:
    from experiments.lab.networks import builders

    return [layer for layer in builders.build(settings).layers if layer.count_params()]


def _matrices(layer: Any) -> list[Any]:  # noqa: ANN401
    """Return the layer's weights without its biases, which follow the kernels in Keras's order."""
    owner = getattr(layer, "cell", layer)
    kernels = (owner.kernel, getattr(owner, "recurrent_kernel", None))
    return [kernel for kernel in kernels if kernel is not None]


def _uses(layer: Any) -> int:  # noqa: ANN401
    if hasattr(layer, "cell"):
        return layer.input.shape[1]  # steps
    return math.prod(layer.output.shape[1:-1])  # positions; 1 for a fully connected layer
