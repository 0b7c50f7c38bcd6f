"""The first steps of a training, taken again: its loss, and how long the gradient is at each.

Initial weights, optimizer and batches are those of the run. A training keeps no gradients:
they are taken here once more, for a few hundred steps.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from experiments.lab.data.order import batches
from experiments.lab.data.splits import Splits
from experiments.lab.networks import optimizers
from experiments.lab.networks.builders import restore, scaled
from experiments.lab.store.runs import Run


def again(run: Run, splits: Splits, steps: int) -> dict[str, Any]:
    """Take the first `steps` steps of a run that kept its weights of epoch 0, or all of its first epoch.

    `loss` is each step's loss before it, `norm` the Euclidean norm of the whole gradient, `first` that of
    the lowest layer's kernel. `stopped` is the step, from 1, from which the lowest layer's gradient was
    zero to the end; None if it was not.
    """
    settings, images, labels = run.settings, splits.train.images, splits.train.labels
    model = restore(settings, run.weights(0))
    step = _compiled(model, optimizers.optimizer(settings.hyperparameters))
    steps_of_epoch = batches(len(labels), settings.batch_size, settings.seed, 0, whole=True)[0]
    found = [
        step(scaled(images[one]), labels[one].astype(np.int32)) for one in steps_of_epoch[:steps]
    ]
    loss, norm, first = (np.array(column, np.float64) for column in zip(*found, strict=True))
    return {
        "loss": loss.tolist(),
        "norm": norm.tolist(),
        "first": first.tolist(),
        "stopped": _stopped(first),
    }


def _compiled(model: keras.Model, optimizer: keras.Optimizer) -> tf.types.experimental.Callable:
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    variables = model.trainable_variables
    optimizer.build(variables)

    @tf.function(reduce_retracing=True)
    def step(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            loss = loss_of(labels, model(images, training=True))
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        optimizer.apply(gradients, variables)
        return loss, tf.linalg.global_norm(gradients), tf.norm(gradients[0])

    return step


def _stopped(first: np.ndarray) -> int | None:
    moved = np.flatnonzero(first > 0)
    last = int(moved[-1]) + 1 if len(moved) else 0
    return last + 1 if last < len(first) else None
