"""Findings whose every number is another one, so that a number that is shown tells where it is from.

The numbers are far from any that a template types: fractions begin above 1100 %, counts above 3000.
Rounded to any number of digits that the report prints, no two of them are alike.
"""

import dataclasses
import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from experiments.lab.store.records import Findings

# What decides how a record is read, or names things, and is not a measurement.
KEPT = {
    "hyperparameters", "label", "others", "shown", "chosen_index", "bold", "number", "runs",
    "completed", "seeds", "seeds_needed", "units", "smaller", "larger", "assigned_units", "choices",
    "range", "learning_rate", "rate", "rates", "paper", "columns",
}  # fmt: skip
KEPT_IN_CLAIMS = {"runs", "family_size"}
LONG = 5  # numbers in a list from which on they are a curve: not printed, and only drawn


class Numbers:
    """A supply of numbers, each unlike all before it."""

    def __init__(self) -> None:
        self._fractions = (round(11.37 + 0.1 * n, 4) for n in itertools.count())
        self._curves = (round(0.031 + 0.00071 * n, 6) for n in itertools.count())
        self._counts = itertools.count(3011, 7)
        self._seconds = itertools.count(601, 7)
        self._steps = (round(0.0113 + 0.0007 * n, 5) for n in itertools.count())

    def next(self, key: str, value: float) -> float:
        """Return a number of the kind of `value`, which stands under `key`."""
        if isinstance(value, int):
            return next(self._counts)
        if not math.isfinite(value):
            return value
        if key == "step_seconds":
            return next(self._steps)
        return float(next(self._seconds)) if key == "seconds" else next(self._fractions)

    def curve(self) -> float:
        """Return a number of a curve."""
        return next(self._curves)


def distinct(findings: Findings, kept: frozenset[str] = frozenset()) -> Findings:
    """Return the findings with other numbers in the same places; verdicts stay.

    `kept` are further keys whose numbers stay.
    """
    numbers = Numbers()
    random = np.random.default_rng(0)
    return dataclasses.replace(
        findings,
        scores=_renumbered(findings.scores, numbers, KEPT | kept),
        facts=_renumbered(findings.facts, numbers, KEPT | kept),
        claims=[_claim(claim, numbers) for claim in findings.claims],
        arrays={name: _noise(np.asarray(one), random) for name, one in findings.arrays.items()},
    )


def _noise(array: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return an array of the same shape, kind and sign, in which no two parts are alike."""
    if array.dtype == bool:
        return random.random(array.shape) < 0.5
    if array.dtype == np.uint8:
        return random.integers(0, 256, array.shape, np.uint8)
    if np.issubdtype(array.dtype, np.integer):
        high = 10 if array.ndim > 2 else 999  # classes of places, or counts
        return random.integers(0, high, array.shape) if array.ndim > 1 else array
    if array.ndim == 1:
        return array  # edges
    values = random.random(array.shape) if array.min() >= 0 else random.normal(0, 0.3, array.shape)
    return values.astype(array.dtype)


def _claim(claim: Any, numbers: Numbers) -> Any:  # noqa: ANN401
    changes = {
        field.name: _renumbered(getattr(claim, field.name), numbers, frozenset(), field.name)
        for field in dataclasses.fields(claim)
        if field.name not in KEPT_IN_CLAIMS | {"left", "right", "verdict", "within"}
    }
    interval = changes["interval"] or (numbers.next("", 0.0), numbers.next("", 0.0))
    return dataclasses.replace(claim, **{**changes, "interval": interval})


def _renumbered(value: Any, numbers: Numbers, kept: frozenset[str], key: str = "") -> Any:  # noqa: ANN401
    if key in kept or value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return numbers.next(key, value)
    if isinstance(value, dict):
        return {name: _renumbered(one, numbers, kept, str(name)) for name, one in value.items()}
    if len(value) > LONG and all(isinstance(one, int | float | None) for one in value):
        return [None if one is None else numbers.curve() for one in value]
    return type(value)(_renumbered(one, numbers, kept, key) for one in value)


Path = tuple[Any, ...]  # of keys, and [selectors] for items of lists


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401
    """Yield every value that is no dict and no list, with the path to it."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, (*path, str(name)))
    elif isinstance(value, list | tuple):
        names = [selector(one, index) for index, one in enumerate(value)]
        for index, one in enumerate(value):
            name = names[index] if names.count(names[index]) == 1 else str(index)
            yield from leaves(one, (*path, Item(index, name)))
    else:
        yield path, value


@dataclasses.dataclass(frozen=True)
class Item:
    """An item of a list: its place, and what it calls itself."""

    index: int
    name: str

    def __str__(self) -> str:
        return f"[{self.name}]"


def selector(one: Any, index: int) -> str:  # noqa: ANN401
    """Return what names an item of a list: its own name where it has one, else its place."""
    if not isinstance(one, dict):
        return str(index)
    if "way" in one and "kind" in one:
        return f"{one['way']}, {one['kind']}"
    names = ("label", "short", "name", "cell", "class", "part", "smaller", "number")
    found = next((str(one[name]) for name in names if isinstance(one.get(name), str | int)), None)
    if found is not None and isinstance(one.get("hyperparameters"), dict) and "optimizer" in one:
        return f"{found} {one['hyperparameters']['learning_rate']:g}"
    if found is None and isinstance(one.get("hyperparameters"), dict):
        return " ".join(str(it) for it in one["hyperparameters"].values())
    return str(index) if found is None else found


def spelled(path: Path) -> str:
    """Return a path in one word: "rows[GRU 128].test_accuracy[0]"."""
    text = ""
    for part in path:
        text += str(part) if isinstance(part, Item) else f".{part}"
    return text.lstrip(".")
