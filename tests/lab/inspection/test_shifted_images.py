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
    accuracy = shifted_images._accuracies(run, Images(images, labels))
    middle = shifted_images.PIXELS.index(0)
    assert accuracy["right"][middle:] == [1.0] * 5
    assert accuracy["right"][:middle] == [0.5] * 4
    assert accuracy["down"] == [1.0] * 9


def test_study_tells_the_axis_that_costs_more_and_who_is_ahead(run, monkeypatch):
    flat, steep = [0.9] * 9, [0.1, 0.3, 0.5, 0.7, 0.9, 0.7, 0.5, 0.3, 0.1]
    told = iter([{"down": flat, "right": steep}, {"down": flat, "right": flat}])
    monkeypatch.setattr(shifted_images, "_accuracies", lambda *_: next(told))
    images = Images(np.zeros((500, 28, 28, 1), np.uint8), np.zeros(500, np.int64))
    found = shifted_images.study([run, dataclasses.replace(run)], images)
    assert found["more"] == ["horizontal", "neither"]
    assert found["ahead"] == {"vertical": None, "horizontal": 1}
    assert found["lost"][0] == {"vertical": pytest.approx(0), "horizontal": pytest.approx(0.8)}
    assert found["unshifted"] == [0.9, 0.9]
