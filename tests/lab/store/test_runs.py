"""Tests of `experiments.lab.store.runs`: the store writes runs whole and notices damage."""

import dataclasses
import errno
import os
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.lab.data.views import View
from experiments.lab.settings import RunSettings
from experiments.lab.store import runs
from experiments.lab.store.runs import (
    COMPLETED,
    DIVERGED,
    FAILED,
    Run,
    RunIndex,
    RunStore,
)

SETTINGS = RunSettings(View("mnist"), "recurrent", {"cell": "GRU", "units": 8}, seed=1, length=2)
ARRAYS = {
    "probabilities": np.full((5, 10), 0.1, np.float32),
    "weights/0": np.arange(6.0).reshape(2, 3),
    "weights/1": np.zeros(3),
    "epoch0/0": np.ones(2),
    "epoch10/0": np.ones(3),
    "epoch2/0": np.ones(4),
}


@pytest.fixture
def said():
    return []


@pytest.fixture
def store(tmp_path, said):
    return RunStore(tmp_path / "runs", said.append)


@pytest.fixture
def index(store):
    return RunIndex(store, {"mnist": "f" * 64}, lambda _: "1", {"numpy": "2"}, since=runs.now())


def run(key: str, **changes) -> Run:
    given = {
        "key": key,
        "settings": SETTINGS,
        "status": COMPLETED,
        "curves": {"iteration": [1.0, 2.0], "loss": [0.5, float("nan")]},
        "scores": {"validation_accuracy": 1 / 3},
        "parameters": 17,
        "seconds": 0.1,
        "step_seconds": 0.01,
        "environment": {"device": "cpu"},
        "finished_at": runs.now(),
    }
    return Run(**{**given, **changes})


def stored(index) -> Run:
    return index.store.write(run(index.key(SETTINGS)), ARRAYS)


def fresh(index) -> RunIndex:
    """Return the index as another process sees it."""
    return dataclasses.replace(index, store=RunStore(index.store.folder, index.store.say))


def test_run_is_read_as_it_was_written(index):
    stored(index)
    held = fresh(index).find(SETTINGS)
    assert held.scores == {"validation_accuracy": 1 / 3}
    assert held.settings == SETTINGS
    assert np.isnan(held.curves["loss"][1])
    assert np.array_equal(held.probabilities(), ARRAYS["probabilities"])
    assert [array.shape for array in held.weights()] == [(2, 3), (3,)]
    assert held.epochs_kept() == [0, 2, 10]
    assert held.weights(epoch=2)[0].shape == (4,)
    with pytest.raises(KeyError, match="epoch 3"):
        held.weights(epoch=3)


def test_run_never_trained_is_none(index):
    assert index.find(SETTINGS) is None


def test_training_state_goes_when_the_run_is_stored(index):
    state = index.store.state_folder(index.key(SETTINGS))
    state.mkdir(parents=True)
    (state / "state").write_bytes(b"state")
    stored(index)
    assert not state.exists()
    assert sorted(path.name for path in index.store.folder.iterdir()) == [index.key(SETTINGS)]


def damages():
    """Every way in which a file can go wrong, as functions of its bytes and a number."""
    return st.one_of(
        st.just(lambda content, place: b""),
        st.just(lambda content, place: content[: place % len(content)]),
        st.just(lambda content, place: content + b"\0"),
        st.just(
            lambda content, place: (
                content[: place % len(content)]
                + bytes([content[place % len(content)] ^ 0x11])
                + content[place % len(content) + 1 :]
            )
        ),
        st.sampled_from([b"null", b"[]", b"{}", b"\x80\x04."]).map(
            lambda text: lambda content, place: text
        ),
    )


@given(st.sampled_from(["run.json", "arrays.npz"]), damages(), st.integers(0, 10**6))
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_damaged_file_is_set_aside_said_and_never_read(index, said, file, damage, place):
    folder = stored(index).folder
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(damage(content, place))
    said.clear()
    assert fresh(index).find(SETTINGS) is None
    assert len(said) == 1
    assert "is damaged" in said[0]
    (kept,) = (index.store.folder / "damaged").iterdir()
    assert str(kept) in said[0]
    assert (kept / file).read_bytes() == damage(content, place)
    assert not folder.exists()
    shutil.rmtree(kept)


@pytest.mark.parametrize("file", ["run.json", "arrays.npz"])
def test_lost_file_is_noticed(index, said, file):
    (stored(index).folder / file).unlink()
    assert fresh(index).find(SETTINGS) is None
    assert len(said) == 1


def test_run_under_another_runs_name_is_noticed(index, said):
    folder = stored(index).folder
    folder.rename(folder.with_name("0" * 24))
    assert index.store.read("0" * 24) is None
    assert "belongs to another run" in said[0]


def test_listing_leaves_out_states_and_runs_being_written(index, said):
    held = stored(index)
    for name in (f".{held.key}.77.partial", f"{held.key}.partial", "damaged"):
        shutil.copytree(held.folder, index.store.folder / name)
    assert [it.key for it in fresh(index).store.runs()] == [held.key]
    assert not said
    assert (index.store.folder / f".{held.key}.77.partial").exists()


def test_full_disk_while_a_run_is_written_leaves_the_old_run(index, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    held = stored(index)
    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(os, "fsync", full)
        index.store.write(run(held.key, parameters=18), ARRAYS)
    assert fresh(index).find(SETTINGS).parameters == 17
    assert [path.name for path in index.store.folder.iterdir()] == [held.key]


def test_kill_between_the_two_renames_leaves_no_run_and_the_next_write_tidies_up(index):
    held = stored(index)
    held.folder.rename(index.store.folder / f".{held.key}.77.before")
    assert fresh(index).find(SETTINGS) is None
    stored(index)
    assert [path.name for path in index.store.folder.iterdir()] == [held.key]


def test_run_replaced_while_it_is_read_is_read_again(index, said, monkeypatch):
    held = stored(index)
    real, calls = runs._read_run, []

    def replaced_once(folder):
        calls.append(folder)
        if len(calls) == 1:
            raise ValueError("arrays.npz does not match its digest")
        return real(folder)

    monkeypatch.setattr(runs, "_read_run", replaced_once)
    assert fresh(index).find(SETTINGS).key == held.key
    assert not said


def test_failed_run_of_this_build_counts_and_one_of_an_earlier_build_is_tried_again(index):
    index.record_failure(SETTINGS, "ValueError: no\nmore lines")
    assert index.find(SETTINGS).message == "ValueError: no"
    later = dataclasses.replace(index, since=runs.now())
    assert later.find(SETTINGS) is None


def test_run_that_another_process_trained_after_a_failure_is_seen(index):
    index.record_failure(SETTINGS, "killed")
    later = dataclasses.replace(index, since=runs.now())
    assert later.find(SETTINGS) is None
    stored(fresh(later))
    assert later.find(SETTINGS).status == COMPLETED


def test_diverged_run_counts_in_every_build(index):
    index.store.write(run(index.key(SETTINGS), status=DIVERGED, finished_at="2000"), {})
    assert fresh(index).find(SETTINGS).status == DIVERGED


def test_failure_is_recorded_without_times_or_scores(index):
    failed = index.record_failure(SETTINGS, "")
    assert (failed.status, failed.scores, failed.seconds) == (FAILED, {}, 0.0)
    assert failed.message == "no message"
    assert len(index.record_failure(SETTINGS, "x" * 5000).message) <= runs.MESSAGE_LENGTH


def test_run_that_ended_before_it_was_asked_for_afresh_does_not_count(index):
    held = stored(index)
    afresh = dataclasses.replace(index, not_before={held.key: runs.now()})
    assert afresh.find(SETTINGS) is None
    assert index.find(SETTINGS).key == held.key  # it is remembered now
    # By another process, while this one has read the old run.
    RunStore(index.store.folder).write(run(held.key, finished_at=runs.now()), ARRAYS)
    assert afresh.find(SETTINGS)
