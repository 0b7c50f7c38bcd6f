"""Tests of silent units and constant logits, on networks whose weights are set by hand."""

import dataclasses

import keras
import numpy as np
import pytest
from made import make_result, make_splits, make_study, untrained

from experiments import learning_rates
from experiments.descent import silence
from experiments.lab.store.runs import RunStore


@pytest.fixture(scope="module")
def images():
    return make_splits("cifar10").train.images[:20]


@pytest.fixture
def run_with(tmp_path):
    """A function that stores a run of LeNet-5 with these weights after epochs 0, 1, ..."""

    def run_with(*epochs):
        study = make_study(learning_rates.SECTION, epochs=len(epochs) - 1)
        search = learning_rates.searches(study)[0]
        store = RunStore(tmp_path / "runs")
        run = make_result(store, search, [0.5] * 3).trials[0].run
        arrays = {
            f"{name}/{index}": value
            for name, weights in [("weights", epochs[-1]), *_named(epochs)]
            for index, value in enumerate(weights)
        }
        return store.write(dataclasses.replace(run), arrays)

    return run_with


def _named(epochs):
    return [(f"epoch{number}", weights) for number, weights in enumerate(epochs)]


@pytest.fixture(scope="module")
def fresh():
    study = make_study(learning_rates.SECTION)
    search = learning_rates.searches(study)[0]
    keras.utils.set_random_seed(1)
    return untrained(next(search.runs(search.points[0])))


def silenced(weights, place, units=slice(None)):
    """Return the weights with biases of a layer, the `place`-th, so low that its units are silent."""
    changed = [weight.copy() for weight in weights]
    changed[2 * place + 1][units] = -1e6
    return changed


def test_untrained_network_answers_and_blocks_nothing(run_with, fresh, images):
    found = silence.by_epoch(run_with(fresh, fresh), images)
    assert found["layers"] == ["conv1", "conv2", "dense1", "dense2"]
    assert [one["epoch"] for one in found["epochs"]] == [0, 1]
    assert (found["constant_since"], found["blocked"]) == (None, None)


def test_silent_layer_is_named_and_makes_all_logits_the_same(run_with, fresh, images):
    found = silence.by_epoch(run_with(fresh, silenced(fresh, 1), silenced(fresh, 1)), images)
    assert found["blocked"] == "conv2"
    assert found["constant_since"] == 1
    assert found["epochs"][1]["silent"]["conv2"] == 1.0
    assert found["epochs"][0]["silent"]["conv2"] < 1.0


def test_share_of_silent_units_is_counted(run_with, fresh, images):
    heard = [weight.copy() for weight in fresh]
    heard[1][:] = 10.0  # biases that no patch outweighs
    found = silence.by_epoch(run_with(heard, silenced(heard, 0, slice(3))), images)
    assert found["epochs"][0]["silent"]["conv1"] == 0.0
    assert found["epochs"][1]["silent"]["conv1"] == 0.5
    assert found["blocked"] is None


def test_logits_that_recover_were_not_constant_to_the_end(run_with, fresh, images):
    found = silence.by_epoch(run_with(fresh, silenced(fresh, 0), fresh), images)
    assert found["epochs"][1]["constant"]
    assert found["constant_since"] is None


def test_loss_of_guessing_is_what_cross_entropy_gives_the_shares():
    labels = np.array([0, 0, 0, 1, 2, 2])
    shares = np.bincount(labels) / 6
    expected = -np.log(shares[labels]).mean()
    assert silence.guessing_loss(labels) == pytest.approx(expected)
    assert silence.guessing_loss(np.arange(10)) == pytest.approx(np.log(10))
