"""One image on its way through the network: every feature map of both convolutions."""

from typing import Any

import numpy as np

from experiments.lab.data.splits import Images
from experiments.lab.store.records import Record
from experiments.lab.store.runs import Run
from rendering.figures import vocabulary as figures

LAYERS = ("conv1", "conv2")
A_ROW = 8  # maps side by side
LARGEST = 16  # mm


def measure(
    run: Run, images: Images, classes: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return what is to be said of the first image that the network gets right, and its maps.

    Of each layer `silent` counts the maps that are zero everywhere. The arrays are the image and, by
    "maps_LAYER", the maps after the ReLU: uint8 (filters, height, width), 255 for the layer's strongest
    activation. Without an image that it gets right the first one is taken.
    """
    from experiments.lab.inspection.passes import Pass
    from experiments.lab.networks.builders import restore

    predicted = run.probabilities().argmax(axis=1)
    number = int((predicted == images.labels).argmax())
    seen = Pass(restore(run.settings, run.weights()), LAYERS)(images.images[number : number + 1])
    maps = {layer: np.moveaxis(seen[layer][0], -1, 0) for layer in LAYERS}
    facts = {
        "number": number + 1,
        "class": classes[images.labels[number]],
        "read": classes[predicted[number]],
        "layers": {layer: _about(of_layer) for layer, of_layer in maps.items()},
    }
    scaled = {f"maps_{layer}": _scaled(of_layer) for layer, of_layer in maps.items()}
    return facts, {"image": images.images[number], **scaled}


def _about(maps: np.ndarray) -> dict[str, Any]:
    return {
        "maps": len(maps),
        "size": list(maps.shape[1:]),
        "silent": int((maps.max(axis=(1, 2)) == 0).sum()),
        "zeros": float((maps == 0).mean()),
    }


def _scaled(maps: np.ndarray) -> np.ndarray:
    return np.round(255 * maps / (maps.max() or 1)).astype(np.uint8)


def drawing(record: Record) -> figures.Drawing:
    """Draw the image and, in rows, the maps of each layer, by their filters' numbers."""
    arrays, facts = record.arrays, record.facts["one_image"]
    rows = [[figures.Image(arrays["image"])]]
    titles = ["image"]
    for layer in LAYERS:
        maps = arrays[f"maps_{layer}"]
        for first in range(0, len(maps), A_ROW):
            numbers = range(first, min(first + A_ROW, len(maps)))
            rows.append([figures.Image(maps[one], str(one + 1)) for one in numbers])
            titles.append("" if first else layer)
    caption = (
        f"Test image {facts['number']}, of the class {facts['class']}, and its feature maps in both "
        "convolutions after the ReLU, by the filters’ numbers: black is zero, white the strongest "
        "activation of the layer."
    )
    return figures.image_grid("maps", caption, rows, row_titles=titles, largest=LARGEST)
