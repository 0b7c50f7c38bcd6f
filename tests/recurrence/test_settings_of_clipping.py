"""Tests of the short trainings at other settings."""

import pytest
from made import make_result, make_splits, make_study

from experiments import rnn
from experiments.lab.store.runs import RunStore
from experiments.recurrence import settings
from experiments.searches.recurrent import LEARNING_RATE

LONG = settings.ITERATIONS + 1
IMAGES = 2000


@pytest.fixture
def measured(tmp_path):
    """A function that measures made-up outcomes of the settings, the assignment's first."""

    def measured(outcomes):
        [search] = settings.searches(make_study(rnn.SECTION, iterations=LONG))
        details = [{"images": IMAGES}] * len(search.points)
        result = make_result(RunStore(tmp_path / "runs"), search, outcomes, details)
        study = make_study(rnn.SECTION, results={settings.NAME: result}, iterations=LONG)
        return settings.measure(study, make_splits("mnist", test=IMAGES).test.labels)

    return measured


def test_settings_are_trained_for_the_same_few_iterations_the_assignments_first():
    [search] = settings.searches(make_study(rnn.SECTION, iterations=LONG))
    assert search.points[0] == {"learning_rate": LEARNING_RATE, "clipping": None}
    assert {run.length for point in search.points for run in search.runs(point)} == {
        settings.ITERATIONS
    }
    assert {point["clipping"] for point in search.points} == {None, settings.BOUND}


def test_settings_are_left_out_where_the_whole_training_is_no_longer():
    study = make_study(rnn.SECTION, iterations=settings.ITERATIONS)
    assert settings.searches(study) == []
    assert settings.measure(study, None) == (None, [])


def test_other_settings_are_held_against_the_assignments(measured):
    facts, claims = measured([0.9, 0.9, 0.7, 0.8, 0.95, "diverged", 0.3])
    assert facts["assigned"] == "0.001"
    assert facts["claims"]["0.001 with clipping"] == "setting-0.001-with-clipping"
    assert "0.003 with clipping" not in facts["claims"]
    verdicts = [claim.verdict for claim in claims]
    assert verdicts == ["tied", "worse", "worse", "better", "worse"]
    assert {claim.right.label for claim in claims} == {"Adam at 0.001"}
    assert {claim.family for claim in claims} == {"settings"}
