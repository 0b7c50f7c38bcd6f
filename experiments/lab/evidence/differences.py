"""Whether two numbers differ that were measured on the same images, or on others, or are known.

Each function gives a `Difference` whose interval and p-value come from one and the same test: the
interval leaves out zero exactly where p < .05.
"""

import math
import warnings
from collections.abc import Sequence

import numpy as np

from experiments.lab.evidence.claims import SEEDS, Difference, Interval, Within
from experiments.lab.evidence.comparisons import (
    ROUNDING,
    SIGN_FLIP,
    seeds_apart,
    standard_error,
    students,
)

PAIRED = "paired t test"
UNPAIRED = "Welch’s t test"
PROPORTIONS = "two-proportion z test"
KNOWN_SHARE = "z test against a known share"
DRAWN = "z test against random draws"


def paired(
    left: Sequence[float], right: Sequence[float], unit: str = "images"
) -> Difference | None:
    """Return how `left` differs from `right` on the mean; they are paired, one number for each unit.

    By Student's t test of the differences (1908, Biometrika 6), which holds for a few dozen units of
    almost any distribution. Pairs with a number that is not finite are left out; with fewer than two
    pairs there is no difference to tell: None.
    """
    left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
    known = np.isfinite(left) & np.isfinite(right)
    differences = _apart(left[known], right[known])
    if len(differences) < 2:
        return None
    within, p_value = _student(differences)
    means = float(left[known].mean()), float(right[known].mean())
    estimate = float(differences.mean())
    return Difference(*means, estimate, within, p_value, PAIRED, unit, len(differences))


def unpaired(left: Sequence[float], right: Sequence[float], unit: str) -> Difference | None:
    """Return how the mean of `left` differs from that of `right`, which have nothing to pair them by.

    By Welch's t test (1947, Biometrika 34). Numbers that are not finite are left out; with fewer than
    two on a side there is no difference to tell: None.
    """
    from scipy.stats import ttest_ind

    sides = [np.asarray(one, np.float64) for one in (left, right)]
    one, two = (side[np.isfinite(side)] for side in sides)
    if min(len(one), len(two)) < 2:
        return None
    means = float(one.mean()), float(two.mean())
    estimate, count = means[0] - means[1], len(one) + len(two)
    if np.ptp(one) == np.ptp(two) == 0:
        return Difference(*means, estimate, *_normal(estimate, 0.0), UNPAIRED, unit, count)
    with warnings.catch_warnings():
        # Of a side whose numbers are all the same, which the test allows beside one that varies.
        warnings.filterwarnings("ignore", "Precision loss", RuntimeWarning)
        found = ttest_ind(one, two, equal_var=False)

    def within(confidence: float) -> Interval:
        low, high = found.confidence_interval(confidence)
        return float(low), float(high)

    return Difference(*means, estimate, within, float(found.pvalue), UNPAIRED, unit, count)


def accuracies(left: float, right: float, left_count: int, right_count: int) -> Difference:
    """Return how two accuracies differ, measured on `left_count` and on `right_count` images.

    The errors are taken as independent: for the same images, whose predictions were not kept, that
    asks rather too much. The standard error is not pooled, so that it serves the interval as well.
    An accuracy that is a mean over several networks varies less with the images than is allowed for.
    """
    error = math.hypot(standard_error(left, left_count), standard_error(right, right_count))
    within, p_value = _normal(left - right, error)
    count = left_count + right_count
    return Difference(left, right, left - right, within, p_value, PROPORTIONS, "images", count)


def validated(left: Sequence[float], right: Sequence[float], images: int) -> Difference:
    """Return how accuracies for the same seeds differ, one for each, measured on `images` images.

    Of one seed each they are two accuracies, whose predictions were not kept; of several, the seeds
    are the unit.
    """
    one, two = np.asarray(left, np.float64), np.asarray(right, np.float64)
    means = float(one.mean()), float(two.mean())
    if len(one) < 2:
        return accuracies(*means, images, images)
    return Difference(*means, *seeds_apart(one - two), SIGN_FLIP, SEEDS, len(one))


def against_share(accuracy: float, share: float, count: int) -> Difference:
    """Return how an accuracy on `count` images differs from a known share, as that of guessing.

    By the score test, and the interval that belongs to it (Wilson 1927, Journal of the American
    Statistical Association 22). `share` is above 0 and below 1.
    """
    from scipy.stats import norm

    estimate = accuracy - share
    p_value = 2 * float(norm.sf(abs(estimate) / standard_error(share, count)))

    def within(confidence: float) -> Interval:
        z = float(norm.isf((1 - confidence) / 2))
        weight = 1 + z**2 / count
        centre = (accuracy + z**2 / (2 * count)) / weight
        reach = z / weight * math.sqrt(accuracy * (1 - accuracy) / count + (z / (2 * count)) ** 2)
        return centre - reach - share, centre + reach - share

    return Difference(accuracy, share, estimate, within, p_value, KNOWN_SHARE, "images", count)


def against_draws(values: Sequence[float], drawn: Sequence[float], unit: str) -> Difference | None:
    """Return how the mean of `values` differs from that of as many random draws, by a z test.

    `drawn` are so many draws that their mean and spread count as known. None without values.
    """
    if not len(values):
        return None
    mean, chance = float(np.mean(values)), float(np.mean(drawn))
    error = float(np.std(drawn)) / math.sqrt(len(values))
    within, p_value = _normal(mean - chance, error)
    return Difference(mean, chance, mean - chance, within, p_value, DRAWN, unit, len(values))


def correlations(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation of each row of `left` (n, ...) with that of `right`: float64 (n,).

    NaN where a row is constant: it correlates with nothing.
    """
    one, two = (_standardized(rows) for rows in (left, right))
    return (one * two).sum(axis=1)


def _apart(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return left less right, zero where nothing is left of it but rounding."""
    rounding = ROUNDING * np.maximum(np.abs(left), np.abs(right))
    return np.where(np.abs(left - right) <= rounding, 0.0, left - right)


def _student(differences: np.ndarray) -> tuple[Within, float]:
    """Return the mean's intervals and the p-value of its being zero."""
    from scipy.stats import ttest_1samp

    if np.ptp(differences) <= ROUNDING * np.abs(differences).max():
        return _normal(float(differences.mean()), 0.0)
    return students(differences), float(ttest_1samp(differences, 0).pvalue)


def _normal(estimate: float, error: float) -> tuple[Within, float]:
    """Return intervals and p-value of an estimate with a normal error; without error it is certain."""
    from scipy.stats import norm

    if error == 0:
        return lambda confidence: (estimate, estimate), 1.0 if estimate == 0 else 0.0

    def within(confidence: float) -> Interval:
        reach = float(norm.isf((1 - confidence) / 2)) * error
        return estimate - reach, estimate + reach

    return within, 2 * float(norm.sf(abs(estimate) / error))


def _standardized(rows: np.ndarray) -> np.ndarray:
    flat = rows.reshape(len(rows), -1).astype(np.float64)
    flat = flat - flat.mean(axis=1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    # What rounding leaves of a constant row must not pass for a pattern.
    constant = (
        length <= ROUNDING * np.maximum(np.abs(rows).reshape(len(rows), -1).max(axis=1), 1)[:, None]
    )
    return np.where(constant, np.nan, flat / np.where(constant, 1, length))
