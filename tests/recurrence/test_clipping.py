"""Tests of the largest plain network with clipped gradients."""

import pytest
from made import make_result, make_splits, make_study

from experiments import units
from experiments.lab.store.runs import RunStore
from experiments.recurrence import clipping, settings
from experiments.searches import recurrent as recurrent_search

LONG = settings.ITERATIONS + 1
IMAGES = 2000


@pytest.fixture
def measured(tmp_path):
    """A function that measures a made-up outcome of the clipped network; 256 units get 0.93."""

    def measured(outcome):
        store, empty = RunStore(tmp_path / "runs"), make_study(units.SECTION, iterations=LONG)
        whole = recurrent_search.grid_search(empty)
        by_units = {64: 0.92, 128: 0.95, 256: 0.93}
        found = [by_units[point["units"]] for point in whole.points]
        grid = make_result(store, whole, found, [{"images": IMAGES}] * len(found))
        [search] = clipping.searches(empty)
        clipped = make_result(store, search, [outcome], [{"images": IMAGES}])
        study = make_study(units.SECTION, results={clipping.NAME: clipped}, iterations=LONG)
        return clipping.measure(study, grid, make_splits("mnist", test=IMAGES).test.labels)

    return measured


def test_clipped_network_is_the_largest_plain_one_and_differs_in_clipping_alone():
    study = make_study(units.SECTION, iterations=LONG)
    [search] = clipping.searches(study)
    [run] = search.runs(search.points[0])
    whole = recurrent_search.grid_search(study)
    [same] = whole.runs({"cell": "SimpleRNN", "units": 256})
    assert run.hyperparameters == {**same.hyperparameters, "clipping": clipping.BOUND}
    assert (run.length, run.seed) == (same.length, same.seed)


def test_clipped_network_is_left_out_of_short_builds():
    study = make_study(units.SECTION)
    assert clipping.searches(study) == []
    assert clipping.measure(study, None, None) == (None, [])


def test_clipped_network_is_held_against_itself_and_the_next_smaller(measured):
    facts, claims = measured(0.95)
    assert facts["claims"] == ["clipped-256", "clipped-128"]
    assert [claim.verdict for claim in claims] == ["better", "tied"]
    assert {claim.left.label for claim in claims} == {"SimpleRNN 256 clipped"}
    assert {claim.family for claim in claims} == {"clipping"}


def test_clipped_network_that_diverged_has_no_claims(measured):
    assert measured("diverged")[0]["claims"] == []
