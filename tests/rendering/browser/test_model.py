"""Tests of the trial browser's model, and of reading it from the run store."""

import dataclasses
import subprocess
import sys

import made
import pytest

from experiments.lab.settings import Search, grid
from experiments.lab.store.runs import RunStore
from rendering.browser import from_runs


@pytest.fixture
def result(tmp_path):
    search = Search(
        "rates", "Rates", "mnist", "lenet5", length=12_000, unit="iterations", seeds=2,
        points=grid(learning_rate=(0.1, 0.01), per_class=(None,)), fixed={"optimizer": "adam"},
    )  # fmt: skip
    details = [{"seconds": 20.0, "parameters": 7}] * 2
    outcomes = [((0.75, None), (0.5, None)), "diverged"]
    return made.make_result(RunStore(tmp_path), search, outcomes, details)


def test_model_and_tables_need_neither_tensorflow_nor_the_run_store():
    code = (
        "import sys\n"
        "from rendering.browser import model, page_data, spreadsheet, table\n"
        "print([it for it in ('tensorflow', 'experiments.lab.store.runs') if it in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_search_of_the_run_store_is_read_whole(result):
    search = from_runs.read(result)
    assert (search.name, search.title, search.algorithm) == ("rates", "Rates", "grid")
    assert (search.objective, search.direction) == ("validation_accuracy", "max")
    assert search.about == "lenet5 on mnist, 12\u202f000 iterations a run"
    first, second = search.trials
    assert first.values == {"optimizer": "adam", "learning_rate": 0.1, "per_class": None}
    assert (first.id, first.status) == ("0000", "diverged")
    assert second.message == "the loss is not finite at iteration 7"
    one, two = first.attempts
    run = result.trials[0].runs[0]
    assert (one.key, one.seed, one.status, two.status) == (run.key, 1, "completed", "diverged")
    assert (one.series, one.scores, one.environment) == (run.curves, run.scores, run.environment)


def test_worker_and_when_it_took_a_run_up_are_no_part_of_its_environment(result):
    trial, other = result.trials
    kept = {
        "device": "a processor",
        "worker": "local-1",
        "taken_up_at": "2026-01-01T00:00:00+00:00",
    }
    run = dataclasses.replace(trial.runs[0], environment=kept)
    read = from_runs.read(result.of([dataclasses.replace(trial, runs=(run,)), other]))
    one, before = read.trials[0].attempts[0], read.trials[1].attempts[0]
    assert one.environment == {"device": "a processor"}
    assert (one.worker, one.taken_up_at) == ("local-1", kept["taken_up_at"])
    assert (before.worker, before.taken_up_at) == ("", "")


def test_trial_tells_the_same_numbers_as_the_run_store(result):
    for shown, trial in zip(from_runs.read(result).trials, result.trials, strict=True):
        for score in ("validation_accuracy", "test_accuracy", "best_validation_accuracy"):
            assert shown.mean(score) == trial.mean(score)
            assert shown.deviation(score) == trial.deviation(score)
        assert (shown.parameters, shown.seconds) == (trial.parameters, trial.seconds) == (7, 20.0)


def test_what_is_not_known_is_none(search):
    trial = search.trials[0]
    bare = [dataclasses.replace(it, parameters=None, seconds=None) for it in trial.attempts]
    trial = dataclasses.replace(trial, attempts=tuple(bare))
    assert (trial.parameters, trial.seconds, trial.mean("recall")) == (None, None, None)


def test_best_follows_the_searchs_objective_and_direction(sizes, without_best):
    first, second = sizes.trials
    assert sizes.best is second
    assert dataclasses.replace(sizes, direction="min").best is first
    assert dataclasses.replace(sizes, objective="recall").best is None
    assert without_best.best is None


def test_value_that_a_trial_lacks_is_none_that_all_have_in_common(sizes):
    first, second = sizes.trials
    assert sizes.varied == ["per_class"]
    lacking = dataclasses.replace(second, values={"per_class": None})
    changed = dataclasses.replace(sizes, trials=(first, lacking))
    assert (changed.varied, changed.constant) == (["learning_rate", "per_class"], {})
