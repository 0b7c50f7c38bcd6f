"""Tests that the first steps taken again are those of the training itself."""

import numpy as np
import pytest
from made import make_result, make_splits, make_study

from experiments import learning_rates
from experiments.descent import first_steps
from experiments.lab.networks.builders import restore
from experiments.lab.store.runs import RunStore
from experiments.lab.training.trainer import Trainer


@pytest.fixture(scope="module")
def splits():
    return make_splits("cifar10")


@pytest.fixture(scope="module")
def run(tmp_path_factory, splits):
    """A run at 0.001 that kept what the trainer's network was before its first step."""
    search = learning_rates.searches(make_study(learning_rates.SECTION))[0]
    store = RunStore(tmp_path_factory.mktemp("runs"))
    made = make_result(store, search, [0.5] * 3).trials[1].run
    weights = Trainer(made.settings, splits).model.get_weights()
    return store.write(made, {f"epoch0/{index}": value for index, value in enumerate(weights)})


def test_losses_are_those_of_the_trainer(run, splits):
    found = first_steps.again(run, splits, 3)
    trainer = Trainer(run.settings, splits)
    losses, _ = trainer.advance(trainer.batches(0)[0][:3])
    np.testing.assert_allclose(found["loss"], losses, rtol=1e-4)
    assert all(norm >= first > 0 for norm, first in zip(found["norm"], found["first"], strict=True))
    assert found["stopped"] is None


def test_gradient_of_a_network_that_gives_out_nothing_stops(run, splits, monkeypatch):
    def blocked(settings, weights):
        model = restore(settings, weights)
        bias = model.get_layer("conv2").weights[1]
        bias.assign(np.full(bias.shape, -1e6))
        return model

    monkeypatch.setattr(first_steps, "restore", blocked)
    found = first_steps.again(run, splits, 3)
    assert found["first"] == [0.0] * 3
    assert found["stopped"] == 1
    assert found["norm"][0] > 0  # the biases of the logits still learn


@pytest.mark.parametrize(
    ("first", "stopped"),
    [([1.0, 0.5], None), ([1.0, 0.0], 2), ([0.0, 1.0, 0.0, 0.0], 3), ([0.0, 0.0], 1)],
)
def test_gradient_stops_where_it_is_zero_to_the_end(first, stopped):
    assert first_steps._stopped(np.array(first)) == stopped
