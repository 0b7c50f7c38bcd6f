"""Compares two groups of networks by their mean accuracy, network by network of the same kind.

`comparisons` compares one setting with another; here one *column* of a grid is compared with another,
for instance LSTM with GRU over all numbers of units.
"""

from collections.abc import Sequence

import numpy as np

from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import (
    NETWORKS,
    SEEDS,
    SETTING,
    Claim,
    Difference,
    End,
    Within,
    claim,
)
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import COMPLETED, Run

OVER_IMAGES = "sign-flip permutation test over images"


def compare_averages(
    name: str,
    left: Sequence[Trial],
    right: Sequence[Trial],
    labels: np.ndarray,
    left_label: str,
    right_label: str,
) -> Claim:
    """Return the claim that compares the mean test accuracy of `left` with that of `right`.

    With one seed that all trials completed, the claim is about these trained networks: how many of
    the left ones get an image right, against how many of the right ones. With several it is about
    the settings, as in `comparisons.compare`.

    Args:
        labels: the test set's true classes, int (images,).

    Raises:
        ValueError: the groups differ in size, or there is no seed that all trials completed.
    """
    if len(left) != len(right):
        raise ValueError(f"{len(left)} networks cannot be compared with {len(right)}")
    seeds = _common_seeds([*left, *right])
    if not seeds:
        raise ValueError(f"{left_label} and {right_label} have no completed seed in common")
    ends = (
        End.of_group((_run(trial, seed) for trial in trials for seed in seeds), label)
        for trials, label in ((left, left_label), (right, right_label))
    )
    scope = SETTING if len(seeds) > 1 else NETWORKS
    difference = _difference(left, right, seeds, labels)
    return claim(name, *ends, "test_accuracy", difference, len(seeds), scope)


def _difference(
    left: Sequence[Trial], right: Sequence[Trial], seeds: Sequence[int], labels: np.ndarray
) -> Difference:
    means = [np.array([_mean(trials, seed) for seed in seeds]) for trials in (left, right)]
    values = (float(one.mean()) for one in means)
    if len(seeds) > 1:
        found = comparisons.seeds_apart(means[0] - means[1])
        return Difference(*values, *found, comparisons.SIGN_FLIP, SEEDS, len(seeds))
    counts = _right(left, seeds[0], labels) - _right(right, seeds[0], labels)
    return Difference(*values, *groups_apart(counts, len(left)), OVER_IMAGES, "images", len(labels))


def comparable(trials: Sequence[Trial]) -> bool:
    """Return whether the trials have a completed seed in common, as `compare_averages` needs."""
    return bool(_common_seeds(trials))


def groups_apart(counts: np.ndarray, size: int) -> tuple[float, Within, float]:
    """Compare two groups of `size` networks by which of the same images they get right.

    `counts`, int (images,), has for each image how many more of the left group get it right. Returns
    the difference of the mean accuracies, its interval from a bootstrap over images, and the
    exact two-sided p-value of the test that flips each image's sign. For one network each this is
    McNemar's exact test.
    """
    values, amounts = np.unique(counts, return_counts=True)
    images = int(amounts.sum())
    drawn = np.random.default_rng(comparisons.SEED).multinomial(
        images, amounts / images, size=comparisons.RESAMPLES
    )
    estimate = float(counts.sum() / (images * size))
    within = comparisons.middle(drawn @ values / (images * size))
    return estimate, within, _flip_test(counts)


def _flip_test(counts: np.ndarray) -> float:
    """Return how likely a sum as far from 0 is if each count were as likely to be its negative."""
    from scipy.stats import binom

    chances = np.ones(1)  # of the sums -n to n of all counts so far
    for value, amount in zip(*np.unique(np.abs(counts), return_counts=True), strict=True):
        if value:
            steps = np.zeros(2 * value * amount + 1)
            steps[:: 2 * value] = binom.pmf(np.arange(amount + 1), amount, 0.5)
            chances = np.convolve(chances, steps)
    sums = np.arange(len(chances)) - len(chances) // 2
    return float(min(1.0, chances[np.abs(sums) >= abs(int(counts.sum()))].sum()))


def _common_seeds(trials: Sequence[Trial]) -> list[int]:
    seeds = [
        {run.settings.seed for run in trial.runs if run.status == COMPLETED} for trial in trials
    ]
    return sorted(set.intersection(*seeds)) if seeds else []


def _run(trial: Trial, seed: int) -> Run:
    return next(run for run in trial.runs if run.settings.seed == seed)


def _mean(trials: Sequence[Trial], seed: int) -> float:
    return float(np.mean([_run(trial, seed).scores["test_accuracy"] for trial in trials]))


def _right(trials: Sequence[Trial], seed: int, labels: np.ndarray) -> np.ndarray:
    """Return how many of the networks get each image right, int (images,)."""
    runs = [_run(trial, seed) for trial in trials]
    return sum((run.probabilities().argmax(axis=1) == labels).astype(int) for run in runs)
