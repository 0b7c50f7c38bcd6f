"""Units that are silent, and logits that are the same for every image: what a rate too large leaves.

A rectified unit whose input is negative for every image gives out zero and has a gradient of zero: it
cannot come back by itself. Where that is a whole layer, no image and no gradient passes it. All that can
still be learned is how frequent each class is, and the loss stays at the entropy of that.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.lab.inspection.passes import Pass
from experiments.lab.networks.builders import restore
from experiments.lab.store.runs import Run

LOGITS = "logits"
SAME = (
    1e-4  # logits that differ less between all images are the same: a ten-thousandth in probability
)


def by_epoch(run: Run, images: np.ndarray) -> dict[str, Any]:
    """Return how silent the run's network is on `images`, uint8 (n, h, w, c), after each epoch kept.

    `layers` names the hidden layers with weights, from the image up; `epochs` has for each epoch its
    number, the share of each layer's units that are zero on all images (`silent`, by layer), and whether
    all images have the same logits (`constant`). `constant_since` is the first epoch from which they
    had to the end, `blocked` the lowest layer that is silent as a whole at the end; None for neither.
    """
    model = restore(run.settings, run.weights())
    layers = [layer.name for layer in model.layers[:-1] if layer.weights]
    to_all = Pass(model, [*layers, LOGITS])
    epochs = []
    for epoch in run.epochs_kept():
        model.set_weights(run.weights(epoch))
        found = to_all(images)
        epochs.append(
            {
                "epoch": epoch,
                "silent": {name: silent(found[name]) for name in layers},
                "constant": bool(np.ptp(found[LOGITS], axis=0).max() < SAME),
            }
        )
    return {
        "layers": layers,
        "epochs": epochs,
        "constant_since": _since(epochs),
        "blocked": next((name for name in layers if epochs[-1]["silent"][name] == 1.0), None),
    }


def silent(outputs: np.ndarray) -> float:
    """Return the share of units, or of maps, that are zero for every image: (n, ..., units)."""
    return float((outputs.reshape(-1, outputs.shape[-1]).max(axis=0) <= 0).mean())


def guessing_loss(labels: np.ndarray) -> float:
    """Return the least loss of answers that are the same for all images: the labels' entropy, in nats."""
    shares = np.bincount(labels) / len(labels)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


def _since(epochs: Sequence[dict[str, Any]]) -> int | None:
    since = None
    for one in reversed(epochs):
        if not one["constant"]:
            break
        since = one["epoch"]
    return since
