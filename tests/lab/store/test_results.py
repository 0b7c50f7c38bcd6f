"""Tests of `experiments.lab.store.results`: trials over seeds, and the stored search."""

import dataclasses
import json
import shutil

import pytest

from experiments.lab.settings import Search, grid
from experiments.lab.store import results, runs
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import COMPLETED, DIVERGED, FAILED, Run, RunStore

SEARCH = Search(
    "s",
    "S",
    "mnist",
    "recurrent",
    length=2,
    points=grid(learning_rate=(0.1, 0.01), optimizer=("adam",)),
    seeds=3,
)


def run(settings, key, status=COMPLETED, accuracy=0.5, **changes) -> Run:
    done = status == COMPLETED
    given = {
        "scores": {"validation_accuracy": accuracy, "test_accuracy": accuracy / 2} if done else {},
        "parameters": 0 if status == FAILED else 7,
        "seconds": 0.0 if status == FAILED else 2.0,
        "step_seconds": 0.0 if status == FAILED else 0.5,
        "message": "" if done else f"{status} here",
    }
    return Run(
        key=key,
        settings=settings,
        status=status,
        curves={},
        environment={},
        finished_at=runs.now(),
        **{**given, **changes},
    )


def trial(number, *outcomes) -> Trial:
    point = SEARCH.points[number]
    made = [
        run(settings, f"{number}{seed}".ljust(24, "0"), *outcome)
        for seed, (settings, outcome) in enumerate(zip(SEARCH.runs(point), outcomes, strict=False))
    ]
    return Trial("s", str(number), point, tuple(made))


def test_scores_are_mean_and_deviation_over_completed_runs():
    made = trial(0, (COMPLETED, 0.4), (DIVERGED,), (COMPLETED, 0.6))
    assert made.mean("validation_accuracy") == pytest.approx(0.5)
    assert made.deviation("validation_accuracy") == pytest.approx(0.1414, abs=1e-4)
    assert (made.status, made.message) == (DIVERGED, "diverged here")


def test_one_run_has_no_deviation_and_no_run_no_mean():
    assert trial(0, (COMPLETED, 0.4)).deviation("validation_accuracy") is None
    assert trial(0, (FAILED,)).mean("validation_accuracy") is None


def test_failed_first_seed_is_not_the_one_that_is_shown_or_timed():
    made = trial(0, (FAILED,), (COMPLETED, 0.4))
    assert made.run.settings.seed == 2
    assert (made.parameters, made.seconds, made.step_seconds) == (7, 2.0, 0.5)


def test_trial_without_a_completed_run_still_has_numbers():
    made = trial(0, (FAILED,), (FAILED,))
    assert (made.parameters, made.seconds, made.run.settings.seed) == (0, 0.0, 1)


def test_rows_have_a_line_for_each_run():
    rows = trial(1, (COMPLETED, 0.4), (DIVERGED,)).rows()
    assert [(row["seed"], row["status"], row["test_accuracy"]) for row in rows] == [
        (1, COMPLETED, 0.2),
        (2, DIVERGED, None),
    ]
    assert rows[0]["hyperparameters"] == {"learning_rate": 0.01, "optimizer": "adam"}


def test_best_is_chosen_among_completed_trials():
    result = SearchResult(SEARCH, (trial(0, (DIVERGED,)), trial(1, (COMPLETED, 0.1))))
    assert result.best().trial_id == "1"
    assert result.find(learning_rate=0.1).trial_id == "0"
    with pytest.raises(KeyError, match="no trial with"):
        result.find(learning_rate=3)


def test_first_completed_run_is_the_one_that_is_shown():
    made = trial(0, (DIVERGED,), (COMPLETED, 0.4), (COMPLETED, 0.5))
    assert made.completed
    assert made.first is made.completed_runs[0] is made.runs[1]


def test_trial_without_a_completed_run_says_of_which_search_it_is_and_why():
    made = trial(0, (DIVERGED,), (FAILED,))
    assert not made.completed
    with pytest.raises(ValueError, match="no training of the search s completed: diverged here"):
        _ = made.first


def test_search_without_a_completed_trial_has_no_best():
    whole = SearchResult(SEARCH, (trial(0, (FAILED,)), trial(1, (DIVERGED,))))
    assert whole.best_or_none() is None
    with pytest.raises(ValueError, match="no trial of the search s completed"):
        whole.best()
    with pytest.raises(ValueError, match="of the search s with learning_rate 0.01 completed"):
        whole.among(learning_rate=0.01).best()


def test_best_is_the_lowest_where_the_search_minimizes():
    trials = (trial(0, (COMPLETED, 0.4)), trial(1, (COMPLETED, 0.2)), trial(0, (FAILED,)))
    least = dataclasses.replace(SEARCH, objective="test_accuracy", direction="min")
    assert SearchResult(least, trials).best() is trials[1]
    assert SearchResult(least, trials[::-1]).ranked() == [trials[1], trials[0], trials[2]]
    assert SearchResult(SEARCH, trials).best() is trials[0]


def test_of_equals_the_first_is_the_best():
    first, second = trial(0, (COMPLETED, 0.5)), trial(1, (COMPLETED, 0.5))
    assert SearchResult(SEARCH, (first, second)).best() is first
    assert SearchResult(SEARCH, (first, second)).of([second, first]).best() is second


def test_trials_with_some_values_are_a_result_of_their_own():
    result = SearchResult(SEARCH, (trial(0, (DIVERGED,)), trial(1, (COMPLETED, 0.1))))
    assert result.among(learning_rate=0.01).trials == result.trials[1:]
    assert result.among(optimizer="adam").trials == result.trials
    assert result.among(optimizer="sgd").trials == ()
    assert len(result.runs) == 2


@pytest.fixture
def kept(tmp_path):
    store = RunStore(tmp_path / "runs")
    outcomes = [[(COMPLETED, 0.4)] * 3, [(DIVERGED,)] * 3]
    trials = tuple(trial(number, *each) for number, each in enumerate(outcomes))
    result = SearchResult(SEARCH, trials)
    for one in result.trials:
        for held in one.runs:
            store.write(held, {})
    results.write(result, "key", tmp_path)
    return tmp_path, store, result


def test_stored_search_is_read_with_its_runs(kept):
    folder, store, result = kept
    key, read = results.read("s", folder, store)
    assert key == "key"
    assert read.search == SEARCH
    assert [it.trial_id for it in read.trials] == ["0", "1"]
    assert [it.rows() for it in read.trials] == [it.rows() for it in result.trials]


def test_search_with_a_missing_run_is_missing(kept):
    folder, store, result = kept
    shutil.rmtree(store.folder / result.trials[0].run.key)
    assert results.read("s", folder, RunStore(store.folder)) is None


def test_search_that_used_a_run_is_not_changed_by_a_failure_that_lies_beside_it(kept):
    folder, store, result = kept
    used = result.trials[0].runs[0]
    failed = store.write(dataclasses.replace(used, status=FAILED, scores={}), {})
    assert failed.status == FAILED
    assert results.read("s", folder, store)[1].trials[0].rows() == result.trials[0].rows()
    trials = (
        dataclasses.replace(result.trials[0], runs=(failed, *result.trials[0].runs[1:])),
        *result.trials[1:],
    )
    results.write(dataclasses.replace(result, trials=trials), "key", folder)
    assert results.read("s", folder, store)[1].trials[0].runs[0] == failed
    store.write(used, {})  # it succeeds later: the search that says it failed is out of date
    assert results.read("s", folder, store) is None


def test_search_whose_trials_were_exchanged_is_missing(kept):
    folder, store, result = kept
    path = folder / "s.json"
    plain = json.loads(path.read_text())
    first, second = plain["trials"]
    first["runs"], second["runs"] = second["runs"], first["runs"]
    path.write_text(json.dumps(plain))
    assert results.read("s", folder, store) is None
    # Nor with a digest that fits: the runs are of other settings.
    exchanged = [
        dataclasses.replace(one, runs=other.runs)
        for one, other in zip(result.trials, reversed(result.trials), strict=True)
    ]
    results.write(dataclasses.replace(result, trials=tuple(exchanged)), "key", folder)
    assert results.read("s", folder, store) is None
    results.write(result, "key", folder)
    assert results.read("s", folder, store) is not None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"trials": 3}', b"\xff"])
def test_damaged_search_is_missing(kept, content):
    folder, store, _ = kept
    (folder / "s.json").write_bytes(content)
    assert results.read("s", folder, store) is None


def test_definition_changes_with_every_field():
    changed = [
        {"points": SEARCH.points[:1]},
        {"seeds": 4},
        {"length": 3},
        {"fixed": {"units": 3}},
        {"objective": "test_accuracy"},
        {"direction": "min"},
    ]
    made = {
        results.definition_digest(Search(**{**SEARCH.to_json(), **it})) for it in [{}, *changed]
    }
    assert len(made) == len(changed) + 1
