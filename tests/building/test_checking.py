"""`--check` on a folder that a build has left, and what a build says of faults at its end."""

import re

import pytest

from building import checking
from rendering.checking import paper


def without(folder, *names):
    """Take the places of some sections out of the folder's page."""
    page = folder / "assignment2.html"
    html = page.read_text()
    for name in names:
        html = re.sub(f'<div id="section-{name}">.*?</div>', "", html)
    page.write_text(html)
    return folder


def test_report_of_a_build_has_no_fault(here, built, capsys):
    assert here(built.output, "--check") == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert "no fault; every value, claim, link and figure was held" in last
    assert checking.outcome(built.output, pdf=True) == checking.Outcome()


def test_faults_are_a_line_each_and_exit_status_1(here, copied, capsys):
    without(copied, "rnn")
    assert here(copied, "--check") == 1
    *lines, last = capsys.readouterr().out.splitlines()
    assert "rnn: the page has no such section" in lines
    assert f"{len(lines)}\u00a0faults; every value, claim, link and figure was held" in last


def test_notes_are_no_faults(here, built, monkeypatch, capsys):
    monkeypatch.setattr(paper, "notes", lambda _: iter(["page 3 is half full"]))
    assert here(built.output, "--check") == 0
    assert "note: page 3 is half full" in capsys.readouterr().out.splitlines()


def test_folder_without_a_report_is_one_line_and_exit_status_2(here, tmp_path, capsys):
    assert here(tmp_path / "none", "--check") == 2
    said = capsys.readouterr().err.splitlines()
    assert said == [line for line in said if "no report to check" in line]


def test_build_names_few_faults_and_counts_all(copied):
    page = copied / "assignment2.html"
    page.write_text(page.read_text().replace('href="#section', 'href="#other'))
    *named, last = checking.outcome(copied, pdf=True).lines
    assert len(named) == checking.FEW
    assert f"python build_report.py --check --output {copied} lists them" in last


def test_build_without_a_pdf_does_not_check_it(copied, monkeypatch):
    monkeypatch.setattr(paper, "faults", lambda *_: iter(["there is none"]))
    assert checking.outcome(copied, pdf=True).lines[0] == "there is none"
    assert checking.outcome(copied, pdf=False).lines == ()


WRONG = '<p>It is <data value="7" data-path="rnn/scores/none">7</data>.</p></body>'


@pytest.mark.parametrize("added, wrong", [(WRONG, True), ("<p>Of 97.</p></body>", False)])
def test_number_that_the_results_do_not_have_makes_the_report_wrong(copied, added, wrong):
    page = copied / "assignment2.html"
    page.write_text(page.read_text().replace("</body>", added))
    assert checking.outcome(copied, pdf=False).wrong == wrong


@pytest.mark.parametrize("wrong", [True, False])
def test_build_whose_report_states_what_is_wrong_ends_with_1(
    here, copied, monkeypatch, capsys, wrong
):
    found = checking.Outcome(("“7”: results.json has 8",), wrong)
    monkeypatch.setattr(checking, "outcome", lambda *_: found)
    assert here(copied, "--title", "Printed again") == wrong
    assert "“7”: results.json has 8" in capsys.readouterr().err


def test_build_does_not_stumble_over_what_it_cannot_check(tmp_path):
    found = checking.outcome(tmp_path, pdf=False)
    assert found.lines[0].startswith(f"{tmp_path}: no report to check")
    assert not found.wrong
