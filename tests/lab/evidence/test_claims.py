"""Tests of claims as data, and of the rule for "differs"."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given, strategies
from scipy import stats

from experiments.lab.evidence import claims
from experiments.lab.evidence.claims import Claim, Difference, End
from experiments.lab.settings import RunSettings
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import COMPLETED, DIVERGED, Run

ENDS = End.of_value("A"), End.of_value("B")


def run(key, status=COMPLETED):
    settings = RunSettings("cifar10", "lenet5", {"learning_rate": 0.1}, 1, 1)
    return Run(key, settings, status, {}, {}, 10, 1.0, 0.1, {}, "2025-03-04T14:05:00+00:00")


def trial(*runs):
    return Trial("rates", "0003", {"learning_rate": 0.1}, runs)


ERROR = 0.02  # standard error of the made-up differences


def made(estimate=0.1, p_value=0.01, measure="test_accuracy"):
    def within(confidence):
        reach = stats.norm.isf((1 - confidence) / 2) * ERROR
        return estimate - reach, estimate + reach

    difference = Difference(
        0.6, 0.6 - estimate, estimate, within, p_value, "t", "images", 50
    )  # fmt: skip
    return claims.claim("a-b", *ENDS, measure, difference)


@pytest.mark.parametrize(
    ("p_value", "estimate", "differs"),
    [(0.049, 0.1, True), (0.049, -0.1, True), (0.05, 0.1, False), (0.0, 0.0, False), (1, 1, False)],
)
def test_difference_counts_below_the_level_and_never_at_zero(p_value, estimate, differs):
    assert claims.differs(p_value, estimate) == differs


@pytest.mark.parametrize(
    ("measure", "above", "below"),
    [
        ("test_accuracy", "better", "worse"),
        ("validation_accuracy", "better", "worse"),
        ("distance", "greater", "smaller"),
        ("test_loss", "greater", "smaller"),
    ],
)
def test_verdict_says_better_of_quality_and_greater_of_all_else(measure, above, below):
    assert made(0.1, 0.01, measure).verdict == above
    assert made(-0.1, 0.01, measure).verdict == below
    assert made(0.1, 0.06, measure).verdict == "tied"


@given(strategies.floats(0, 1), strategies.floats(-1, 1))
def test_verdict_and_rule_never_disagree(p_value, estimate):
    tied = claims.verdict("test_accuracy", estimate, p_value) == "tied"
    assert tied != claims.differs(p_value, estimate)


def test_claim_has_what_the_test_found():
    claim = made()
    assert (claim.left_value, claim.right_value) == (0.6, 0.5)
    assert (claim.unit, claim.count, claim.runs) == ("images", 50, 1)
    assert (claim.scope, claim.family, claim.family_size) == ("networks", "", 1)


def test_difference_that_could_not_be_found_makes_no_claim():
    absent = claims.claim("a-b", *ENDS, "distance", None)
    assert absent is None
    assert claims.made([absent, made()]) == [made()]
    assert claims.names_of({"one": absent, "other": made()}) == {"one": None, "other": "a-b"}


def test_correction_names_the_family_and_takes_back_what_does_not_hold():
    kept, lost = claims.corrected([made(), made(-0.1, 0.03)], [0.02, 0.06], "pairs")
    assert (kept.verdict, kept.p_value, kept.family, kept.family_size) == (
        "better", 0.02, "pairs", 2
    )  # fmt: skip
    assert lost.verdict == "tied"
    assert lost.test == "t, corrected for 2 comparisons"


@pytest.mark.parametrize(
    ("estimate", "p_value", "expected"),
    [
        (0.1, 0.01, (0.05, 0.3)),  # they agree
        (0.1, 0.2, (0.0, 0.3)),  # the test does not reject zero
        (-0.1, 0.2, (-0.3, 0.0)),
    ],
)
def test_interval_of_a_tie_reaches_zero(estimate, p_value, expected):
    interval = (0.05, 0.3) if estimate > 0 else (-0.3, -0.05)
    assert claims.agreeing(interval, estimate, p_value) == expected


@pytest.mark.parametrize(
    ("estimate", "interval", "expected"),
    [(0.1, (-0.02, 0.3), (0.0, 0.3)), (-0.1, (-0.3, 0.02), (-0.3, 0.0))],
)
def test_interval_of_a_difference_ends_at_zero(estimate, interval, expected):
    assert claims.agreeing(interval, estimate, 0.01) == expected
    assert claims.agreeing(None, estimate, 0.01) is None


def test_detectable_difference_is_found_as_often_as_is_said():
    claim = made()
    found = stats.norm.sf(stats.norm.isf(0.025), loc=claim.detectable / ERROR)
    assert found == pytest.approx(claims.POWER, abs=1e-4)


@pytest.mark.parametrize(("seeds", "known"), [(5, False), (6, True)])
def test_nothing_is_detectable_with_too_few_seeds(seeds, known):
    few = Difference(0.6, 0.5, 0.1, lambda _: (0.05, 0.15), 0.5, "t", "seeds", seeds)
    assert (claims.claim("a-b", *ENDS, "test_accuracy", few).detectable is not None) == known


def test_intervals_of_a_family_hold_together():
    claim = claims.corrected([made(), made(), made()], [0.01, 0.01, 0.01], "three")[0]
    reach = stats.norm.isf(0.025 / 3) * ERROR
    assert claim.interval == pytest.approx((0.1 - reach, 0.1 + reach))
    assert claim.detectable > made().detectable


def test_as_many_p_values_as_claims_are_corrected():
    with pytest.raises(ValueError, match="shorter"):
        claims.corrected([made(), made()], [0.02], "pairs")


def test_several_runs_are_a_trial_and_one_is_a_network():
    several = End.of_trial(trial(run("x"), run("y", DIVERGED), run("z")), "0.1")
    assert several == End("trial", "0.1", ("x", "z"), "rates/0003")
    assert End.of_trial(trial(run("x")), "0.1") == End("network", "0.1", ("x",), "rates/0003")
    chosen = End.of_trial(trial(run("x"), run("z")), "0.1", [run("z")])
    assert chosen == End("network", "0.1", ("z",), "rates/0003")


def test_network_without_a_trial_and_known_number_name_none():
    assert End.of_run(run("x"), "conv1") == End("network", "conv1", ("x",), "")
    assert End.of_value("guessing") == End("value", "guessing")


def test_run_that_stands_twice_in_a_group_is_named_once():
    assert End.of_group([run("x"), run("y"), run("x")], "all") == End("group", "all", ("x", "y"))


def test_claim_comes_back_from_json_as_it_was():
    several = End.of_trial(trial(run("x"), run("z")), "0.1")
    claim = Claim(
        "c", several, ENDS[1], "test_accuracy", "better", 0.1, (0.05, 0.15), "t", 0.01, 2,
        "setting", "seeds", 2, "rates", 3, 0.6, 0.5,
    )  # fmt: skip
    for one in (claim, made(), Claim("d", *ENDS, "distance", "tied", 0.0, None, "t", 1.0)):
        plain = claims.as_plain(one)
        assert claims.from_plain(plain) == one
        assert claims.from_plain(json.loads(json.dumps(plain))) == one


def test_claims_of_a_record_are_found_by_name_in_their_order():
    record = SimpleNamespace(claims=[claims.as_plain(one) for one in (made(), made(-0.1))])
    record.claims[1]["name"] = "b-a"
    found = claims.claims_of(record)
    assert list(found) == ["a-b", "b-a"]
    assert found["b-a"].verdict == "worse"


def test_store_knows_no_evidence():
    code = (
        "import sys, experiments.lab.store.records, experiments.lab.store.results;"
        "print([name for name in sys.modules if 'lab.evidence' in name])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == "[]"


@pytest.mark.parametrize(
    ("estimate", "p_value", "margin", "verdict"),
    [
        (0.0, 0.9, 0.04, "equivalent"),
        (0.0, 0.9, 0.03, "tied"),  # 1.645 standard errors are 0.033
        (0.02, 0.3, 0.04, "tied"),
        (0.06, 0.001, 0.2, "better"),
    ],
)
def test_tie_within_a_margin_is_an_equivalence(estimate, p_value, margin, verdict):
    one = claims.equivalent(made(estimate, p_value), margin)
    assert (one.verdict, one.margin) == (verdict, margin)


def test_equivalence_in_a_family_needs_more():
    one = claims.corrected([made(0.0, 0.9)] * 4, [1.0] * 4, "family")[0]
    assert claims.equivalent(one, 0.04).verdict == "tied"  # 2.24 standard errors are 0.045
    assert claims.equivalent(one, 0.05).verdict == "equivalent"
    assert claims.equivalent(None, 0.05) is None
    with pytest.raises(ValueError, match="cannot be tested again"):
        claims.equivalent(claims.from_plain(claims.as_plain(one)), 0.05)
