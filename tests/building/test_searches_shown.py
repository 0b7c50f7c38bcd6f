"""Tests of `building.searches_shown`: a build's searches, also while it goes on."""

import dataclasses
import json
import shutil

import pytest

from building import searches_shown
from building.context import asked_searches, stored_searches
from rendering.browser import cells, from_runs, table


@pytest.fixture
def context(context_of, copied):
    return context_of(copied)


@pytest.fixture
def several(context):
    """The first search with several trials, whose result is not stored any more."""
    search = next(it.search for it in stored_searches(context) if len(it.trials) > 1)
    (context.held.searches_folder / f"{search.name}.json").unlink()
    return search


def stop(context, search, number):
    """Put a trial of keras-tuner's project back to where it was before it ended."""
    path = context.tuner_folder / search.name / f"trial_{number}" / "trial.json"
    held = json.loads(path.read_text())
    held |= {"status": "RUNNING", "score": None, "metrics": {"metrics": {}}}
    path.write_text(json.dumps(held))
    for run in search.runs(search.points[int(number)]):
        shutil.rmtree(context.held.runs.folder / context.index.key(run))
        context.held.runs.forget(context.index.key(run))


def test_searches_are_those_that_sections_ask_for_in_their_order(context):
    found = searches_shown.found(context)
    assert list(found) == [search.name for search in asked_searches(context)]
    assert not any(search.goes_on for search in found.values())
    assert all(search.standing for search in found.values())


def test_search_under_way_shows_what_has_ended(context, several):
    stored = {it.search.name: it for it in stored_searches(context)}
    assert several.name not in stored
    first = min(context.tuner_folder.glob(f"{several.name}/trial_*")).name.removeprefix("trial_")
    stop(context, several, first)
    search = searches_shown.found(context)[several.name]
    assert search.goes_on
    assert (search.ended, search.planned) == (len(search.trials) - 1, len(several.points))
    (waiting,) = (it for it in search.trials if it.status == "not ended")
    assert (waiting.id, waiting.attempts) == (first, ())
    assert waiting.values == several.hyperparameters(several.points[int(first)])
    assert (search.title, search.objective) == (several.title, several.objective)
    assert f"{search.ended} of {search.planned} trials have ended" in cells.why(search)
    assert "trials have ended" in table.of_searches([search], terminal=False)


def test_ended_trials_of_a_search_under_way_are_those_of_the_run_store(context, several):
    search = searches_shown.found(context)[several.name]
    for trial, point in zip(search.trials, several.points, strict=True):
        (settings,) = several.runs(point)
        run, (attempt,) = context.index.find(settings), trial.attempts
        assert (attempt.key, attempt.scores, attempt.series) == (run.key, run.scores, run.curves)
        assert trial.values == several.hyperparameters(point)
    assert search.axes == from_runs.axes(several)


def test_project_of_another_search_of_this_name_is_shown_as_keras_tuner_has_it(context, several):
    fewer = dataclasses.replace(several, points=several.points[:1])
    search = searches_shown.under_way(context, fewer)
    assert len(search.trials) == len(several.points)
    assert [len(it.attempts) for it in search.trials] == [1] * len(several.points)


def test_search_that_was_not_begun_is_left_out(context, several):
    for path in sorted((context.tuner_folder / several.name).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert several.name not in searches_shown.found(context)
