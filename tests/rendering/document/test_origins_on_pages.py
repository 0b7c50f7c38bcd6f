"""Pages for a screen say of each value where it comes from; those for paper do not."""

import dataclasses
import re

import pytest
import sample_report

from experiments.lab.evidence.claims import End, as_plain
from rendering.document import known, page
from rendering.document.media import Screen
from rendering.document.report import Report, SectionView


def test_screen_shows_origins_and_paper_does_not(tmp_path):
    built = sample_report.report(tmp_path)
    folder = sample_report.templates(tmp_path)
    paper = page.render(built, tmp_path, folder)
    screen = page.render(built, tmp_path, folder, Screen())
    path = "rnn/scores/test_accuracy"
    expected = f'<data value="0.6234" data-path="{path}">62.3\u202f%</data>'
    assert f"<p>It reached {expected}" in screen
    assert "<data" not in paper
    assert "<!--claim" not in paper
    assert "<p>It reached 62.3\u202f%" in paper
    assert not re.search("[\ue000-\uf8ff]", screen + paper)


@pytest.fixture
def shown(tmp_path, visit):
    """The sample report in a browser."""
    built = sample_report.report(tmp_path)
    html = page.render(built, tmp_path, sample_report.templates(tmp_path), Screen())
    (tmp_path / "page.html").write_text(html)
    return visit(tmp_path / "page.html")


def test_value_in_focus_says_where_it_comes_from(shown):
    value = shown.locator('section#section-rnn p data[data-path="rnn/scores/test_accuracy"]').first
    note = shown.get_by_role("tooltip")
    value.focus()
    said = note.inner_text()
    for words in (
        "rnn › scores › test_accuracy",
        "0.6234",
        "command a",
        "3a A recurrent <network>",
    ):
        assert words in said
    assert value.get_attribute("aria-describedby") == note.get_attribute("id")
    shown.keyboard.press("Escape")
    assert not note.is_visible()


def test_pointer_on_a_value_shows_the_same(shown):
    shown.locator('section#section-rnn p data[data-path="rnn/scores/test_accuracy"]').first.hover()
    shown.get_by_role("tooltip").wait_for()
    assert "command a" in shown.get_by_role("tooltip").inner_text()


def test_arrow_keys_go_through_the_values_of_a_section(shown):
    values = shown.locator("section#section-rnn data")
    assert [values.nth(at).get_attribute("tabindex") for at in (0, 1)] == ["0", "-1"]
    values.first.focus()
    shown.keyboard.press("ArrowRight")
    assert values.nth(1).evaluate("it => it === document.activeElement")
    assert [values.nth(at).get_attribute("tabindex") for at in (0, 1)] == ["-1", "0"]


def test_runs_of_a_row_are_known_by_its_path():
    facts = {"rows": [{"run_keys": ["0123456789abcdef"], "accuracy": 0.5}], "n": 2}
    claim = as_plain(
        dataclasses.replace(sample_report.CLAIM, left=End("network", "A", ("k" * 20,)))
    )
    record = dataclasses.replace(sample_report.record(), facts=facts, claims=[claim])
    view = SectionView("rnn", 1, "3a", "A", "fresh", "", "command a", record)
    report = known.with_paths(Report("T", "", "quick", [view], {}, {}, "", ""))
    assert known.origins(report)["rnn"]["runs"] == {
        "rnn/facts/rows/0": ["0123456789ab"],
        "rnn/claims/rates": ["k" * 12],
    }
