"""The networks, built from the settings of a run.

All take float32 images scaled to [0, 1] and return logits, one for each class of the view.
"""

import keras
import numpy as np

from experiments.lab.networks.lenet5 import lenet5
from experiments.lab.networks.recurrent import recurrent
from experiments.lab.networks.three_layer import three_layer
from experiments.lab.settings import RunSettings
from experiments.lab.store.registry import Registry

NETWORKS = Registry(
    "network", {"lenet5": lenet5, "recurrent": recurrent, "three-layer": three_layer}
)

# Hyper-parameters of the training, not of the network's shape.
TRAINING = ("learning_rate", "optimizer", "clipping")


def build(settings: RunSettings, on_processor: bool = False) -> keras.Model:
    """Return the untrained network of `settings`; Keras's global seed decides its weights.

    `on_processor` takes the layers of `unrolled_cells` and `paired_convolution`, which compute the same
    in less time there.
    Raises ValueError for an unknown network or hyper-parameter.
    """
    network = NETWORKS.named(settings.network)
    shape = {
        name: value for name, value in settings.hyperparameters.items() if name not in TRAINING
    }
    try:
        view = settings.view
        return network(view.shape, on_processor=on_processor, classes=view.classes, **shape)
    except TypeError as error:
        raise ValueError(f"{settings.network} does not take these: {shape} ({error})") from error


def untrained(settings: RunSettings) -> keras.Model:
    """Return the network of `settings` with the weights that a run of these settings starts from.

    It sets Keras's global seed, as the trainer does.
    """
    keras.utils.set_random_seed(settings.seed)
    return build(settings)


def restore(settings: RunSettings, weights: list[np.ndarray]) -> keras.Model:
    """Return the network of `settings` with `weights` in Keras's order (`Run.weights()`)."""
    model = build(settings)
    model.set_weights(weights)
    return model


def scaled(images: np.ndarray) -> np.ndarray:
    """Return uint8 images as float32 in [0, 1], the networks' input."""
    return images.astype(np.float32) / np.float32(255)
