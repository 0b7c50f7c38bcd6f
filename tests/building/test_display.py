"""Tests of `building.display`: lines for a log, a table for a terminal, and no deadlock."""

import io
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from building import display as displays
from building.display import Display
from experiments.lab.data.views import View
from experiments.lab.settings import RunSettings
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import COMPLETED, DIVERGED, Run
from rendering.wording import duration

SETTINGS = RunSettings(View("mnist"), "recurrent", {"cell": "GRU", "units": 8}, seed=1, length=100)
POINT = {"cell": "GRU", "units": 8}


@pytest.fixture
def clock(monkeypatch):
    held = SimpleNamespace(now=0.0)
    monkeypatch.setattr(displays.time, "monotonic", lambda: held.now)
    return held


@pytest.fixture
def log():
    return io.StringIO()


@pytest.fixture
def display(clock, log):
    with Display(log) as made:
        yield made


def ended(status=COMPLETED, message=""):
    scores = {"validation_accuracy": 0.625}
    run = Run("0" * 24, SETTINGS, status, {}, scores, 1, 1.0, 0.01, {}, "2026", message)
    return Trial("units", "0", POINT, (run,))


def test_log_has_a_line_for_the_beginning_and_the_end_of_a_trial(display, log, clock):
    display.plan("units", [[SETTINGS]] * 3, [])
    display.trial_started("units", "1", POINT, "local-0")
    clock.now = 90.0
    display.trial_ended("units", "1", ended(), replayed=False)
    begun = log.getvalue().splitlines()[0]
    assert begun == "units trial 2/3 cell=GRU, units=8: training begins (local-0)"
    assert "units trial 2/3 cell=GRU, units=8: validation accuracy 62.5" in log.getvalue()
    assert f"({duration(90)})" in log.getvalue()


def test_trainings_of_the_whole_build_are_counted(display, log, clock):
    display.expect([SETTINGS] * 7, [])
    display.plan("units", [[SETTINGS]] * 2, [])
    for number in ("0", "1"):
        display.trial_started("units", number, POINT, "local-0")
    display.trial_ended("units", "0", ended(), replayed=False)
    clock.now = 30.0
    display.trial_advanced("units", "1", {"progress": 0.5})
    assert ", 1 of 7 trainings done, about " in log.getvalue()


def test_progress_is_a_line_every_twenty_seconds(display, log, clock):
    display.plan("units", [[SETTINGS]], [])
    display.trial_started("units", "0", POINT, "local-0")
    for second in range(0, 65):
        clock.now = float(second)
        metrics = {"progress": second / 100, "iteration": 7.0, "loss": 2.0}
        display.trial_advanced("units", "0", metrics)
    lines = [line for line in log.getvalue().splitlines() if "iteration 7" in line]
    assert len(lines) == 3
    assert "60%" in lines[-1]
    assert "left" in lines[-1]


def test_diverged_trial_is_said_with_its_iteration(display, log):
    display.trial_started("units", "0", POINT, "local-0")
    display.trial_ended("units", "0", ended(DIVERGED, "not finite at iteration 7"), replayed=False)
    assert "diverged: not finite at iteration 7" in log.getvalue()


def test_replayed_trial_is_not_said(display, log, clock):
    display.plan("units", [[SETTINGS]] * 10, [])
    for number in range(9):
        display.trial_ended("units", str(number), ended(), replayed=True)
    assert log.getvalue() == ""
    assert display.seconds_left() is None


def test_markup_and_colons_are_printed_as_they_are(display, log):
    display.say("a [bold]b[/bold] :smile: c")
    assert log.getvalue() == "a [bold]b[/bold] :smile: c\n"


def test_live_table_and_lines_from_other_threads_do_not_wait_for_each_other(monkeypatch):
    monkeypatch.setattr(displays, "PLAIN_EVERY", 0.0)
    made = Display(io.StringIO())
    made._console = Console(file=io.StringIO(), force_terminal=True, width=100)

    def talk(number):
        for _ in range(60):
            made.trial_started("units", str(number), POINT, "w")
            made.trial_advanced("units", str(number), {"progress": 0.5, "loss": 1.0})
            made.trial_ended("units", str(number), ended(), replayed=False)

    with made:
        made._live.refresh_per_second = 1000
        talkers = [threading.Thread(target=talk, args=(it,), daemon=True) for it in range(3)]
        refresher = threading.Thread(
            target=lambda: [made._live.refresh() for _ in range(200)], daemon=True
        )
        for thread in (*talkers, refresher):
            thread.start()
        for thread in (*talkers, refresher):
            thread.join(30)
        assert not any(thread.is_alive() for thread in (*talkers, refresher))


def live(made, width=80):
    """Return the lines that a terminal of that width shows."""
    console = Console(file=io.StringIO(), width=width)
    console.print(made._lines())
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_terminal_has_a_bar_of_the_build_and_a_line_for_each_training(clock):
    made = Display(io.StringIO())
    made._live = object()  # as on a terminal
    made.expect([SETTINGS] * 7, [])
    made.plan("units", [[SETTINGS]] * 3, [])
    for number in "012":
        made.trial_started("units", number, POINT, "w")
    made.trial_ended("units", "0", ended(), replayed=False)
    clock.now = 100.0
    made.trial_advanced("units", "1", {"progress": 0.5, "validation_accuracy": 0.1})
    made.section("dataset", "measuring")
    made.report_at(Path("report/assignment2.html"))
    bar, first, second, *others = live(made)
    assert (
        bar.lstrip("━╸╺─- ") == f"1 of 7 trainings done, about {duration(made.seconds_left())} left"
    )
    assert first.split("  ") == [
        "50%, validation 10.0\u202f%",
        " units trial 2/3 cell=GRU, units=8",
    ]
    assert second == f"{'starting':24} units trial 3/3 cell=GRU, units=8"
    assert others == ["dataset: measuring", "the report so far: report/assignment2.html"]


def test_line_of_a_training_is_one_line_whatever_its_settings(clock):
    made = Display(io.StringIO())
    made._live = object()
    made.trial_started("wide", "0", {f"setting_{number}": number for number in range(20)}, "w")
    (line,) = live(made)
    assert line.startswith("starting ")
    assert line.endswith("…")


def test_bar_counts_the_runs_of_a_trial_with_several_seeds(clock):
    made = Display(io.StringIO())
    made._live = object()
    made.expect([SETTINGS] * 4, [])
    made.plan("units", [[SETTINGS, SETTINGS]] * 2, [])
    made.trial_started("units", "0", POINT, "w")
    made.trial_advanced("units", "0", {"progress": 0.5})
    assert next(made._bars()).columns[0]._cells[0].completed == 1.0


def test_log_says_once_where_the_report_grows(display, log):
    for _ in range(3):
        display.report_at(Path("report/assignment2.html"))
    assert log.getvalue().splitlines() == ["report/assignment2.html is there and grows"]


def test_what_is_kept_is_told_by_trainings(display):
    assert display.kept() == "kept: all that was measured"
    display.expect([SETTINGS] * 3, [])
    for number in "01":
        display.trial_started("units", number, POINT, "w")
    display.trial_ended("units", "0", ended(), replayed=False)
    assert display.kept() == (
        "kept: 1 of 3 trainings, 1 under way up to the last validation and all that was measured"
    )


def test_values_are_rounded_and_nothing_is_named_where_nothing_varies(display, log):
    display.trial_started("wide", "0", {"learning_rate": 0.00123456, "per_class": None}, "w")
    display.trial_started("rnn", "0", {}, "w")
    first, second = log.getvalue().splitlines()
    assert first == "wide trial 1/0 learning_rate=0.00123, per_class=all: training begins (w)"
    assert second == "rnn trial 1/0: training begins (w)"


def test_end_of_a_trial_is_told_by_what_varies_not_by_all_its_values(display, log):
    display.trial_started("units", "0", {"units": 8}, "w")
    display.trial_ended("units", "0", ended(), replayed=False)
    assert log.getvalue().splitlines()[1].startswith("units trial 1/0 units=8: validation")
