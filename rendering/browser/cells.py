"""A trial's values and scores in words, and as what they are sorted by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rendering import wording
from rendering.browser.model import Trial

DIGITS = 4  # of a metric whose unit is not known
SCORES = {
    "validation_accuracy": "validation accuracy",
    "best_validation_accuracy": "best validation accuracy",
    "test_accuracy": "test accuracy",
}


@dataclass(frozen=True)
class Cell:
    """A value in words, and as what it is sorted by: None comes last whatever the direction."""

    text: str
    value: float | str | None
    numeric: bool = True


def cells(trial: Trial, names: Sequence[str], scores: Iterable[str] = SCORES) -> list[Cell]:
    """Return a trial's name, its hyper-parameters `names`, `scores`, parameters, time and status."""
    return [
        Cell(trial.id, trial.id, numeric=False),
        *(hyperparameter(trial, name) for name in names),
        *(Cell(score(trial, name), trial.mean(name)) for name in scores),
        Cell(wording.count(trial.parameters), trial.parameters),
        Cell(wording.duration(trial.seconds), trial.seconds),
        Cell(trial.status, trial.status, numeric=False),
    ]


def score(trial: Trial, name: str) -> str:
    """Return a score's mean and deviation over the attempts in words.

    A fraction in per cent. Of a metric of somebody else's search it is not known whether it is one.
    """
    if name not in SCORES:
        return _number(trial, name)
    return wording.mean_deviation(trial.mean(name), trial.deviation(name), digits=2)


def _number(trial: Trial, name: str) -> str:
    mean, deviation = trial.mean(name), trial.deviation(name)
    told = wording.number(mean, DIGITS)
    return told if deviation is None else f"{told} ± {wording.number(deviation, DIGITS)}"


def hyperparameter(trial: Trial, name: str) -> Cell:
    """Return a hyper-parameter of a trial, a dash if it has none of that name."""
    if name not in trial.values:
        return Cell(wording.MISSING, None, numeric=False)
    value: Any = trial.values[name]
    text = wording.hyperparameter(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Cell(text, text, numeric=False)
    return Cell(text, value)
