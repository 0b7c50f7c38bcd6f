"""Tests of the comparison of two groups of networks."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies
from made import make_result
from scipy.stats import binomtest, permutation_test

from experiments.lab.evidence import averages, comparisons
from experiments.lab.settings import Search, grid
from experiments.lab.store.runs import RunStore

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
    estimate, within, p_value = averages.groups_apart(counts, 3)
    low, high = within(0.95)
    assert estimate == pytest.approx((90 - 30) / 300)
    assert low < estimate < high
    assert p_value < 0.001


def test_groups_of_other_sizes_are_refused():
    with pytest.raises(ValueError, match="1 networks cannot be compared with 0"):
        averages.compare_averages("a", [object()], [], np.zeros(1, int), "left", "right")


LABELS = np.arange(200) % 10


def sides(folder, *accuracies):
    """Return two groups of two trials each, whose runs have these test accuracies by seed."""
    search = Search(
        "cells",
        "",
        "mnist",
        "recurrent",
        length=2,
        points=grid(cell=("LSTM", "GRU"), units=(4, 8)),
        seeds=len(accuracies[0]),
    )
    outcomes = [(values, values) for values in accuracies]
    trials = make_result(RunStore(folder), search, outcomes).trials
    return trials[:2], trials[2:]


def compare(left, right):
    return averages.compare_averages("a-b", left, right, LABELS, "A", "B")


def test_one_seed_counts_images_that_more_of_one_group_get_right(tmp_path):
    left, right = sides(tmp_path, [0.9], [0.8], [0.6], [0.5])
    rights = [
        [run.probabilities().argmax(axis=1) == LABELS for trial in side for run in trial.runs]
        for side in (left, right)
    ]
    counts = np.sum(rights[0], axis=0) - np.sum(rights[1], axis=0)
    claim = compare(left, right)
    estimate, within, p_value = averages.groups_apart(counts, 2)
    assert (claim.estimate, claim.interval, claim.p_value) == (estimate, within(0.95), p_value)
    assert (claim.left_value, claim.right_value) == pytest.approx((0.85, 0.55))
    assert claim.estimate == pytest.approx(0.3)
    assert (claim.verdict, claim.test, claim.scope) == ("better", averages.OVER_IMAGES, "networks")
    assert (claim.unit, claim.count, claim.runs) == ("images", 200, 1)
    assert (claim.left.kind, claim.left.label, claim.right.label) == ("group", "A", "B")
    keys = [tuple(run.key for trial in side for run in trial.runs) for side in (left, right)]
    assert [claim.left.runs, claim.right.runs] == keys


SEEDS = ([0.9, 0.7, 0.8], [0.7, 0.7, 0.6], [0.5, 0.6, 0.8], [0.5, 0.4, 0.7])


def test_several_seeds_pair_the_groups_means_seed_by_seed(tmp_path):
    claim = compare(*sides(tmp_path, *SEEDS))
    apart = np.array([0.8, 0.7, 0.7]) - np.array([0.5, 0.5, 0.75])
    expected = comparisons.seeds_apart(apart)
    assert claim.estimate == pytest.approx(expected[0])
    assert claim.interval == pytest.approx(expected[1](0.95))
    assert claim.p_value == pytest.approx(expected[2])
    assert (claim.left_value, claim.right_value) == pytest.approx((2.2 / 3, 1.75 / 3))
    assert (claim.test, claim.scope) == (comparisons.SIGN_FLIP, "setting")
    assert (claim.unit, claim.count, claim.runs) == ("seeds", 3, 3)
    assert (len(claim.left.runs), claim.measure) == (6, "test_accuracy")


def test_seed_that_one_trial_did_not_complete_counts_for_none(tmp_path):
    left, right = sides(tmp_path, *SEEDS[:3], [0.5, None, 0.7])
    assert averages.comparable([*left, *right])
    claim = compare(left, right)
    assert (claim.name, claim.runs, claim.scope) == ("a-b", 2, "setting")
    assert claim.estimate == pytest.approx((0.8 + 0.7) / 2 - (0.5 + 0.75) / 2)
    chosen = [[trial.runs[0].key, trial.runs[2].key] for trial in left]
    assert claim.left.runs == (*chosen[0], *chosen[1])


def test_ten_seeds_are_told_from_one(tmp_path):
    accuracies = [[0.5 + 0.01 * seed for seed in range(1, 11)] for _ in range(4)]
    left, right = sides(tmp_path, *accuracies[:3], [None, *accuracies[3][1:]])
    claim = compare(left, right)
    assert claim.runs == 9
    assert left[0].runs[0].key not in claim.left.runs
    assert left[0].runs[9].key in claim.left.runs


def test_groups_without_a_common_seed_are_refused(tmp_path):
    left, right = sides(tmp_path, [0.5, None], [0.5, 0.6], [None, 0.5], [0.4, 0.4])
    assert not averages.comparable([*left, *right])
    assert not averages.comparable([])
    with pytest.raises(ValueError, match="A and B have no completed seed in common"):
        compare(left, right)
