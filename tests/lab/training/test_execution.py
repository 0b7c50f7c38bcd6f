"""Tests of a run from its settings to what is kept: which images it sees, and from where it starts."""

import dataclasses

import numpy as np
import pytest
from toy import data

from experiments.lab.data.files import fingerprint, read
from experiments.lab.data.splits import Identity, Source
from experiments.lab.data.views import View
from experiments.lab.settings import RunSettings
from experiments.lab.store.runs import COMPLETED, Run, RunStore
from experiments.lab.training import execution

HYPERPARAMETERS = {"learning_rate": 0.01, "optimizer": "sgd", "cell": "SimpleRNN", "units": 3}
SETTINGS = RunSettings(
    View("mnist", per_class=4, seed=1),
    "recurrent",
    HYPERPARAMETERS,
    seed=1,
    length=1,
    unit="iterations",
    batch_size=16,
    validate_every=1,
    limit=200,
)


@pytest.fixture(scope="module")
def source(toy_data):
    file = toy_data / "mnist.npz"
    mark = fingerprint(read(file, "mnist"))
    return Source(Identity("mnist", "unverified", "toy", mark, tuple("0123456789"), ""), str(file))


def executed(settings, source, folder, start=None):
    """Return what the run ended with, the images it was trained on, and its trainer's weights."""
    heard = []
    ended = execution.execute(
        settings,
        execution.images(settings, source),
        start,
        folder,
        lambda trainer, _: heard.append(trainer),
    )
    return ended, heard[0].splits.train.images


def test_limit_of_the_settings_leaves_as_many_images(source):
    assert len(execution.images(SETTINGS, source).train.labels) == 200
    unlimited = dataclasses.replace(SETTINGS, limit=None)
    assert len(execution.images(unlimited, source).train.labels) == data.TRAINING * 9 // 10


def test_images_are_those_of_the_view_and_its_seed(source, tmp_path):
    views = [View("mnist", per_class=4, seed=seed) for seed in (1, 1, 10)]
    runs = [dataclasses.replace(SETTINGS, view=view) for view in views]
    first, again, other = (
        executed(run, source, tmp_path / str(place))[1] for place, run in enumerate(runs)
    )
    assert first.shape == (40, 28, 28, 1)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_named_layers_alone_are_those_of_the_run_that_it_starts_from(source, tmp_path):
    ended, _ = executed(SETTINGS, source, tmp_path / "first")
    run = Run("a" * 24, SETTINGS, COMPLETED, {}, {}, 1, 1.0, 1.0, {}, "2025")
    start = RunStore(tmp_path / "runs").write(run, ended.arrays)
    settings = dataclasses.replace(
        SETTINGS, seed=10, start_from={"run": start.key, "layers": ["cell"]}
    )
    taken, _ = executed(settings, source, tmp_path / "second", start)
    before, after = ([it.arrays[f"weights/{index}"] for index in range(5)] for it in (ended, taken))
    assert all(map(np.array_equal, before[:3], after[:3]))
    assert not np.array_equal(before[3], after[3])
    assert taken.parameters == 3 * 10 + 10


def test_layers_are_those_after_the_epoch_that_is_named(source, tmp_path):
    kept = dataclasses.replace(SETTINGS, unit="epochs", length=2, snapshots=True)
    ended, _ = executed(kept, source, tmp_path / "first")
    run = Run("a" * 24, kept, COMPLETED, {}, {}, 1, 1.0, 1.0, {}, "2025")
    start = RunStore(tmp_path / "runs").write(run, ended.arrays)
    for epoch in (0, 1):
        named = {"run": start.key, "layers": ["cell"], "epoch": epoch}
        settings = dataclasses.replace(SETTINGS, seed=10, start_from=named)
        taken, _ = executed(settings, source, tmp_path / f"from {epoch}", start)
        for index in range(3):
            wanted = ended.arrays[f"epoch{epoch}/{index}"]
            assert np.array_equal(taken.arrays[f"weights/{index}"], wanted)
            assert not np.array_equal(wanted, ended.arrays[f"weights/{index}"])
