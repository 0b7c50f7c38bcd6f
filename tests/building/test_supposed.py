"""Tests of `building.supposed`: what would be trained is counted before anything is."""

from types import SimpleNamespace

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


def test_training_that_two_searches_of_a_section_share_counts_once():
    context = SimpleNamespace(index=SimpleNamespace(key=lambda run: run))
    states = {
        name: SimpleNamespace(runs=runs) for name, runs in {"a": [1, 2, 1], "b": [2, 3]}.items()
    }
    assert planning.to_train(context, states, ["a", "b"]) == {"a": [1, 2], "b": [3]}


def test_search_that_is_not_planned_is_not_supposed(context_of, tmp_path):
    with pytest.raises(NotReady, match="the search rates has not been made"):
        supposed.Supposed(context_of(tmp_path).held, {}).result("rates")


def test_section_that_needs_more_than_searches_has_no_runs(context_of, tmp_path):
    assert supposed.runs(context_of(tmp_path), "optimizers", {}) == ()
