"""Tests of `experiments.lab.search.worker`: runs trained and stored, through keras-tuner's wire too."""

import dataclasses
import datetime
import errno
import json
import os
import sys
import threading

import grpc
import keras_tuner  # noqa: F401  with scikit-learn, which a worker hides from it
import numpy as np
import pytest
from toy import data

from experiments.lab.data import sources
from experiments.lab.data.splits import Source
from experiments.lab.data.views import View
from experiments.lab.search import connection, worker
from experiments.lab.search.admission import Admission
from experiments.lab.search.assignments import Assignment, WorkError, read_point, write_assignment
from experiments.lab.search.campaign import Campaign
from experiments.lab.search.chief import Chief
from experiments.lab.search.worker import Unfit, Worker, train_and_store
from experiments.lab.settings import Search, grid
from experiments.lab.store import runs
from experiments.lab.store.keys import library_versions
from experiments.lab.store.runs import COMPLETED, DIVERGED, FAILED, RunIndex, RunStore
from experiments.lab.training import course, execution
from experiments.lab.training.sourcecode import training_code

SEARCH = Search(
    "units",
    "",
    "mnist",
    "recurrent",
    length=4,
    unit="iterations",
    validate_every=2,
    points=grid(learning_rate=(0.1, 1 / 3), optimizer=("sgd",), per_class=(None,)),
    fixed={"cell": "SimpleRNN", "units": 5},
)
SETTINGS = next(SEARCH.runs(SEARCH.points[0]))


@pytest.fixture
def source(toy_data) -> Source:
    return sources.find("mnist", data_dir=str(toy_data))


@pytest.fixture
def environment(source):
    return {
        "sources": {"mnist": source.to_json()},
        "code": training_code(SEARCH),
        "versions": library_versions(),
        "build": runs.now(),
        "superseded": {},
    }


@pytest.fixture
def index(tmp_path, source):
    store = RunStore(tmp_path / "runs")
    fingerprints = {"mnist": source.identity.fingerprint}
    return RunIndex(store, fingerprints, training_code, library_versions(), runs.now())


@pytest.fixture
def assignment(environment):
    return Assignment(SEARCH, environment)


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A worker that is connected to no chief."""
    monkeypatch.delenv("KERASTUNER_ORACLE_IP", raising=False)
    return Worker(tmp_path)


def quiet(*_):
    """Stand for a report that nobody hears."""


@pytest.fixture(scope="module")
def splits():
    return data.splits("mnist", training=64)


def seconds(start, end):
    """Return the seconds between two moments in ISO 8601."""
    return (
        datetime.datetime.fromisoformat(end) - datetime.datetime.fromisoformat(start)
    ).total_seconds()


def test_trained_run_is_stored_with_all_that_it_is_asked_for(index, splits, monkeypatch):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "local-7")
    run = train_and_store(SETTINGS, splits, index, quiet)
    held = dataclasses.replace(index, store=RunStore(index.store.folder)).find(SETTINGS)
    assert held.key == run.key == index.key(SETTINGS)
    assert held.status == COMPLETED
    assert {len(values) for values in held.curves.values()} == {2}
    assert held.curves["iteration"] == [2.0, 4.0]
    assert held.probabilities().shape == (len(splits.test.labels), 10)
    right = held.probabilities().argmax(1) == splits.test.labels
    assert held.scores["test_accuracy"] == right.mean()
    assert held.parameters == 5 * (5 + 28 + 1) + 60
    assert held.seconds > 0
    assert {"device", "threads", "numpy"} <= set(held.environment)
    assert held.worker == "local-7"
    assert 0 <= seconds(held.taken_up_at, held.finished_at) - held.seconds < 60
    assert not index.store.state_folder(held.key).exists()


def test_diverging_run_is_stored_as_such_with_its_iteration(index, splits):
    settings = dataclasses.replace(
        SETTINGS,
        view=View("mnist"),
        network="lenet5",
        hyperparameters={"learning_rate": 1e30, "optimizer": "sgd"},
    )
    run = train_and_store(settings, splits, index, quiet)
    assert run.status == DIVERGED
    assert "not finite at iteration" in run.message
    assert run.scores == {}
    assert not index.store.state_folder(run.key).exists()


def test_run_starts_from_another_runs_layers(index, splits):
    source = train_and_store(SETTINGS, splits, index, quiet)
    settings = dataclasses.replace(
        SETTINGS, seed=7, start_from={"run": source.key, "layers": ["cell"]}
    )
    run = train_and_store(settings, splits, index, quiet)
    assert run.status == COMPLETED
    pairs = list(zip(run.weights(), source.weights(), strict=True))
    assert [np.array_equal(*pair) for pair in pairs] == [True, True, True, False, False]


def test_missing_run_to_start_from_is_named(index, splits):
    settings = dataclasses.replace(SETTINGS, start_from={"run": "0" * 24, "layers": []})
    with pytest.raises(ValueError, match="0{24} to start from is not there"):
        train_and_store(settings, splits, index, quiet)


def test_error_in_a_training_is_the_runs_failure_with_its_message(alone, assignment, index):
    settings = dataclasses.replace(SETTINGS, hyperparameters={"learning_rate": 0.1, "cell": "?"})
    run = alone.train(settings, assignment, index, quiet)
    assert (run.status, run.key) == (FAILED, index.key(settings))
    assert run.message.startswith("ValueError: recurrent does not take these")


def test_run_is_trained_and_tested_on_what_its_view_shows(alone, assignment, index):
    coloured = {"name": "channels", "channels": 3}
    view = View("mnist", per_class=2, transform=coloured, seed=1)
    run = alone.train(dataclasses.replace(SETTINGS, view=view), assignment, index, quiet)
    assert run.status == COMPLETED
    assert run.parameters == 5 * (5 + 3 * 28 + 1) + 60
    assert run.probabilities().shape == (300, 10)


def test_view_of_a_run_is_not_that_of_the_next(alone, assignment, index, monkeypatch):
    few = dataclasses.replace(SETTINGS, view=View("mnist", per_class=2, seed=1))
    seen = []

    def seeing(settings, splits):
        seen.append(len(splits.train.labels))
        raise ValueError("enough has been seen")

    monkeypatch.setattr(execution, "Trainer", seeing)
    for settings in (SETTINGS, few, dataclasses.replace(SETTINGS, seed=7)):
        alone.train(settings, assignment, index, quiet)
    assert seen == [540, 20, 540]


def test_process_gives_way_to_a_new_one_after_a_number_of_runs(
    alone, assignment, index, monkeypatch
):
    begun = []
    monkeypatch.setattr(worker.os, "execv", lambda *given: begun.append(given))
    monkeypatch.setattr(worker, "RUNS_A_PROCESS", 2)
    monkeypatch.setattr(worker, "train_and_store", lambda *_: None)
    for seed in (1, 2):
        alone.pre_create_trial()
        alone.train(dataclasses.replace(SETTINGS, seed=seed), assignment, index, quiet)
        assert begun == []
    alone.pre_create_trial()
    assert begun == [(sys.executable, [sys.executable, *sys.orig_argv[1:]])]


def test_full_disk_is_no_failure_of_the_run(alone, assignment, index, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unfit, match="no space left"):
        alone.train(SETTINGS, assignment, index, quiet)
    monkeypatch.undo()
    assert index.find(SETTINGS) is None


def test_changed_data_are_no_failure_of_the_run(alone, assignment, index, source, tmp_path):
    arrays = data.arrays("mnist", seed=5)
    np.savez(tmp_path / "other.npz", **arrays)
    other = dataclasses.replace(source, file=str(tmp_path / "other.npz"))
    assignment.environment["sources"]["mnist"] = other.to_json()
    with pytest.raises(Unfit, match="fingerprint"):
        alone.train(SETTINGS, assignment, index, quiet)
    assert index.find(SETTINGS) is None


@pytest.mark.parametrize("part", ["code", "versions"])
def test_other_code_or_versions_are_refused(alone, assignment, part):
    assignment.environment[part] = "other"
    with pytest.raises(Unfit, match=f"the {part} here"):
        alone._index(assignment)


def test_chief_that_does_not_take_a_report_stops_no_training(index, splits):
    class Gone:
        def update_trial(self, *_):
            raise grpc.RpcError

    report = worker.Progress(Gone(), "units/0", 0, 1, SETTINGS)
    assert train_and_store(SETTINGS, splits, index, report).status == COMPLETED


def test_report_has_the_share_of_the_whole_trial(splits):
    told = []

    class Chief:
        def update_trial(self, trial_id, metrics):
            told.append((trial_id, metrics))

    report = worker.Progress(Chief(), "units/0", 1, 2, SETTINGS)
    trainer = course.Trainer(SETTINGS, splits)
    trainer.progress.iteration = 2
    report(trainer, 1.5)
    report(trainer, 1.5)  # too soon to be told again
    assert told == [("units/0", {"progress": 0.75, "iteration": 2.0, "epoch": 0.0, "loss": 1.5})]


class Listener:
    """Counts what it hears."""

    def __init__(self):
        self.progress = 0

    def trial_started(self, *_):
        pass

    def trial_ended(self, *_):
        pass

    def trial_advanced(self, *_):
        self.progress += 1


def test_worker_trains_a_campaign_through_its_chief_and_leaves(
    index, environment, tmp_path, monkeypatch
):
    listener = Listener()
    campaign = Campaign(index, tmp_path / "tuner", environment, listener)
    campaign.add(SEARCH)
    campaign.seal()
    chief = Chief(Admission.made_for(tmp_path / "tuner"))
    try:
        chief.serve(campaign)
        monkeypatch.setenv("KERASTUNER_ORACLE_IP", chief.address[0])
        monkeypatch.setenv("KERASTUNER_ORACLE_PORT", str(chief.address[1]))
        monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker-1")
        Worker(tmp_path).search()
    finally:
        chief.stop()
    result = campaign.result("units")
    assert [trial.status for trial in result.trials] == [COMPLETED] * 2
    # What single precision would have spoiled on the way.
    assert result.trials[1].run.settings.hyperparameters["learning_rate"] == 1 / 3
    assert result.trials[1].hyperparameters == {**SEARCH.fixed, **SEARCH.points[1]}
    assert listener.progress >= 2
    assert campaign.trouble is None
    view = json.loads((tmp_path / "tuner" / "units" / "trial_1" / "trial.json").read_text())
    assert view["score"] == result.trials[1].mean("validation_accuracy")
    shown = {**SEARCH.fixed, **SEARCH.points[1], "per_class": "all"}
    assert view["hyperparameters"]["values"] == shown


def test_worker_that_comes_before_its_chief_serves_waits_for_it(
    index, environment, tmp_path, monkeypatch
):
    chief = Chief(Admission.made_for(tmp_path / "tuner"))
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", chief.address[0])
    monkeypatch.setenv("KERASTUNER_ORACLE_PORT", str(chief.address[1]))
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker-1")
    working = threading.Thread(target=lambda: Worker(tmp_path).search())
    try:
        working.start()
        working.join(0.5)
        assert working.is_alive()
        with monkeypatch.context() as chiefs:  # as in the chief's own process
            for name in ("IP", "PORT"):
                chiefs.delenv(f"KERASTUNER_ORACLE_{name}")
            chiefs.delenv("KERASTUNER_TUNER_ID")
            campaign = Campaign(index, tmp_path / "tuner", environment, Listener())
            campaign.add(SEARCH)
        campaign.seal()
        chief.serve(campaign)
        working.join(60)
        assert not working.is_alive()
    finally:
        chief.stop()
    assert [trial.status for trial in campaign.result("units").trials] == [COMPLETED] * 2


def test_unfit_worker_gives_its_trial_back_and_leaves(index, environment, tmp_path, monkeypatch):
    campaign = Campaign(index, tmp_path / "tuner", environment, Listener())
    campaign.add(SEARCH)
    write_assignment(SEARCH, {**environment, "versions": {"numpy": "0"}}, tmp_path / "tuner")
    chief = Chief(Admission.made_for(tmp_path / "tuner"))
    try:
        chief.serve(campaign)
        monkeypatch.setenv("KERASTUNER_ORACLE_IP", chief.address[0])
        monkeypatch.setenv("KERASTUNER_ORACLE_PORT", str(chief.address[1]))
        monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker-1")
        with pytest.raises(Unfit, match="versions"):
            Worker(tmp_path).search()
    finally:
        chief.stop()
    assert campaign.create_trial("other").trial_id == "units/0"
    assert campaign.silent() == []


def test_two_chiefs_cannot_share_a_port(monkeypatch, tmp_path):
    admission = Admission.made_for(tmp_path)
    chief = Chief(admission)
    monkeypatch.setenv("KERASTUNER_ORACLE_PORT", str(chief.address[1]))
    try:
        with pytest.raises(WorkError, match="the port is taken"):
            Chief(admission)
    finally:
        chief.stop()


def test_chief_of_several_machines_tells_keras_tuner_who_it_is(
    index, environment, tmp_path, monkeypatch
):
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "0.0.0.0")
    for name in ("KERASTUNER_TUNER_ID", "KERASTUNER_ORACLE_PORT"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    campaign = Campaign(index, tmp_path / "tuner", environment, Listener())
    chief = Chief(Admission.made_for(tmp_path / "tuner"))
    try:
        campaign.add(SEARCH)  # keras-tuner raises here where one of the three is missing
        assert chief.address[0] == "127.0.0.1"
        assert campaign.create_trial("a").trial_id == "units/0"
    finally:
        chief.stop()


def test_values_of_a_trial_are_read_in_full_precision(index, environment, tmp_path):
    campaign = Campaign(index, tmp_path / "tuner", environment, Listener())
    campaign.add(SEARCH)
    assert read_point(SEARCH, "1", tmp_path / "tuner") == SEARCH.points[1]
    space = {"learning_rate": {"low": 0.1, "high": 1.0, "log": True}}
    wide = dataclasses.replace(
        SEARCH, name="wide", points=(), algorithm="bayesian", space=space, max_trials=2
    )
    campaign.add(wide)
    exact = campaign.get_trial("wide/0").hyperparameters.values["learning_rate"]
    assert read_point(wide, "0", tmp_path / "tuner") == {"learning_rate": exact}


def test_heartbeat_misses_a_chief_that_has_answered_and_then_does_not(monkeypatch):
    answers = iter([True, False, False])

    class Stub:
        def GetSpace(self, *_, timeout):  # noqa: N802
            if not next(answers):
                raise grpc.RpcError

    class Idle:
        trial_id = None

        class oracle:  # noqa: N801
            stub = Stub()

    clock = [0.0]
    monkeypatch.setattr(connection.time, "monotonic", lambda: clock[0])
    beat = connection.Heartbeat(Idle())
    assert isinstance(beat, threading.Thread)
    beat.reached()
    assert beat._heard()
    clock[0] += connection.CHIEF_MAY_REST - 1
    assert beat._heard()
    clock[0] += 2
    assert not beat._heard()


def test_worker_whose_parent_is_gone_ends_though_no_chief_has_answered_yet(monkeypatch):
    class Left(Exception):
        pass

    def leave(status):
        raise Left(status)

    monkeypatch.setenv(connection.PARENT, "1")  # this process has another
    monkeypatch.setattr(connection.os, "_exit", leave)
    beat = connection.Heartbeat(None)  # nobody is asked
    with pytest.raises(Left, match=str(connection.LEFT_ALONE)):
        beat.run()
    parent = os.getppid()
    monkeypatch.setattr(connection.os, "getppid", lambda: parent if len(seconds) < 30 else 1)
    monkeypatch.setenv(connection.PARENT, str(parent))
    seconds = []
    monkeypatch.setattr(connection.time, "sleep", seconds.append)
    with pytest.raises(Left):  # and not before its parent does
        connection.Heartbeat(None).run()
    assert len(seconds) == 30
