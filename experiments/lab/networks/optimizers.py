"""The optimizers, built from hyper-parameters."""

from collections.abc import Mapping
from typing import Any

import keras

from experiments.lab.store.registry import Registry


def adam(**options: Any) -> keras.Optimizer:  # noqa: ANN401
    """Return Adam (Kingma & Ba 2015) with Keras's constants."""
    return keras.optimizers.Adam(**options)


def plain_descent(**options: Any) -> keras.Optimizer:  # noqa: ANN401
    """Return gradient descent without momentum."""
    return keras.optimizers.SGD(momentum=0.0, **options)


def momentum(**options: Any) -> keras.Optimizer:  # noqa: ANN401
    """Return gradient descent with a momentum of 0.9."""
    return keras.optimizers.SGD(momentum=0.9, **options)


OPTIMIZERS = Registry("optimizer", {"adam": adam, "sgd": plain_descent, "momentum": momentum})


def optimizer(hyperparameters: Mapping[str, Any]) -> keras.Optimizer:
    """Return the optimizer: "adam", "sgd" (plain gradient descent) or "momentum" (SGD with 0.9).

    `clipping` bounds the norm of the whole gradient. Raises ValueError for an unknown optimizer, and
    KeyError where "optimizer" or "learning_rate" is missing.
    """
    make = OPTIMIZERS.named(hyperparameters["optimizer"])
    return make(
        learning_rate=hyperparameters["learning_rate"],
        global_clipnorm=hyperparameters.get("clipping"),
    )
