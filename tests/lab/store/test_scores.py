"""Tests of `experiments.lab.store.scores`: means, deviations and ranks with values missing."""

import numpy as np
import pytest

from experiments.lab.store import scores


def test_deviation_is_that_of_a_sample():
    values = [0.1, 0.4, 0.35]
    assert scores.mean(values) == pytest.approx(np.mean(values))
    assert scores.deviation(values) == pytest.approx(np.std(values, ddof=1))


def test_too_few_values_give_none():
    assert (scores.mean([]), scores.deviation([]), scores.deviation([0.5])) == (None, None, None)


@pytest.mark.parametrize(("direction", "wanted"), [("max", "cbda"), ("min", "bdca")])
def test_best_comes_first_equals_keep_their_order_and_unknown_come_last(direction, wanted):
    known = {"a": None, "b": 0.0, "c": 0.5, "d": 0.0}
    assert "".join(scores.best_first(known, known.get, direction)) == wanted
