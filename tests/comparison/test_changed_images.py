"""Tests of reading changed images with stored networks, and of what is claimed of it."""

import dataclasses

import numpy as np
import pytest

from experiments.comparison import changes
from experiments.lab.data.splits import Images
from experiments.lab.data.views import View
from experiments.lab.networks import builders
from experiments.lab.settings import RunSettings
from experiments.lab.store.runs import COMPLETED, Run, RunStore

NAMES = ["LeNet-5", "GRU 128"]


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


def images_with(bright):
    """Return images of which every other one is bright in some place, and is to be read as 1."""
    images = np.zeros((40, 28, 28, 1), np.uint8)
    labels = np.arange(40) % 2
    images[(labels == 1, *bright)] = 255
    return Images(images, labels)


def accuracies(run, bright):
    return {
        name: right.mean(axis=1).tolist()
        for name, right in changes._right(run, images_with(bright)).items()
    }


def test_network_that_needs_a_column_fails_only_on_shifts_that_lose_it(run):
    found = accuracies(run, (slice(None), 0))
    middle = changes.SHIFTS.index(0)
    assert found["right"][middle:] == [1.0] * 5
    assert found["right"][:middle] == [0.5] * 4
    assert found["down"] == [1.0] * 9


@pytest.mark.parametrize(("row", "kind"), [(4, "first"), (13, "middle"), (23, "last")])
def test_network_that_needs_a_row_fails_only_where_it_is_hidden(run, row, kind):
    found = accuracies(run, (row,))
    assert found[kind] == [1.0] + [0.5] * 4
    for other in {"first", "middle", "last"} - {kind}:
        assert found[other] == [1.0] * 5


def test_unchanged_images_are_those_without_strength():
    for kind in changes.KINDS:
        assert kind.strengths.count(0) == 1


def test_strongest_changes_are_the_ends_of_their_kinds():
    for kind, end in changes.STRONGEST.values():
        strengths = next(one.strengths for one in changes.KINDS if one.name == kind)
        assert strengths[end] in (min(strengths), max(strengths)) and strengths[end] != 0


@pytest.fixture
def studied(run, monkeypatch):
    """Return a function that studies two networks, with their shares of 500 images at some ends."""

    def right(shares):
        found = {}
        for kind in changes.KINDS:
            rows = np.zeros((len(kind.strengths), 500), bool)
            for index in range(len(rows)):
                rows[index, : round(500 * shares.get((kind.name, index), 0.9))] = True
            found[kind.name] = rows
        return found

    def studied(one, two):
        told = iter([right(one), right(two)])
        monkeypatch.setattr(changes, "_right", lambda *_: next(told))
        images = Images(np.zeros((500, 28, 28, 1), np.uint8), np.zeros(500, np.int64))
        runs = {"cnn": run, "rnn": dataclasses.replace(run, key="other")}
        return changes.measure(runs, NAMES, images)

    return studied


def test_directions_of_a_shift_have_each_a_claim_of_its_own(studied):
    found = studied({("down", 0): 0.5}, {("down", 8): 0.5})
    verdicts = {change: verdict_of(found, name) for change, name in found.facts["ahead"].items()}
    assert verdicts.pop("a shift up") == "worse"
    assert verdicts.pop("a shift down") == "better"
    assert set(verdicts.values()) == {"tied"}
    assert found.facts["unchanged"] == [0.9, 0.9]


def test_hidden_rows_are_compared_within_a_network(studied):
    found = studied({("last", 4): 0.4}, {("first", 4): 0.4})
    assert verdict_of(found, found.facts["last"]["LeNet-5"]) == "worse"
    assert verdict_of(found, found.facts["last"]["GRU 128"]) == "better"


def test_claims_are_one_family_and_of_the_runs_that_were_looked_at(studied):
    found = studied({}, {})
    assert {(one.family, one.family_size) for one in found.claims} == {("changed images", 12)}
    ahead = next(one for one in found.claims if one.name == "changed-noise")
    assert (ahead.left.runs, ahead.right.runs) == (("made",), ("other",))


def verdict_of(found, name):
    return next(one.verdict for one in found.claims if one.name == name)
