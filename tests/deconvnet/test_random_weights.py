"""Networks that have not been trained: which weights are whose."""

import keras
import numpy as np

from experiments.deconvnet import random_weights
from experiments.lab.networks.builders import build


def test_states_go_from_the_top_down_to_all_layers_and_end_with_the_own_start(subject):
    states = {state.name: list(state.layers) for state in random_weights.states(subject)}
    every = ["logits", "dense1", "conv3", "conv2", "conv1"]
    assert states == {
        "above conv3": every[:2],
        "conv3 and above": every[:3],
        "conv2 and above": every[:4],
        "all layers": every,
        "conv1 alone": ["conv1"],
        "own start": every,
    }


def test_only_the_named_layers_get_fresh_weights(subject):
    mixed = random_weights.partly_fresh(subject, ("conv2",), 0)
    same = [np.array_equal(a, b) for a, b in zip(mixed, subject.weights(), strict=True)]
    assert same == [True, True, False, False, *[True] * 6]
    assert not mixed[3].any()


def test_each_draw_of_fresh_weights_is_another_and_the_same_every_time(subject):
    first, again, other = (subject.fresh(number)[2] for number in (1, 1, 10))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_fresh_weights_are_those_of_no_training_of_this_network(subject):
    keras.utils.set_random_seed(subject.run.settings.seed)
    own = build(subject.run.settings).get_weights()
    assert not np.array_equal(own[0], subject.fresh(0)[0])
    assert abs(np.std(own[2]) / np.std(subject.fresh(0)[2]) - 1) < 0.1


def test_the_own_start_is_the_network_before_its_first_step(subject):
    *_, start = random_weights.states(subject)
    [deconvnet] = start.deconvnets(subject, draws=3)
    images = subject.inputs("validation")[:2]
    before = subject.network(subject.weights(0))
    expected = type(deconvnet)(before).features(images, "conv1")
    assert np.allclose(deconvnet.features(images, "conv1"), expected)
