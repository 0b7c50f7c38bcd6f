"""Whether two numbers measured on the same images differ: the mean difference and its interval."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

SURE = 1.96  # standard errors to both sides that hold 95 % of a normal distribution


def paired(left: Sequence[float], right: Sequence[float]) -> dict[str, Any]:
    """Return how `left` differs from `right`, which are paired, one number for each image.

    `left` and `right` are the means, `estimate` is the mean difference, `interval` its 95 %
    confidence interval by the normal approximation, which a few dozen images are enough for, and
    `verdict` "greater", "smaller" or "tied": the last if the interval holds zero. Pairs with a
    number that is not finite are left out; with fewer than two pairs all but `verdict` ("tied") and
    `pairs` is None.
    """
    left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
    known = np.isfinite(left) & np.isfinite(right)
    differences = (left - right)[known]
    if len(differences) < 2:
        empty = dict.fromkeys(("left", "right", "estimate", "interval"))
        return {**empty, "verdict": "tied", "pairs": len(differences)}
    estimate = float(differences.mean())
    spread = SURE * float(differences.std(ddof=1)) / math.sqrt(len(differences))
    return {
        "left": float(left[known].mean()),
        "right": float(right[known].mean()),
        "estimate": estimate,
        "interval": [estimate - spread, estimate + spread],
        "verdict": verdict(estimate - spread, estimate + spread),
        "pairs": len(differences),
    }


def verdict(low: float, high: float) -> str:
    """Return what an interval says of the left side: "greater", "smaller" or "tied"."""
    return "greater" if low > 0 else "smaller" if high < 0 else "tied"


def correlations(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation of each row of `left` (n, ...) with that of `right`: float64 (n,).

    NaN where a row is constant: it correlates with nothing.
    """
    one, two = (_standardized(rows) for rows in (left, right))
    return (one * two).sum(axis=1)


def _standardized(rows: np.ndarray) -> np.ndarray:
    flat = rows.reshape(len(rows), -1).astype(np.float64)
    flat = flat - flat.mean(axis=1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    # What rounding leaves of a constant row must not pass for a pattern.
    constant = (
        length <= 1e-12 * np.maximum(np.abs(rows).reshape(len(rows), -1).max(axis=1), 1)[:, None]
    )
    return np.where(constant, np.nan, flat / np.where(constant, 1, length))
