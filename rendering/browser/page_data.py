"""What the trial browser's page holds: the searches as JSON, from which its scripts draw everything.

Each trial stands there once. Iterations that many runs have in common, and environments, stand in lists
of their own and are named by their place in these. Numbers of curves have four significant digits.

    {"searches": [...], "axes": [[...], ...], "environments": [{...}, ...],
     "began": when the build began, or "", "building": whether it goes on}

A search has `name`, `title`, `objective`, `direction`, `algorithm`, `about`, `scores` (name -> label,
direction, whether it is a fraction), `hyperparameters` (their names), `common` (the values that all
trials share, in words), `leader` (the id of the best trial, or null) and `tied_with` (the ids of those
that it cannot be told from), `standings` (id -> how a trial stands, in words), `verdict` (the same in a
sentence), `importance` (`shares`: name -> share of the variance; `trials`, `held_out`, `warning`) or
null, `uses` (title and address of where the report uses it), `figures` (the same of each figure, with
the ids of the `trials` that it was drawn from), `show` and `retrain` (for a terminal, for trial "N"),
`ended` (how many trials have) of how many `planned`, `classes` (their names), and `trials`: `id`,
`values`, `status`, `message`, `confusion` (images of each class by the class they were taken for, if that
is known), and `attempts`, each with `key`, `seed`, `status`, `message`, `scores`, `parameters`,
`seconds`, `worker`, `taken_up_at`, `finished_at`, `environment`, and `curves` (name -> values, and `at`,
the place of its iterations).
"""

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from rendering import wording
from rendering.browser.cells import SCORES, standing, why
from rendering.browser.model import Attempt, Search, Trial

DIGITS = 4  # of a curve's values: what a screen shows
ITERATION = "iteration"


def text(searches: Sequence[Search], began: str = "", building: bool = False) -> str:
    """Return the page's data as JSON that may stand within a script element of HTML."""
    axes, environments = Places(), Places()
    found = [_search(it, axes, environments) for it in searches]
    held = {
        "searches": found,
        "axes": axes.items,
        "environments": environments.items,
        "began": began,
        "building": building,
    }
    told = json.dumps(held, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
    return told.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


class Places:
    """A list that holds each thing once; `of` gives the place of a thing in it."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._known: dict[str, int] = {}

    def of(self, item: Any) -> int:  # noqa: ANN401
        """Return the place of `item`, which is added if it is not there."""
        key = json.dumps(item)
        if key not in self._known:
            self._known[key] = len(self.items)
            self.items.append(item)
        return self._known[key]


def _search(search: Search, axes: Places, environments: Places) -> dict[str, Any]:
    scores = {search.objective: search.direction, **search.scores}
    return {
        "name": search.name,
        "title": search.title,
        "objective": search.objective,
        "direction": search.direction,
        "algorithm": search.algorithm,
        "about": search.about,
        "scores": {name: _score(name, it) for name, it in scores.items()},
        "hyperparameters": [*search.varied, *search.constant],
        "common": {name: wording.hyperparameter(it) for name, it in search.constant.items()},
        "leader": search.ahead.leader if search.ahead else None,
        "tied_with": list(search.ahead.tied_with) if search.ahead else [],
        "standings": {it.id: told for it in search.trials if (told := standing(search, it))},
        "verdict": why(search),
        "importance": dataclasses.asdict(search.importance) if search.importance else None,
        "uses": [{"title": title, "address": address} for title, address in search.uses],
        "figures": [
            {"title": title, "address": address, "trials": list(trials)}
            for title, address, trials in search.figures
        ],
        "show": search.show,
        "retrain": search.retrain,
        "ended": search.ended,
        "planned": max(len(search.trials), search.planned),
        "classes": list(search.classes),
        "trials": [_trial(trial, axes, environments) for trial in search.trials],
    }


def _score(name: str, direction: str) -> dict[str, Any]:
    """Of a metric of somebody else's search it is not known whether it is a fraction."""
    label = SCORES.get(name, name.replace("_", " "))
    return {"label": label, "direction": direction, "fraction": name in SCORES}


def _trial(trial: Trial, axes: Places, environments: Places) -> dict[str, Any]:
    return {
        "id": trial.id,
        "values": {name: _value(value) for name, value in trial.values.items()},
        "status": trial.status,
        "message": trial.message,
        "attempts": [_attempt(attempt, axes, environments) for attempt in trial.attempts],
        **({"confusion": [list(row) for row in trial.confusion]} if trial.confusion else {}),
    }


def _attempt(attempt: Attempt, axes: Places, environments: Places) -> dict[str, Any]:
    return {
        "key": attempt.key,
        "seed": attempt.seed,
        "status": attempt.status,
        "message": attempt.message,
        "scores": {name: _finite(value) for name, value in attempt.scores.items()},
        "parameters": attempt.parameters,
        "seconds": _rounded(attempt.seconds),
        "worker": attempt.worker,
        "taken_up_at": attempt.taken_up_at,
        "finished_at": attempt.finished_at,
        "environment": environments.of(dict(attempt.environment)),
        "curves": _curves(attempt.series, axes),
    }


def _curves(series: Mapping[str, Sequence[float | None]], axes: Places) -> dict[str, Any]:
    names = [name for name in series if name not in (ITERATION, "epoch") and len(series[name])]
    curves: dict[str, Any] = {name: [_rounded(it) for it in series[name]] for name in names}
    if names and series.get(ITERATION):
        curves["at"] = axes.of([_whole(it) for it in series[ITERATION]])
    return curves


def _value(value: Any) -> Any:  # noqa: ANN401
    """Return a hyper-parameter as JSON can hold it; what is no finite number, word or flag, in words."""
    if value is None or isinstance(value, bool | str | int) or _finite(value) is not None:
        return value
    return {"words": wording.hyperparameter(value)}


def _finite(value: Any) -> float | None:  # noqa: ANN401
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _rounded(value: float | None) -> float | None:
    known = _finite(value)
    return None if known is None else _whole(float(f"{known:.{DIGITS}g}"))


def _whole(value: float | None) -> float | None:
    """Return an integer for a number that is one: its decimals would double a page's size."""
    known = _finite(value)
    return int(known) if known is not None and known == int(known) else known
