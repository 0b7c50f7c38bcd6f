"""Tests of `experiments.lab.evidence.standings`: which trials the best one cannot be told from."""

import dataclasses

import made
import numpy as np
import pytest

from experiments.lab.evidence.standings import standing
from experiments.lab.settings import Search, grid
from experiments.lab.store.runs import RunStore

LABELS = np.arange(200) % 10


def search(count, seeds=1, **more):
    points = grid(learning_rate=tuple(10.0**-it for it in range(count)))
    return Search("rates", "", "mnist", "lenet5", 3, points=points, seeds=seeds, **more)


@pytest.fixture
def result(tmp_path):
    """Return the result of a search with these outcomes, a trial each."""

    def result(*outcomes, **options):
        return made.make_result(RunStore(tmp_path), search(len(outcomes), **options), outcomes)

    return result


def test_leader_is_tied_with_what_the_test_cannot_tell_from_it(result):
    found = standing(result(0.3, (0.79, 0.79), (0.8, 0.8)), LABELS)
    assert (found.leader, found.tied_with, found.ahead) == ("0002", ("0001",), ())
    assert (found.unit, found.count, found.comparisons) == ("images", 200, 2)
    assert found.test.startswith("McNemar")


def test_trial_that_is_better_in_the_test_is_ahead_and_not_tied(result):
    found = standing(result((0.7, 0.9), (0.8, 0.4), (0.2, 0.1)), LABELS)
    assert (found.leader, found.tied_with, found.ahead) == ("0001", (), ("0000",))


def test_clear_leader_is_tied_with_none(result):
    found = standing(result(0.3, 0.9, 0.2), LABELS)
    assert (found.leader, found.tied_with, found.ahead) == ("0001", (), ())


def test_six_seeds_tell_what_two_cannot(result):
    def outcome(middle, count):
        values = [middle + 0.01 * (seed % 3) for seed in range(count)]
        return (values, values)

    told = standing(result(outcome(0.5, 6), outcome(0.8, 6), seeds=6), LABELS)
    assert (told.leader, told.tied_with, told.unit) == ("0001", (), "seeds")
    few = standing(result(outcome(0.5, 2), outcome(0.8, 2), seeds=2), LABELS)
    assert (few.leader, few.tied_with) == ("0001", ("0000",))


def test_trial_without_a_common_seed_cannot_be_told_from_the_leader(result):
    first, second = ((0.9, None), (0.9, None)), ((None, 0.2), (None, 0.2))
    found = standing(result(first, second, ((0.3, 0.3), (0.3, 0.3)), seeds=2), LABELS)
    assert "0001" in found.tied_with


def test_failed_trial_is_neither_leader_nor_tied(result):
    found = standing(result("failed", 0.8, "diverged"), LABELS)
    assert (found.leader, found.tied_with, found.test) == ("0001", (), "")
    assert standing(result("failed", "diverged"), LABELS) is None


def test_without_labels_equal_objectives_alone_are_tied(result):
    found = standing(result(0.8, 0.8, 0.79), None)
    assert (found.leader, found.tied_with, found.test) == ("0000", ("0001",), "")


def test_minimised_objective_leads_with_the_smallest(result):
    made_up = result(0.3, 0.9)
    least = dataclasses.replace(
        made_up, search=dataclasses.replace(made_up.search, direction="min")
    )
    found = standing(least, LABELS)
    assert (found.leader, found.ahead) == ("0000", ("0001",))
