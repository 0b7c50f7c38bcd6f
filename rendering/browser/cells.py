"""A trial's values and scores in words, and as what they are sorted by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.lab.store.standings import Standing
from rendering import wording
from rendering.browser.model import Search, Trial

DIGITS = 4  # of a metric whose unit is not known
NAMED = 6  # trials that a sentence names; more are counted
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


def standing(search: Search, trial: Trial) -> str:
    """Return "best", "best, tied with 3", "tied with the best", "ahead in the test" or nothing."""
    found = search.ahead
    if found is None:
        return ""
    if trial.id == found.leader:
        return f"best, tied with {len(found.tied_with)}" if found.tied_with else "best"
    if trial.id in found.tied_with:
        return "tied with the best"
    return "ahead in the test" if trial.id in found.ahead else ""


def why(search: Search) -> str:
    """Say in a sentence or two which trial is best, which it cannot be told from, and by what rule."""
    found = search.ahead
    if found is None:
        return f"{progress(search)}." if search.goes_on else ""
    best = f"Trial {found.leader} has the best {_named(search.objective)}"
    if search.goes_on:
        return f"{progress(search)}. So far {best[:1].lower()}{best[1:]}{_shared(found.tied_with)}."
    if not found.test:
        return f"{best}{_shared(found.tied_with)}."
    told = [*_untold(found), *_ahead(found)] or ["finds it better than every other"]
    return f"{best}. {_rule(found)} {wording.and_list(told)} by {_named(found.measure)}."


def progress(search: Search) -> str:
    """Say how far a search has come that has not ended."""
    return f"{search.ended} of {max(len(search.trials), search.planned)} trials have ended"


def _rule(found: Standing) -> str:
    amount = f"{wording.count(found.count)} {'test ' if found.unit == 'images' else ''}{found.unit}"
    test, _, corrected = found.test.partition(", ")
    rule = f"{test[:1].upper()}{test[1:]} on {amount}"
    return f"{rule}, {corrected}," if corrected else rule


def _untold(found: Standing) -> list[str]:
    if not found.tied_with:
        return []
    every = len(found.tied_with) > 1 and len(found.tied_with) == found.comparisons
    return [f"cannot tell it from {'any other' if every else _trials(found.tied_with)}"]


def _ahead(found: Standing) -> list[str]:
    return [f"finds {_trials(found.ahead)} better"] if found.ahead else []


def _shared(tied: Sequence[str]) -> str:
    return f", and {_trials(tied)} exactly the same" if tied else ""


def _trials(ids: Sequence[str]) -> str:
    """Return trials by their numbers: "trial 3", "trials 1 and 2", "trials 1, 2, 4 and 9 others"."""
    named = (
        [*ids[:NAMED], wording.plural(len(ids) - NAMED, "other")] if len(ids) > NAMED + 1 else ids
    )
    return f"{'trial' if len(ids) == 1 else 'trials'} {wording.and_list(named)}"


def _named(score: str) -> str:
    return SCORES.get(score, score)


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
