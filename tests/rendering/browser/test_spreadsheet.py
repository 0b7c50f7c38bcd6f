"""Tests of the trial browser's CSV file."""

import csv

import pytest

from rendering.browser import spreadsheet


@pytest.fixture
def rows(search, sizes, tmp_path):
    spreadsheet.write([search, sizes], tmp_path / "trials.csv")
    with open(tmp_path / "trials.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_a_row_for_each_attempt(rows):
    assert [(row["search"], row["trial_id"], row["seed"]) for row in rows] == [
        ("cells", "0000", "1"), ("cells", "0000", "2"), ("cells", "0001", "1"),
        ("sizes", "0", "1"), ("sizes", "1", "1"),
    ]  # fmt: skip
    assert rows[0]["validation_accuracy"] == "0.9"
    assert rows[2]["status"] == "diverged"
    assert rows[2]["validation_accuracy"] == ""
    assert rows[2]["message"] == "loss <not finite> at iteration 500"


def test_every_hyperparameter_of_any_search_has_a_column_before_the_scores(rows):
    assert list(rows[0])[:9] == [
        "search", "trial_id", "cell", "units", "optimizer", "learning_rate", "per_class", "seed",
        "status",
    ]  # fmt: skip


def test_value_that_a_search_has_not_is_empty_and_none_is_all_in_full_precision(rows):
    assert [row["per_class"] for row in rows] == ["", "", "", "15", "all"]
    assert [row["learning_rate"] for row in rows[2:4]] == ["", "0.00123456"]
    assert [row["optimizer"] for row in rows[2:4]] == ["adam", ""]
