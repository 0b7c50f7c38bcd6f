"""Tests of the trial browser, its CSV and its table of text."""

import csv
import math
import re
import shutil
import subprocess

import page_checks
import pytest

from experiments.lab.data.views import View
from experiments.lab.settings import RunSettings, Search
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import COMPLETED, DIVERGED, Run
from rendering.browser import page as trials


def make_run(seed, accuracy, status=COMPLETED, message=""):
    values = [accuracy - 0.1, accuracy + 0.02, accuracy]
    if status != COMPLETED:
        values = [accuracy, math.nan, math.nan]
    curves = dict.fromkeys(("accuracy", "validation_accuracy", "loss", "validation_loss"), values)
    scores = {
        "validation_accuracy": accuracy,
        "best_validation_accuracy": accuracy + 0.02,
        "best_iteration": 500,
        "validation_loss": 0.7,
        "test_accuracy": accuracy - 0.01,
    }
    return Run(
        key=f"{seed:024x}",
        settings=RunSettings(View("mnist"), "rnn", {}, seed, 750, "iterations"),
        status=status,
        curves={"iteration": [250, 500, 750], **curves},
        scores=scores if status == COMPLETED else {},
        parameters=61706,
        seconds=30.0,
        step_seconds=0.004,
        environment={},
        finished_at="2024-02-03T14:05:00+00:00",
        message=message,
    )


@pytest.fixture
def results():
    good = Trial(
        "cells", "0000", {"cell": "lstm", "units": 64}, (make_run(1, 0.9), make_run(2, 0.8))
    )
    broken = make_run(1, 0.1, DIVERGED, "loss <not finite> at iteration 500")
    search = Search("cells", "Cells & units", "mnist", "rnn", 750, "iterations", seeds=2)
    bad = Trial("cells", "0001", {"cell": "gru", "units": 128}, (broken,))
    return [SearchResult(search, (good, bad))]


def test_page_has_no_problem(results):
    assert page_checks.problems(trials.render(results, "Assignment 2")) == []


def test_page_without_searches_says_so():
    assert "No search has ended yet" in trials.render([], "Assignment 2")


def test_best_and_last_scores_of_a_run_are_told_apart(results):
    html = trials.render(results, "t").replace("\u202f", " ")
    run = re.search(r"<tr><td>1</td>.*?</tr>", html)[0]
    cells = re.findall(r"<td>(.*?)</td>", run)
    assert cells[:6] == ["1", "completed", "90.00 %", "92.00 %", "iteration 500", "89.00 %"]


def test_trial_shows_mean_and_deviation_over_seeds(results):
    html = trials.render(results, "t").replace("\u202f", " ")
    assert "85.00 ± 7.07 %" in html


def test_diverged_trial_shows_its_message_and_sorts_last(results):
    html = trials.render(results, "t")
    assert "loss &lt;not finite&gt; at iteration 500" in html
    assert 'data-status="diverged"' in html
    assert html.count('data-value=""') == 3


def test_best_trial_is_marked(results):
    html = trials.render(results, "t")
    assert html.count('<tbody class="best">') == 1
    assert html.index('class="best"') < html.index("0001")


def test_search_without_a_completed_trial_has_no_best(results):
    search, (_, bad) = results[0].search, results[0].trials
    html = trials.render([SearchResult(search, (bad,))], "t")
    assert 'class="best"' not in html


def test_curve_breaks_off_where_the_loss_is_not_finite(results):
    html = trials.render([SearchResult(results[0].search, results[0].trials[1:])], "t")
    lines = re.findall(r'<path d="([^"]*)" stroke', html)
    assert lines
    assert all("nan" not in line and "L" not in line for line in lines)


def test_headings_are_buttons_that_a_keyboard_reaches(results):
    html = trials.render(results, "t")
    head = re.search(r"<thead>.*?</thead>", html, re.DOTALL)[0]
    assert '<button type="button">validation accuracy</button>' in head


def test_stamp_is_shown(results):
    assert '<p class="stamp">quick run</p>' in trials.render(results, "t", "quick run")


def test_csv_has_a_row_for_each_run(results, tmp_path):
    trials.write_csv(results, tmp_path / "trials.csv")
    with open(tmp_path / "trials.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["trial_id"], row["seed"], row["cell"]) for row in rows] == [
        ("0000", "1", "lstm"), ("0000", "2", "lstm"), ("0001", "1", "gru"),
    ]  # fmt: skip
    assert rows[0]["validation_accuracy"] == "0.9"
    assert rows[2]["status"] == "diverged"
    assert rows[2]["validation_accuracy"] == ""


def test_piped_table_is_plain_aligned_text(results):
    text = trials.table(results, "cells", terminal=False)
    assert "\x1b" not in text
    assert "\t" not in text
    head, first, second = text.splitlines()
    assert first[head.index("validation") :].startswith("85.00 ± 7.07 %")
    assert second[head.index("status") :].split("  ")[0] == "diverged"
    assert second.endswith("loss <not finite> at iteration 500")


def test_table_of_all_searches_has_a_line_for_each(results):
    head, line = trials.table(results, terminal=False).splitlines()
    assert line.split("  ")[0] == "cells"
    assert line[head.index("best") :].startswith("85.00 ± 7.07 %")
    assert line[head.index("with") :].startswith("cell lstm, units 64")


def test_terminal_gets_a_table_that_fits_its_width(results):
    text = re.sub(r"\x1b\[[\d;]*m", "", trials.table(results, width=110, terminal=True))
    assert "Cells & units" in text
    assert max(map(len, text.splitlines())) <= 110


def test_brackets_in_a_message_are_no_markup(results):
    trial = Trial("cells", "0000", {}, (make_run(1, 0.1, DIVERGED, "error [bold]"),))
    text = trials.table(
        [SearchResult(results[0].search, (trial,))], "cells", width=150, terminal=True
    )
    assert "[bold]" in text


def test_unknown_search_names_those_there_are(results):
    with pytest.raises(trials.UnknownSearch, match="no search 'rates'; there are: cells"):
        trials.table(results, "rates")


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node to run the page's script")
def test_missing_values_sort_last_in_both_directions():
    script = (trials.TEMPLATES / "trials.js").read_text()
    compare = script[script.index("function compare") : script.index("// A trial is")]
    code = compare + (
        "const sorted = d => ['10','','9','2'].sort((a, b) => compare(a, b, d)).join();"
        "console.log(sorted(1), sorted(-1));"
    )
    said = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["2,9,10,", "10,9,2,"]
