"""Tests of `building.clean`: what nothing needs goes, and nothing else."""

import dataclasses
import re
import shutil

import pytest
from toy import results

from building import clean
from building.afresh import Afresh
from experiments.lab.store.runs import RunStore


def names(output):
    return {
        str(item.path.relative_to(output)): item.why
        for item in clean.leftovers(output)
        if item.why != clean.LOGS
    }


@pytest.fixture
def littered(copied, small):
    """The folder of a build with something of every kind that nothing needs."""
    store = RunStore(copied / "runs", say=lambda line: None)
    run = store.runs()[0]
    code = dataclasses.replace(run, key="a" * 24)
    store.write(code, dict(run.arrays))
    store.begin("b" * 24, run.settings, run.fingerprint)
    damaged = copied / "runs" / ("c" * 24)
    shutil.copytree(copied / "runs" / run.key, damaged)
    for path in (
        "runs/damaged/old/run.json",
        "records/damaged/rnn-1/rnn.json",
        "records/gone.json",
        "records/failures/gone.json",
        "records/searches/gone.json",
        "records/standings/gone.json",
        "records/figures/gone.json",
        "tuner/gone/oracle.json",
        "tensorboard/gone/events",
        "figures/gone-curves.svg",
    ):
        (copied / path).parent.mkdir(parents=True, exist_ok=True)
        (copied / path).write_text("something")
    return copied


def test_folder_of_a_build_has_logs_and_no_other_leftovers(copied, small):
    assert names(copied) == {}
    assert any(item.why == clean.LOGS for item in clean.leftovers(copied))


def test_leftovers_of_every_kind_are_found(littered):
    assert names(littered) == {
        f"runs/{'a' * 24}": clean.OLD_RUNS,
        f"runs/{'b' * 24}.partial": clean.OLD_RUNS,
        f"runs/{'c' * 24}": clean.DAMAGED,
        "runs/damaged/old": clean.DAMAGED,
        "records/damaged/rnn-1": clean.DAMAGED,
        "records/gone.json": clean.OLD_RECORDS,
        "records/failures/gone.json": clean.OLD_RECORDS,
        "records/searches/gone.json": clean.OLD_RECORDS,
        "records/standings/gone.json": clean.OLD_RECORDS,
        "records/figures/gone.json": clean.OLD_RECORDS,
        "tuner/gone": clean.VIEWS,
        "tensorboard/gone": clean.VIEWS,
        "figures/gone-curves.svg": clean.FIGURES,
    }


def test_cleaning_is_shown_first_and_done_when_asked(here, littered, capsys):
    before = sorted(littered.rglob("*"))
    held = results.found(littered)
    assert here(littered, "--clean") == 0
    said = capsys.readouterr().out
    assert re.search(rf"^{clean.OLD_RUNS} +2 +\d+\.\d MB$", said, re.MULTILINE)
    assert "the same command with --yes removes it" in said
    assert sorted(littered.rglob("*")) == before
    assert here(littered, "--clean", "--yes") == 0
    assert "removed" in capsys.readouterr().out
    assert here(littered, "--clean") == 0
    assert "nothing to clean" in capsys.readouterr().out
    assert here(littered) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert results.found(littered) == held


def test_run_of_another_profile_is_kept_and_one_of_other_code_is_not(copied, small, monkeypatch):
    store = RunStore(copied / "runs")
    run = store.runs()[0]
    settings = dataclasses.replace(run.settings, length=77, limit=5)
    key = clean.run_key(settings, "e" * 64, clean.training_code(settings), clean.library_versions())
    other = dataclasses.replace(run, key=key, settings=settings, fingerprint="e" * 64)
    store.write(other, {})
    store.begin(key[::-1], settings, "e" * 64)
    assert names(copied) == {f"runs/{key[::-1]}.partial": clean.OLD_RUNS}
    monkeypatch.setattr(clean, "training_code", lambda settings: "other")
    # Those that the report tells of stay until it is built anew.
    assert f"runs/{key}" in names(copied)
    assert f"runs/{run.key}" not in names(copied)
    shutil.rmtree(copied / "records")
    assert f"runs/{run.key}" in names(copied)


def test_state_of_a_training_that_the_present_code_would_go_on_with_is_kept(copied, small):
    store = RunStore(copied / "runs")
    run = store.runs()[0]
    shutil.rmtree(copied / "runs" / run.key)
    store.begin(run.key, run.settings, run.fingerprint)
    assert names(copied) == {}


def test_state_of_a_training_that_is_being_done_afresh_is_kept(context_of, copied, small):
    store = RunStore(copied / "runs")
    (key,) = {row["run"] for row in results.trials(copied)["rnn"]}
    run = store.read(key)
    store.begin(key, run.settings, run.fingerprint)
    assert names(copied) == {f"runs/{key}.partial": clean.OLD_RUNS}
    Afresh(context_of(copied)).begin(["rnn"], retrain=["rnn"])
    store.begin(key, run.settings, run.fingerprint)
    assert names(copied) == {}
    (copied / "records" / "afresh.json").write_text("[")
    assert names(copied) == {f"runs/{key}.partial": clean.OLD_RUNS}


def test_yes_alone_is_refused(here, copied, capsys):
    with pytest.raises(SystemExit) as left:
        here(copied, "--yes")
    assert left.value.code == 2
    assert capsys.readouterr().err == "build_report: --yes goes with --clean\n"
