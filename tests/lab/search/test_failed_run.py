"""A failed run can be shown like any other."""

from experiments.lab.data.views import View
from experiments.lab.settings import CURVES, RunSettings, Search
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import RunIndex, RunStore
from rendering.browser import from_runs, page


def test_a_failed_run_has_empty_curves_and_is_shown_with_its_message(tmp_path):
    index = RunIndex(RunStore(tmp_path), {"mnist": "0" * 64}, lambda _: "", {}, build="")
    settings = RunSettings(View("mnist"), "lenet5", {"learning_rate": 0.1}, seed=1, length=1)
    run = index.record_failure(settings, "out of memory\nwith a trace")
    assert set(run.curves) == set(CURVES)
    assert index.find(settings).message == "out of memory"
    search = Search("rates", "Rates", "mnist", "lenet5", 1, points=({"learning_rate": 0.1},))
    result = SearchResult(search, (Trial("rates", "0", {"learning_rate": 0.1}, (run,)),))
    assert "out of memory" in page.render([from_runs.read(result)], "Assignment 2", "")
