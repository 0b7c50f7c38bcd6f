"""Tests of `rendering.browser.page_data`: what the page's scripts are given."""

import dataclasses
import json
import math

import pytest

from experiments.lab.store.standings import Standing
from rendering.browser import page_data
from rendering.browser.model import Attempt, Importance, Search, Trial


def data(*searches, **options):
    return json.loads(page_data.text(searches, **options))


def test_runs_share_their_iterations_and_environments(search):
    found = data(search, search)
    assert found["axes"] == [[250, 500, 750]]
    assert len(found["environments"]) == 1
    attempts = [
        it for one in found["searches"] for trial in one["trials"] for it in trial["attempts"]
    ]
    assert {(it["curves"]["at"], it["environment"]) for it in attempts} == {(0, 0)}


def test_values_of_curves_are_rounded_and_gaps_are_null(search):
    series = {"iteration": [1.0, 2.0, 3.0], "loss": [0.123456, math.nan, 2.0]}
    attempt = dataclasses.replace(search.trials[0].attempts[0], series=series)
    trial = dataclasses.replace(search.trials[0], attempts=(attempt,))
    found = data(dataclasses.replace(search, trials=(trial,)))
    curves = found["searches"][0]["trials"][0]["attempts"][0]["curves"]
    assert curves == {"loss": [0.1235, None, 2], "at": 0}


@pytest.mark.parametrize(
    ("value", "held"),
    [(64, 64), (True, True), (None, None), ("relu", "relu"), (0.5, 0.5),
     (math.nan, {"words": "not a number"}), (math.inf, {"words": "∞"}), ([1, 2], {"words": "[1, 2]"})],
)  # fmt: skip
def test_hyperparameters_are_kept_as_they_are_or_in_words(value, held):
    trial = Trial("0", {"x": value}, "completed", "", (Attempt("a", 1, "completed"),))
    found = data(Search("s", "S", "validation_accuracy", "max", "grid", (trial,)))
    assert found["searches"][0]["trials"][0]["values"] == {"x": held}


def test_search_says_what_leads_and_what_all_trials_share(search):
    standing = Standing("0000", ("0001",), (), "test_accuracy", "McNemar's test", "images", 100, 1)
    importance = Importance({"cell": 0.75, "units": 0.25}, 2, None, "too few")
    told = data(dataclasses.replace(search, standing=standing, importance=importance))["searches"][
        0
    ]
    assert (told["leader"], told["tied_with"]) == ("0000", ["0001"])
    assert told["standings"] == {"0000": "best, tied with 1", "0001": "tied with the best"}
    assert told["verdict"].startswith("Trial 0000 has the best validation accuracy")
    assert told["common"] == {"optimizer": "adam"}
    assert told["hyperparameters"] == ["cell", "units", "optimizer"]
    assert told["importance"]["shares"] == {"cell": 0.75, "units": 0.25}
    assert told["importance"]["warning"] == "too few"
    assert told["scores"]["test_accuracy"] == {
        "label": "test accuracy", "direction": "max", "fraction": True
    }  # fmt: skip


def test_metric_of_somebody_elses_search_is_no_fraction(search):
    other = dataclasses.replace(
        search, objective="val_mae", direction="min", scores={"val_mae": "min"}
    )
    assert data(other)["searches"][0]["scores"]["val_mae"]["fraction"] is False
