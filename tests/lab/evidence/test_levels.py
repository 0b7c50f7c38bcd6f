"""How wide each interval is, by an oracle of its level, and that what is drawn follows from the data.

An interval of 90 % instead of 95 % is a sixth narrower; a twenty-fifth is allowed for what resampling
leaves open.
"""

import numpy as np
import pytest
from scipy import stats

from experiments.lab.evidence import averages, claims, comparisons, differences
from experiments.lab.inspection import filter_shapes

IMAGES = 4000
NORMAL = 1.959964  # standard errors on either side of 95 %


def test_level_is_five_percent_of_every_test_and_interval():
    assert (claims.LEVEL, claims.CONFIDENCE) == (0.05, 0.95)


def of_images():
    """Return the interval of two networks, and what each image adds to their difference."""
    random = np.random.default_rng(1)
    left, right = random.random(IMAGES) < 0.7, random.random(IMAGES) < 0.6
    return comparisons.networks_apart(left, right)[1](0.95), left.astype(float) - right


def of_groups():
    counts = np.random.default_rng(2).integers(-3, 4, IMAGES)
    return averages.groups_apart(counts, 5)[1](0.95), counts / 5


def of_seeds():
    values = np.random.default_rng(3).normal(0.01, 0.02, 200)
    return comparisons.seeds_apart(values)[1](0.95), values


def of_pairs():
    left, right = np.random.default_rng(4).normal(size=(2, IMAGES))
    return differences.paired(left, right).interval, left - right


def of_accuracies():
    found = differences.accuracies(0.7, 0.4, 700, 900)
    # As many numbers as images, with the same standard error of their mean.
    error = np.sqrt(0.7 * 0.3 / 700 + 0.4 * 0.6 / 900)
    return found.interval, 0.3 + error * np.sqrt(IMAGES - 1) * np.tile([1.0, -1.0], IMAGES // 2)


def of_a_share():
    right = np.arange(IMAGES) < 0.3 * IMAGES
    return differences.against_share(0.3, 0.1, IMAGES).interval, right - 0.1


def of_draws():
    random = np.random.default_rng(5)
    drawn, values = random.normal(size=20_000), random.normal(1, 1, IMAGES)
    found = differences.against_draws(values, drawn, "filters")
    return found.interval, values - drawn.mean()


@pytest.mark.parametrize(
    "made", [of_images, of_groups, of_seeds, of_pairs, of_accuracies, of_a_share, of_draws]
)
def test_interval_of_many_numbers_is_that_of_the_normal_distribution_at_95_percent(made):
    (low, high), values = made()
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert (high - low) / 2 == pytest.approx(NORMAL * error, rel=0.04)
    assert (high + low) / 2 == pytest.approx(values.mean(), abs=0.1 * error)


def test_words_about_filters_hold_of_five_percent_of_random_ones():
    shape = (5, 5, 3)
    bounds = filter_shapes.random_bounds(shape)
    filters = np.random.default_rng(7).uniform(-1, 1, (*shape, 4000))
    read = filter_shapes.read(filters)
    for name, (low, high) in bounds.items():
        values = np.array([one[name] for one in read])
        assert np.mean(values < low) == pytest.approx(0.025, abs=0.0105)  # three standard errors
        assert np.mean(values > high) == pytest.approx(0.025, abs=0.0105)


FEW, MANY = np.linspace(-0.2, 0.5, 7), np.sin(np.arange(15)) + 0.3  # seeds: all signs, drawn ones


@pytest.mark.parametrize(
    "drawn",
    [
        lambda: comparisons.networks_apart(*(np.random.default_rng(8).random((2, 9999)) < 0.6)),
        lambda: averages.groups_apart(np.arange(300) % 101 - 40, 100),
        lambda: comparisons.seeds_apart(FEW),
        lambda: [comparisons.seeds_apart(MANY - less) for less in (0, 0.1, 0.2)],
        lambda: comparisons.flipped_together(np.stack([MANY, MANY[::-1]], axis=1)),
        lambda: filter_shapes.random_bounds.__wrapped__((3, 3, 2)),
    ],
)
def test_same_data_give_the_same_numbers_whatever_was_drawn_before(drawn):
    found = []
    for seed in (1, 2):
        np.random.seed(seed)  # SciPy draws from it where it is given nothing else
        found.append(_intervals(drawn()))
    assert found[0] == found[1]


def _intervals(found):
    """Return what was found with an interval in the place of every function that gives one."""
    if callable(found):
        return found(0.95)
    return [_intervals(one) for one in found] if isinstance(found, (list, tuple)) else found


def test_drawn_signs_are_as_many_as_is_said():
    certain = np.linspace(1.0, 2.0, 20)
    # None of the drawn flips is as far from zero as what is there, which counts as one of them.
    least = 1 / (comparisons.RESAMPLES + 1)
    assert comparisons.seeds_apart(certain)[2] == pytest.approx(2 * least)  # twice the upper tail
    assert comparisons.flipped_together(certain[:, None]) == [pytest.approx(least)]


def test_p_value_of_seeds_is_students_for_many_normal_numbers():
    values = np.random.default_rng(9).normal(0.3, 1, 60)
    expected = stats.ttest_1samp(values, 0).pvalue
    assert comparisons.seeds_apart(values)[2] == pytest.approx(expected, abs=0.01)
    assert comparisons.flipped_together(values[:, None])[0] == pytest.approx(expected, abs=0.01)
