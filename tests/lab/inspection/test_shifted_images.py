"""Tests of shifting images and of reading them with stored networks."""

import dataclasses

import numpy as np
import pytest

from experiments.lab.data.splits import Images
from experiments.lab.data.views import View
from experiments.lab.inspection import shifted_images
from experiments.lab.networks import builders
from experiments.lab.settings import RunSettings
from experiments.lab.store.runs import COMPLETED, Run, RunStore


@pytest.fixture
def run(tmp_path):
    """Return a stored run of a network that says 1 if it has seen anything bright, else 0."""
    settings = RunSettings(View("mnist"), "recurrent", {"cell": "SimpleRNN", "units": 1}, 1, 1)
    weights = [np.zeros_like(array) for array in builders.build(settings).get_weights()]
    weights[0][:] = 1.0  # from the row to the state
    weights[1][:] = 5.0  # the state holds what it has seen
    weights[3][0, 1] = 10.0
    weights[4][0] = 1.0
    made = Run("made", settings, COMPLETED, {}, {}, 1, 1.0, 1.0, {}, "2025-03-04T14:05:00+00:00")
    arrays = {f"weights/{index}": array for index, array in enumerate(weights)}
    return RunStore(tmp_path).write(made, arrays)


def test_network_that_needs_a_column_fails_only_on_shifts_that_lose_it(run):
    images = np.zeros((40, 28, 28, 1), np.uint8)
    labels = np.arange(40) % 2
    images[labels == 1, :, 0] = 255  # only their leftmost column is bright
    accuracy = shifted_images._accuracies(shifted_images._right(run, Images(images, labels)))
    middle = shifted_images.PIXELS.index(0)
    assert accuracy["right"][middle:] == [1.0] * 5
    assert accuracy["right"][:middle] == [0.5] * 4
    assert accuracy["down"] == [1.0] * 9


def read_rightly(shares, seed=0):
    """Return which of 500 images are read rightly, with these shares at the nine shifts."""
    order = np.random.default_rng(seed).permutation(500)
    return np.stack([order < round(share * 500) for share in shares])


FLAT, STEEP = [0.9] * 9, [0.1, 0.3, 0.5, 0.7, 0.9, 0.7, 0.5, 0.3, 0.1]


@pytest.fixture
def studied(run, monkeypatch):
    """Return a function that studies two networks with these shares, by direction."""

    def studied(one, two):
        told = iter(
            {way: read_rightly(shares, seed) for way, shares in shares_of.items()}
            for seed, shares_of in enumerate((one, two))
        )
        monkeypatch.setattr(shifted_images, "_right", lambda *_: next(told))
        images = Images(np.zeros((500, 28, 28, 1), np.uint8), np.zeros(500, np.int64))
        runs = {"cnn": run, "rnn": dataclasses.replace(run, key="other")}
        return shifted_images.study(runs, ["LeNet-5", "LSTM 64"], images)

    return studied


def test_study_tells_the_axis_that_costs_more_and_who_is_ahead(studied):
    found = studied({"down": FLAT, "right": STEEP}, {"down": FLAT, "right": FLAT})
    claims = {claim.name: claim for claim in found.claims}
    assert found.facts["axes"] == ["cnn-shifts", "rnn-shifts"]
    assert found.facts["ahead"] == {
        "vertical": "vertical-shifts", "horizontal": "horizontal-shifts"
    }  # fmt: skip
    assert claims["cnn-shifts"].verdict == "better"  # after vertical shifts
    assert claims["cnn-shifts"].estimate == pytest.approx(0.8)
    assert claims["rnn-shifts"].verdict == claims["vertical-shifts"].verdict == "tied"
    assert claims["horizontal-shifts"].verdict == "worse"
    assert claims["horizontal-shifts"].right.label == "LSTM 64"
    assert claims["horizontal-shifts"].right.runs == ("other",)
    assert found.facts["lost"][0] == {
        "vertical": pytest.approx(0), "horizontal": pytest.approx(0.8)
    }  # fmt: skip
    assert found.facts["unshifted"] == [0.9, 0.9]


def test_sides_exchanged_turn_the_verdicts_round(studied):
    found = studied({"down": STEEP, "right": FLAT}, {"down": STEEP, "right": STEEP})
    verdicts = {claim.name: claim.verdict for claim in found.claims}
    assert verdicts == {
        "cnn-shifts": "worse",
        "rnn-shifts": "tied",
        "vertical-shifts": "tied",
        "horizontal-shifts": "better",
    }
