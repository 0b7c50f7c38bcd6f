"""How many multiplications a network needs for one image, by formula, without building it.

Counted are the products of weights in a forward pass, as multiply-adds; biases, activations and a
gate's products of two activations are not. A convolution uses each weight at every position of its
output, a recurrent cell at every step of the sequence, a fully connected layer once. Nothing here
imports TensorFlow: a plan asks for it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from experiments.lab.data.views import View
from experiments.lab.settings import RunSettings

# How many sets of weights a cell has: one for its new state, and one for each gate.
WEIGHT_SETS = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}
PADDED = 32  # LeNet-5's input is no smaller
# The three-layer network's convolutions, filters and side of each, and its fully connected units.
THREE_CONVOLUTIONS, THREE_DENSE = ((16, 5), (32, 3), (64, 3)), 64
# LeNet-5's own sizes, where the hyper-parameters name no others.
LENET5 = {
    "first_filters": 6,
    "first_kernel": 5,
    "first_stride": 1,
    "second_filters": 16,
    "second_kernel": 5,
    "dense_units": 120,
    "last_units": 84,
    "without": "",
    "features": "",
}


class Layer(NamedTuple):
    """A layer with weights: its name, how often it uses each for an image, and how many it has."""

    name: str
    uses: int
    weights: int

    @property
    def products(self) -> int:
        """Its multiplications for an image."""
        return self.uses * self.weights


def products(settings: RunSettings) -> int:
    """Return the multiplications by weights that the network of `settings` needs for one image.

    Raises KeyError or ValueError for a network that cannot be built.
    """
    return sum(layer.products for layer in layers(settings))


def layers(settings: RunSettings) -> list[Layer]:
    """Return the layers of the network of `settings` that have weights, from the image up."""
    known = {"lenet5": _lenet5, "recurrent": _recurrent, "three-layer": _three_layer}
    return known[settings.network](settings.view, settings.hyperparameters)


def _recurrent(view: View, given: Mapping[str, Any]) -> list[Layer]:
    steps, width, channels = view.shape
    inputs = width * channels
    units = given["units"]
    matrices = WEIGHT_SETS[given["cell"]] * units * (units + inputs)
    return [Layer("cell", steps, matrices), Layer("logits", 1, units * view.classes)]


def _three_layer(view: View, _: Mapping[str, Any]) -> list[Layer]:
    (height, width, channels), found = view.shape, []
    for number, (filters, kernel) in enumerate(THREE_CONVOLUTIONS, 1):
        height, width = height - kernel + 1, width - kernel + 1
        weights = kernel * kernel * channels * filters
        found.append(Layer(f"conv{number}", height * width, weights))
        height, width, channels = height // 2, width // 2, filters
    inputs = height * width * channels
    dense = Layer("dense1", 1, inputs * THREE_DENSE)
    return [*found, dense, Layer("logits", 1, THREE_DENSE * view.classes)]


def _lenet5(view: View, given: Mapping[str, Any]) -> list[Layer]:
    sizes = {**LENET5, **given}
    steps = list(_lenet5_steps(view.shape, sizes))
    names = [name for name, *_ in steps]
    if sizes["features"]:
        steps = steps[: names.index(sizes["features"]) + 1]
    found = [layer for _, layer, _ in steps if layer is not None]
    return [*found, Layer("logits", 1, steps[-1][2] * view.classes)]


def _lenet5_steps(
    shape: tuple[int, int, int], sizes: Mapping[str, Any]
) -> Iterator[tuple[str, Layer | None, int]]:
    """Yield each step's name, its layer if it has weights, and how many numbers it gives out."""
    left_out = sizes["without"].split()
    side, channels = max(shape[0], PADDED), shape[2]
    yield "image", None, side * side * channels
    for number, which in (("1", "first"), ("2", "second")):
        if f"conv{number}" in left_out:
            continue
        kernel, filters = sizes[f"{which}_kernel"], sizes[f"{which}_filters"]
        side = (side - kernel) // sizes.get(f"{which}_stride", 1) + 1
        layer = Layer(f"conv{number}", side * side, kernel * kernel * channels * filters)
        channels = filters
        yield layer.name, layer, side * side * channels
        side //= 2
        yield f"pool{number}", None, side * side * channels
    inputs = side * side * channels
    yield "flatten", None, inputs
    for name, units in (("dense1", sizes["dense_units"]), ("dense2", sizes["last_units"])):
        if name not in left_out:
            yield name, Layer(name, 1, inputs * units), units
            inputs = units
