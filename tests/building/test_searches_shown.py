"""Tests of `building.searches_shown`: a build's searches, also while it goes on."""

import json

import pytest

from building import searches_shown
from building.context import asked_searches, stored_searches
from rendering.browser import cells, table

pytestmark = pytest.mark.filterwarnings("ignore:.*(currentThread|getName).*:DeprecationWarning")


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
    assert [it.status for it in search.trials].count("not ended") == 1
    assert (search.title, search.objective) == (several.title, several.objective)
    assert f"{search.ended} of {search.planned} trials have ended" in cells.why(search)
    assert "trials have ended" in table.of_searches([search], terminal=False)


def test_scores_of_a_search_under_way_are_those_of_its_runs(context, several):
    runs = {run.key: run for run in context.held.runs.runs()}
    scores = {run.scores.get(several.objective) for run in runs.values()}
    search = searches_shown.found(context)[several.name]
    assert {it.mean(several.objective) for it in search.trials} <= scores


def test_search_that_was_not_begun_is_left_out(context, several):
    for path in sorted((context.tuner_folder / several.name).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert several.name not in searches_shown.found(context)
