"""Printed values say where they come from, whatever filters, lists and sentences they went through."""

import dataclasses
import json
import re

import jinja2
import pytest

from experiments.lab.evidence.claims import Claim, End, as_plain, from_plain, mirrored
from rendering import marks, printed
from rendering.document.environment import FILTERS, ReportEnvironment
from rendering.traced import counted, known

CLAIM = Claim(
    "rates", End.of_value("GRU 64"), End.of_value("LSTM 64"), "test_accuracy", "better", 0.012,
    (0.004, 0.02), "made up", 0.04, left_value=0.62, right_value=0.608,
)  # fmt: skip
FACTS = {"accuracy": 0.6234, "pair": [0.6234, 0.0041], "seeds": 3, "cell": "GRU 64", "kind": "GRU"}


def data(value: object, path: str, text: str) -> str:
    return f'<data value="{value}" data-path="{path}">{text}</data>'


@pytest.fixture
def say():
    """Return what a template prints of the facts and the claim above, with its marks resolved."""
    environment = ReportEnvironment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters.update(FILTERS)

    def said(template: str, claim: Claim = CLAIM) -> str:
        row = json.loads(json.dumps(as_plain(claim)))
        (row,) = known([row], "rnn/claims")
        given = {"facts": known(FACTS, "rnn/facts"), "claim": from_plain(row)}
        return marks.resolved(environment.from_string(template).render(given))

    return said


def test_filter_prints_the_value_with_its_path(say):
    expected = data(0.6234, "rnn/facts/accuracy", "62.3\u202f%")
    assert say("{{ facts.accuracy | percent }}") == expected


def test_value_without_a_filter_has_its_path_too(say):
    assert say("{{ facts.seeds }}") == data(3, "rnn/facts/seeds", "3")


def test_mean_and_deviation_have_both_paths(say):
    text = say("{{ facts.pair[0] | mean_deviation(facts.pair[1]) }}")
    assert text.startswith(
        '<data value="0.6234 0.0041" data-path="rnn/facts/pair/0 rnn/facts/pair/1">'
    )


@pytest.mark.parametrize(
    "template",
    [
        '{{ "at " ~ (facts.accuracy | percent) }}',
        '{{ ["at " ~ (facts.accuracy | percent)] | and_list }}',
        "{% set text %}at {{ facts.accuracy | percent }}{% endset %}{{ text }}",
        '{{ "at %s" | format(facts.accuracy | percent) }}',
    ],
)
def test_path_survives_what_templates_do_with_text(say, template):
    assert say(template) == "at " + data(0.6234, "rnn/facts/accuracy", "62.3\u202f%")


def test_path_does_not_stand_in_an_attribute(say):
    assert say('<p title="{{ facts.seeds }}">') == '<p title="3">'


def test_list_and_choice_are_counted_with_their_paths(say):
    assert say("{{ facts.pair | length }}") == data(2, "rnn/facts/pair/length", "2")
    assert say("{{ facts.pair | select | list | length }}") == data(
        2, "each rnn/facts/pair/0 rnn/facts/pair/1", "2"
    )


def test_text_has_a_path_where_it_has_a_digit_and_is_the_same_key(say):
    assert say("{{ facts.cell }}") == data("GRU 64", "rnn/facts/cell", "GRU 64")
    assert say("{{ facts.kind }}") == "GRU"
    assert say('{{ {"GRU 64": "yes"}[facts.cell] }}') == "yes"


def test_numbers_count_and_compare_as_what_they_are():
    facts = known(FACTS, "rnn/facts")
    assert facts["accuracy"] + 1 == 1.6234
    assert json.loads(json.dumps(facts)) == FACTS
    assert f"{facts['accuracy']:.2f}" == "0.62"
    assert counted([1, 2]) == 2
    assert not hasattr(counted([1, 2]), "record_path")


def test_opposite_number_has_its_sign_before_the_path():
    turned = -known(0.5, "a/facts/b")
    assert (turned, turned.record_path) == (-0.5, "-a/facts/b")
    assert (-turned).record_path == "a/facts/b"
    assert abs(turned).record_path == "a/facts/b"


def test_steps_of_a_path_are_quoted():
    assert known({"a/b c": 1}, "s/facts")["a/b c"].record_path == "s/facts/a%2Fb%20c"


def test_sentence_of_a_claim_says_which_claim_decided_it(say):
    text = say('{{ claim | said("ahead", "behind", "level") }}')
    assert text == "<!--claim rnn/claims/rates better-->ahead<!--/claim-->"


def test_claim_from_the_other_side_says_so():
    (row,) = known([json.loads(json.dumps(as_plain(CLAIM)))], "rnn/claims")
    text = marks.resolved(FILTERS["compared"](mirrored(from_plain(row))))
    assert text.startswith("<!--claim -rnn/claims/rates worse-->")
    assert 'data-path="-rnn/claims/rates/estimate"' in text


def test_sentence_begins_with_a_capital_behind_its_marks(say):
    low = dataclasses.replace(CLAIM, left=End.of_value("momentum at 0.1"))
    text = say("{{ claim | compared(start=True) }}", low)
    assert re.sub(r"<[^>]*>", "", text).startswith("Momentum at 0.1 is better")


@pytest.mark.parametrize(
    "template",
    [
        '{% if claim | verdict == "better" %}<p>Ahead.</p>{% endif %}',
        '{% if claim.verdict != "better" %}x{% else %}<p>Ahead.</p>{% endif %}',
        '{% if facts.seeds == 4 %}x{% elif claim.verdict == "better" %}<p>Ahead.</p>{% endif %}',
    ],
)
def test_branch_that_a_verdict_decides_stands_between_its_marks(say, template):
    assert say(template) == "<!--claim rnn/claims/rates better--><p>Ahead.</p><!--/claim-->"


def test_choice_that_a_verdict_decides_stands_between_its_marks(say):
    text = say('{{ "ahead" if claim.verdict == "better" else "behind" }}')
    assert text == "<!--claim rnn/claims/rates better-->ahead<!--/claim-->"


def test_branch_that_no_verdict_decides_has_no_marks(say):
    text = say('{% if claim.verdict == "better" %}{% endif %}{% if facts.seeds %}so{% endif %}')
    assert text == "so"


def test_constant_names_its_source():
    text = marks.resolved(marks.of_constant("95\u202f%", marks.SETTING))
    assert text == '<data value="95\u202f%" data-source="setting">95\u202f%</data>'


def test_words_for_plain_values_have_no_marks():
    for text in (FILTERS["compared"](CLAIM), FILTERS["evidence"](CLAIM), printed.percent(0.5)):
        assert marks.bare(text) == text
