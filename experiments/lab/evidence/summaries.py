"""A trial's scores and learning curves over its seeds, as the plain data of tables and figures."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from experiments.lab.store.results import Trial
from experiments.lab.store.runs import COMPLETED, Run

CURVES = ("loss", "accuracy", "validation_loss", "validation_accuracy")


def summary(trial: Trial) -> dict[str, Any]:
    """Return a trial's row of a table, as plain data.

    Scores are pairs of mean and standard deviation over the completed runs, None for what there is
    not. `outcome` says in words what became of the runs; `seconds` and `step_seconds` are means.
    """
    completed = [run for run in trial.runs if run.status == COMPLETED]
    scores = ("validation_accuracy", "best_validation_accuracy", "test_accuracy", "test_loss")
    return {
        "hyperparameters": dict(trial.hyperparameters),
        "trial_id": trial.trial_id,
        "run_keys": [run.key for run in trial.runs],
        "status": trial.status,
        "message": trial.message,
        "outcome": _outcome(trial),
        "runs": len(trial.runs),
        "completed": len(completed),
        **{score: [trial.mean(score), trial.deviation(score)] for score in scores},
        "best_iteration": trial.mean("best_iteration"),
        "best_epoch": _best_epoch(completed),
        "parameters": trial.parameters,
        "seconds": trial.seconds,
        "step_seconds": trial.step_seconds,
    }


def learning_curves(trial: Trial) -> dict[str, Any]:
    """Return a trial's curves, means over its completed runs, as plain data.

    `iteration` and `epoch` are lists; each of CURVES maps `mean` and `deviation`
    (None for a single run) to lists of the same length. If no run completed, the curves are the first
    run's, as far as it came, with None for a value that is not finite. `guessing` is the
    loss of a network that takes all classes for equally probable. `note` says what did not complete.
    """
    completed = [run for run in trial.runs if run.status == COMPLETED]
    shown = completed or [trial.run]
    points = min(len(run.curves["iteration"]) for run in shown)
    curves: dict[str, Any] = {
        name: _plain(shown[0].curves[name][:points]) for name in ("iteration", "epoch")
    }
    for name in CURVES:
        values = np.array([run.curves[name][:points] for run in shown], float)
        several = len(shown) > 1
        curves[name] = {
            "mean": _plain(values.mean(axis=0)),
            "deviation": _plain(values.std(axis=0, ddof=1)) if several else None,
        }
    return {
        **curves,
        "guessing": math.log(shown[0].settings.view.classes),
        "note": "" if trial.status == COMPLETED else _outcome(trial),
    }


def seconds(trial: Trial) -> list[float]:
    """Return the mean seconds of a trial's completed runs at each point of their curves."""
    curves = [run.curves["seconds"] for run in trial.runs if run.status == COMPLETED]
    return [float(np.mean(point)) for point in zip(*curves, strict=False)]


def _best_epoch(runs: Sequence[Run]) -> float | None:
    """Return the mean epoch of the highest validation accuracy."""
    if not runs:
        return None
    places = [int(np.argmax(run.curves["validation_accuracy"])) for run in runs]
    return float(np.mean([run.curves["epoch"][at] for run, at in zip(runs, places, strict=True)]))


def _outcome(trial: Trial) -> str:
    """Return "completed", "diverged", or what became of some of several runs."""
    broken = [run.status for run in trial.runs if run.status != COMPLETED]
    if not broken:
        return COMPLETED
    words = " or ".join(dict.fromkeys(broken))
    return (
        words if len(broken) == len(trial.runs) else f"{len(broken)} of {len(trial.runs)} {words}"
    )


def _plain(values: Iterable[float]) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]
