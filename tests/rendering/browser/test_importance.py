"""Tests of `rendering.browser.importance` and of the studies it is computed from."""

import itertools
import math

import pytest

from rendering.browser import importance, optuna_study
from rendering.browser.model import Attempt, Axis, Search, Trial


def make(points, objective, *, axes=None, status="completed", direction="max"):
    """Return a search whose trials, at `points`, scored what `objective` makes of them."""
    trials = []
    for number, values in enumerate(points):
        score = objective(values)
        scores = {} if score is None else {"auc": score}
        attempt = Attempt(f"run{number}", None, status if scores else "failed", "", {}, scores)
        trials.append(Trial(str(number), values, attempt.status, "", (attempt,)))
    return Search(
        "made", "", "auc", direction, "grid", tuple(trials), "", {"auc": direction}, axes or {}
    )


def crossed(**values):
    return [dict(zip(values, it, strict=True)) for it in itertools.product(*values.values())]


POINTS = crossed(units=tuple(range(1, 9)), cell=("LSTM", "GRU"), noise=(0.1, 0.2))


def test_shares_are_those_of_the_analysis_of_variance():
    # On a full grid the exact shares are known: cell varies by 16, units by 5.25, in squares.
    search = make(
        POINTS,
        lambda it: it["units"] + 8 * (it["cell"] == "GRU"),
        axes={"units": Axis(tuple(range(1, 9)))},
    )
    found = importance.of(search)
    assert list(found.shares) == ["cell", "units", "noise"]
    assert found.shares["cell"] == pytest.approx(16 / 21.25, abs=0.05)
    assert found.shares["units"] == pytest.approx(5.25 / 21.25, abs=0.05)
    assert found.shares["noise"] < 0.02
    assert math.fsum(found.shares.values()) == pytest.approx(1)
    assert found.held_out > 0.9
    assert (found.trials, found.warning) == (32, "")


def test_few_trials_are_warned_of():
    found = importance.of(make(POINTS[:9], lambda it: it["units"]))
    assert found.shares
    assert "9 trials are few" in found.warning.replace("\xa0", " ")


def test_what_cannot_be_predicted_is_warned_of():
    drawn = iter([0.31, 0.94, 0.12, 0.77, 0.05, 0.66, 0.58, 0.23] * 4)
    found = importance.of(make(POINTS, lambda it: next(drawn)))
    assert found.held_out < importance.EXPLAINED
    assert "cannot predict" in found.warning


@pytest.mark.parametrize(
    ("points", "objective", "said"),
    [
        (POINTS[:3], lambda it: it["units"], "too few"),
        (POINTS, lambda it: None, "too few"),
        (POINTS, lambda it: math.nan, "too few"),
        ([{"units": 3}] * 8, lambda it: 1.0, "no hyper-parameter varies"),
        (POINTS, lambda it: 0.5, "same objective"),
    ],
)
def test_where_nothing_can_be_told_it_is_said(points, objective, said):
    found = importance.of(make(points, objective))
    assert found.shares == {}
    assert said in found.warning


def test_only_one_that_varies_has_all():
    found = importance.of(make(crossed(units=(1, 2, 3, 4), cell=("GRU",)), lambda it: it["units"]))
    assert found.shares == {"units": 1.0}
    assert "only units varies" in found.warning


def test_conditional_hyperparameters_are_left_out_and_named():
    points = [{**it, **({"layers": 2} if it["cell"] == "GRU" else {})} for it in POINTS]
    found = importance.of(make(points, lambda it: it["units"]))
    assert "layers" not in found.shares
    assert "without layers, which not every trial has" in found.warning


def test_values_of_every_kind_can_be_told_apart():
    strange = (None, True, math.nan, math.inf, "<b>", "\U0001f600" * 300, "[1, 2]", 0.5)
    found = importance.of(make(crossed(odd=strange, units=(1, 2)), lambda it: it["units"]))
    assert next(iter(found.shares)) == "units"


def test_study_has_the_trials_as_they_are():
    search = make(
        [{"rate": 0.1, "cell": "LSTM"}, {"rate": 0.01, "cell": None}, {"rate": 0.1, "cell": "GRU"}],
        lambda it: None if it["cell"] == "GRU" else it["rate"],
        axes={"rate": Axis((), 0.001, 1.0, log=True), "cell": Axis(("GRU", "LSTM", None))},
        direction="min",
    )
    study = optuna_study.in_memory(search, search.trials)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "COMPLETE", "FAIL"]
    assert [trial.params for trial in study.trials] == [trial.values for trial in search.trials]
    assert study.best_trial.user_attrs["trial"] == "1"
    rate = study.trials[0].distributions["rate"]
    assert (rate.low, rate.high, rate.log) == (0.001, 1.0, True)
    assert study.trials[0].distributions["cell"].choices == ("GRU", "LSTM", None)
