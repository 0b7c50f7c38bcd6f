"""The optimizers that are compared: the rates at which each was tried, and what they are called."""

from collections.abc import Mapping
from typing import Any

from experiments.lab.evidence import summaries
from experiments.lab.store.results import Trial
from rendering import wording

NAMES = {"adam": "Adam", "sgd": "gradient descent", "momentum": "momentum"}
# Those of the section on learning rates, and 1e-1: gradient descent's steps are the gradient's length
# times the rate, which is small for this network. Every optimizer gets the same, for equal tuning.
RATES = dict.fromkeys(NAMES, (1e-4, 1e-3, 1e-2, 1e-1))


def named(trial: Trial) -> str:
    """Return a trial in words: "Adam at 0.001"."""
    settings = trial.hyperparameters
    return f"{NAMES[settings['optimizer']]} at {wording.rate(settings['learning_rate'])}"


def row_of(trial: Trial) -> dict[str, Any]:
    """Return a trial's row, with its optimizer and the optimizer's name in words."""
    optimizer = trial.hyperparameters["optimizer"]
    return {"optimizer": optimizer, "name": NAMES[optimizer], **summaries.summary(trial)}


def edges(own: Mapping[str, Trial | None]) -> list[dict[str, str]]:
    """Return the optimizers whose best rate is the smallest or the largest of those tried."""
    ends = {name: {min(rates): "smallest", max(rates): "largest"} for name, rates in RATES.items()}
    return [
        {"name": NAMES[name], "end": ends[name][trial.hyperparameters["learning_rate"]]}
        for name, trial in own.items()
        if trial is not None and trial.hyperparameters["learning_rate"] in ends[name]
    ]


def constants() -> dict[str, float]:
    """Return the optimizers' fixed settings, as Keras has them."""
    from experiments.lab.networks.optimizers import optimizer

    adam, momentum = (
        optimizer({"optimizer": name, "learning_rate": RATES[name][0]})
        for name in ("adam", "momentum")
    )
    return {
        "beta_1": float(adam.beta_1),
        "beta_2": float(adam.beta_2),
        "epsilon": float(adam.epsilon),
        "momentum": float(momentum.momentum),
    }
