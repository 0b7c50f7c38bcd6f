"""Tests of the expected calibration error against its definition, bin by bin, and of its claims."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.comparison import calibration
from experiments.comparison.calibration import Answers
from experiments.lab.evidence.claims import verdict


def by_definition(confidence, right):
    """Return the error as the paper writes it, image by image and bin by bin."""
    total = 0.0
    for number in range(1, 16):
        low, high = (number - 1) / 15, number / 15
        inside = [one for one in range(len(right)) if low < confidence[one] <= high]
        if inside:
            accuracy = sum(right[one] for one in inside) / len(inside)
            mean = sum(confidence[one] for one in inside) / len(inside)
            total += len(inside) / len(right) * abs(accuracy - mean)
    return total


def random_answers(count, seed, surer=0.0):
    """Return answers that are right as often as they are sure, less `surer`."""
    random = np.random.default_rng(seed)
    confidence = random.uniform(0.1, 1, count)
    return Answers(confidence, random.random(count) < confidence - surer)


@given(st.lists(st.tuples(st.floats(0.1, 1), st.booleans()), min_size=1, max_size=60))
def test_error_is_that_of_the_definition(pairs):
    confidence, right = (np.array(part) for part in zip(*pairs, strict=True))
    found = calibration.expected_error(Answers(confidence, right))
    assert found == pytest.approx(by_definition(confidence, right), abs=1e-12)


def test_error_of_sure_and_always_wrong_answers_is_one():
    assert calibration.expected_error(Answers(np.ones(5), np.zeros(5, bool))) == 1


def test_answers_are_the_most_probable_classes():
    found = calibration.answers(np.array([[0.2, 0.8], [0.7, 0.3]]), np.array([1, 1]))
    assert found.confidence.tolist() == [0.8, 0.7]
    assert found.right.tolist() == [True, False]


def test_calibrated_answers_err_as_much_as_chance_alone():
    errors = [calibration.expected_error(random_answers(2000, seed)) for seed in range(40)]
    expected = calibration._by_chance(random_answers(2000, 99).confidence)
    assert np.mean(errors) == pytest.approx(expected, rel=0.1)


def test_p_value_is_that_of_all_exchanges():
    one, other = random_answers(10, 1), random_answers(10, 2, surer=0.4)
    observed = abs(calibration.expected_error(one) - calibration.expected_error(other))
    every = []
    for exchanged in itertools.product((False, True), repeat=10):
        where = np.array(exchanged)
        sides = [
            Answers(*(np.where(where, b, a) for a, b in zip(*pair, strict=True)))
            for pair in ((one, other), (other, one))
        ]
        every.append(abs(np.subtract(*(calibration.expected_error(side) for side in sides))))
    exact = np.mean(np.array(every) >= observed - 1e-12)
    assert calibration.apart(one, other).p_value == pytest.approx(exact, abs=0.05)


def test_worse_calibrated_network_is_seen_and_sides_turn_the_sign():
    one, other = random_answers(3000, 1), random_answers(3000, 2, surer=0.2)
    found, turned = calibration.apart(one, other), calibration.apart(other, one)
    assert verdict("calibration error", found.estimate, found.p_value) == "smaller"
    assert turned.estimate == -found.estimate
    low, high = found.interval
    assert low < found.estimate < high < 0


def test_networks_that_are_equally_calibrated_are_seldom_told_apart():
    p_values = [
        calibration.apart(random_answers(300, seed), random_answers(300, 100 + seed)).p_value
        for seed in range(60)
    ]
    assert np.mean(np.array(p_values) < 0.05) <= 0.13


def test_bins_with_few_images_are_not_drawn():
    confidence = np.array([0.95] * 40 + [0.5] * 3)
    found = calibration._of_network(Answers(confidence, np.ones(43, bool)))
    assert found["bins"] == {"confidence": [pytest.approx(0.95)], "accuracy": [1.0], "images": [40]}
