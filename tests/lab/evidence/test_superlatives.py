"""Tests of claims about all of a set."""

import dataclasses

import numpy as np
import pytest

from experiments.lab.evidence.claims import Claim, End, as_plain, from_plain
from experiments.lab.evidence.comparisons import adjusted, networks_apart
from experiments.lab.evidence.superlatives import superlative

A = End("network", "A", ("a",))


def against(label, verdict="better", estimate=0.02, p_value=0.01):
    right = End("network", label, (label.lower(),))
    return Claim(
        f"a-{label}", A, right, "test_accuracy", verdict, estimate, None, "test", p_value
    )  # fmt: skip


def test_ahead_of_all_only_if_ahead_of_each_and_then_by_the_least_certain():
    claims = [against("B", p_value=0.001, estimate=0.05), against("C", p_value=0.03)]
    one = superlative("best", "A", claims, ["B", "C"])
    assert (one.verdict, one.p_value, one.estimate) == ("better", 0.03, 0.02)
    assert one.right == End("group", "each of 2 others", ("b", "c"))
    assert one.members == ("a-B", "a-C")
    one = superlative("best", "A", [*claims, against("D", "tied", 0.01, 0.4)], "BCD")
    assert (one.verdict, one.p_value) == ("tied", 0.4)
    one = superlative("best", "A", [*claims, against("D", "worse", -0.01, 0.02)], "BCD")
    assert (one.verdict, one.estimate) == ("worse", -0.01)


def test_claim_over_more_than_was_compared_cannot_be_made():
    assert superlative("best", "A", [against("B")], ["B", "C"]) is None
    assert superlative("best", "A", [], []) is None


def test_comparisons_of_two_trials_with_one_label_are_refused():
    other = dataclasses.replace(against("C"), left=End("network", "A", ("x",), "search/2"))
    with pytest.raises(ValueError, match="not all of the same A"):
        superlative("best", "A", [against("B"), other], ["B", "C"])


def test_comparison_with_the_leader_on_the_right_counts_the_other_way_round():
    b = End("network", "B", ("b",))
    turned = dataclasses.replace(
        against("A", "worse", -0.03, 0.02), left=b, right=A, interval=(-0.05, -0.01),
        left_value=0.6, right_value=0.63, detectable=0.02, within=lambda _: (-0.06, -0.005),
    )  # fmt: skip
    one = superlative("best", "A", [turned, against("C", estimate=0.05)], ["B", "C"])
    assert (one.verdict, one.left, one.estimate) == ("better", A, 0.03)
    assert (one.interval, one.within(0.99)) == ((0.01, 0.05), (0.005, 0.06))
    assert (one.left_value, one.right_value) == (0.63, 0.6)
    assert superlative("best", "B", [turned, against("C")], ["A"]).verdict == "worse"


def test_comparisons_of_others_are_left_out():
    other = dataclasses.replace(against("C", "worse", -0.4), left=End("network", "B", ("b",)))
    assert superlative("best", "A", [against("B"), against("C"), other], "BC").verdict == "better"


def test_claim_survives_being_stored():
    one = superlative("best", "A", [against("B"), against("C")], ["B", "C"])
    assert from_plain(as_plain(one)) == one


def test_equal_networks_are_seldom_called_the_best():
    """The leader is drawn by lot, as by other images, and compared with three networks as good as it."""
    random, false = np.random.default_rng(1), 0
    for _ in range(200):
        correct = random.random((4, 400)) < 0.8
        claims = []
        for label, other in zip("BCD", correct[1:], strict=True):
            estimate, within, p_value = networks_apart(correct[0], other)
            claims.append(
                dataclasses.replace(against(label, "tied", estimate, p_value), within=within)
            )
        false += superlative("best", "A", adjusted(claims, "f"), "BCD").verdict == "better"
    assert false <= 0.05 * 200
