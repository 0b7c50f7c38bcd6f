"""Tests of `building.supposed`: what would be trained is counted before anything is."""

import pytest
from toy import sections

from building import plan as planning
from building import supposed
from building.plan import MISSING
from experiments.lab.settings import Search, grid
from experiments.lab.store.held import NotReady


@pytest.fixture
def depending(monkeypatch, small):
    """Let a section train as many networks as the chosen trial of another search has letters."""

    def searches(study):
        best = study.result("rates").best()
        points = grid(
            learning_rate=(best.hyperparameters["learning_rate"], 0.5), optimizer=("sgd",)
        )
        return [Search("after", "After", "cifar10", "lenet5", points=points, **study.training())]

    monkeypatch.setattr(sections.MODULES["deconvnet.weakest"], "searches", searches)


@pytest.mark.usefixtures("depending")
def test_trainings_that_depend_on_another_search_are_counted_and_said(context_of, tmp_path):
    state = planning.make_plan(context_of(tmp_path))["deconvnet.weakest"]
    assert state.condition == MISSING
    assert len(state.runs) == 2
    assert state.open == "what it trains depends on learning-rates"


@pytest.mark.usefixtures("depending")
def test_shared_trainings_count_once_over_all_sections(context_of, tmp_path):
    context = context_of(tmp_path)
    states = planning.make_plan(context)
    counted = planning.to_train(context, states, states)
    runs = {name: len(found) for name, found in counted.items() if found}
    assert runs == {
        "learning-rates": 2, "deconvnet.weakest": 2, "rnn": 1, "units": 1,
    }  # fmt: skip


@pytest.mark.parametrize("given", [grid(learning_rate=(1e-3,)), None])
def test_training_that_two_searches_share_counts_once_and_each_that_will_be_proposed(
    given, context_of, tmp_path, monkeypatch
):
    space = {} if given else {"learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}}

    def searches(study):
        points = given or ()
        return [
            Search(
                name, name, "mnist", "lenet5", 1, points=points, space=space, max_trials=3,
                fixed={"optimizer": "adam"},
            )
            for name in ("one", "other")
        ]  # fmt: skip

    monkeypatch.setattr(sections.MODULES["rnn"], "searches", searches)
    state = planning.make_plan(context_of(tmp_path))["rnn"]
    assert len(state.runs) == (1 if given else 6)


def test_search_that_is_not_planned_is_not_supposed(context_of, tmp_path):
    with pytest.raises(NotReady, match="the search rates has not been made"):
        supposed.Supposed(context_of(tmp_path).held, {}).result("rates")


def test_section_that_needs_more_than_searches_has_no_runs(context_of, tmp_path):
    assert supposed.runs(context_of(tmp_path), "optimizers", {}) == ()
