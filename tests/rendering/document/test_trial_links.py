"""Tests of `rendering.document.trial_links`: from a figure to the trials that it was drawn from."""

import json
from urllib.parse import parse_qs

import made
import pytest

from experiments.lab.settings import Search, grid
from experiments.lab.store.runs import RunStore
from rendering.document.trial_links import links


def make(store, name, rates):
    points = grid(learning_rate=rates)
    search = Search(name, "", "mnist", "lenet5", length=2, points=points, seeds=2)
    return made.make_result(store, search, [0.5] * len(rates))


@pytest.fixture
def searches(tmp_path):
    """Two searches, of which the second has the runs of the first's first trial too."""
    store = RunStore(tmp_path)
    return [make(store, "few & <many>", (0.1, 0.01, 0.001)), make(store, "other", (0.1, 1.0))]


def keys(*trials):
    return [run.key for trial in trials for run in trial.runs]


def state(link):
    page, _, address = link.address.partition("#")
    assert page == "trials.html"
    return {name: value for name, (value,) in parse_qs(address, strict_parsing=True).items()}


def test_one_trial_is_opened(searches):
    (link,) = links(keys(searches[0].trials[1]), searches)
    assert state(link) == {"search": "few & <many>", "open": "0001"}
    assert link.words == "trial 0001 of few & <many>"


def test_some_trials_are_chosen_and_all_are_the_search_itself(searches):
    (some,) = links(keys(*searches[0].trials[:2]), searches)
    assert json.loads(state(some)["choices"]) == {"id": ["0000", "0001"]}
    (every,) = links(keys(*searches[0].trials), searches)
    assert state(every) == {"search": "few & <many>"}
    assert every.words == "3\u00a0trials of few & <many>"


def test_runs_that_searches_share_lead_to_the_one_that_has_most(searches):
    found = links(keys(*searches[1].trials), searches)
    assert [state(link)["search"] for link in found] == ["other"]


def test_figure_of_two_searches_leads_to_both(searches):
    found = links(keys(searches[0].trials[2], searches[1].trials[1]), searches)
    assert {state(link)["search"] for link in found} == {"few & <many>", "other"}


def test_runs_of_no_search_lead_nowhere(searches):
    assert links([], searches) == []
    assert links(["unknown"], searches) == []
    assert links(["unknown"], []) == []
