"""The searches as a CSV file for a spreadsheet: a row for each attempt, a value a column."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.lab.store.files import write_whole
from rendering import wording
from rendering.browser.model import Attempt, Search, Trial
from rendering.figures.drawing import table_text


def write(searches: Sequence[Search], path: Path) -> None:
    """Write all attempts to `path` whole."""
    write_whole(path, text(searches).encode())


def text(searches: Sequence[Search]) -> str:
    """Return all attempts as CSV, numbers in full precision."""
    return table_text(rows(searches))


def rows(searches: Sequence[Search]) -> list[dict[str, Any]]:
    """Return a row for each attempt.

    There is a column for every hyper-parameter of any search, empty where a search has none.
    """
    names = list(
        dict.fromkeys(name for it in searches for trial in it.trials for name in trial.values)
    )
    return [
        _row(search, trial, attempt, names)
        for search in searches
        for trial in search.trials
        for attempt in trial.attempts
    ]


def _row(search: Search, trial: Trial, attempt: Attempt, names: Sequence[str]) -> dict[str, Any]:
    return {
        "search": search.name,
        "trial_id": trial.id,
        **{name: _value(trial, name) for name in names},
        "seed": attempt.seed,
        "status": attempt.status,
        **{score: attempt.scores.get(score) for score in search.scores},
        "parameters": attempt.parameters,
        "seconds": attempt.seconds,
        "run": attempt.key,
        "message": attempt.message,
    }


def _value(trial: Trial, name: str) -> Any:  # noqa: ANN401
    """Return a value as it is; None, which an empty cell would not tell from no value, in words."""
    value = trial.values.get(name, "")
    return wording.hyperparameter(value) if value is None else value
