"""Tests of `experiments.lab.search.campaign`: all searches behind one chief, without training."""

import dataclasses
import errno
import itertools
import json
import os
import random
import threading
from types import SimpleNamespace

import keras_tuner as kt
import pytest

from experiments.lab.search import campaign as campaigns
from experiments.lab.search.assignments import read_assignment, read_point
from experiments.lab.search.campaign import Campaign
from experiments.lab.search.losses import ATTEMPTS, Expelled
from experiments.lab.settings import Search, grid
from experiments.lab.store import runs
from experiments.lab.store.files import StorageError
from experiments.lab.store.runs import (
    COMPLETED,
    DIVERGED,
    FAILED,
    Run,
    RunIndex,
    RunStore,
)

FIXED = {"optimizer": "adam", "learning_rate": 1e-3}
SINGLE = Search(
    "single",
    "",
    "mnist",
    "recurrent",
    length=1,
    points=grid(cell=("GRU",), units=(8,)),
    fixed=FIXED,
)
SEARCH = Search(
    "both",
    "",
    "mnist",
    "recurrent",
    length=1,
    points=grid(cell=("GRU", "LSTM"), units=(8, 16)),
    fixed=FIXED,
)
WHOLE = [{**FIXED, **point} for point in SEARCH.points]  # what the trials of SEARCH are
WIDE = Search(
    "wide",
    "",
    "mnist",
    "recurrent",
    length=1,
    algorithm="bayesian",
    space={"learning_rate": {"low": 1e-4, "high": 1e-1, "log": True}, "units": {"values": [8, 16]}},
    fixed={"optimizer": "adam", "cell": "GRU"},
    max_trials=10,
    seeds=2,
)


class Heard:
    """A listener that notes what it hears."""

    def __init__(self):
        self.events = []
        self.points = []

    def trial_started(self, search, number, point, who):
        self.events.append(("started", search, number, who))
        self.points.append(dict(point))

    def trial_advanced(self, search, number, metrics):
        self.events.append(("advanced", search, number, dict(metrics)))

    def trial_ended(self, search, number, trial, replayed):
        self.events.append(("ended", search, number, trial.status, replayed))

    def of(self, kind):
        return [event[1:] for event in self.events if event[0] == kind]


@pytest.fixture
def lab(tmp_path):
    """A campaign over an empty store; `begin()` starts a new one over the same store."""
    store = RunStore(tmp_path / "runs")
    numbers = itertools.count()

    def begin():
        index = RunIndex(
            RunStore(store.folder), {"mnist": "f" * 64}, lambda _: "", {}, build=runs.now()
        )
        folder = tmp_path / f"tuner{next(numbers)}"
        made = SimpleNamespace(index=index, heard=Heard(), folder=folder)
        made.campaign = Campaign(index, folder, {"build": index.build}, made.heard)
        return made

    return SimpleNamespace(begin=begin, **vars(begin()))


def accuracy(settings):
    """Return what a run scores: a function of its settings with many digits, another for each."""
    given = settings.hyperparameters
    share = 1 / (3 + given["units"] + settings.seed) + given["learning_rate"] / 7
    return share + (given["cell"] == "GRU") / 11


def store(index, settings, status=COMPLETED):
    scores = {"validation_accuracy": accuracy(settings), "test_accuracy": 0.5, "best_iteration": 3}
    run = Run(
        key=index.key(settings),
        settings=settings,
        status=status,
        curves={},
        scores=scores if status == COMPLETED else {},
        parameters=1,
        seconds=1.0,
        step_seconds=0.1,
        environment={},
        finished_at=runs.now(),
        message="" if status == COMPLETED else f"{status} at 3",
    )
    # Written by another process: the chief's store has not seen it.
    return RunStore(index.store.folder).write(run, {})


def settings_of(lab, trial):
    """Return the runs of a trial as a worker finds them: by files alone."""
    name, _, number = trial.trial_id.rpartition("/")
    search = read_assignment(name, lab.folder).search
    return list(search.runs(read_point(search, number, lab.folder)))


def train(lab, trial, status=COMPLETED):
    """Do what a worker does: store the missing runs, report single-precision numbers, end."""
    for settings in settings_of(lab, trial):
        if lab.index.find(settings) is None:
            store(lab.index, settings, status)
    lab.campaign.update_trial(trial.trial_id, {"validation_accuracy": 0.25})
    trial.status = "COMPLETED"
    lab.campaign.end_trial(trial)


def work(lab, name="a"):
    """Train whatever there is, and return the trials' names in order."""
    done = []
    while (trial := lab.campaign.create_trial(name)).status == "RUNNING":
        done.append(trial.trial_id)
        train(lab, trial)
    return done


def outcome(result):
    return [
        (trial.trial_id, dict(trial.hyperparameters), [run.key for run in trial.runs], trial.status)
        for trial in result.trials
    ]


def test_trials_are_handed_out_in_order_and_the_search_ends_with_the_last(lab):
    lab.campaign.add(SEARCH)
    assert work(lab) == [f"both/{number}" for number in range(4)]
    result = lab.campaign.result("both")
    assert [trial.hyperparameters for trial in result.trials] == WHOLE
    assert lab.campaign.create_trial("a").status == "IDLE"
    lab.campaign.seal()
    assert lab.campaign.create_trial("a").status == "STOPPED"
    assert lab.campaign.present == 0


def test_numbers_of_trials_do_not_depend_on_who_ends_first(lab):
    lab.campaign.add(SEARCH)
    trials = [lab.campaign.create_trial(str(worker)) for worker in range(4)]
    for trial in reversed(trials):
        train(lab, trial)
    assert [trial.hyperparameters for trial in lab.campaign.result("both").trials] == WHOLE


def test_run_that_two_searches_share_is_trained_once(lab):
    lab.campaign.add(SINGLE)
    lab.campaign.add(SEARCH)
    first, second = lab.campaign.create_trial("a"), lab.campaign.create_trial("b")
    assert (first.trial_id, second.trial_id) == ("single/0", "both/1")
    train(lab, first)
    assert lab.heard.of("ended")[:2] == [
        ("single", "0", COMPLETED, False),
        ("both", "0", COMPLETED, True),
    ]
    train(lab, second)
    assert work(lab) == ["both/2", "both/3"]


def test_search_whose_runs_are_all_stored_hands_out_no_trial(lab):
    lab.campaign.add(SEARCH)
    work(lab)
    later = lab.begin()
    later.campaign.add(SEARCH)
    assert outcome(later.campaign.result("both")) == outcome(lab.campaign.result("both"))
    assert later.heard.of("started") == []
    assert all(replayed for *_, replayed in later.heard.of("ended"))


def test_search_with_more_seeds_trains_the_missing_runs_alone(lab):
    lab.campaign.add(SEARCH)
    work(lab)
    later = lab.begin()
    later.campaign.add(Search(**{**SEARCH.to_json(), "seeds": 3}))
    trial = later.campaign.create_trial("a")
    missing = [it.seed for it in settings_of(later, trial) if later.index.find(it) is None]
    assert missing == [2, 3]
    train(later, trial)
    work(later)
    assert [len(trial.runs) for trial in later.campaign.result("both").trials] == [3] * 4


def test_worker_that_asks_again_is_given_its_trial_before_any_other(lab):
    lab.campaign.add(SINGLE)
    lab.campaign.add(SEARCH)
    lab.campaign.create_trial("a")
    held = lab.campaign.create_trial("b")
    assert lab.campaign.create_trial("b").trial_id == held.trial_id == "both/1"


def test_search_with_a_lower_place_comes_first_though_it_was_added_later(lab):
    lab.campaign.add(SINGLE, place=2)
    lab.campaign.add(SEARCH, place=1)
    assert lab.campaign.create_trial("a").trial_id.startswith(f"{SEARCH.name}/")


def test_single_training_comes_before_a_search_of_many_that_was_added_earlier(lab):
    lab.campaign.add(SEARCH)
    lab.campaign.add(SINGLE)
    assert lab.campaign.create_trial("a").trial_id.startswith("single/")
    assert lab.campaign.create_trial("b").trial_id.startswith(f"{SEARCH.name}/")


def test_grid_comes_before_a_wide_search_that_was_added_earlier(lab):
    for search in (WIDE, SINGLE):
        lab.campaign.add(search)
    given = [lab.campaign.create_trial(tuner).trial_id for tuner in ("a", "b")]
    assert [name.rpartition("/")[0] for name in given] == ["single", "wide"]
    assert lab.campaign.create_trial("b").trial_id == given[1]


def test_trial_of_a_dead_worker_is_trained_again(lab):
    lab.campaign.add(SEARCH)
    trial = lab.campaign.create_trial("a")
    assert lab.campaign.worker_lost("a", "ended by SIGKILL") == trial.trial_id
    assert lab.campaign.worker_lost("a", "ended by SIGKILL") is None
    assert lab.campaign.create_trial("b").trial_id == trial.trial_id


def test_third_death_is_the_trials_failure_with_its_reason(lab):
    lab.campaign.add(SEARCH)
    for _ in range(ATTEMPTS):
        assert lab.campaign.create_trial("a").trial_id == "both/0"
        lab.campaign.worker_lost("a", "the worker was ended by SIGKILL")
    assert lab.campaign.create_trial("a").trial_id == "both/1"
    work(lab)
    failed, *others = lab.campaign.result("both").trials
    assert failed.status == FAILED
    assert failed.message == "the worker was ended by SIGKILL, 3 times"
    assert {trial.status for trial in others} == {COMPLETED}


def test_dead_workers_stored_run_is_not_lost(lab):
    lab.campaign.add(SEARCH)
    trial = lab.campaign.create_trial("a")
    store(lab.index, settings_of(lab, trial)[0])
    lab.campaign.worker_lost("a", "killed")
    assert lab.campaign.create_trial("a").trial_id == "both/1"
    assert lab.heard.of("ended") == [("both", "0", COMPLETED, True)]


def test_silent_worker_is_noticed_and_one_that_reports_is_not(lab, monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(campaigns.time, "monotonic", lambda: clock.now)
    lab.campaign.add(SEARCH)
    lab.campaign.create_trial("silent")
    reporting = lab.campaign.create_trial("reporting").trial_id
    clock.now = campaigns.SILENCE
    lab.campaign.update_trial(reporting, {"heartbeat": 1.0})
    clock.now += 1
    assert lab.campaign.silent() == ["silent"]


def test_late_word_of_a_worker_thought_dead_changes_nothing(lab):
    lab.campaign.add(SEARCH)
    late = lab.campaign.create_trial("a")
    lab.campaign.worker_lost("a", "silent")
    again = lab.campaign.create_trial("b")
    assert again.trial_id == late.trial_id
    train(lab, late)  # the other one's trial ends with it: its run is stored
    lab.campaign.update_trial(again.trial_id, {"progress": 0.5})
    train(lab, again)
    work(lab)
    lab.campaign.end_trial(late)  # even after the search has ended
    assert [trial.status for trial in lab.campaign.result("both").trials] == [COMPLETED] * 4
    assert len(lab.heard.of("ended")) == 4


def test_trial_ended_without_a_stored_run_counts_as_a_death(lab):
    lab.campaign.add(SEARCH)
    for _ in range(ATTEMPTS):
        trial = lab.campaign.create_trial("a")
        assert trial.trial_id == "both/0"
        trial.status, trial.message = "INVALID", "Traceback ...\nValueError: why\n"
        lab.campaign.end_trial(trial)
    work(lab)
    assert lab.campaign.result("both").trials[0].message == "ValueError: why, 3 times"


def test_trial_that_a_worker_gives_back_waits_for_another_and_is_no_death(lab):
    lab.campaign.add(SEARCH)
    for _ in range(ATTEMPTS + 1):
        trial = lab.campaign.create_trial("unfit")
        assert trial.trial_id == "both/0"
        lab.campaign.update_trial(trial.trial_id, {"returned": 1.0})
    work(lab)
    assert {trial.status for trial in lab.campaign.result("both").trials} == {COMPLETED}


def test_lock_that_an_interruption_left_taken_is_let_go(lab):
    lab.campaign.changed.acquire()  # and the signal came before `with` had been entered
    lab.campaign.let_go()
    answered = threading.Thread(target=lambda: lab.campaign.unfinished, daemon=True)
    answered.start()
    answered.join(timeout=30)
    assert not answered.is_alive()


def test_diverged_trial_stops_no_search_and_has_no_score(lab):
    lab.campaign.add(SEARCH)
    train(lab, lab.campaign.create_trial("a"), DIVERGED)
    work(lab)
    first, *others = lab.campaign.result("both").trials
    assert (first.status, first.message) == (DIVERGED, "diverged at 3")
    assert {trial.status for trial in others} == {COMPLETED}
    view = json.loads((lab.folder / "both" / "trial_0" / "trial.json").read_text())
    assert (view["status"], view["score"], view["message"]) == ("FAILED", None, "diverged at 3")


def test_search_in_which_all_trials_fail_ends_without_an_error(lab):
    for search in (SEARCH, WIDE):
        lab.campaign.add(search)
    while (trial := lab.campaign.create_trial("a")).status == "RUNNING":
        train(lab, trial, DIVERGED)
    for name, count in (("both", 4), ("wide", WIDE.max_trials)):
        result = lab.campaign.result(name)
        assert [trial.status for trial in result.trials] == [DIVERGED] * count
        with pytest.raises(ValueError, match="no trial of the search"):
            result.best()


def test_run_that_failed_in_an_earlier_build_is_trained_again(lab):
    lab.campaign.add(SINGLE)
    for _ in range(ATTEMPTS):
        lab.campaign.create_trial("a")
        lab.campaign.worker_lost("a", "killed")
    assert lab.campaign.result("single").trials[0].status == FAILED
    later = lab.begin()
    later.campaign.add(SINGLE)
    assert work(later) == ["single/0"]
    assert later.campaign.result("single").trials[0].status == COMPLETED


def test_trials_score_is_the_stored_one_in_full_precision(lab):
    lab.campaign.add(SINGLE)
    trial = lab.campaign.create_trial("a")
    (settings,) = settings_of(lab, trial)
    train(lab, trial)
    view = json.loads((lab.folder / "single" / "trial_0" / "trial.json").read_text())
    assert view["score"] == accuracy(settings)
    assert view["best_step"] == 3


def test_bayesian_search_is_the_same_whoever_ends_first_and_after_an_interruption(lab):
    lab.campaign.add(WIDE)
    work(lab)
    wanted = outcome(lab.campaign.result("wide"))
    assert len({str(point) for _, point, *_ in wanted}) == WIDE.max_trials

    other = lab.begin()
    other.index.store.folder = lab.index.store.folder.with_name("others")
    other.campaign.add(WIDE)
    order, under_way = random.Random(1), {}
    while True:
        for name in "abc":
            trial = other.campaign.create_trial(name)
            if trial.status == "RUNNING":
                under_way[name] = trial
        if not under_way:
            break
        name = order.choice(sorted(under_way))
        train(other, under_way.pop(name))
        if len(other.heard.of("ended")) == 5:
            break  # here the build is killed
    later = lab.begin()
    later.index.store.folder = other.index.store.folder
    later.campaign.add(WIDE)
    work(later)
    assert outcome(later.campaign.result("wide")) == wanted
    assert len(later.heard.of("started")) == WIDE.max_trials - 5


def test_progress_is_passed_on_and_not_recorded(lab):
    lab.campaign.add(SEARCH)
    trial = lab.campaign.create_trial("a")
    told = lab.campaign.update_trial(trial.trial_id, {"progress": 0.5, "loss": 2.0})
    assert lab.heard.of("advanced") == [("both", "0", {"progress": 0.5, "loss": 2.0})]
    assert told.metrics.metrics == {}


def test_project_can_be_reloaded_by_keras_tuner(lab):
    lab.campaign.add(SEARCH)
    work(lab)
    objective = kt.Objective(SEARCH.objective, SEARCH.direction)
    oracle = kt.oracles.GridSearchOracle(objective=objective)
    tuner = kt.engine.base_tuner.BaseTuner(
        oracle, directory=str(lab.folder), project_name="both", overwrite=False
    )
    assert len(tuner.oracle.trials) == 4
    best = lab.campaign.result("both").best()
    assert tuner.get_best_hyperparameters()[0].values == best.hyperparameters
    held = tuner.oracle.get_best_trials()[0]
    assert held.score == best.mean("validation_accuracy")
    assert {it: held.metrics.get_direction(it) for it in held.metrics.metrics} == {
        "validation_accuracy": "max",
        "test_accuracy": "max",
    }
    assert tuner.oracle.ongoing_trials == {}
    assert tuner.oracle.end_order == ["0", "1", "2", "3"]


def test_full_disk_while_a_worker_is_answered_reaches_the_build(lab, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    lab.campaign.add(SEARCH)
    trial = lab.campaign.create_trial("a")
    for settings in settings_of(lab, trial):
        store(lab.index, settings)
    with monkeypatch.context() as patched, pytest.raises(StorageError, match="no space"):
        patched.setattr(kt.Oracle, "save", full)
        lab.campaign.end_trial(trial)
    assert lab.campaign.trouble.errno == errno.ENOSPC
    # And no lock is left behind for another thread to wait for.
    asked = threading.Thread(target=lab.campaign.create_trial, args=("b",), daemon=True)
    asked.start()
    asked.join(10)
    assert not asked.is_alive()


@pytest.mark.parametrize("name", ["gone/0", "both/99", "both/", "", "both", "/", "both/0/0"])
def test_unknown_trial_is_answered_and_changes_nothing(lab, name):
    lab.campaign.add(SEARCH)
    held = lab.campaign.create_trial("a")
    assert lab.campaign.get_trial(name).status == "INVALID"
    assert lab.campaign.update_trial(name, {"progress": 0.5, "returned": 1.0}).status == "INVALID"
    unknown = lab.campaign.get_trial(name)
    for _ in range(ATTEMPTS + 1):
        lab.campaign.end_trial(unknown, "a")
    assert lab.campaign.trouble is None
    assert lab.campaign.create_trial("a").trial_id == held.trial_id
    work(lab)
    assert {trial.status for trial in lab.campaign.result("both").trials} == {COMPLETED}


def test_end_of_a_trial_is_taken_from_the_worker_that_holds_it_alone(lab):
    lab.campaign.add(SEARCH)
    trial = lab.campaign.create_trial("a")
    for _ in range(ATTEMPTS + 1):
        lab.campaign.end_trial(trial, "stranger")
        lab.campaign.end_trial(lab.campaign.get_trial("both/3"), "stranger")  # nobody's
    assert lab.campaign.create_trial("a").trial_id == trial.trial_id
    work(lab)
    assert {trial.status for trial in lab.campaign.result("both").trials} == {COMPLETED}


def test_trial_is_not_given_back_to_the_worker_that_failed_it_while_another_is_there(lab):
    lab.campaign.add(SEARCH)
    first = lab.campaign.create_trial("a")
    lab.campaign.create_trial("b")
    lab.campaign.end_trial(first, "a")  # no run is stored
    assert lab.campaign.create_trial("a").trial_id != first.trial_id
    assert lab.campaign.create_trial("c").trial_id == first.trial_id


def test_trial_is_given_back_to_a_worker_whose_only_fellow_has_long_been_silent(lab, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(campaigns.time, "monotonic", lambda: clock[0])
    lab.campaign.add(SINGLE)
    trial = lab.campaign.create_trial("a")
    assert lab.campaign.create_trial("idle").status == "IDLE"
    lab.campaign.end_trial(trial, "a")
    assert lab.campaign.create_trial("a").status == "IDLE"
    clock[0] += campaigns.SILENCE + 1
    assert lab.campaign.create_trial("a").trial_id == trial.trial_id


def test_worker_that_fails_everything_at_once_is_told_to_leave_and_costs_no_trial(lab):
    lab.campaign.add(SEARCH)
    good = lab.campaign.create_trial("good")
    lab.campaign.update_trial(good.trial_id, {"progress": 0.1})
    with pytest.raises(
        Expelled, match="it failed 3 trainings before their first step: OSError: no file"
    ):
        while True:
            bad = lab.campaign.create_trial("bad")
            bad.status, bad.message = "INVALID", "Traceback\nOSError: no file\n"
            assert bad.status != "IDLE"
            lab.campaign.end_trial(bad, "bad")
    assert lab.campaign.trouble is None
    train(lab, good)
    work(lab)
    assert {trial.status for trial in lab.campaign.result("both").trials} == {COMPLETED}


def test_failures_of_workers_that_have_trained_count_against_the_trial(lab):
    lab.campaign.add(SEARCH)
    trials = {name: lab.campaign.create_trial(name) for name in "abc"}
    for trial in trials.values():
        lab.campaign.update_trial(trial.trial_id, {"progress": 0.1})
    for trial in (trials["b"], trials["c"]):
        train(lab, trial)
    bad = trials["a"]
    for name in "abc":
        assert lab.campaign.create_trial(name).trial_id == bad.trial_id
        lab.campaign.worker_lost(name, "killed")
    work(lab)
    failed = [it for it in lab.campaign.result("both").trials if it.status == "failed"]
    assert [it.message for it in failed] == ["killed, 3 times"]


def test_trial_under_way_is_told_by_what_varies_in_its_search(lab):
    lab.campaign.add(SINGLE)
    lab.campaign.create_trial("a")
    lab.campaign.add(SEARCH)
    lab.campaign.create_trial("b")
    assert lab.heard.points == [{}, SEARCH.points[1]]


def test_proposed_trial_has_the_fixed_values_too(lab):
    lab.campaign.add(WIDE)
    work(lab)
    for trial in lab.campaign.result("wide").trials:
        assert trial.hyperparameters.items() >= WIDE.fixed.items()
        assert set(trial.hyperparameters) == {"learning_rate", "units", *WIDE.fixed}
        [first, _] = trial.runs
        assert first.settings.hyperparameters == trial.hyperparameters


def test_none_in_a_point_reaches_the_run_and_the_result_as_none(lab):
    points = grid(cell=("GRU",), units=(8,), clipping=(0.5, None))
    lab.campaign.add(dataclasses.replace(SEARCH, name="clipped", points=points))
    work(lab)
    _, unclipped = lab.campaign.result("clipped").trials
    assert unclipped.hyperparameters["clipping"] is None
    assert unclipped.run.settings.hyperparameters["clipping"] is None
    view = json.loads((lab.folder / "clipped" / "trial_1" / "trial.json").read_text())
    assert view["hyperparameters"]["values"]["clipping"] == "all"


def test_search_is_scored_by_its_own_objective_and_direction(lab):
    search = dataclasses.replace(SEARCH, objective="best_iteration", direction="min")
    lab.campaign.add(search)
    work(lab)
    view = json.loads((lab.folder / "both" / "trial_0" / "trial.json").read_text())
    assert view["score"] == 3
    assert view["metrics"]["metrics"]["best_iteration"]["direction"] == "min"


def test_word_of_a_worker_that_does_not_hold_the_trial_changes_nothing(lab):
    lab.campaign.add(SEARCH)
    trial = lab.campaign.create_trial("b")
    before = dict(lab.campaign._heard)
    for metrics in ({"heartbeat": 1.0}, {campaigns.RETURNED: 1.0}):
        lab.campaign.update_trial(trial.trial_id, metrics, caller="a")
    assert lab.campaign._heard == before
    assert lab.campaign.create_trial("b").trial_id == trial.trial_id
