"""Forward passes of a trained network in batches, so that no more than one is held in memory.

The trainer's own evaluation is apart (`Trainer.evaluate`): its arithmetic belongs to the stored scores.
"""

from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from experiments.lab.networks.builders import scaled

BATCH = 500  # images


class Pass:
    """The way from images to what some layers of a model give out, compiled once.

    The model's weights are read at every call, so that other weights may be set into it at any time.
    A layer gives out float32 (n, ...), after its ReLU: maps are (n, height, width, filters), fully
    connected layers (n, units), "logits" (n, classes).
    """

    def __init__(self, model: keras.Model, layers: Sequence[str]) -> None:
        """Raise ValueError for a layer that the model does not have."""
        (image,) = model.inputs
        part = keras.Model(image, {name: model.get_layer(name).output for name in layers})
        # One trace for batches of every size: a graph is two to three times as fast as single
        # operations, tracing it costs as much as some hundred images.
        signature = [tf.TensorSpec(image.shape, tf.float32)]
        self._run = tf.function(lambda it: part(it, training=False), input_signature=signature)

    def batches(self, images: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
        """Yield what the layers give out for each batch of `images`, by the layers' names.

        `images` (n, height, width, channels) are uint8, or float32 as the network takes them.
        """
        for first in range(0, len(images), BATCH):
            batch = images[first : first + BATCH]
            found = self._run(scaled(batch) if batch.dtype == np.uint8 else batch)
            yield {name: values.numpy() for name, values in found.items()}

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Return what the layers give out for all of `images`, which `batches` describes."""
        parts = list(self.batches(images))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
