"""Tests of the comparison of two groups of networks."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies
from scipy.stats import binomtest, permutation_test

from experiments.lab.evidence import averages

counts_of = strategies.lists(strategies.integers(-3, 3), min_size=1, max_size=10)


@given(strategies.lists(strategies.integers(-1, 1), min_size=1, max_size=60))
@settings(deadline=None, max_examples=50)
def test_test_is_mcnemars_for_one_network_each(values):
    counts = np.array(values)
    wins, losses = int((counts > 0).sum()), int((counts < 0).sum())
    expected = binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    assert averages.groups_apart(counts, 1)[2] == pytest.approx(expected)


@given(counts_of)
@settings(deadline=None, max_examples=30)
def test_p_value_is_that_of_all_sign_flips(values):
    counts = np.array(values)
    if len(counts) < 2:
        return
    expected = permutation_test(
        (counts.astype(float),), np.sum, permutation_type="samples", n_resamples=np.inf
    ).pvalue
    # SciPy doubles the smaller tail, which for a symmetric distribution is the same but at 0.
    assert averages.groups_apart(counts, 3)[2] == pytest.approx(min(1.0, expected))


def test_estimate_is_the_difference_of_mean_accuracies_within_its_interval():
    counts = np.array([3] * 30 + [-1] * 30 + [0] * 40)
    estimate, (low, high), p_value = averages.groups_apart(counts, 3)
    assert estimate == pytest.approx((90 - 30) / 300)
    assert low < estimate < high
    assert p_value < 0.001


def test_groups_of_other_sizes_are_refused():
    with pytest.raises(ValueError, match="1 networks cannot be compared with 0"):
        averages.compare_averages("a", [object()], [], np.zeros(1, int), "left", "right")
