"""Tests of `building.signals`: being stopped from outside ends a build in order."""

import os
import shutil
import signal

import pytest
from toy import results

from building import signals


@pytest.fixture
def as_from_a_terminal():
    """Under nohup the tests themselves would start with SIGHUP ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_is_raised_where_the_process_is_and_a_second_changes_nothing(
    number, as_from_a_terminal
):
    before = signal.getsignal(number)
    with pytest.raises(signals.Stopped) as stopped, signals.heard():
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)  # while it ends in order
    assert (stopped.value.number, str(stopped.value)) == (number, number.name)
    assert signal.getsignal(number) == before


def test_signal_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals.heard():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.slow
def test_stopped_build_says_so_and_the_next_goes_on_and_leaves_nothing_behind(toy, built, copied):
    for row in results.trials(copied)["rnn"]:
        shutil.rmtree(copied / "runs" / row["run"])
    build = toy.start(copied)
    for line in build.stdout:
        if "training begins" in line:
            break
    build.send_signal(signal.SIGTERM)
    said, _ = build.communicate(timeout=60)
    assert build.returncode == 128 + signal.SIGTERM
    assert said.splitlines()[-1] == "stopped by SIGTERM; the same command goes on from here"
    assert not (copied / ".building.json").exists()
    assert toy.run(copied).returncode == 0
    # A worker that was ended while it wrote may leave a temporary file to the next build.
    assert not list(copied.rglob(".*.partial"))
    assert results.found(copied) == results.found(built.output)
