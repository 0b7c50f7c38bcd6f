"""Tests of `building.summary`: what a build says at its end."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from made import make_record

from building import summary as summaries
from building.summary import Summary
from experiments.lab.evidence.claims import Claim, End
from experiments.lab.store.records import Findings

BETTER = Claim(
    "a-b", End.of_value("A"), End.of_value("B"), "test_accuracy", "better", 0.0123,
    (0.004, 0.0211), "some test", 0.0031,
)  # fmt: skip


@pytest.fixture
def context():
    """A context whose only record has one claim."""
    from experiments import units

    record = make_record(units.SECTION, Findings(claims=[BETTER]))
    held = SimpleNamespace(any_record=lambda name: record if name == "units" else None)
    return SimpleNamespace(held=held, request=SimpleNamespace(output=Path("report")))


def test_each_section_that_compares_has_a_line_with_its_answer(context):
    (line,) = summaries.answers(context, ["dataset", "units"])
    assert line == "units: A is better than B by 1.2\u00a0points (in this run)"


def test_end_has_answers_warnings_failures_files_and_time(context, capsys, monkeypatch):
    monkeypatch.setattr(summaries.time, "monotonic", lambda: 100.0)
    summary = Summary(started=10.0)
    summary.say("WARNING: NOT MNIST")
    summary.say("as usual")
    summary.warn("note: no HarfBuzz")
    summary.warn("note: no HarfBuzz")
    capsys.readouterr()
    summary.end(context, ["units", "rnn"], ["rnn"], ["no PDF: why"])
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "WARNING: NOT MNIST",
        "note: no HarfBuzz",
        "no PDF: why",
        "failed: rnn; the report says what failed in their places",
    ]
    answer, last = said.out.splitlines()
    assert answer.startswith("units: ")
    assert last == (
        "report/assignment2.html, after 1\u202fmin 30\u202fs; "
        "beside it trials.html, trials.csv, results.json and figures/"
    )


def test_failed_section_has_no_answer(context, capsys):
    Summary().end(context, ["units"], ["units"], [])
    assert "A is better" not in capsys.readouterr().out


def test_build_says_at_its_end_what_stands_in_the_folder(here, copied, capsys):
    (copied / "records" / "dataset.json").unlink()
    assert here(copied) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"{copied}/assignment2.html and assignment2.pdf, after ")
    named = last.partition("beside it ")[2].replace(" and ", ", ").split(", ")
    assert all((copied / name).exists() for name in named)
    assert json.loads((copied / "results.json").read_text())


def test_pdf_that_is_older_than_the_page_is_said_to_be(tmp_path):
    assert summaries.older_pdf(tmp_path) == ""
    (tmp_path / "assignment2.pdf").write_bytes(b"")
    assert summaries.older_pdf(tmp_path) == ""
    (tmp_path / "assignment2.html").write_bytes(b"")
    os.utime(tmp_path / "assignment2.pdf", (1, 1))
    said = summaries.older_pdf(tmp_path)
    assert (
        said == f"{tmp_path}/assignment2.pdf is older than the HTML beside it, until a build ends"
    )
    os.utime(tmp_path / "assignment2.html", (1, 1))
    assert summaries.older_pdf(tmp_path) == ""
