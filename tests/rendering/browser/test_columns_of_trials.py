"""Tests of `rendering.browser.columns`."""

import dataclasses

import pytest

from rendering.browser import columns
from rendering.browser.model import Attempt, Search, Trial


def make(number, accuracy, **values):
    scores = {} if accuracy is None else {"accuracy": accuracy, "loss": 1 - accuracy}
    status = "failed" if accuracy is None else "completed"
    message = "Not a <number>" if accuracy is None else ""
    attempt = Attempt(number, 1, status, message, {}, scores, 1000, 2.0)
    return Trial(number, values, status, message, (attempt,))


@pytest.fixture
def tried():
    """A search with numbers, text, None, a truth and strange names among its values."""
    trials = (
        make("0", 0.5, units=64, cell="lstm", size=None, **{"a=b": 1, "status": "on"}),
        make("1", None, units=128, cell="GRU", size=10, **{"a=b": 2, "status": "off"}),
        make("2", 0.9, units=9, cell="gru", size=9.5, **{"a=b": True, "status": "on"}),
        make("3", 0.7, cell="gru", size=100),
    )
    scores = {"accuracy": "max", "loss": "min"}
    return Search("tried", "Tried", "accuracy", "max", "grid", trials, scores=scores)


def ids(search):
    return "".join(trial.id for trial in search.trials)


@pytest.mark.parametrize(
    ("conditions", "kept"),
    [
        (["units>9"], "01"),
        (["units>=9"], "012"),
        (["units<=64"], "02"),
        (["units=64.0"], "0"),
        (["units!=64"], "123"),
        (["cell=gru"], "23"),
        (["cell~GR"], "123"),
        (["cell~gr", "accuracy<0.8"], "3"),
        (["size=all"], "0"),
        (["size>0"], "123"),
        (["a=b=2"], "1"),
        (["a=b=True"], "2"),
        (["status=on"], "02"),
        (["message~not a"], "1"),
        (["parameters=1000"], "0123"),
        (["accuracy>0.9"], ""),
        ([], "0123"),
    ],
)
def test_filter_keeps_the_trials_of_which_all_conditions_hold(tried, conditions, kept):
    assert ids(columns.chosen(tried, conditions)) == kept


@pytest.mark.parametrize(
    ("column", "order", "reversed_order"),
    [
        ("accuracy", "2301", "0321"),
        ("loss", "2301", "0321"),
        ("units", "2013", "1023"),
        ("size", "2130", "0312"),
        ("cell", "1230", "0231"),
        ("trial", "0123", "3210"),
    ],
)
def test_sorting_puts_the_best_first_and_what_has_no_value_last(
    tried, column, order, reversed_order
):
    assert ids(columns.ordered(tried, column)) == order
    assert ids(columns.ordered(tried, column, reverse=True)) == reversed_order


@pytest.mark.parametrize("text", ["unit", "unit>3", "units", "units>many", ">3", ""])
def test_what_names_no_column_or_is_no_condition_is_said_with_the_columns(tried, text):
    with pytest.raises(columns.ColumnError, match="is not a number|units"):
        columns.condition(tried, text)


def test_short_names_of_the_table_are_known(search):
    assert columns.named(search, "validation") == "validation_accuracy"
    assert columns.condition(search, "test>0.5").column == "test_accuracy"
    assert columns.chosen(search, ["validation>0.84"]).trials == search.trials[:1]


def test_search_without_trials_has_columns(tried):
    empty = dataclasses.replace(tried, trials=())
    assert columns.ordered(empty, "accuracy").trials == ()
