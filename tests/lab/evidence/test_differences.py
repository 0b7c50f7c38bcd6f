"""Tests of single differences against SciPy's other functions, and by how often they see nothing."""

import warnings

import numpy as np
import pytest
from hypothesis import given, strategies
from scipy import stats

from experiments.lab.evidence import differences
from experiments.lab.evidence.claims import differs

TRIALS = 600  # simulated, of nothing: 5 % of them differ, with a standard error of 0.9 %
SELDOM = pytest.approx(0.05, abs=0.027)  # three standard errors: 90 % instead of 95 % is seen
values = strategies.lists(strategies.floats(-100, 100), min_size=3, max_size=30)


def found(difference):
    return differs(difference.p_value, difference.estimate)


def leaves_out_zero(difference):
    low, high = difference.interval
    return low > 0 or high < 0


def test_paired_difference_is_scipys_related_t_test():
    random = np.random.default_rng(1)
    left, right = random.normal(size=(2, 12))
    expected = stats.ttest_rel(left, right)
    difference = differences.paired(left, right)
    assert difference.p_value == pytest.approx(expected.pvalue)
    assert difference.interval == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert difference.estimate == pytest.approx(left.mean() - right.mean())
    assert (difference.left, difference.right) == pytest.approx((left.mean(), right.mean()))
    assert (difference.test, difference.unit) == (differences.PAIRED, "images")
    assert difference.count == 12
    assert differences.paired(left, right, "draws").unit == "draws"


def test_unpaired_difference_is_welchs_t_test_without_what_is_not_finite():
    random = np.random.default_rng(2)
    left, right = random.normal(1, 2, 9), random.normal(0, 1, 14)
    difference = differences.unpaired([*left, np.nan], right, "units")
    expected = stats.ttest_ind(left, right, equal_var=False)
    assert difference.p_value == pytest.approx(expected.pvalue)
    # Welch and Satterthwaite's degrees of freedom, by hand.
    one, two = left.var(ddof=1) / 9, right.var(ddof=1) / 14
    freedom = (one + two) ** 2 / (one**2 / 8 + two**2 / 13)
    reach = stats.t.isf(0.025, freedom) * np.sqrt(one + two)
    apart = left.mean() - right.mean()
    assert difference.interval == pytest.approx((apart - reach, apart + reach))
    assert (difference.estimate, difference.count) == (pytest.approx(apart), 23)


@pytest.mark.filterwarnings("error")
def test_unpaired_side_whose_numbers_are_all_the_same_is_no_cause_for_a_warning():
    left, right = [3, 3, 3, 3], [1, 2, 1, 2]
    difference = differences.unpaired(left, right, "units")
    error = np.sqrt(np.var(right, ddof=1) / 4)
    assert difference.p_value == pytest.approx(2 * stats.t.sf(1.5 / error, 3))


def test_unpaired_sides_without_spread_differ_for_certain_or_not_at_all():
    assert differences.unpaired([3, 3], [1, 1, 1], "units").p_value == 0
    assert differences.unpaired([2, 2], [2, 2, 2], "units").p_value == 1
    assert differences.unpaired([2, 2], [2], "units") is None


def test_validated_accuracies_differ_by_images_of_one_seed_and_by_seeds_of_several():
    one = differences.validated([0.6], [0.5], 1000)
    assert one._replace(within=None) == differences.accuracies(0.6, 0.5, 1000, 1000)._replace(
        within=None
    )
    shares = np.array([0.6, 0.61, 0.63, 0.6, 0.62, 0.64])
    several = differences.validated(shares, shares - 0.1, 1000)
    assert (several.unit, several.count) == ("seeds", 6)
    assert several.p_value == pytest.approx(2 / 2**6)


def test_right_and_wrong_are_numbers_to_the_paired_test():
    left, right = np.array([True, True, False, True]), np.array([True, False, False, False])
    found, expected = (differences.paired(*it) for it in ((left, right), (left * 1.0, right * 1.0)))
    assert found._replace(within=None) == expected._replace(within=None)
    assert found.interval == expected.interval


@given(values, strategies.integers(0, 9))
def test_interval_leaves_out_zero_exactly_where_paired_sides_differ(left, seed):
    right = np.random.default_rng(seed).normal(size=len(left))
    difference = differences.paired(left, right)
    if abs(difference.p_value - 0.05) > 1e-6:
        assert found(difference) == leaves_out_zero(difference)


def test_exchanged_sides_turn_the_paired_difference_round():
    left, right = np.random.default_rng(2).normal(size=(2, 20))
    there, back = differences.paired(left, right), differences.paired(right, left)
    assert back.estimate == pytest.approx(-there.estimate)
    assert back.interval == pytest.approx((-there.interval[1], -there.interval[0]))
    assert back.p_value == pytest.approx(there.p_value)


@pytest.mark.parametrize("pairs", [5, 30])
def test_paired_test_seldom_sees_what_is_not_there(pairs):
    random = np.random.default_rng(3)
    noise = random.normal(size=(TRIALS, 2, pairs))
    false = np.mean([found(differences.paired(*sides)) for sides in noise])
    assert false == SELDOM


def test_pairs_that_are_not_finite_are_left_out():
    difference = differences.paired([1.0, np.nan, 3.0, 4.0], [0.5, 1.0, np.inf, 3.0])
    assert difference.count == 2
    assert difference.estimate == pytest.approx(0.75)


@pytest.mark.parametrize("left", [[], [1.0], [1.0, np.nan]])
def test_fewer_than_two_pairs_tell_nothing(left):
    assert differences.paired(left, [0.0] * len(left)) is None


def test_equal_differences_are_certain_and_equal_sides_are_none():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        certain = differences.paired([0.3, 0.7, 0.1], [0.1, 0.5, -0.1])
        none = differences.paired([0.3, 0.7], [0.3, 0.7])
        rounded = differences.paired([0.1 + 0.2, 0.7 + 0.1], [0.3, 0.8])
        large = differences.paired([1e6 * (0.1 + 0.2), 8.0], [1e6 * 0.3, 8.0])
    assert large.estimate == 0
    assert (certain.p_value, certain.estimate) == (0.0, pytest.approx(0.2))
    assert none.p_value == rounded.p_value == 1.0
    assert rounded.estimate == 0


def test_accuracies_are_compared_as_welchs_statistic_of_right_and_wrong():
    left, right, one, other = 0.62, 0.58, 900, 1100
    deviations = np.sqrt([left * (1 - left), right * (1 - right)])
    statistic = stats.ttest_ind_from_stats(
        left, deviations[0], one, right, deviations[1], other, equal_var=False
    ).statistic
    difference = differences.accuracies(left, right, one, other)
    assert difference.p_value == pytest.approx(stats.chi2.sf(statistic**2, 1))
    assert (difference.left, difference.right) == (left, right)
    assert difference.estimate == pytest.approx(left - right)
    assert (difference.test, difference.unit) == (differences.PROPORTIONS, "images")
    assert difference.count == one + other
    error = (left - right) / statistic
    expected = stats.norm.interval(0.95, left - right, error)
    assert difference.interval == pytest.approx(expected)


def test_accuracies_agree_with_the_chi_squared_test_of_their_table():
    left, right = np.array([630, 370]), np.array([580, 420])
    expected = stats.chi2_contingency(np.stack([left, right]), correction=False).pvalue
    found = differences.accuracies(0.63, 0.58, 1000, 1000).p_value
    assert found == pytest.approx(expected, rel=0.02)  # that one pools the two


@pytest.mark.parametrize("share", [0.1, 0.6, 0.95])
def test_accuracies_seldom_differ_where_nothing_does(share):
    right = np.random.default_rng(4).binomial(500, share, (TRIALS, 2)) / 500
    false = np.mean([found(differences.accuracies(*both, 500, 500)) for both in right])
    assert false == SELDOM


@given(
    strategies.integers(0, 50), strategies.integers(0, 80), strategies.integers(0, 9)
)  # fmt: skip
def test_interval_of_accuracies_leaves_out_zero_exactly_where_they_differ(one, other, more):
    difference = differences.accuracies(one / 50, other / 80, 50 + more, 80)
    assert found(difference) == leaves_out_zero(difference)


def test_perfect_networks_do_not_differ_and_perfect_and_hopeless_ones_do():
    assert not found(differences.accuracies(1.0, 1.0, 50, 50))
    assert found(differences.accuracies(1.0, 0.0, 50, 50))


@pytest.mark.parametrize("right", [0, 8, 13, 27, 100])
def test_share_is_tested_as_the_chi_squared_test_does_with_wilsons_interval(right):
    difference = differences.against_share(right / 100, 0.1, 100)
    assert difference.p_value == pytest.approx(
        stats.chisquare([right, 100 - right], [10, 90]).pvalue
    )
    assert (difference.left, difference.right) == (right / 100, 0.1)
    assert difference.estimate == pytest.approx(right / 100 - 0.1)
    assert (difference.test, difference.unit) == (differences.KNOWN_SHARE, "images")
    assert difference.count == 100
    wilson = stats.binomtest(right, 100).proportion_ci(0.95, method="wilson")
    assert difference.interval == pytest.approx((wilson.low - 0.1, wilson.high - 0.1))
    assert found(difference) == leaves_out_zero(difference)


def test_share_is_seldom_left_by_chance():
    right = np.random.default_rng(5).binomial(1000, 0.1, TRIALS) / 1000
    false = np.mean([found(differences.against_share(one, 0.1, 1000)) for one in right])
    assert false == SELDOM


def test_draws_are_held_against_the_spread_of_their_mean():
    random = np.random.default_rng(6)
    drawn = random.exponential(1.0, 50_000)
    given = np.array([1.2, 2.5, 0.9, 3.0])
    means = random.choice(drawn, (50_000, 4)).mean(axis=1)
    difference = differences.against_draws(given, drawn, "filters")
    low, high = difference.interval
    assert (high - low) / 2 == pytest.approx(1.96 * means.std(), rel=0.02)
    assert (difference.left, difference.right) == pytest.approx((1.9, drawn.mean()))
    assert difference.estimate == pytest.approx(1.9 - drawn.mean())
    assert difference.test == differences.DRAWN
    assert (difference.unit, difference.count) == ("filters", 4)


def test_draws_seldom_differ_from_themselves_and_none_tell_nothing():
    random = np.random.default_rng(7)
    drawn = random.binomial(9, 0.3, 20_000)
    false = [
        found(differences.against_draws(random.choice(drawn, 16), drawn, "filters"))
        for _ in range(TRIALS)
    ]
    assert np.mean(false) == SELDOM
    assert differences.against_draws([], drawn, "filters") is None


def test_correlations_of_rows_are_pearsons():
    random = np.random.default_rng(0)
    left, right = random.normal(size=(2, 5, 3, 4))
    expected = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(left, right, strict=True)]
    np.testing.assert_allclose(differences.correlations(left, right), expected)


def test_constant_row_correlates_with_nothing():
    constant = np.repeat([[0.0], [0.1], [1e9 + 0.1], [-(1e9 + 0.1)]], 7, axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = differences.correlations(constant, np.tile(np.arange(7.0), (4, 1)))
    assert np.isnan(found).all()
