"""Tests of the trial browser's page as it is written: what is in it, and that it reads nothing else."""

import json
import re
import shutil
import subprocess

import page_checks
import pytest

from rendering.browser import page

HOSTILE = '</script><script>alert("x")</script> "quoted" ‮ 🎉'


def held(html):
    """Return the data that stands in a page."""
    return json.loads(re.search(r'id="trials">(.*?)</script>', html, re.DOTALL)[1])


def test_page_has_no_problem(search, sizes):
    assert page_checks.problems(page.render([search, sizes], "Assignment 2")) == []


def test_each_trial_stands_in_the_page_once(search):
    html = page.render([search], "t")
    assert html.count("0" * 23 + "2") == 1
    assert [it["id"] for it in held(html)["searches"][0]["trials"]] == ["0000", "0001"]


def test_names_with_markup_stay_text(search):
    trial = search.trials[0]
    named = type(trial)(HOSTILE, {HOSTILE: HOSTILE}, "failed", HOSTILE, trial.attempts)
    html = page.render([type(search)(HOSTILE, HOSTILE, HOSTILE, "max", HOSTILE, (named,))], HOSTILE)
    assert page_checks.problems(html) == []
    assert held(html)["searches"][0]["trials"][0]["values"] == {HOSTILE: HOSTILE}
    assert "<script>alert" not in html


def test_nothing_outside_the_file_may_be_read(search):
    html = page.render([search], "t")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.startswith("default-src &#39;none&#39;;")
    assert not re.search(r"https?:|\*", policy)
    own = re.sub(r'<script type="text/plain".*?</script>', "", html, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="(?!assignment2|#|data:)', own)


def test_same_searches_give_the_same_page(search):
    assert page.render([search], "t") == page.render([search], "t")


def test_page_says_with_what_the_report_is_marked_and_where_it_is(search):
    html = page.render(
        [search], "t", "quick run", report="assignment2.html", began="2026", building=True
    )
    assert '<p class="stamp">quick run</p>' in html
    assert '<a href="assignment2.html">' in html
    assert (held(html)["began"], held(html)["building"]) == ("2026", True)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node to read the page's scripts")
def test_every_script_is_sound(tmp_path):
    for script in page.SCRIPTS.rglob("*.js"):
        module = tmp_path / f"{script.stem}.mjs"
        module.write_bytes(script.read_bytes())
        read = subprocess.run(["node", "--check", module], capture_output=True, text=True)
        assert read.returncode == 0, read.stderr
