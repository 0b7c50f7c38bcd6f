"""A score over the runs of a trial, and trials in the order of their scores.

None stands for what there are too few runs for.
"""

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, None of nothing."""
    return statistics.fmean(values) if values else None


def deviation(values: Sequence[float]) -> float | None:
    """Return the standard deviation (n - 1), None for fewer than two values."""
    return statistics.stdev(values) if len(values) > 1 else None


def best_first(items: Iterable[T], score: Callable[[T], float | None], direction: str) -> list[T]:
    """Return the items by their score, the best first and those without a score last.

    `direction` is "max" where a higher score is better, else "min". Equals keep their order.
    """
    sign = -1 if direction == "max" else 1
    scored = [(score(item), item) for item in items]
    known = sorted(
        (pair for pair in scored if pair[0] is not None), key=lambda pair: sign * pair[0]
    )
    return [item for _, item in known] + [item for value, item in scored if value is None]
