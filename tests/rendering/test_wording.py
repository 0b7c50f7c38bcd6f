"""Tests of how numbers and lists are worded."""

import math

import pytest

from experiments.lab.data.facts import DATA_SETS
from rendering import wording

SPACE = "\u202f"
NO_BREAK = "\u00a0"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.6234, 1, "62.3 %"), (0.99996, 1, "100.0 %"), (1, 0, "100 %"), (-0.004, 1, "−0.4 %")],
)
def test_fraction_becomes_a_percentage(value, digits, text):
    assert wording.percent(value, digits) == text.replace(" ", SPACE)


def test_percentage_has_one_decimal_unless_others_are_asked_for():
    assert wording.percent(0.62345) == f"62.3{SPACE}%"
    assert wording.percent(0.62345, 2) == f"62.34{SPACE}%"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.0, "1234"),
        (0.001, "0.001"),
        (0.0001, "0.0001"),
        (0.00134, "0.00134"),
        (0.1, "0.1"),
        (0.09999, "0.1"),
        (1.0, "1"),
        (100.0, "100"),
        (0, "0"),
        (0.00001, "10⁻⁵"),
        (0.000025, "2.5 × 10⁻⁵"),
    ],
)
def test_rate_keeps_three_digits_and_no_idle_zeros(value, text):
    assert wording.rate(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (492, "8 min 12 s"),
        (3599.7, "1 h"),
        (3660, "1 h 1 min"),
        (91_230, "25 h 20 min"),
    ],
)
def test_duration_shows_its_two_largest_units(seconds, text):
    assert wording.duration(seconds).replace(SPACE, " ") == text


@pytest.mark.parametrize(("seconds", "text"), [(0.00374, "3.7 ms"), (0.1234, "123 ms")])
def test_seconds_become_milliseconds(seconds, text):
    assert wording.milliseconds(seconds) == text.replace(" ", SPACE)


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (6177, "6177"), (61706, "61 706"), (-1234567, "−1 234 567")]
)
def test_thousands_stand_apart_from_five_digits_on(value, text):
    assert wording.count(value) == text.replace(" ", SPACE)


def test_difference_loses_or_shows_its_sign():
    assert wording.points(-0.014) == f"1.4{NO_BREAK}points"
    assert wording.signed_points(0.014) == f"+1.4{NO_BREAK}points"
    assert wording.signed_points(-0.014) == f"−1.4{NO_BREAK}points"


def test_difference_that_rounds_to_nothing_has_no_sign():
    assert wording.signed_points(-0.0004) == f"0.0{NO_BREAK}points"
    assert wording.number(-0.001) == "0.00"


def test_one_whole_point_is_singular():
    assert wording.points(0.01, 0) == f"1{NO_BREAK}point"


def test_deviation_stands_beside_the_mean_only_if_known():
    assert wording.mean_deviation(0.6234, 0.0041) == "62.3 ± 0.4 %".replace(" ", SPACE)
    assert wording.mean_deviation(0.6234) == "62.3 %".replace(" ", SPACE)
    assert wording.mean_deviation(0.00374, 0.0002, "milliseconds").endswith(f"0.2{SPACE}ms")


def test_mean_has_as_many_decimals_as_are_asked_for():
    asked = wording.mean_deviation(0.61234, 0.01, digits=3)
    assert asked == "61.234 ± 1.000 %".replace(" ", SPACE)


@pytest.mark.parametrize(
    ("kind", "classes", "name"),
    [
        ("official", DATA_SETS["cifar10"].classes, "CIFAR-10"),
        ("unverified", list(DATA_SETS["cifar10"].classes), "CIFAR-10"),
        ("unverified", ["cat", "dog"], "the substitute for CIFAR-10"),
        ("stand-in", ["disc", "cross"], "the stand-in for CIFAR-10"),
    ],
)
def test_data_are_called_by_what_they_are(kind, classes, name):
    identity = {"kind": kind, "name": "cifar10", "classes": classes}
    assert wording.data_name(identity) == name


def test_fingerprint_is_cut_to_twelve_digits():
    assert wording.short("0123456789abcdef") == "0123456789ab"


def test_interval_has_its_unit_once():
    assert wording.interval((-0.012, 0.031)) == f"−1.2 to 3.1{NO_BREAK}points"


def test_small_p_value_is_a_bound():
    assert wording.p_value(0.0312) == "p = 0.031".replace(" ", SPACE)
    assert wording.p_value(0.00002) == "p < 0.001".replace(" ", SPACE)


@pytest.mark.parametrize(
    ("items", "text"), [([], ""), (["a"], "a"), ("ab", "a and b"), ("abc", "a, b and c")]
)
def test_list_becomes_a_phrase(items, text):
    assert wording.and_list(items) == text


def test_noun_follows_its_amount():
    assert wording.plural(1, "seed") == f"1{NO_BREAK}seed"
    assert wording.plural(3, "search", "searches") == f"3{NO_BREAK}searches"


def test_moment_becomes_a_date():
    assert wording.date("2025-03-04T14:05:59+00:00") == f"4{NO_BREAK}March 2025, 14:05"


def test_what_is_not_finite_is_said():
    assert wording.number(math.nan) == "not a number"
    assert wording.number(-math.inf) == "−∞"


@pytest.mark.parametrize(
    "name", sorted(set(wording.FILTERS) - {"and_list", "plural"}), ids=lambda name: name
)
def test_missing_value_is_a_dash(name):
    assert wording.FILTERS[name](None) == "–"


def test_hyperparameters_are_named_and_have_three_digits():
    values = {"learning_rate": 0.00123456, "optimizer": "adam", "units": 128, "shuffled": True}
    told = "learning_rate=0.00123, optimizer=adam, units=128, shuffled=True"
    assert wording.hyperparameters(values) == told
    assert wording.hyperparameters({}) == ""


def test_hyperparameter_that_limits_nothing_is_all_and_empty_text_is_none():
    assert (
        wording.hyperparameters({"per_class": None, "without": ""}) == "per_class=all, without=none"
    )


def test_rate_that_is_no_number_is_said_in_words():
    assert wording.rate(float("nan")) == "not a number"
    assert wording.rate(float("-inf")) == "\u2212∞"
