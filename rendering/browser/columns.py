"""The columns of a search's trials by name: what a trial is sorted and chosen by."""

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rendering import wording
from rendering.browser.model import Search, Trial

OWN = ("trial", "parameters", "time", "status", "message")
SHORT = {
    "validation": "validation_accuracy",
    "best": "best_validation_accuracy",
    "test": "test_accuracy",
}
ORDERED = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
SIGNS = ("!=", *ORDERED, "=", "~")  # a sign that another begins with comes after it


class ColumnError(ValueError):
    """There is no such column, or the condition cannot be read; the message says so in one line."""


@dataclass(frozen=True)
class Condition:
    """What a column must be: `sign` is one of SIGNS, "~" for text that holds `text`."""

    column: str
    sign: str
    text: str

    def holds(self, search: Search, trial: Trial) -> bool:
        """Return whether it holds of the trial; an unknown value is equal to nothing."""
        value = value_of(search, trial, self.column)
        if self.sign in ORDERED:
            limit = _number(self.text)
            known = value is not None and not isinstance(value, str) and limit is not None
            return known and ORDERED[self.sign](value, limit)
        if self.sign == "~":
            return value is not None and self.text.casefold() in _words(value).casefold()
        return self._equal(value) == (self.sign == "=")

    def _equal(self, value: Any) -> bool:  # noqa: ANN401
        number = _number(self.text)
        if number is not None and value is not None and not isinstance(value, str):
            return value == number
        return value is not None and self.text == _words(value)


def names(search: Search) -> list[str]:
    """Return the names of all columns; a hyper-parameter hides a column of the same name."""
    own = (*search.scores, *OWN)
    return list(dict.fromkeys([*search.varied, *search.constant, *own]))


def named(search: Search, text: str) -> str:
    """Return the name of the column that `text` names; ColumnError, which lists them, if none."""
    known = names(search)
    short = SHORT.get(text)
    if text in known:
        return text
    if short in search.scores:
        return short
    raise ColumnError(f"{search.name} has no column {text!r}; there are: {', '.join(known)}")


def condition(search: Search, text: str) -> Condition:
    """Read a condition such as "units>=128"; ColumnError if it is none."""
    known = sorted([*names(search), *SHORT], key=len, reverse=True)
    for name in known:  # a name may hold a sign itself
        sign = next((it for it in SIGNS if text.startswith(name + it)), None)
        if sign:
            column, value = named(search, name), text[len(name + sign) :]
            if sign in ORDERED and _number(value) is None:
                raise ColumnError(f"{value!r} in {text!r} is not a number")
            return Condition(column, sign, value)
    raise ColumnError(
        f"{text!r} is no condition such as status=completed or parameters>1000; "
        f"the columns of {search.name} are: {', '.join(names(search))}"
    )


def chosen(search: Search, conditions: Sequence[str]) -> Search:
    """Return the search with the trials alone of which all conditions hold."""
    read = [condition(search, text) for text in conditions]
    kept = tuple(it for it in search.trials if all(one.holds(search, it) for one in read))
    return replace(search, trials=kept)


def ordered(search: Search, column: str, reverse: bool = False) -> Search:
    """Return the search with its trials in the order of a column: scores from the best, else upwards.

    Numbers come before text, and trials without a value last, in either direction.
    """
    name = named(search, column)
    downwards = (search.scores.get(name) == "max") != reverse
    keyed = [(_key(value_of(search, trial, name)), trial) for trial in search.trials]
    known = [pair for pair in keyed if pair[0] is not None]
    known.sort(key=lambda pair: pair[0], reverse=downwards)
    unknown = [trial for key, trial in keyed if key is None]
    return replace(search, trials=(*(trial for _, trial in known), *unknown))


def value_of(search: Search, trial: Trial, name: str) -> float | str | None:
    """Return a trial's value of a column: a number, text, or None where it has none."""
    if name in (*search.varied, *search.constant):
        return _plain(trial.values[name]) if name in trial.values else None
    if name in search.scores:
        return trial.mean(name)
    own = {"trial": trial.id, "time": trial.seconds}
    return own[name] if name in own else getattr(trial, name)


def _plain(value: Any) -> float | str:  # noqa: ANN401
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return value if numeric else wording.hyperparameter(value)


def _key(value: float | str | None) -> tuple[bool, float | str] | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return isinstance(value, str), value


def _words(value: float | str) -> str:
    return value if isinstance(value, str) else str(value)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
