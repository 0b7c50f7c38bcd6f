"""Reads a project that keras-tuner wrote, whoever's it is, for the trial browser. Changes nothing in it.

A project is a folder with a `trial_ID/trial.json` for each trial and an `oracle.json`. keras-tuner does
not write down what the objective was: it is the metric whose best value is every trial's score. See
https://keras.io/api/keras_tuner/.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from experiments.lab.store.plain_text import plain
from rendering.browser.model import COMPLETED, Attempt, Axis, Search, Trial

SCORE = (
    "score"  # the objective where no metric is: several objectives have a sum, which is minimised
)


class Found(NamedTuple):
    """A project's search, and what its reader should know: what was left out, and what was guessed."""

    search: Search
    remarks: list[str]


def is_project(folder: Path) -> bool:
    """Return whether the folder holds what keras-tuner writes."""
    try:
        return (folder / "oracle.json").is_file() or any(folder.glob("trial_*/trial.json"))
    except OSError:  # a name that is too long for one, or nobody's to read
        return False


def read(folder: Path) -> Found:
    """Return the search of a project; trials that are broken or half written are left out and named."""
    held, remarks = [], []
    for path in sorted(folder.glob("trial_*"), key=_natural):
        try:
            held.append(_checked(json.loads((path / "trial.json").read_text(encoding="utf-8"))))
        except FileNotFoundError:
            remarks.append(f"left out: {plain(path.name)} has no trial.json yet")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            remarks.append(
                f"left out: {plain(path.name)} cannot be read: {plain(str(error))[:200]}"
            )
    directions = _directions(held)
    objective, *others = _objectives(held, directions)
    if others:
        told = f"{objective} is taken, {', '.join(others)} would fit as well"
        remarks.append(f"keras-tuner does not name the objective: {told}")
    scores = {objective: directions.get(objective, "min"), **directions}
    name = plain(folder.resolve().name)
    trials = tuple(_trial(one, objective) for one in held)
    about = f"keras-tuner's project {name}"
    search = Search(
        name, name, objective, scores[objective], "", trials, about, scores, _axes(held)
    )
    return Found(search, remarks)


def _axes(held: Sequence[Mapping[str, Any]]) -> dict[str, Axis]:
    """Return the hyper-parameters' ranges, of which one may have several under conditions."""
    found: dict[str, Axis] = {}
    for one in (one for trial in held for one in trial["hyperparameters"]["space"]):
        name = plain(one["config"]["name"])
        axis = _axis(one["class_name"], one["config"])
        found[name] = _both(found[name], axis) if name in found else axis
    return found


def _axis(kind: str, config: Mapping[str, Any]) -> Axis:
    """Return the range of a hyper-parameter of one of keras-tuner's kinds."""
    if kind == "Choice":
        return Axis(tuple(_value(it) for it in config["values"]))
    if kind == "Boolean":
        return Axis((False, True))
    if kind == "Fixed":
        return Axis((_value(config["value"]),))
    log = config["sampling"] in ("log", "reverse_log")
    return Axis((), config["min_value"], config["max_value"], log)


def _both(one: Axis, other: Axis) -> Axis:
    """Return what holds both; of values and a range the values, which are then no axis by themselves."""
    if one == other:
        return one
    if one.low is None or other.low is None:
        return Axis(tuple(dict.fromkeys((*one.values, *other.values))))
    low, high = min(one.low, other.low), max(one.high, other.high)
    return Axis((), low, high, one.log and other.log)


def _checked(held: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a trial's file holds if all that is read of it is there and of its kind."""
    for name, kind in (("trial_id", str), ("status", str), ("hyperparameters", dict)):
        if not isinstance(held[name], kind):
            raise TypeError(f"{name} is not of its kind")
    if not isinstance(held["score"], int | float | None):
        raise TypeError("score is no number")
    _values(held)
    _series(held)
    _axes([held])
    return held


def _trial(held: Mapping[str, Any], objective: str) -> Trial:
    trial_id, status = plain(held["trial_id"]), plain(held["status"]).lower()
    message = _last_line(held.get("message"))
    scores = {name: best for name, (best, _) in _series(held).items() if best is not None}
    if status == COMPLETED and _finite(held["score"]):
        scores[objective] = float(held["score"])
    attempt = Attempt(f"trial_{trial_id}", None, status, message, _curves(held), scores)
    return Trial(trial_id, _values(held), status, message, (attempt,))


def _values(held: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hyper-parameters that took part: whose conditions, if they have any, are met."""
    values, space = held["hyperparameters"]["values"], held["hyperparameters"]["space"]
    conditions: dict[str, list[Sequence[Mapping[str, Any]]]] = {}
    for one in space:
        conditions.setdefault(one["config"]["name"], []).append(one["config"]["conditions"])
    return {
        plain(name): _value(value)
        for name, value in values.items()
        if any(all(_met(it, values) for it in every) for every in conditions.get(name, [()]))
    }


def _value(value: Any) -> bool | float | str:  # noqa: ANN401
    return value if isinstance(value, bool | int | float) else plain(str(value))


def _met(condition: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    told = condition["config"]
    return told["name"] in values and values[told["name"]] in told["values"]


def _series(held: Mapping[str, Any]) -> dict[str, tuple[float | None, list[tuple[int, float]]]]:
    """Return of each metric the best value, None if it has none, and its values by step."""
    found = {}
    for name, metric in held["metrics"]["metrics"].items():
        points = [(int(it["step"]), _mean(it["value"])) for it in metric["observations"]]
        known = [value for _, value in points if _finite(value)]
        better = max if metric["direction"] == "max" else min
        found[plain(name)] = (better(known) if known else None, sorted(points))
    return found


def _curves(held: Mapping[str, Any]) -> dict[str, list[float]]:
    """Return the metrics that were noted at the same, several steps."""
    curves: dict[str, list[float]] = {}
    for name, (_, points) in _series(held).items():
        steps = [step for step, _ in points]
        if len(steps) > 1 and curves.setdefault("iteration", steps) == steps:
            curves[name] = [value for _, value in points]
    return curves


def _directions(held: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the metrics of all trials with the direction that keras-tuner gives each."""
    found: dict[str, str] = {}
    for one in held:
        for name, metric in one["metrics"]["metrics"].items():
            found.setdefault(plain(name), "max" if metric["direction"] == "max" else "min")
    return found


def _objectives(held: Sequence[Mapping[str, Any]], directions: Mapping[str, str]) -> list[str]:
    """Return the metrics whose best values are the scores of all trials, else SCORE.

    Of several, those of validation come first, which objectives mostly are.
    """
    scored = [one for one in held if _finite(one["score"])]
    found = [name for name in directions if scored and _is_score(name, scored)]
    return sorted(found, key=lambda name: not name.startswith("val")) or [SCORE]


def _is_score(name: str, held: Sequence[Mapping[str, Any]]) -> bool:
    return all(_series(one).get(name, (None, []))[0] == one["score"] for one in held)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _finite(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int | float) and math.isfinite(value)


def _last_line(message: str | None) -> str:
    """Return the last line of a message, which of a traceback is the one that says why."""
    lines = (message or "").strip().splitlines()
    return plain(lines[-1]) if lines else ""


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    """Return what puts trial_9 before trial_10."""
    parts = re.split(r"(\d+)", path.name)
    return [(it.isdecimal(), int(it) if it.isdecimal() else 0, it) for it in parts]
