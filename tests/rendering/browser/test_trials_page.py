"""Tests of the trial browser's page."""

import dataclasses
import re
import shutil
import subprocess

import page_checks
import pytest

from rendering.browser import page
from rendering.browser.model import Attempt


def shown(*searches, stamp=""):
    return page.render(searches, "Assignment 2", stamp).replace("\u202f", " ")


def test_page_has_no_problem(search, sizes):
    assert page_checks.problems(page.render([search, sizes], "Assignment 2")) == []


def test_page_without_searches_says_so():
    assert "No search has ended yet" in shown()


def test_best_and_last_scores_of_a_run_are_told_apart(search):
    run = re.search(r"<tr><td>1</td>.*?</tr>", shown(search))[0]
    cells = re.findall(r"<td>(.*?)</td>", run)
    assert cells[:6] == ["1", "completed", "90.00 %", "92.00 %", "iteration 500", "89.00 %"]


def test_trial_shows_mean_and_deviation_over_seeds(search):
    assert "85.00 ± 7.07 %" in shown(search)


def test_diverged_trial_shows_its_message_and_sorts_last(search):
    html = shown(search)
    assert "loss &lt;not finite&gt; at iteration 500" in html
    assert 'data-status="diverged"' in html
    assert html.count('data-value=""') == 3


def test_best_trial_is_marked(search):
    html = shown(search)
    assert html.count('<tbody class="best">') == 1
    assert html.index('class="best"') < html.index("0001")


def test_search_without_a_completed_trial_has_no_best(without_best):
    assert 'class="best"' not in shown(without_best)


def test_columns_have_what_varies_and_the_rest_is_said_once(search):
    html = shown(search)
    headings = re.findall(r'<button type="button">(.*?)</button>', html)
    assert headings[:3] == ["trial", "cell", "units"]
    assert html.count("optimizer") == 1
    about = re.search(r'<p class="about">(.*?)</p>', html, re.DOTALL)[1]
    assert about == (
        "<code>cells</code>: grid search, rnn on mnist, 750 iterations a run; "
        "the same in all trials: optimizer=adam"
    )


def test_values_have_three_digits_and_none_is_all(sizes):
    html = shown(sizes)
    assert "the same in all trials: learning_rate=0.00123" in html
    assert 'data-value="all">all</td>' in html


def test_curve_breaks_off_where_the_loss_is_not_finite(without_best):
    lines = re.findall(r'<path d="([^"]*)" stroke', shown(without_best))
    assert lines
    assert all("nan" not in line and "L" not in line for line in lines)


def test_attempt_of_which_little_is_known_is_shown(search):
    bare = Attempt(key="a", seed=None, status="completed", scores={"validation_accuracy": 0.5})
    trial = dataclasses.replace(search.trials[0], attempts=(bare,))
    html = page.render([dataclasses.replace(search, trials=(trial,), about="")], "t")
    assert page_checks.problems(html) == []
    assert "<td>–</td>" in html


def test_headings_are_buttons_that_a_keyboard_reaches(search):
    head = re.search(r"<thead>.*?</thead>", shown(search), re.DOTALL)[0]
    assert '<button type="button">validation accuracy</button>' in head


def test_stamp_is_shown(search):
    assert '<p class="stamp">quick run</p>' in shown(search, stamp="quick run")


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node to run the page's script")
def test_missing_values_sort_last_in_both_directions():
    script = (page.TEMPLATES / "trials.js").read_text()
    compare = script[script.index("function compare") : script.index("// A trial is")]
    code = compare + (
        "const sorted = d => ['10','','9','2'].sort((a, b) => compare(a, b, d)).join();"
        "console.log(sorted(1), sorted(-1));"
    )
    said = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["2,9,10,", "10,9,2,"]
