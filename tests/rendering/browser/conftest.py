"""Made-up searches for the trial browser, without a run store behind them."""

import dataclasses
import math

import pytest

from rendering.browser.model import Attempt, Search, Trial


def make_attempt(seed, accuracy, status="completed", message=""):
    values = [accuracy - 0.1, accuracy + 0.02, accuracy]
    if status != "completed":
        values = [accuracy, math.nan, math.nan]
    curves = dict.fromkeys(("accuracy", "validation_accuracy", "loss", "validation_loss"), values)
    scores = {
        "validation_accuracy": accuracy,
        "best_validation_accuracy": accuracy + 0.02,
        "best_iteration": 500,
        "validation_loss": 0.7,
        "test_accuracy": accuracy - 0.01,
    }
    return Attempt(
        key=f"{seed:024x}",
        seed=seed,
        status=status,
        message=message,
        series={"iteration": [250, 500, 750], **curves},
        scores=scores if status == "completed" else {},
        parameters=61706,
        seconds=30.0,
    )


def make_trial(number, values, *attempts):
    broken = next((it for it in attempts if not it.completed), attempts[0])
    return Trial(number, values, broken.status, broken.message, attempts)


@pytest.fixture
def search():
    """A search with two seeds and a good and a diverged trial, of one optimizer."""
    good = {"cell": "lstm", "units": 64, "optimizer": "adam"}
    bad = {"cell": "gru", "units": 128, "optimizer": "adam"}
    broken = make_attempt(1, 0.1, "diverged", "loss <not finite> at iteration 500")
    trials = (
        make_trial("0000", good, make_attempt(1, 0.9), make_attempt(2, 0.8)),
        make_trial("0001", bad, broken),
    )
    about = "rnn on mnist, 750 iterations a run"
    return Search(
        "cells", "Cells & units", "validation_accuracy", "max", "grid", trials, about=about
    )


@pytest.fixture
def sizes():
    """A search with other hyper-parameters, one of which is None in a trial."""
    trials = tuple(
        make_trial(str(number), {"learning_rate": 0.00123456, "per_class": size}, attempt)
        for number, (size, attempt) in enumerate(
            [(15, make_attempt(1, 0.5)), (None, make_attempt(1, 0.7))]
        )
    )
    return Search("sizes", "Few images", "validation_accuracy", "max", "grid", trials)


@pytest.fixture
def without_best(search):
    """The search with its diverged trial alone."""
    return dataclasses.replace(search, trials=search.trials[1:])
