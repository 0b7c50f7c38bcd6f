"""The whole report, as the quick profile builds it without real data, in a real browser."""

import subprocess
import sys

import browser_fixture
import page_checks
import pytest

from experiments.lab.store.keys import PROJECT
from rendering.checking import check

pytestmark = pytest.mark.slow
LARGEST = 3_000_000  # bytes


@pytest.fixture(scope="module")
def report(tmp_path_factory, toy_environment):
    output = tmp_path_factory.mktemp("whole") / "report"
    given = ["--profile", "quick", "--data", "stand-in", "--output", str(output)]
    command = [sys.executable, str(PROJECT / "build_report.py"), *given]
    subprocess.run(command, env=toy_environment, check=True, timeout=1800, capture_output=True)
    return output / "assignment2.html"


def test_report_is_one_sound_file_of_a_size_that_can_be_sent(report):
    assert page_checks.problems(report.read_text()) == []
    assert report.stat().st_size < LARGEST


def test_report_agrees_with_its_results(report):
    assert list(check.faults(report.parent)) == []


@pytest.mark.parametrize("theme", browser_fixture.THEMES)
def test_report_has_no_violation_and_never_scrolls_sideways(report, visit, theme):
    shown = visit(report, theme=theme)
    for width in browser_fixture.WIDTHS:
        shown.set_viewport_size({"width": width, "height": browser_fixture.HEIGHT})
        found = (width, browser_fixture.violations(shown), browser_fixture.sideways(shown))
        assert found == (width, [], 0)


def test_every_figure_of_the_report_can_be_enlarged(report, visit):
    shown = visit(report)
    figures, buttons = (
        shown.locator(it) for it in ("figure:not(.table)", "figcaption button:text-is('Enlarge')")
    )
    assert figures.count() == buttons.count() > 30
