"""Trials made up for the benchmarks of pages: seeded, with every kind of hyper-parameter."""

import math
from typing import Any

import numpy as np

from rendering.browser.model import Attempt, Search, Trial

OBJECTIVE = "validation_accuracy"
PAIR = ["learning_rate", "units"]  # the hyper-parameters that are drawn against one another
LOST = 50  # one trial in so many diverges


def search(trials: int, epochs: int, seed: int = 0) -> Search:
    """Return a search of `trials`, one run each, with four curves of `epochs` values."""
    generator = np.random.default_rng(seed)
    found = tuple(_trial(number, epochs, generator) for number in range(trials))
    return Search("made-up", "Made-up trials", OBJECTIVE, "max", "random", found)


def rows(search: Search) -> list[dict[str, Any]]:
    """Return a row for each trial, as HiPlot takes them: hyper-parameters and scores by name."""
    return [
        {
            "trial": trial.id,
            **trial.values,
            **{name: trial.mean(name) for name in search.scores},
            "seconds": trial.seconds,
            "status": trial.status,
        }
        for trial in search.trials
    ]


def study(search: Search) -> Any:  # noqa: ANN401
    """Return the same trials as a study of Optuna's, the objective after each epoch with them."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    made = optuna.create_study(direction="maximize")
    space = _space(search, optuna.distributions)
    made.add_trials([_frozen(trial, space, optuna.trial) for trial in search.trials])
    return made


def _trial(number: int, epochs: int, generator: np.random.Generator) -> Trial:
    values = {
        "optimizer": str(generator.choice(["sgd", "adam", "rmsprop"])),
        "learning_rate": float(10 ** generator.uniform(-5, -1)),
        "units": int(generator.choice([32, 64, 128, 256])),
        "dropout": round(float(generator.uniform(0, 0.5)), 3),
        "layers": int(generator.integers(1, 5)),
        "batch_normalization": bool(generator.integers(2)),
    }
    lost = number % LOST == LOST - 1
    status = "diverged" if lost else "completed"
    message = f"loss not finite in epoch {epochs // 2}" if lost else ""
    attempt = _attempt(number, values, status, message, epochs, generator)
    return Trial(f"{number:04d}", values, status, message, (attempt,))


def _attempt(
    number: int,
    values: dict[str, Any],
    status: str,
    message: str,
    epochs: int,
    generator: np.random.Generator,
) -> Attempt:
    ceiling = 0.97 - 0.03 * abs(math.log10(values["learning_rate"]) + 3) - 0.1 * values["dropout"]
    steps = np.arange(1, epochs + 1)
    accuracy = ceiling * (1 - np.exp(-steps / 8)) + generator.normal(0, 0.004, epochs)
    validation = accuracy - 0.02 + generator.normal(0, 0.006, epochs)
    series = {
        "iteration": [250 * int(step) for step in steps],
        "accuracy": accuracy.tolist(),
        "validation_accuracy": validation.tolist(),
        "loss": (-np.log(np.clip(accuracy, 0.01, 0.999))).tolist(),
        "validation_loss": (-np.log(np.clip(validation, 0.01, 0.999))).tolist(),
    }
    scores = {
        "validation_accuracy": float(validation[-1]),
        "best_validation_accuracy": float(validation.max()),
        "best_iteration": 250 * (int(validation.argmax()) + 1),
        "test_accuracy": float(validation[-1] - 0.005),
    }
    return Attempt(
        f"{number:024x}",
        1,
        status,
        message,
        series,
        scores if status == "completed" else {},
        61_706 * values["layers"],
        float(generator.uniform(20, 60)),
    )


def _space(search: Search, distributions: Any) -> dict[str, Any]:  # noqa: ANN401
    space = {}
    for name in search.varied:
        known = sorted({trial.values[name] for trial in search.trials})
        if isinstance(known[0], float):
            span = (known[0], known[-1])
            space[name] = distributions.FloatDistribution(*span, log=name == "learning_rate")
        else:
            space[name] = distributions.CategoricalDistribution(known)
    return space


def _frozen(trial: Trial, space: dict[str, Any], kinds: Any) -> Any:  # noqa: ANN401
    (attempt,) = trial.attempts
    state = kinds.TrialState.COMPLETE if attempt.completed else kinds.TrialState.FAIL
    return kinds.create_trial(
        state=state,
        value=attempt.scores.get(OBJECTIVE),
        params={name: trial.values[name] for name in space},
        distributions=space,
        intermediate_values=dict(enumerate(attempt.series[OBJECTIVE])),
    )
