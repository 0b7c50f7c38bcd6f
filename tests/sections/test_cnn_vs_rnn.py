"""Tests of the section that compares LeNet-5 with a recurrent network."""

import numpy as np
import pytest
from made import make_record, make_result, make_splits, make_study, with_network_weights

from experiments import cnn_vs_rnn as section
from experiments.lab.evidence.claims import Claim, End
from experiments.lab.store.records import Findings
from experiments.lab.store.runs import RunStore
from experiments.searches import recurrent as recurrent_search

IMAGES = 1000
WORSE = 0.9
SHIFTS = {
    "pixels": [-1, 0, 1],
    "largest": 1,
    "images": 500,
    "accuracy": [
        {"down": [0.7, 0.9, 0.7], "right": [0.8, 0.9, 0.8]},
        {"down": [0.6, 0.9, 0.6], "right": [0.3, 0.9, 0.3]},
    ],
    "held": [{"vertical": 0.7, "horizontal": 0.8}, {"vertical": 0.6, "horizontal": 0.3}],
    "unshifted": [0.9, 0.9],
    "lost": [{"vertical": 0.2, "horizontal": 0.1}, {"vertical": 0.3, "horizontal": 0.6}],
    "axes": ["cnn-shifts", "rnn-shifts"],
    "ahead": {"vertical": "vertical-shifts", "horizontal": "horizontal-shifts"},
}
VERDICTS = {  # of vertical shifts against horizontal ones, and of LeNet-5 against the other
    "cnn-shifts": "worse",
    "rnn-shifts": "better",
    "vertical-shifts": "tied",
    "horizontal-shifts": "better",
}


def shifts_with(**verdicts):
    """Return findings on shifts with made-up verdicts; a claim with None is not there."""
    end = End.of_value("made up")
    stated = VERDICTS | {name.replace("_", "-"): verdict for name, verdict in verdicts.items()}
    claims = [
        Claim(name, end, end, "accuracy", verdict, 0.1, None, "t", 0.01)
        for name, verdict in stated.items()
        if verdict is not None
    ]
    return Findings(facts=SHIFTS, claims=claims)


MADE_UP = shifts_with()


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Return a function that measures made-up outcomes of LeNet-5 and of the best, SimpleRNN 64."""

    def measure(cnn, rnn, seeds=1, others=WORSE, kind="official", shifts=MADE_UP):
        made, grid = section.searches(make_study(section.SECTION, seeds=seeds))
        store = RunStore(tmp_path / "runs")
        best = grid.points[-1]
        details = [
            {"images": IMAGES, "parameters": recurrent_search.network_parameters(**point)}
            for point in grid.points
        ]
        outcomes = [rnn if point == best else others for point in grid.points]
        results = {
            "cnn-mnist": make_result(store, made, [cnn], [{"images": IMAGES}]),
            "recurrent": make_result(store, grid, outcomes, details),
        }
        if shifts:
            monkeypatch.setattr(section.shifted_images, "study", lambda *_: shifts)
        else:
            results["recurrent"] = with_network_weights(store, results["recurrent"])
        splits = {"mnist": make_splits("mnist", kind, test=IMAGES)}
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


def test_recurrent_network_is_chosen_on_validation(measured):
    findings, _ = measured(0.98, (0.97, 0.95), others=(0.96, 0.99))
    assert findings.facts["labels"] == ["LeNet-5", "SimpleRNN 64"]


def test_agreement_counts_every_image_once():
    labels = np.array([0, 1, 2, 3, 4, 5, 6, 7])
    cnn = np.array([0, 1, 2, 3, 9, 9, 9, 9])
    rnn = np.array([0, 1, 8, 8, 4, 5, 9, 8])
    told = section._agreement(cnn, rnn, labels)
    assert (told["both"], told["only_cnn"], told["only_rnn"], told["neither"]) == (2, 2, 2, 2)
    assert told["expected"] == 2.0 and told["times"] == 1.0
    assert told["same"] == 1
    assert told["either"] == 0.75


def test_pictures_are_of_images_that_only_one_network_reads_rightly(measured):
    findings, results = measured(0.97, 0.95)
    labels = np.arange(IMAGES) % 10
    cnn = results["cnn-mnist"].trials[0].run.probabilities()
    rnn = results["recurrent"].best().run.probabilities()
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


def test_shifts_are_read_by_the_stored_networks_and_drawn(measured):
    findings, results = measured(0.97, 0.95, shifts=None)
    found = findings.facts["shifts"]
    assert set(SHIFTS) == set(found)
    assert found["images"] == IMAGES
    record = make_record(section.SECTION, findings)
    drawing = {one.name: one for one in section.draw(record)}["shifts"]
    told = {row["value"] for row in drawing.table if row["line"] == "SimpleRNN 64"}
    assert told == {value for line in found["accuracy"][1].values() for value in line}
