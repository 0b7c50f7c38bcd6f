"""Statistics of the comparisons: which differences the numbers bear out, and which they do not.

One seed each, and a comparison is about *two trained networks*: would the one still be ahead on
other test images? McNemar's exact test on the images that only one of the two gets right, and a
paired bootstrap over images, answer that. Several seeds, and the comparison is about the *setting*:
would it still be ahead with other initial weights and another order of the images? The differences
are then paired by seed, with a sign-flip permutation test and Student's t interval of their mean.
Where several comparisons stand together, `compare_all` corrects p-values and intervals.
"""

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from experiments.lab.evidence.claims import (
    NETWORKS,
    SEEDS,
    SETTING,
    Claim,
    Difference,
    End,
    Interval,
    Within,
    claim,
    corrected,
)
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import COMPLETED, Run

ROUNDING = 1e-12  # of a number: a smaller part of it is taken for rounding
RESAMPLES = 9999  # of every bootstrap; up to 13 seeds the permutation test counts all sign flips
SEED = 0
SEEDS_NEEDED = 6  # the fewest whose sign-flip test can give p < .05: 2 / 2**6 = 0.031

MCNEMAR = "McNemar’s exact test"
SIGN_FLIP = "sign-flip permutation test over seeds"


class Comparison(NamedTuple):
    """A comparison to be made: the claim's name, two trials, and what each is called."""

    name: str
    left: Trial
    right: Trial
    left_label: str
    right_label: str


def compare_all(comparisons: Sequence[Comparison], labels: np.ndarray, family: str) -> list[Claim]:
    """Return the claims of comparisons of test accuracy that stand together, corrected for that.

    Over several seeds, which must be the same in all comparisons, the signs of a seed are flipped
    in all of them at once (`flipped_together`), so that six seeds can still bear out a difference.
    Otherwise the p-values are corrected by Holm's method. `family` is what they are called together;
    `labels` as in `compare`, as are the errors; comparisons that are not `comparable` are left out.
    """
    known = [one for one in comparisons if comparable(one.left, one.right)]
    claims = [
        compare(one.name, one.left, one.right, labels, one.left_label, one.right_label)
        for one in known
    ]
    seeds = [tuple(run.settings.seed for run, _ in _pairs(one.left, one.right)) for one in known]
    if len(claims) < 2 or len(set(seeds)) > 1 or len(seeds[0]) < 2:
        return adjusted(claims, family)
    differences = [_differences(_pairs(one.left, one.right), "test_accuracy") for one in known]
    return over_seeds(claims, np.stack(differences, axis=1), family)


def over_seeds(claims: Sequence[Claim], differences: np.ndarray, family: str) -> list[Claim]:
    """Return claims over the same seeds, corrected for standing together; float (seeds, claims)."""
    if len(claims) < 2:
        return list(claims)
    return corrected(claims, flipped_together(differences), family)


def compare(
    name: str,
    left: Trial,
    right: Trial,
    labels: np.ndarray,
    left_label: str,
    right_label: str,
    measure: str = "test_accuracy",
) -> Claim:
    """Return the claim that compares `left` with `right`, paired by the seeds both completed.

    With one such seed the claim is about two trained networks, with more about the setting; see the
    module's description. The verdict is "tied" unless p < .05. A sign-flip test of n seeds has no
    p-value below 2/2ⁿ, so that at least six seeds are needed for any other verdict about a setting.

    Args:
        labels: the test set's true classes, int (images,).
        measure: a score of `Run.scores`; with a single seed only "test_accuracy", for which
            predictions are kept.

    Raises:
        ValueError: no seed was completed by both, or the predictions do not belong to `labels`.
    """
    pairs = _pairs(left, right)
    if not pairs:
        raise ValueError(f"{left_label} and {right_label} have no completed seed in common")
    ends = (
        End.of_trial(trial, label, runs)
        for trial, label, runs in zip(
            (left, right), (left_label, right_label), zip(*pairs, strict=True), strict=True
        )
    )
    scope = SETTING if len(pairs) > 1 else NETWORKS
    return claim(name, *ends, measure, _difference(pairs, labels, measure), len(pairs), scope)


def _difference(pairs: Sequence[tuple[Run, Run]], labels: np.ndarray, measure: str) -> Difference:
    left, right = (
        float(np.mean([run.scores[measure] for run in runs])) for runs in zip(*pairs, strict=True)
    )
    if len(pairs) > 1:
        found = seeds_apart(_differences(pairs, measure))
        return Difference(left, right, *found, SIGN_FLIP, SEEDS, len(pairs))
    if measure == "test_accuracy":
        found = networks_apart(*(_correct(run, labels) for run in pairs[0]))
        return Difference(left, right, *found, MCNEMAR, "images", len(labels))
    raise ValueError(
        f"one run each cannot be compared by {measure}: only test predictions are kept"
    )


def comparable(left: Trial, right: Trial) -> bool:
    """Return whether the trials have a seed that both completed, as `compare` needs."""
    return bool(_pairs(left, right))


def networks_apart(left: np.ndarray, right: np.ndarray) -> tuple[float, Within, float]:
    """Compare two networks by which of the same images each gets right, bool (images,).

    Returns the difference of their accuracies, its intervals from a paired bootstrap over images, and
    the two-sided p-value of McNemar's test (1947, Psychometrika 12) in its exact form: if the networks
    are equally good, an image that only one of them gets right is as likely to be the one's as the
    other's.
    """
    from scipy.stats import binomtest

    count = len(left)
    left_only, right_only = int((left & ~right).sum()), int((~left & right).sum())
    discordant = left_only + right_only
    p_value = float(binomtest(left_only, discordant).pvalue) if discordant else 1.0
    # Drawing images with replacement is drawing how many of each of the three kinds come up.
    kinds = np.array([left_only, right_only, count - discordant]) / count
    drawn = np.random.default_rng(SEED).multinomial(count, kinds, size=RESAMPLES)
    return (left_only - right_only) / count, middle((drawn[:, 0] - drawn[:, 1]) / count), p_value


def middle(drawn: np.ndarray) -> Within:
    """Return the percentile intervals of a bootstrap's draws, float (draws,)."""

    def within(confidence: float) -> Interval:
        tail = (1 - confidence) / 2
        low, high = np.quantile(drawn, [tail, 1 - tail])
        return float(low), float(high)

    return within


def seeds_apart(differences: np.ndarray) -> tuple[float, Within, float]:
    """Judge two settings by their differences for the same seeds, float (seeds,).

    Returns the mean difference, its interval by Student's t (1908, Biometrika 6; None where the
    differences are all the same and have no spread to judge by), and the two-sided p-value of the
    permutation test that flips the differences' signs. docs/statistics.md has the intervals' measured
    coverage.
    """
    from scipy.stats import permutation_test

    tested = permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        n_resamples=RESAMPLES,
        rng=np.random.default_rng(SEED),
    )
    return float(differences.mean()), students(differences), float(tested.pvalue)


def students(differences: np.ndarray) -> Within:
    """Return Student's intervals of the mean of differences, float (n,); None without any spread."""
    from scipy.stats import ttest_1samp

    # Equal differences have no spread to judge by; what rounding leaves of it must not pass for one.
    if np.ptp(differences) <= ROUNDING * np.abs(differences).max():
        return lambda confidence: None

    def within(confidence: float) -> Interval:
        low, high = ttest_1samp(differences, 0).confidence_interval(confidence)
        return float(low), float(high)

    return within


def adjusted(claims: Sequence[Claim], family: str) -> list[Claim]:
    """Return the claims with p-values and verdicts corrected for standing together (Holm).

    A single claim is returned as it is.
    """
    if len(claims) < 2:
        return list(claims)
    return corrected(claims, holm([one.p_value for one in claims]), family)


def flipped_together(differences: np.ndarray) -> list[float]:
    """Return corrected p-values of several comparisons over the same seeds, float (seeds, comparisons).

    The free step-down method of Westfall & Young ("Resampling-based multiple testing", 1993) with
    flipped signs: a comparison's statistic, its mean over its root mean square, is held against
    the largest of those with no larger statistic, for every way to flip the seeds' signs in all
    comparisons at once. It controls the chance of any false claim, as Holm's method does, and uses
    that the comparisons share their seeds.
    """
    count = len(differences)
    scale = np.sqrt((differences**2).mean(axis=0))
    scaled = np.divide(differences, scale, out=np.zeros_like(differences), where=scale > 0)
    flipped = np.abs(_signs(count) @ scaled) / count
    observed = np.abs(scaled.mean(axis=0))
    order = np.argsort(-observed, kind="stable")
    p_values = [1.0] * len(order)
    largest = 0.0
    for rank, index in enumerate(order):
        strongest = flipped[:, order[rank:]].max(axis=1)
        largest = max(largest, float((strongest >= observed[index] - 1e-12).mean()))
        p_values[index] = largest
    return p_values


def _signs(count: int) -> np.ndarray:
    """Return rows of signs, the unflipped one first: all there are, or RESAMPLES + 1 drawn ones."""
    if 2**count <= RESAMPLES:
        return np.array(list(itertools.product((1.0, -1.0), repeat=count)))
    drawn = np.random.default_rng(SEED).choice([1.0, -1.0], (RESAMPLES, count))
    return np.concatenate([np.ones((1, count)), drawn])


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values corrected by Holm's step-down method, in the same order.

    The smallest of m is multiplied by m, the next by m - 1 and so on; none may come out below a
    smaller one, or above 1 (Holm 1979, Scandinavian Journal of Statistics 6).
    """
    corrected = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected


def confusion(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Return how often each true class was taken for which, int (classes, classes).

    The rows are the true classes, the columns the predicted ones.
    """
    flat = np.bincount(np.asarray(labels) * classes + predictions, minlength=classes * classes)
    return flat.reshape(classes, classes)


def standard_error(accuracy: float, count: int) -> float:
    """Return the standard error of an accuracy that was measured on `count` independent images."""
    return math.sqrt(accuracy * (1 - accuracy) / count)


def _pairs(left: Trial, right: Trial) -> list[tuple[Run, Run]]:
    """Return the completed runs of the seeds that both have, in the order of `left`."""
    others = {run.settings.seed: run for run in right.runs if run.status == COMPLETED}
    return [
        (run, others[run.settings.seed])
        for run in left.runs
        if run.status == COMPLETED and run.settings.seed in others
    ]


def _differences(pairs: Sequence[tuple[Run, Run]], measure: str) -> np.ndarray:
    return np.array([one.scores[measure] - two.scores[measure] for one, two in pairs])


def _correct(run: Run, labels: np.ndarray) -> np.ndarray:
    predictions = run.probabilities().argmax(axis=1)
    if predictions.shape != np.shape(labels):
        raise ValueError(
            f"run {run.key} has {len(predictions)} predictions for {len(labels)} test images"
        )
    return predictions == labels
