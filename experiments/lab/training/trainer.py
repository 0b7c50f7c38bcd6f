"""Training one network: the loop, its curves, its state.

The loop is a compiled one: a call of `Trainer.advance` runs many steps inside one `tf.function`, on
images that lie on the device as bytes. It computes what `Model.fit` computes, without its cost per
step. All of it is a function of the settings, the images and the library versions: the order of the
images is drawn from the seed and the epoch, so that a training that was interrupted goes on exactly as
it would have (`course` has the way from the first step to the last).
"""

import functools
import io
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from experiments.lab.data.order import batches
from experiments.lab.data.splits import Images, Splits
from experiments.lab.networks import builders, optimizers
from experiments.lab.settings import CURVES, RunSettings
from experiments.lab.store import sealed
from experiments.lab.training import devices

EVALUATION_BATCH = 1000


class Diverged(Exception):
    """The loss is no longer a finite number; `iteration` says since when (counted from 1)."""

    def __init__(self, iteration: int) -> None:
        super().__init__(f"the loss is not finite at iteration {iteration}")
        self.iteration = iteration


@dataclass
class Progress:
    """How far a training is, and what it has measured: all that resuming needs besides weights."""

    iteration: int = 0
    epoch: int = 0
    seconds: float = 0.0
    step_times: list[float] = field(default_factory=list)
    curves: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in CURVES})


class Trainer:
    """A network in training, on as many devices as `settings.replicas`.

    `splits` are the images as `settings.view` shows them: `views.apply` comes before.
    """

    def __init__(self, settings: RunSettings, splits: Splits) -> None:
        self.settings = settings
        self.splits = splits
        self.progress = Progress()
        devices.leave_graphs_alone()
        self.strategy = devices.strategy(settings.replicas)
        keras.utils.set_random_seed(settings.seed)
        with self.strategy.scope():
            self.model = builders.build(settings, on_processor(settings))
            self.optimizer = optimizers.optimizer(settings.hyperparameters)
            self.optimizer.build(self.model.trainable_variables)
        self._images = tf.constant(splits.train.images)
        self._labels = tf.constant(splits.train.labels, tf.int32)
        # The images enter as an argument: TensorFlow never frees what the graph of a loop captures.
        signature = [
            tf.TensorSpec([None, None], tf.int32),
            _like(self._images),
            _like(self._labels),
        ]
        self._advance = tf.function(self._steps, input_signature=signature)
        self._outputs = tf.function(self._evaluate, reduce_retracing=True)

    def batches(self, epoch: int) -> list[np.ndarray]:
        """Return the image numbers of the steps of `epoch` (from 0), int32, a row for each step.

        An epoch counted in epochs ends with a smaller batch; one counted in iterations drops it,
        unless the images are fewer than a batch.
        """
        settings = self.settings
        whole = settings.unit != "epochs"
        return batches(self.images, settings.batch_size, settings.seed, epoch, whole)

    @property
    def images(self) -> int:
        """The number of training images."""
        return len(self.splits.train.labels)

    def advance(self, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Take a step for each row of image numbers; return each step's mean loss and accuracy.

        Raises Diverged at the first loss that is not finite.
        """
        started = time.perf_counter()
        given = tf.constant(order), self._images, self._labels
        losses, correct = (values.numpy() for values in self._advance(*given))
        elapsed = time.perf_counter() - started
        first = self.progress.iteration
        self.progress.iteration += len(order)
        self.progress.seconds += elapsed
        self.progress.step_times.append(elapsed / len(order))
        if not np.isfinite(losses).all():
            raise Diverged(first + 1 + int(np.argmin(np.isfinite(losses))))
        return losses, correct / order.shape[1]

    def evaluate(self, part: Images) -> tuple[float, float, np.ndarray]:
        """Return mean loss, accuracy and probabilities, float32 (images, classes), for `part`.

        The loss is computed from the logits, where no probability can underflow to zero.
        """
        logits = np.concatenate(
            [
                self._outputs(part.images[first : first + EVALUATION_BATCH]).numpy()
                for first in range(0, len(part.labels), EVALUATION_BATCH)
            ]
        )
        log_probabilities = _log_softmax(logits.astype(np.float64))
        loss = -log_probabilities[np.arange(len(part.labels)), part.labels].mean()
        accuracy = (logits.argmax(1) == part.labels).mean()
        return float(loss), float(accuracy), np.exp(log_probabilities).astype(np.float32)

    def _step(
        self, images: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor, total: tf.Tensor
    ) -> Any:  # noqa: ANN401
        """Take one step on this replica's images; `total` is the number over all replicas.

        `weights` is 1 for each image, or 0 for one that only keeps a replica from having none.
        """
        with tf.GradientTape() as tape:
            logits = self.model(tf.cast(images, tf.float32) / 255.0, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_sum(losses * weights) / tf.cast(total, tf.float32)
        variables = self.model.trainable_variables
        gradients = self._clipped(tape.gradient(loss, variables))
        self.optimizer.apply(gradients, variables)
        predicted = tf.argmax(logits, 1, output_type=tf.int32)
        return loss, tf.reduce_sum(tf.cast(predicted == labels, tf.float32) * weights)

    def _clipped(self, gradients: list[tf.Tensor]) -> list[tf.Tensor]:
        """Clip by the norm of the sum over replicas; Keras would clip each replica's own part."""
        bound, replicas = self.settings.hyperparameters.get("clipping"), self.settings.replicas
        if bound is None or replicas == 1:
            return gradients
        summed = tf.distribute.get_replica_context().all_reduce("SUM", gradients)
        clipped, _ = tf.clip_by_global_norm(summed, bound)
        return [gradient / replicas for gradient in clipped]  # the optimizer adds them up again

    def _replica(self, chosen: tf.Tensor, images: tf.Tensor, labels: tf.Tensor) -> Any:  # noqa: ANN401
        context = tf.distribute.get_replica_context()
        replica, replicas = context.replica_id_in_sync_group, context.num_replicas_in_sync
        total = tf.shape(chosen)[0]
        first, end = replica * total // replicas, (replica + 1) * total // replicas
        # A last batch may have fewer images than there are replicas; oneDNN fails on no images.
        places = tf.range(first, tf.maximum(end, first + 1))
        mine = tf.gather(chosen, tf.minimum(places, total - 1))
        weights = tf.cast(places < end, tf.float32)
        # Gathered where the images lie: a batch travels to a replica, never the whole data set.
        with tf.device(self._images.device if replicas > 1 else None):
            images, labels = tf.gather(images, mine), tf.gather(labels, mine)
        return self._step(images, labels, weights, total)

    def _steps(
        self, order: tf.Tensor, images: tf.Tensor, labels: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        steps = tf.shape(order)[0]
        losses = tf.TensorArray(tf.float32, steps)
        correct = tf.TensorArray(tf.float32, steps)
        for step in tf.range(steps):
            results = self.strategy.run(self._replica, args=(order[step], images, labels))
            loss, right = (self.strategy.reduce("SUM", value, axis=None) for value in results)
            losses = losses.write(step, loss)
            correct = correct.write(step, right)
        return losses.stack(), correct.stack()

    def _evaluate(self, images: tf.Tensor) -> tf.Tensor:
        return self.model(tf.cast(images, tf.float32) / 255.0, training=False)

    @property
    def total_steps(self) -> int:
        """The number of steps that the settings ask for."""
        if self.settings.unit == "iterations":
            return self.settings.length
        return self.settings.length * -(-self.images // self.settings.batch_size)

    @property
    def parameters(self) -> int:
        """The number of trainable weights."""
        return sum(int(np.prod(variable.shape)) for variable in self.model.trainable_variables)

    @property
    def step_seconds(self) -> float:
        """The median time of a step in seconds, over calls; the first, which compiles, left out."""
        times = self.progress.step_times
        return float(np.median(times[1:] or times or [0.0]))

    def weights(self, prefix: str = "weights") -> dict[str, np.ndarray]:
        """Return the model's weights in Keras's order, named `prefix`/0, `prefix`/1, ..."""
        return {f"{prefix}/{index}": value for index, value in enumerate(self.model.get_weights())}

    def take_over(self, weights: list[np.ndarray], source: RunSettings, layers: list[str]) -> None:
        """Take `layers`' weights over from another network, and train them no further."""
        other = builders.restore(source, weights)
        for layer in self.model.layers:
            if layer.name in layers:
                layer.set_weights(other.get_layer(layer.name).get_weights())
                layer.trainable = False
        with self.strategy.scope():
            self.optimizer = optimizers.optimizer(self.settings.hyperparameters)
            self.optimizer.build(self.model.trainable_variables)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a run keeps: the test set's probabilities and the last weights."""
        return {"probabilities": self._tested[2], **self.weights()}

    def scores(self) -> dict[str, float]:
        """Return the scores of the last weights, and the best validation accuracy on the way."""
        curves = self.progress.curves
        best = int(np.argmax(curves["validation_accuracy"]))
        return {
            "accuracy": curves["accuracy"][-1],
            "loss": curves["loss"][-1],
            "validation_accuracy": curves["validation_accuracy"][-1],
            "validation_loss": curves["validation_loss"][-1],
            "best_validation_accuracy": curves["validation_accuracy"][best],
            "best_iteration": curves["iteration"][best],
            "test_loss": self._tested[0],
            "test_accuracy": self._tested[1],
        }

    @functools.cached_property
    def _tested(self) -> tuple[float, float, np.ndarray]:
        tested = self.evaluate(self.splits.test)
        if not np.isfinite(tested[0]):
            raise Diverged(self.progress.iteration)
        return tested

    def state(self) -> bytes:
        """Return weights, optimizer and progress as the bytes of an .npz file."""
        variables = [variable.numpy() for variable in self._variables()]
        progress = {
            f"curve/{name}": np.array(values) for name, values in self.progress.curves.items()
        }
        counters = np.array([self.progress.iteration, self.progress.epoch, self.progress.seconds])
        return sealed.npz(
            {
                "counters": counters,
                "step_times": np.array(self.progress.step_times),
                **progress,
                **{f"variable/{index}": value for index, value in enumerate(variables)},
            }
        )

    def resume(self, state: bytes) -> None:
        """Go on from `state()`; ValueError or KeyError, and no change, if it is another training's."""
        variables = self._variables()
        with np.load(io.BytesIO(state), allow_pickle=False) as stored:
            values = [stored[f"variable/{index}"] for index in range(len(variables))]
            progress = progress_of(stored)
        for variable, value in zip(variables, values, strict=True):
            if tuple(variable.shape) != value.shape:
                raise ValueError(
                    f"{variable.path} has the shape {variable.shape}, not {value.shape}"
                )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        self.progress = progress

    def _variables(self) -> list[Any]:
        return self.model.variables + self.optimizer.variables


def progress_of(stored: Mapping[str, np.ndarray]) -> Progress:
    """Return the progress in the arrays of a state; KeyError if they are no state."""
    iteration, epoch, seconds = stored["counters"].tolist()
    return Progress(
        iteration=int(iteration),
        epoch=int(epoch),
        seconds=seconds,
        step_times=stored["step_times"].tolist(),
        curves={name: stored[f"curve/{name}"].tolist() for name in CURVES},
    )


def on_processor(settings: RunSettings) -> bool:
    """Return whether to train with the layers that are faster on a processor.

    On a GPU Keras's own layers use cuDNN's kernels. The choice depends on settings and device kind
    alone, so that the same run is always computed in the same way.
    """
    return settings.replicas == 1 and not devices.on_gpu()


def _like(tensor: tf.Tensor) -> tf.TensorSpec:
    return tf.TensorSpec(tensor.shape, tensor.dtype)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
