"""Tests of the trainings on few labelled images, and of what is claimed of them."""

import dataclasses

import numpy as np
import pytest
from made import make_result, make_splits, make_study

from experiments import cnn_vs_rnn
from experiments.comparison import few_labels, orders, short
from experiments.lab.data.splits import Images
from experiments.lab.store.runs import RunStore

LONG = short.ITERATIONS + 1
IMAGES = 2000
NAMES = ["LeNet-5", "GRU 128"]


def searches(**options):
    """Return the section's searches by name."""
    made = cnn_vs_rnn.searches(make_study(cnn_vs_rnn.SECTION, iterations=LONG, **options))
    return {one.name: one for one in made}


def splits(train=12_000):
    """Return test images for the predictions, and labels of so many training images."""
    labels = np.arange(train) % 10
    few = Images(np.zeros((train, 1, 1, 1), np.uint8), labels)
    return dataclasses.replace(make_splits("mnist", test=IMAGES), train=few)


@pytest.fixture
def measured(tmp_path):
    """A function that measures made-up outcomes of both networks, in the order of SIZES."""

    def measured(cnn, rnn, seeds=1, train=12_000):
        store, found = RunStore(tmp_path / "runs"), searches(seeds=seeds)
        results = {
            name: make_result(store, found[name], outcomes, [{"images": IMAGES}] * 4)
            for name, outcomes in ((few_labels.CNN, cnn), (few_labels.RNN, rnn))
        }
        study = make_study(cnn_vs_rnn.SECTION, results=results, iterations=LONG, seeds=seeds)
        return few_labels.measure(study, NAMES, splits(train))

    return measured


def test_both_networks_see_the_same_images_for_as_many_steps():
    found = searches()
    cnn, rnn = (
        [next(found[name].runs(point)) for point in found[name].points]
        for name in (few_labels.CNN, few_labels.RNN)
    )
    assert [run.view for run in cnn] == [run.view for run in rnn]
    assert [run.view.per_class for run in cnn] == list(few_labels.SIZES)
    assert {run.length for run in (*cnn, *rnn)} == {short.ITERATIONS}


@pytest.mark.parametrize(
    ("few", "order"), [(few_labels.CNN, orders.CNN), (few_labels.RNN, orders.RNN)]
)
def test_training_on_all_images_is_shared_with_the_orders(few, order):
    found = searches()
    [of_all] = found[few].runs({"per_class": None})
    assert of_all == next(found[order].runs({"order": ""}))


def test_few_labels_are_left_out_of_short_builds():
    study = make_study(cnn_vs_rnn.SECTION)
    assert few_labels.searches(study, {}) == []
    assert few_labels.measure(study, NAMES, None) == (None, [])


def test_networks_are_compared_at_each_number_of_images(measured):
    facts, claims = measured([0.7, 0.9, 0.95, 0.96], [0.5, 0.9, 0.96, 0.93])
    assert [row["images"] for row in facts["rows"]] == [100, 1000, 10_000, 12_000]
    assert [row["all"] for row in facts["rows"]] == [False, False, False, True]
    verdicts = {one.name: one.verdict for one in claims}
    assert verdicts["few-10"] == verdicts["few-all"] == "better"
    assert verdicts["few-100"] == "tied"
    assert {one.family for one in claims if one.name.startswith("few-")} == {"few labels"}


@pytest.mark.parametrize(
    ("cnn", "rnn", "verdict"), [(0.5, 0.7, "better"), (0.7, 0.5, "worse"), (0.7, 0.67, "tied")]
)
def test_what_few_images_cost_is_compared_between_the_networks(measured, cnn, rnn, verdict):
    _, claims = measured([cnn, 0.9, 0.9, 0.96], [rnn, 0.9, 0.9, 0.93])
    cost = next(one for one in claims if one.name == "fewer-10")
    assert cost.verdict == verdict
    assert cost.estimate == pytest.approx(((0.96 - cnn) - (0.93 - rnn)) / 2, abs=1e-9)


def test_number_that_leaves_no_image_out_is_told_once_as_all(measured):
    facts, claims = measured([0.7, 0.9, 0.95, 0.96], [0.5, 0.9, 0.96, 0.93], train=5000)
    assert [row["images"] for row in facts["rows"]] == [100, 1000, 5000]
    assert {"few-1000", "fewer-1000"}.isdisjoint(one.name for one in claims)


def test_diverged_training_is_shown_and_not_compared(measured):
    facts, claims = measured(["diverged", 0.9, 0.95, 0.96], [0.5, 0.9, 0.96, 0.93])
    row = facts["rows"][0]
    assert (row["few"], row["fewer"], row["test_accuracy"]["cnn"][0]) == (None, None, None)
    assert "few-100" in {one.name for one in claims}
    assert few_labels.drawing(facts).name == "few"


def test_nothing_is_compared_by_cost_without_the_training_on_all(measured):
    facts, claims = measured([0.7, 0.9, 0.95, "diverged"], [0.5, 0.9, 0.96, 0.93])
    assert [row["fewer"] for row in facts["rows"]] == [None] * 4
    assert {one.name for one in claims} == {"few-10", "few-100", "few-1000"}


def test_six_seeds_speak_of_the_settings(measured):
    high, low = ([value + seed / 1000 for seed in range(6)] for value in (0.9, 0.8))
    _, claims = measured([(high, high)] * 4, [(low, low)] * 4, seeds=6)
    assert {one.scope for one in claims} == {"setting"}
    assert {one.verdict for one in claims if one.name.startswith("few-")} == {"better"}
