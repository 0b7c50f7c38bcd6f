"""A search's trials as JSON, for programs: what the browser's model holds, curves left out."""

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from experiments.lab.store.standings import Standing
from rendering.browser.model import Attempt, Axis, Importance, Search, Trial


def text(searches: Sequence[Search]) -> str:
    """Return the searches as JSON; what is no number in JSON, such as NaN, is null."""
    return json.dumps([_search(it) for it in searches], indent=2, ensure_ascii=False)


def _search(search: Search) -> dict[str, Any]:
    return {
        "name": search.name,
        "title": search.title,
        "objective": search.objective,
        "direction": search.direction,
        "scores": dict(search.scores),
        "axes": {name: _axis(axis) for name, axis in search.axes.items()},
        **_standing(search.ahead),
        "ended": search.ended,
        "planned": search.planned or len(search.trials),
        "importance": _importance(search.importance),
        "classes": list(search.classes),
        "trials": [_trial(trial, search.scores) for trial in search.trials],
    }


def _standing(standing: Standing | None) -> dict[str, Any]:
    """Return who is best, which trials it cannot be told from, and how that was judged."""
    if standing is None:
        return {"best": None, "tied_with": [], "standing": None}
    told = dataclasses.asdict(standing) if standing.test else None
    return {"best": standing.leader, "tied_with": list(standing.tied_with), "standing": told}


def _importance(importance: Importance | None) -> dict[str, Any] | None:
    return dataclasses.asdict(importance) if importance else None


def _axis(axis: Axis) -> dict[str, Any]:
    told = dataclasses.asdict(axis)
    return {**told, "values": [_plain(value) for value in axis.values]}


def _trial(trial: Trial, scores: Mapping[str, str]) -> dict[str, Any]:
    return {
        "trial_id": trial.id,
        "hyperparameters": {name: _plain(value) for name, value in trial.values.items()},
        "status": trial.status,
        "message": trial.message,
        "scores": {name: _plain(trial.mean(name)) for name in scores},
        "runs": [_attempt(attempt, scores) for attempt in trial.attempts],
        "confusion": [list(row) for row in trial.confusion],
    }


def _attempt(attempt: Attempt, scores: Mapping[str, str]) -> dict[str, Any]:
    return {
        "run": attempt.key,
        "seed": attempt.seed,
        "status": attempt.status,
        "scores": {name: _plain(attempt.scores.get(name)) for name in scores},
        "parameters": attempt.parameters,
        "seconds": attempt.seconds,
        "worker": attempt.worker,
        "taken_up_at": attempt.taken_up_at,
        "finished_at": attempt.finished_at,
    }


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a value as JSON can hold it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
