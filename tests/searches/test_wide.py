"""Tests of the wide searches: what is searched, and what is said of it beside the grid."""

import dataclasses

import pytest
from made import make_result, make_splits, make_study

from experiments import optimizers
from experiments import units as section
from experiments.lab.networks import builders
from experiments.lab.networks.optimizers import optimizer
from experiments.lab.search.oracles import make_oracle, search_space
from experiments.lab.store.results import SearchResult
from experiments.lab.store.runs import RunStore
from experiments.searches import wide as wide_search

pytestmark = pytest.mark.usefixtures("blank_pictures")

IMAGES = 2000
GRID = 0.95  # what every network of the grid gets right
POINTS = (
    {"cell": "LSTM", "units": 80, "learning_rate": 2e-3, "clipping": 1.0},
    {"cell": "GRU", "units": 200, "learning_rate": 3e-3, "clipping": 0.5},
    {"cell": "SimpleRNN", "units": 40, "learning_rate": 5e-4, "clipping": 2.0},
)


@pytest.fixture
def measured(tmp_path):
    """Return a function that measures made-up outcomes of the trials at POINTS, or at others."""

    def measure(*outcomes, points=POINTS, grid=GRID):
        store = RunStore(tmp_path / "runs")
        grid_search, wide = section.searches(make_study(section.SECTION, wide=True))
        found = [
            make_result(store, search, outcomes, [{"images": IMAGES}] * len(outcomes))
            for search, outcomes in (
                (grid_search, [grid] * len(grid_search.points)),
                (dataclasses.replace(wide, points=points), outcomes),
            )
        ]
        results = {
            search.name: SearchResult(search, result.trials)
            for search, result in zip((grid_search, wide), found, strict=True)
        }
        splits = {"mnist": make_splits("mnist", test=IMAGES)}
        study = make_study(section.SECTION, results=results, splits=splits, wide=True)
        return section.measure(study), list(results.values())

    return measure


@pytest.mark.parametrize("module", [section, optimizers])
def test_wide_search_is_made_only_when_asked_for(module):
    assert len(module.searches(make_study(module.SECTION))) == 1
    _, wide = module.searches(make_study(module.SECTION, wide=True))
    assert (wide.algorithm, wide.name) == ("bayesian", module.WIDE)
    assert wide.max_trials == make_study(module.SECTION).profile.wide_trials


@pytest.mark.parametrize("module", [section, optimizers])
def test_every_corner_of_the_space_is_a_network_that_can_be_built(module):
    _, wide = module.searches(make_study(module.SECTION, wide=True))
    make_oracle(wide)
    assert {it.name for it in search_space(wide).space} == {*wide.space, *wide.fixed}
    for end in (0, -1):
        point = {
            name: (values.get("values") or (values["low"], values["high"]))[end]
            for name, values in wide.space.items()
        }
        [run, *_] = wide.runs(point)
        assert builders.build(run).count_params() > 0
        optimizer(run.hyperparameters)


def test_choice_is_made_by_validation_accuracy(measured):
    findings, _ = measured((0.97, 0.96), (0.96, 0.99), (0.9, 0.9))
    assert findings.facts["wide"]["best"]["wide"]["hyperparameters"]["cell"] == "LSTM"
    assert findings.scores["wide_test_accuracy"] == pytest.approx(0.96)


def test_trials_that_break_off_are_counted_and_left_out(measured, printed):
    findings, _ = measured(0.97, "diverged", 0.9)
    assert findings.facts["wide"]["cost"]["wide"]["failed"] == 1
    assert "1 training did not complete" in printed(0.97, "diverged", 0.9)


def test_without_any_completed_trial_nothing_is_compared(measured, printed):
    findings, _ = measured(*["failed"] * 3)
    assert wide_search.CLAIM not in [claim.name for claim in findings.claims]
    assert "None of its trainings completed." in printed(*["failed"] * 3)
