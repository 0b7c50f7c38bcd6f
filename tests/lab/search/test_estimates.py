"""Tests of `experiments.lab.search.estimates`: how long trainings take."""

import dataclasses

import pytest

from experiments.lab.data.views import View
from experiments.lab.search import estimates
from experiments.lab.search.estimates import START_SECONDS, middle, seconds, steps
from experiments.lab.settings import RunSettings
from experiments.lab.store.runs import COMPLETED, FAILED, Run

LENET = RunSettings(View("cifar10"), "lenet5", {"learning_rate": 0.1}, seed=1, length=10)
CELL = RunSettings(
    View("mnist"),
    "recurrent",
    {"learning_rate": 0.1, "cell": "GRU", "units": 128},
    seed=1,
    length=3000,
    unit="iterations",
)
SHIFT = {"name": "shift", "down": 1}


def known(settings, step, status=COMPLETED):
    return Run("0" * 24, settings, status, {}, {}, 1, 1.0, step, {}, "2026")


def test_steps_are_counted_with_the_last_smaller_batch():
    assert steps(LENET) == 10 * 352
    assert steps(dataclasses.replace(LENET, limit=3000)) == 10 * 24
    assert steps(CELL) == 3000


def test_steps_are_fewer_where_the_view_keeps_few_images():
    few = dataclasses.replace(LENET, view=View("cifar10", per_class=30, seed=1))
    assert steps(few) == 10 * 3
    assert steps(dataclasses.replace(few, limit=100)) == 10 * 1


def test_earlier_run_of_the_same_work_decides_whatever_its_rate_and_seed():
    other = {**CELL.hyperparameters, "learning_rate": 9.0, "optimizer": "sgd"}
    alike = dataclasses.replace(CELL, hyperparameters=other, seed=5, length=10)
    assert seconds(CELL, [known(alike, 0.25)]) == START_SECONDS + 3000 * 0.25


@pytest.mark.parametrize(
    "unlike",
    [
        dataclasses.replace(CELL, batch_size=64),
        dataclasses.replace(CELL, hyperparameters={"cell": "GRU", "units": 64}),
        dataclasses.replace(CELL, view=View("mnist", transform=SHIFT)),
    ],
)
def test_step_of_other_work_is_not_taken_for_this_one_s(unlike):
    assert seconds(CELL, [known(unlike, 0.25)]) != START_SECONDS + 3000 * 0.25


def test_failed_runs_do_not_count():
    assert seconds(CELL, [known(CELL, 0.25, FAILED)]) == seconds(CELL, [])


def test_other_work_is_as_slow_as_what_is_known_of_the_machine():
    alone = seconds(CELL, [])
    per_step = seconds(dataclasses.replace(LENET, length=20), []) - seconds(LENET, [])
    slow = known(LENET, 5 * per_step / 3520)
    assert seconds(CELL, [slow]) == pytest.approx(5 * alone, rel=0.1)


def test_layers_that_were_taken_over_cost_less_than_those_that_are_trained():
    kept = dataclasses.replace(LENET, start_from={"run": "0" * 24, "layers": ["conv1"]})
    assert seconds(kept, []) < seconds(LENET, []) / 2


def test_machine_is_measured_where_nothing_is_known_of_it(monkeypatch):
    def built(pace, runs=()):
        monkeypatch.setattr(estimates, "machine", lambda: pace)
        return estimates.whole([LENET] * 4, list(runs), sections=2, few=False, together=2)

    assert built(3.0) == pytest.approx(3 * built(1.0))
    assert built(3.0, [known(LENET, 0.01)]) == built(1.0, [known(LENET, 0.01)])


def test_arithmetic_orders_the_networks_by_their_work():
    def by(**changes):
        return seconds(
            dataclasses.replace(CELL, hyperparameters={**CELL.hyperparameters, **changes}), []
        )

    assert by(cell="SimpleRNN") < by(cell="GRU") < by(cell="LSTM") < by(cell="LSTM", units=256)
    assert 1 < seconds(LENET, []) < 3600


def test_network_that_cannot_be_built_takes_no_steps():
    for wrong in ({"network": "perceptron"}, {"view": View("mnist", transform={"name": "blur"})}):
        assert seconds(dataclasses.replace(LENET, **wrong), []) == START_SECONDS


def test_middle_of_a_space_is_a_point_of_it():
    space = {
        "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
        "units": {"low": 10, "high": 21, "log": False, "integer": True},
        "cell": {"values": ["GRU", "LSTM", "SimpleRNN"]},
    }
    assert middle(space) == {"learning_rate": pytest.approx(1e-3), "units": 16, "cell": "LSTM"}
