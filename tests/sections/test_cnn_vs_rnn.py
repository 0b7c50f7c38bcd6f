"""Tests of the section that compares LeNet-5 with a recurrent network."""

import numpy as np
import pytest
from made import make_record, make_result, make_splits, make_study, with_network_weights
from readback import looks

from experiments import cnn_vs_rnn as section
from experiments.comparison import mistakes
from experiments.lab.networks import builders
from experiments.lab.store.runs import RunStore
from experiments.searches import recurrent as recurrent_search

IMAGES = 1000
WORSE = 0.9
EVEN = dict(section.EVEN)


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Return a function that measures made-up outcomes of LeNet-5, of GRU 128 and of the others."""

    def measure(cnn, rnn, seeds=1, others=WORSE, looked=False):
        made, grid = section.searches(make_study(section.SECTION, seeds=seeds))
        store = RunStore(tmp_path / "runs")
        details = [
            {"images": IMAGES, "parameters": recurrent_search.network_parameters(**point)}
            for point in grid.points
        ]
        outcomes = [rnn if point == EVEN else others for point in grid.points]
        results = {
            "cnn-mnist": make_result(store, made, [cnn], [{"images": IMAGES}]),
            "recurrent": make_result(store, grid, outcomes, details),
        }
        if looked:
            results["recurrent"] = with_network_weights(store, results["recurrent"])
        else:
            looks.patch(monkeypatch)
        splits = {"mnist": make_splits("mnist", test=IMAGES)}
        study = make_study(section.SECTION, results=results, splits=splits, seeds=seeds)
        return section.measure(study), results

    return measure


def test_lenet5_sees_as_many_images_as_the_recurrent_networks():
    cnn, grid = section.searches(make_study(section.SECTION, seeds=2))
    for name in ("data", "length", "unit", "seeds", "limit", "validate_every"):
        assert getattr(cnn, name) == getattr(grid, name)
    one, two = next(cnn.runs(cnn.points[0])), next(grid.runs(grid.points[0]))
    for name in ("learning_rate", "optimizer"):
        assert one.hyperparameters[name] == two.hyperparameters[name]
    assert (one.batch_size, one.seed) == (two.batch_size, two.seed)


def test_recurrent_network_opposite_has_the_weights_of_lenet5():
    cnn, grid = section.searches(make_study(section.SECTION))
    [run] = cnn.runs(cnn.points[0])
    wanted = builders.build(run).count_params()
    apart = {
        recurrent_search.label(**point): abs(recurrent_search.network_parameters(**point) - wanted)
        for point in grid.points
    }
    assert min(apart, key=apart.get) == recurrent_search.label(**EVEN)
    assert apart["GRU 128"] < 0.01 * wanted


def test_best_network_on_validation_is_compared_by_accuracy_too(measured):
    findings, _ = measured(0.98, (0.95, 0.97), others=(0.96, 0.93))
    assert findings.facts["labels"] == ["LeNet-5", "GRU 128"]
    assert len(findings.facts["rows"]) == 3
    assert findings.facts["accuracy_claims"] == ["cnn-rnn", "cnn-best"]
    assert {one.family for one in findings.claims if one.name.startswith("cnn-")} == {"accuracies"}


def test_network_that_is_the_best_and_of_equal_size_is_compared_once(measured):
    findings, _ = measured(0.98, 0.97)
    assert len(findings.facts["rows"]) == 2
    assert findings.facts["accuracy_claims"] == ["cnn-rnn"]


def test_best_network_stands_in_for_one_of_equal_size_that_diverged(measured):
    findings, _ = measured(0.98, "diverged")
    assert not findings.facts["even"]
    assert findings.facts["labels"][1] != "GRU 128"


def test_agreement_counts_every_image_once():
    labels = np.array([0, 1, 2, 3, 4, 5, 6, 7])
    cnn = np.array([0, 1, 2, 3, 9, 9, 9, 9])
    rnn = np.array([0, 1, 8, 8, 4, 5, 9, 8])
    told = mistakes.agreement(cnn, rnn, labels)
    assert (told["both"], told["only_cnn"], told["only_rnn"], told["neither"]) == (2, 2, 2, 2)
    assert told["expected"] == 2.0 and told["times"] == 1.0
    assert told["same"] == 1
    assert (told["wrong_cnn"], told["wrong_rnn"]) == (4, 4)
    assert told["either"] == 0.75


def test_pictures_are_of_images_that_only_one_network_reads_rightly(measured):
    findings, results = measured(0.97, 0.95)
    labels = np.arange(IMAGES) % 10
    cnn = results["cnn-mnist"].trials[0].run.probabilities()
    rnn = results["recurrent"].find(**EVEN).run.probabilities()
    for shown in findings.facts["only"][0]:
        image = shown["image"]
        assert cnn[image].argmax() == labels[image] != rnn[image].argmax()
    sure = [rnn[shown["image"]].max() for shown in findings.facts["only"][0]]
    assert sure == sorted(sure, reverse=True)
    assert len(findings.arrays["only-cnn"]) == len(findings.facts["only"][0])


def test_shown_runs_share_a_seed_where_some_diverged(measured):
    cnn = ([None, 0.97, 0.98], [None, 0.97, 0.98])
    rnn = ([0.95, 0.96, None], [0.95, 0.96, None])
    findings, _ = measured(cnn, rnn, seeds=3)
    assert findings.facts["shown_seed"] == [2, 2]


def test_diverged_lenet5_stops_the_section(measured):
    with pytest.raises(ValueError, match="no trial of the search cnn-mnist completed"):
        measured("diverged", 0.9)


def test_changed_images_are_read_by_the_stored_networks_and_drawn(measured, monkeypatch):
    monkeypatch.setattr(section, "CHANGED", 60)
    findings, _ = measured(0.97, 0.95, looked=True)
    found = findings.facts["changes"]
    assert found["images"] == 60
    record = make_record(section.SECTION, findings)
    drawing = {one.name: one for one in section.draw(record)}["shifts"]
    told = {row["value"] for row in drawing.table if row["line"] == "GRU 128"}
    curves = [kind["test_accuracy"][1] for kind in found["kinds"] if kind["unit"] == "pixels"]
    assert told == {value for curve in curves for value in curve}
