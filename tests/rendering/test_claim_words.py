"""Tests of the words for claims."""

import dataclasses

import jinja2
import pytest

from experiments.lab.evidence.claims import Claim, End, mirrored
from experiments.lab.evidence.superlatives import superlative
from rendering import claims

BETTER = Claim(
    "a-b", End.of_value("A"), End.of_value("the B"), "test_accuracy", "better", 0.0123,
    (0.004, 0.0211), "some test", 0.0031,
)  # fmt: skip


def with_verdict(verdict, **changes):
    return dataclasses.replace(BETTER, verdict=verdict, **changes)


def plain(text):
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("claim", "clause"),
    [
        (BETTER, "A is better than the B by 1.2 points"),
        (with_verdict("worse", estimate=-0.02), "A is worse than the B by 2.0 points"),
        (
            with_verdict("tied", estimate=-0.001),
            "between A and the B there is no clear difference (−0.1 points)",
        ),
    ],
)
def test_clause_follows_the_verdict(claim, clause):
    assert plain(claims.compared(claim)) == clause


def test_clause_takes_digits_place_another_name_and_what_bears_it_out():
    said = claims.compared(BETTER, 2, "on the test set", "it", "p = 0.003", start=True)
    assert plain(said) == "It is better than the B by 1.23 points on the test set (p = 0.003)"
    tied = claims.compared(with_verdict("tied"), 2, "on the test set", "it", "p = 0.3", start=True)
    assert plain(tied) == (
        "Between it and the B there is no clear difference (+1.23 points on the test set; p = 0.3)"
    )


def test_beginning_of_a_sentence_keeps_the_rest_as_it_is():
    named = dataclasses.replace(BETTER, left=End.of_value("momentum at SGD"))
    assert claims.compared(named, start=True).startswith("Momentum at SGD is")


def test_evidence_has_interval_and_p_value_and_the_test_where_asked():
    assert plain(claims.evidence(BETTER)) == "95 % interval 0.4 to 2.1 points; p = 0.003"
    assert plain(claims.evidence(BETTER, 2, test=True)) == (
        "95 % interval 0.40 to 2.11 points; some test, p = 0.003"
    )
    assert plain(claims.evidence(with_verdict("better", interval=None))) == "p = 0.003"


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("better", "up"), ("greater", "up"), ("worse", "down"), ("smaller", "down"),
        ("tied", "neither"),
    ],
)  # fmt: skip
def test_words_are_picked_by_the_verdict(verdict, words):
    assert claims.said(with_verdict(verdict), "up", "down", "neither", "absent") == words


@pytest.mark.parametrize("absent", [None, jinja2.StrictUndefined(name="claim")])
def test_claim_that_could_not_be_made_has_words_of_its_own_or_those_of_a_tie(absent):
    assert claims.verdict(absent) == claims.ABSENT
    assert claims.said(absent, "up", "down", "neither", "absent") == "absent"
    assert claims.said(absent, "up", "down", "neither") == "neither"
    assert claims.bounds(absent) == "–"


def test_interval_is_given_in_the_unit_asked_for():
    assert plain(claims.bounds(BETTER)) == "0.4 to 2.1 points"
    assert claims.bounds(BETTER, "number", 3) == "0.004 to 0.021"
    assert claims.bounds(with_verdict("tied", interval=None)) == "–"


def test_outcome_of_a_tie_is_not_clear():
    assert claims.outcome(BETTER) == "better"
    assert claims.outcome(with_verdict("tied")) == "not clear"


def test_names_are_gathered_by_the_verdicts_of_their_claims():
    held = {"1": BETTER, "2": with_verdict("worse")}
    names = {"LSTM": "1", "GRU": "2", "plain": "missing"}
    assert claims.with_verdict(names, held, "better") == ["LSTM"]
    assert claims.with_verdict(names, held, "better", "worse") == ["LSTM", "GRU"]
    assert claims.with_verdict(names, held, "tied") == []


def test_templates_have_every_function_as_a_filter():
    from rendering.document.environment import environment_of
    from rendering.document.partials import TEMPLATES

    given = environment_of(TEMPLATES)
    template = given.from_string("{{ claims['x'] | said('up', 'down', 'neither') }}")
    assert template.render(claims={}) == "neither"
    assert set(claims.FILTERS) <= set(given.filters)


def test_equivalence_names_its_margin():
    one = with_verdict("equivalent", estimate=0.001, margin=0.01)
    assert plain(claims.compared(one, proof="p = 0.8")) == (
        "A and the B differ by less than 1 point (+0.1 points; p = 0.8)"
    )
    assert plain(claims.outcome(one)) == "within 1 point"
    assert plain(claims.outcome(dataclasses.replace(one, margin=0.025))) == "within 2.5 points"
    assert claims.said(one, "up", "down", "neither") == "neither"


def of_all(*outcomes):
    """Return the claim that A is ahead of all, and the record's claims."""
    members = [
        with_verdict(verdict, name=label, right=End.of_value(label), estimate=estimate, p_value=p)
        for label, verdict, estimate, p in outcomes
    ]
    one = superlative("all", "A", members, [it.name for it in members])
    return one, {it.name: it for it in members}


@pytest.mark.parametrize(
    ("outcomes", "clause"),
    [
        (
            [("B", "better", 0.02, 0.001), ("C", "better", 0.004, 0.012)],
            "A is better than each of the other 2, by 0.4 points at least on test (p ≤ 0.012)",
        ),
        (
            [("B", "better", 0.02, 0.001), ("C", "tied", 0.004, 0.2), ("D", "tied", 0.0, 1.0)],
            "A is best on test, tied with C and D, and better than B",
        ),
        (
            [("B", "better", 0.02, 0.001), ("C", "tied", -0.004, 0.2)],
            "A is tied with C on test, and better than B",
        ),
        (
            [("B", "tied", 0.002, 0.1), ("C", "tied", 0.004, 0.2)],
            "A is tied with B and C on test",
        ),
        (
            [("B", "worse", -0.02, 0.01), ("C", "better", 0.03, 0.002)],
            "A is worse than B on test, and better than C",
        ),
        (
            [("B", "worse", -0.02, 0.01), ("C", "tied", 0.03, 0.2), ("D", "better", 0.1, 0.001)],
            "A is worse than B on test, tied with C, and better than D",
        ),
        (
            [("B", "worse", -0.02, 0.01), ("C", "tied", 0.03, 0.2)],
            "A is worse than B on test, tied with C",
        ),
        (
            [("B", "tied", 0.01, 0.2), *((f"C{n}", "better", 0.1, 0.001) for n in range(5))],
            "A is best on test, tied with B, and better than 5 others",
        ),
        (
            [(f"C{n}", "tied", 0.1, 0.2) for n in range(5)],
            "A is tied with all 5 others on test",
        ),
        (
            [("B", "tied", 0.002, 0.1)],
            "between A and B there is no clear difference (+0.2 points on test; 95 % interval 0.4 to 2.1"
            " points; p = 0.100)",
        ),
    ],
)
def test_claim_about_all_says_of_which_it_holds(outcomes, clause):
    assert plain(claims.leading(*of_all(*outcomes), place="on test")) == clause


def test_comparison_with_the_leader_on_the_right_is_said_from_its_side():
    one, members = of_all(("B", "better", 0.02, 0.001), ("C", "tied", 0.004, 0.2))
    members["B"] = mirrored(members["B"])
    assert members["B"].verdict == "worse"
    assert plain(claims.leading(one, members, left="it")) == (
        "it is best, tied with C, and better than B"
    )


def test_claim_about_all_that_could_not_be_made_has_no_words():
    assert claims.leading(None, {}) == ""
    assert claims.leading(jinja2.Undefined(), {}) == ""


def test_answer_is_what_leads_else_the_first_comparison_of_accuracies_with_its_family():
    other = dataclasses.replace(BETTER, name="a-c", right=End.of_value("C"), detectable=0.02)
    tied = dataclasses.replace(other, verdict="tied", estimate=0.001)
    held = {"a-b": BETTER, "a-c": tied}
    assert plain(claims.answer(held)) == "A is better than the B by 1.2 points (in this run)"
    family = {name: dataclasses.replace(one, family="all") for name, one in held.items()}
    assert plain(claims.answer(family)) == (
        "A is better than the B by 1.2 points; "
        "between A and C there is no clear difference (+0.1 points) (in this run)"
    )
    leading = superlative("leading", "A", [BETTER, other], ["the B", "C"])
    said = claims.answer({"a-b": BETTER, "a-c": other, "leading": leading})
    assert said.startswith("A is better than each of the other 2, by 1.2")
    assert said.endswith(" (in this run)")
    over_seeds = dataclasses.replace(BETTER, scope="setting")
    assert "this run" not in claims.answer({"a-b": over_seeds})


def test_answer_without_accuracies_counts_and_without_claims_is_empty():
    other = dataclasses.replace(BETTER, measure="entropy", verdict="greater")
    tied = dataclasses.replace(other, name="c", verdict="tied")
    assert plain(claims.answer({"a-b": other})) == "1 of 1 comparison shows a difference"
    assert (
        plain(claims.answer({"a-b": other, "c": tied})) == "1 of 2 comparisons shows a difference"
    )
    assert claims.answer({}) == ""


def test_claims_are_unanimous_only_if_all_were_made_and_agree():
    made = {"a": BETTER, "b": BETTER, "c": with_verdict("tied")}
    assert claims.unanimous(["a", "b"], made) == "better"
    assert claims.unanimous(["a", "c"], made) == ""
    assert claims.unanimous(["a", "missing"], made) == ""
    assert claims.unanimous([], made) == ""


def test_claims_with_a_verdict_are_named_by_their_keys_or_by_themselves():
    made = {"a": BETTER, "b": with_verdict("worse")}
    assert claims.with_verdict({"first": "a", "second": "b"}, made, "better") == ["first"]
    assert claims.with_verdict(["a", "b", "missing"], made, "better", "worse") == ["a", "b"]
