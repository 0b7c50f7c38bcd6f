"""Tests of `experiments.lab.store.runs`: the store writes runs whole and notices damage."""

import dataclasses
import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.lab.data.views import View
from experiments.lab.settings import RunSettings
from experiments.lab.store import runs, sealed
from experiments.lab.store.files import StorageError
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
    "epoch1/0": np.ones(5),
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
    return RunIndex(store, {"mnist": "f" * 64}, lambda _: "1", {"numpy": "2"}, build=runs.now())


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
    assert held.epochs_kept() == [0, 1, 2, 10]
    assert held.weights(epoch=1)[0].shape == (5,)
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


def files_of(index) -> dict[str, Path]:
    """Return the files of the stored run: its JSON and its arrays."""
    return {path.suffix: path for path in (index.store.folder / index.key(SETTINGS)).iterdir()}


@given(st.sampled_from([".json", ".npz"]), damages(), st.integers(0, 10**6))
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_damaged_run_is_said_left_alone_and_set_aside_when_it_is_trained_again(
    index, said, suffix, damage, place
):
    stored(index)
    file = files_of(index)[suffix]
    garbled = damage(file.read_bytes(), place)
    file.write_bytes(garbled)
    before = snapshot(index.store.folder)
    said.clear()
    assert fresh(index).find(SETTINGS) is None
    assert len(said) == 1
    assert "is damaged" in said[0]
    assert snapshot(index.store.folder) == before  # reading has changed nothing
    stored(index)
    assert fresh(index).find(SETTINGS) is not None
    (kept,) = (index.store.folder / "damaged").iterdir()
    assert str(kept) in said[-1]
    assert (kept / file.name).read_bytes() == garbled
    shutil.rmtree(kept)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_lost_arrays_are_noticed(index, said):
    stored(index)
    files_of(index)[".npz"].unlink()
    assert fresh(index).find(SETTINGS) is None
    assert "the arrays of run.json are missing" in said[0]


def test_arrays_without_their_run_are_a_write_that_was_never_finished(index, said):
    stored(index)
    files_of(index)[".json"].unlink()
    assert fresh(index).find(SETTINGS) is None
    assert not said
    index.store.sweep()
    assert list(index.store.folder.iterdir()) == []


def test_sweep_removes_the_state_of_a_run_that_stands_unless_it_is_trained_afresh(index):
    held = stored(index)
    index.store.begin(held.key, SETTINGS, "f" * 64)
    index.store.sweep({held.key: held.finished_at})
    assert index.store.state_folder(held.key).exists()
    index.store.sweep({held.key: "another"})
    assert not index.store.state_folder(held.key).exists()
    index.store.begin("a" * 24, SETTINGS, "f" * 64)
    index.store.sweep()
    assert index.store.state_folder("a" * 24).exists()


def test_sweep_leaves_whole_and_damaged_runs_alone(index):
    stored(index)
    before = snapshot(index.store.folder)
    index.store.sweep()
    assert snapshot(index.store.folder) == before
    file = files_of(index)[".json"]
    file.write_bytes(b"{")
    index.store.sweep()
    assert set(snapshot(index.store.folder)) == set(before)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_run_that_cannot_be_read_is_an_error_and_stays_where_it_is(index, said, monkeypatch, code):
    stored(index)
    before = snapshot(index.store.folder)

    def refused(path, *_):
        raise OSError(code, os.strerror(code), str(path))

    with monkeypatch.context() as patched, pytest.raises(StorageError) as caught:
        patched.setattr(os, "open", refused)
        fresh(index).find(SETTINGS)
    assert str(caught.value).startswith(f"cannot read {files_of(index)['.json']}: ")
    assert snapshot(index.store.folder) == before
    assert not said


def test_run_under_another_runs_name_is_noticed(index, said):
    stored(index)
    folder = index.store.folder / index.key(SETTINGS)
    folder.rename(folder.with_name("0" * 24))
    assert index.store.read("0" * 24) is None
    assert "run.json does not match its digest" in said[0]


def test_run_of_another_format_is_missing_and_not_damaged(index, said, monkeypatch):
    stored(index)
    monkeypatch.setattr(runs, "FORMAT", runs.FORMAT + 1)
    assert fresh(index).find(SETTINGS) is None
    stored(index)
    assert fresh(index).find(SETTINGS) is not None
    assert not said


def pipe(folder):
    folder.mkdir()
    os.mkfifo(folder / "run.json")


def nested(folder):
    folder.mkdir()
    (folder / "run.json").write_text("[" * 100_000)


def plain_file(folder):
    folder.write_text("something")


def dangling(folder):
    folder.symlink_to(folder.with_name("nowhere"))


def folder_for_file(folder):
    (folder / "run.json").mkdir(parents=True)


@pytest.mark.parametrize("strange", [pipe, nested, plain_file, dangling, folder_for_file])
def test_whatever_lies_in_the_place_of_a_run_the_run_can_be_stored(index, strange):
    index.store.folder.mkdir()
    strange(index.store.folder / index.key(SETTINGS))
    assert index.find(SETTINGS) is None
    stored(index)
    assert fresh(index).find(SETTINGS) is not None
    assert len(list((index.store.folder / "damaged").iterdir())) == 1


@pytest.mark.parametrize("next_one", ["failure", "run"])
def test_damaged_failure_does_not_take_the_run_with_it(index, said, next_one):
    held = stored(index)
    index.record_failure(SETTINGS, "killed")
    folder = index.store.folder / held.key
    (folder / "failed.json").write_text("[")
    if next_one == "failure":
        index.record_failure(SETTINGS, "killed again")
        assert index.store.failure(held.key).message == "killed again"
        assert fresh(index).find(SETTINGS) == held
    else:
        stored(index)
        assert index.store.failure(held.key) is None
    (kept,) = (index.store.folder / "damaged").iterdir()
    assert [it.name for it in kept.iterdir()] == ["failed.json"]
    assert any("damaged failure of run" in line for line in said)


def test_listing_leaves_out_states_and_what_was_set_aside(index, said):
    held = stored(index)
    for name in (f"{held.key}.partial", "damaged"):
        shutil.copytree(index.store.folder / held.key, index.store.folder / name)
    assert [it.key for it in fresh(index).store.runs()] == [held.key]
    assert not said


def test_full_disk_while_a_run_is_written_leaves_the_old_run(index, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    held = stored(index)
    before = snapshot(index.store.folder)
    with monkeypatch.context() as patched, pytest.raises(StorageError, match="no space"):
        patched.setattr(os, "fsync", full)
        index.store.write(run(held.key, parameters=18), {"weights/0": np.zeros(1)})
    assert snapshot(index.store.folder) == before


def test_reader_between_arrays_and_json_sees_the_old_run_whole(index, monkeypatch):
    held = stored(index)
    seen, real = [], sealed.write_whole

    def watched(path, content):
        real(path, content)
        seen.append(fresh(index).find(SETTINGS))

    monkeypatch.setattr(sealed, "write_whole", watched)
    index.store.write(run(held.key, parameters=18), {"probabilities": np.zeros(1)})
    assert [it.parameters for it in seen] == [17, 18]
    assert [len(it.arrays) for it in seen[1:]] == [1]


def test_run_replaced_while_it_is_read_is_read_again(index, said, monkeypatch):
    held = stored(index)
    real, calls = sealed.read_whole, []

    def replaced_meanwhile(path):
        content = real(path)
        calls.append(path)
        if len(calls) == 1:
            other = RunStore(index.store.folder)
            other.write(run(held.key, parameters=18), {"probabilities": np.zeros(1)})
        return content

    monkeypatch.setattr(sealed, "read_whole", replaced_meanwhile)
    assert fresh(index).find(SETTINGS).parameters == 18
    assert not said


def test_failure_takes_nothing_from_the_run_that_stands(index):
    held = stored(index)
    failed = index.record_failure(SETTINGS, "killed")
    assert index.store.latest(held.key).message == "killed"
    assert index.store.failure(held.key) == failed
    assert index.find(SETTINGS).status == COMPLETED
    later = dataclasses.replace(index, build=runs.now())
    assert later.find(SETTINGS).status == COMPLETED
    assert len(later.find(SETTINGS).weights()) == 2
    stored(index)
    assert index.store.failure(held.key) is None


def test_failed_run_of_this_build_counts_and_one_of_an_earlier_build_is_tried_again(index):
    index.record_failure(SETTINGS, "ValueError: no\nmore lines")
    assert index.find(SETTINGS).message == "ValueError: no"
    later = dataclasses.replace(index, build=runs.now())
    assert later.find(SETTINGS) is None


def test_run_that_another_process_trained_after_a_failure_is_seen(index):
    index.record_failure(SETTINGS, "killed")
    later = dataclasses.replace(index, build=runs.now())
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


def test_run_that_stood_when_it_was_asked_for_afresh_does_not_count(index):
    held = stored(index)
    afresh = dataclasses.replace(index, superseded={held.key: held.finished_at})
    assert afresh.find(SETTINGS) is None
    assert index.find(SETTINGS).key == held.key  # it is remembered now
    afresh.record_failure(SETTINGS, "killed")
    assert afresh.find(SETTINGS).message == "killed"
    # By another process, while this one has read the old run, on a machine whose clock is years behind.
    RunStore(index.store.folder).write(run(held.key, finished_at="2001"), ARRAYS)
    assert afresh.find(SETTINGS).finished_at == "2001"
