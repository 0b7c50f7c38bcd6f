"""The network that the studies look at: which one it is, and what it says of images."""

import made
import numpy as np
import pytest

from experiments.deconvnet import section
from experiments.deconvnet.subject import LENET5, SEARCH, Subject, training
from experiments.lab.settings import Search, grid
from experiments.lab.store.runs import RunStore

RATES = (1e-4, 1e-3)


def searched(folder, outcomes, seeds=1):
    search = Search(
        SEARCH, "made", "cifar10", "three-layer", 2, snapshots=True, seeds=seeds,
        points=grid(learning_rate=RATES, optimizer=("adam",)),
    )  # fmt: skip
    return made.make_result(RunStore(folder), search, outcomes)


def test_best_on_validation_is_looked_at_even_if_another_is_best_on_test(tmp_path):
    result = searched(tmp_path, [(0.5, 0.7), (0.6, 0.4)])
    study = made.make_study(section.SECTION, results={SEARCH: result})
    assert Subject.of(study).run.settings.hyperparameters["learning_rate"] == 1e-3


def test_first_completed_seed_is_taken_where_the_first_diverged(tmp_path):
    result = searched(tmp_path, [0.3, ((None, 0.6), (None, 0.6))], seeds=2)
    study = made.make_study(section.SECTION, results={SEARCH: result})
    assert Subject.of(study).run.settings.seed == 2


def test_all_trials_diverged_is_an_error_that_names_the_search(tmp_path):
    result = searched(tmp_path, ["diverged", "diverged"])
    study = made.make_study(section.SECTION, results={SEARCH: result})
    with pytest.raises(ValueError, match="no trial of the search three-layer.* completed"):
        Subject.of(study)


def test_features_are_those_of_the_whole_model(subject):
    images = subject.inputs("test")[:20]
    found = subject.features(images, ["conv2", "dense1", "logits"])
    assert found["conv2"].shape == (20, 12, 12, 32)
    assert found["dense1"].shape == (20, 64)
    np.testing.assert_allclose(found["logits"], subject.model(images).numpy(), atol=1e-5)


def test_features_of_convolutions_are_those_of_the_deconvnet(subject):
    images = subject.inputs("test")[:3]
    found = subject.features(images, ["conv2"])["conv2"]
    np.testing.assert_allclose(found, subject.deconvnet.features(images, "conv2"), atol=1e-5)


def test_probabilities_are_those_of_the_logits(subject):
    images = subject.inputs("test")[:3]
    powers = np.exp(subject.model(images).numpy())
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(subject.probabilities(images), expected, rtol=1e-5)


def test_another_network_leaves_the_shared_one_as_it_was(subject):
    before = [array.copy() for array in subject.model.get_weights()]
    other = subject.network(subject.weights(0))
    assert not np.array_equal(other.get_weights()[0], before[0])
    for now, then in zip(subject.model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_hidden_layers_and_epochs_are_the_runs_own(subject):
    assert subject.hidden == ("conv1", "conv2", "conv3", "dense1")
    assert subject.convolutions == ("conv1", "conv2", "conv3")
    assert subject.epochs == [0, 1, 2, 3]


def test_examples_are_the_first_recognised_image_of_each_class(subject):
    labels = subject.splits.test.labels
    right = subject.run.probabilities().argmax(axis=1) == labels
    chosen = subject.examples(10)
    assert len(set(labels[chosen])) == 10
    for number in chosen:
        earlier = (labels[:number] == labels[number]) & right[:number]
        assert right[number] or not right[labels == labels[number]].any()
        assert not earlier.any()


def test_classes_never_recognised_come_last_among_the_examples(subject, monkeypatch):
    never = np.tile(np.eye(10, dtype=np.float32)[3], (len(subject.splits.test.labels), 1))
    monkeypatch.setattr(type(subject.run), "probabilities", lambda run: never)
    labels = subject.splits.test.labels[subject.examples(4)]
    assert labels.tolist() == [3, 0, 1, 2]


def test_one_network_is_trained_whatever_the_seeds():
    [run] = training(made.make_study(section.SECTION, epochs=10, seeds=6)).runs(
        {"learning_rate": 1e-3, "optimizer": "adam"}
    )
    assert (run.network, run.length, run.seed, run.snapshots) == ("three-layer", 10, 1, True)


def test_changed_networks_are_held_against_lenet5(study, lenet5):
    assert lenet5.run.settings.network == "lenet5"
    assert lenet5.run == study.result(LENET5).best().first
