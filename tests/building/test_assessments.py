"""Tests of `building.assessments`: what is worked out of trials is kept, and made again when due."""

import dataclasses

import numpy as np
import pytest

from building import assessments, code
from building.context import stored_searches


@pytest.fixture
def context(context_of, copied):
    return context_of(copied)


@pytest.fixture
def several(context):
    """The first search with several trials."""
    return next(it for it in stored_searches(context) if len(it.trials) > 1)


def test_build_leaves_every_search_assessed(context):
    for result in stored_searches(context):
        search = assessments.known(context.held, result)
        assert search.standing.leader == result.best().trial_id
        assert search.importance.trials == len([it for it in result.trials if it.completed])


def test_leader_is_judged_on_the_images_that_the_runs_were_tested_on(context, several):
    found = assessments.known(context.held, several).standing
    tested = {run.settings.limit for run in several.runs}.pop()
    assert found.count == len(context.splits(several.search.data, tested).test.labels)
    assert found.comparisons == len(several.trials) - 1


def test_what_is_kept_is_not_worked_out_again(context, several, monkeypatch):
    kept = assessments.known(context.held, several)
    monkeypatch.setattr(assessments, "_worked_out", pytest.fail)
    assert assessments.made(context, several) == kept


def test_confusions_count_the_test_images_of_each_class_by_what_they_were_taken_for(
    context, several
):
    search = assessments.known(context.held, several)
    labels = assessments.labels(context, several)
    assert search.classes == context.sources[several.search.data].identity.classes
    for shown, trial in zip(search.trials, several.trials, strict=True):
        counts, runs = np.array(shown.confusion), len(trial.completed_runs)
        assert counts.sum(1).tolist() == (runs * np.bincount(labels, minlength=10)).tolist()
        assert counts.trace() / counts.sum() == pytest.approx(trial.mean("test_accuracy"))
        taken = trial.first.probabilities().argmax(1)
        assert runs > 1 or counts[3, 5] == ((labels == 3) & (taken == 5)).sum()


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"digest": "x"}'])
def test_damaged_is_made_again_and_shown_as_unknown_until_then(context, several, damage):
    before = assessments.known(context.held, several)
    path = context.held.standings_folder / f"{several.search.name}.json"
    path.write_bytes(damage)
    assert assessments.known(context.held, several).standing is None
    assert assessments.made(context, several) == before
    assert assessments.known(context.held, several) == before


def test_other_trials_are_not_taken_for_these(context, several):
    fewer = several.of(several.trials[1:])
    assert assessments.known(context.held, fewer).standing is None
    assert assessments.made(context, fewer).standing.comparisons < len(several.trials) - 1


def test_other_code_makes_it_again(context, several, monkeypatch):
    other = dataclasses.replace(code.assessing(), key="other")
    monkeypatch.setattr(code, "assessing", lambda: other)
    made = []
    nothing = {"standing": None, "importance": {}}
    monkeypatch.setattr(
        assessments,
        "_worked_out",
        lambda *_: made.append(1) or nothing,
    )
    assert assessments.made(context, several).standing is None
    assert made == [1]


def test_runs_on_other_data_are_judged_by_equal_scores_alone(context, several):
    name = several.search.data
    source = context.sources[name]
    other = dataclasses.replace(source.identity, fingerprint="f" * 64)
    context.sources = {name: dataclasses.replace(source, identity=other)}
    assert assessments.labels(context, several) is None
    context.sources = {}
    assert assessments.labels(context, several) is None
    (context.held.standings_folder / f"{several.search.name}.json").unlink()
    made = assessments.made(context, several)
    assert (made.classes, {it.confusion for it in made.trials}) == ((), {()})
