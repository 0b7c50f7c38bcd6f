"""Tests of `building.commands` in this process, on the folder of an undisturbed build."""

import errno
import json
import os
import time

import pytest
from toy import results, sections

from building import commands
from building.lock import locked
from building.request import RequestError

# keras-tuner names its threads in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:.*(currentThread|getName).*:DeprecationWarning")


def test_dry_run_of_a_named_section_says_what_it_would_train(here, copied, capsys):
    assert here(copied, "units", "--dry-run") == 0
    said = capsys.readouterr().out
    rows = {line.split("  ")[0]: line for line in said.splitlines()[1:3]}
    assert set(rows) == {"rnn", "units"}
    assert "asked for by name" in rows["units"]
    # The run that both have is counted once.
    assert (
        sum(int(row.split("runs")[0].split()[-1]) for row in rows.values() if "runs" in row)
        + sum("1 run " in row for row in rows.values())
        == 2
    )
    assert "in all" in said


def test_dry_run_and_list_change_nothing(here, copied):
    def state():
        return {path: path.stat().st_mtime_ns for path in copied.rglob("*") if path.is_file()}

    before = state()
    for arguments in (["--dry-run"], ["units", "--dry-run"], ["--list"], ["--trials"]):
        assert here(copied, *arguments) == 0
    assert state() == before


def test_dry_run_of_an_empty_folder_counts_shared_runs_once(here, tmp_path, capsys):
    assert here(tmp_path, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "never built" in said
    trained = [line.split("  ")[1:] for line in said.splitlines() if "never built" in line]
    assert len(trained) == len(sections.MODULES)
    assert not any(tmp_path.iterdir())


def test_trials_are_listed_by_search(here, built, capsys):
    assert here(built.output, "--trials") == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("rates", "optimizers", "rnn", "units"))
    assert here(built.output, "--trials", "units") == 0
    assert "SimpleRNN" in capsys.readouterr().out


def test_unknown_search_is_one_line_that_names_those_there_are(here, built, capsys):
    assert here(built.output, "--trials", "none") == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "no search named none; there are: rates, optimizers, rnn, units" in said[0]


def test_trials_of_a_folder_that_is_not_there_are_one_line(here, tmp_path, capsys):
    folder = tmp_path / "typo"
    for arguments in (["--trials"], ["--trials", "rates"]):
        assert here(folder, *arguments) == 2
        said = capsys.readouterr()
        assert said.err == f"build_report: there is no folder {folder}: build the report first\n"
        assert said.out == ""
    assert not folder.exists()


def test_trials_before_any_search_are_one_line(here, tmp_path, capsys):
    assert here(tmp_path, "--trials") == 2
    expected = f"no search has been made yet in {tmp_path}: build the report first"
    assert capsys.readouterr().err == f"build_report: {expected}\n"


def test_trials_table_and_results_have_the_fixed_values(here, built, capsys):
    assert here(built.output, "--trials", "units") == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:5] == ["trial", "units", "optimizer", "learning_rate", "cell"]
    assert rows[0].split()[:5] == ["0", "12", "adam", "0.01", "SimpleRNN"]
    for row in results.trials(built.output)["units"]:
        assert {"units", "optimizer", "learning_rate", "cell"} == set(row["hyperparameters"])


def test_build_with_nothing_to_do_says_so(here, copied, capsys, record_property):
    started = time.perf_counter()
    assert here(copied) == 0
    record_property("seconds", time.perf_counter() - started)
    assert "nothing to do" in capsys.readouterr().out


def test_lost_page_is_written_again_without_training(here, copied, capsys):
    (copied / "assignment2.html").unlink()
    before = (copied / "records" / "rnn.json").read_bytes()
    assert here(copied) == 0
    assert (copied / "assignment2.html").exists()
    assert (copied / "records" / "rnn.json").read_bytes() == before
    assert "nothing to do" not in capsys.readouterr().out


def test_section_that_fails_and_those_that_need_it_are_said_and_tried_again(
    here, copied, capsys, monkeypatch
):
    held = results.trials(copied)
    (copied / "records" / "learning-rates.json").unlink()
    monkeypatch.setenv("TOY_FAILS", "learning-rates")
    assert here(copied) == 1
    said = capsys.readouterr()
    assert "failed: learning-rates, optimizers" in said.err
    found = results.found(copied)["sections"]
    assert found["learning-rates"]["message"] == "RuntimeError: learning-rates was asked to fail"
    assert found["optimizers"]["message"] == "the section learning-rates has not been built"
    assert found["rnn"]["status"] == "done"
    monkeypatch.delenv("TOY_FAILS")
    assert here(copied) == 0
    assert results.trials(copied) == held


@pytest.mark.parametrize("moment", [0, 3, 6])
def test_full_disk_is_one_line_and_what_stood_stays(here, copied, capsys, monkeypatch, moment):
    (copied / "records" / "rnn.json").unlink()
    held = results.trials(copied)
    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) > moment:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert here(copied) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "No space left on device" in said[0]
    assert str(copied) in said[0]
    found = results.found(copied)["sections"]  # the old file or a new one, and whole
    assert found["rnn"]["status"] in ("done", "pending")
    assert {name: it["trials"] for name, it in found.items() if name != "rnn"} == {
        name: it for name, it in held.items() if name != "rnn"
    }
    assert not list(copied.glob(".*.partial"))
    assert here(copied) == 0
    assert results.trials(copied) == held


def test_output_that_is_a_file_is_one_line(here, tmp_path, capsys):
    (tmp_path / "file").write_text("kept")
    assert here(tmp_path / "file") == 2
    assert capsys.readouterr().err == (
        f"build_report: --output {tmp_path / 'file'} is a file; name a folder\n"
    )
    assert here(tmp_path / "file" / "below") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert (tmp_path / "file").read_text() == "kept"


def test_second_build_is_refused_in_one_line(here, copied, capsys):
    with locked(copied):
        assert here(copied) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert f"process {os.getpid()}, since " in said[0]


def test_leavings_of_a_killed_build_are_removed(here, copied):
    for folder in (".", "records", "records/searches"):
        (copied / folder / ".a.json.99.partial").write_text("")
    assert here(copied) == 0
    assert not list(copied.rglob(".*.partial"))


@pytest.mark.parametrize("missing", ["KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT"])
def test_worker_without_its_chiefs_address_is_told_what_is_missing(monkeypatch, missing):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "node1")
    for name in ("KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT"):
        monkeypatch.setenv(name, "1")
    monkeypatch.delenv(missing)
    with pytest.raises(RequestError, match=f"node1: set {missing} too"):
        commands.worker_name()


def test_chief_and_lone_machine_are_no_workers(monkeypatch):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "the-chief")
    assert commands.worker_name() is None
    monkeypatch.delenv("KERASTUNER_TUNER_ID")
    assert commands.worker_name() is None


def test_build_afresh_that_was_interrupted_is_said(here, copied, capsys):
    note = {"sections": ["dataset"], "not_before": {}}
    (copied / "records" / "afresh.json").write_text(json.dumps(note))
    assert here(copied, "--list") == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("dataset")]
    assert "to be measured" in row
    assert "a build of it was interrupted" in row


def test_parts_that_are_to_be_measured_are_counted(here, copied, capsys):
    (copied / "records" / "deconvnet.weakest.json").unlink()
    assert here(copied, "--list") == 0
    listed = capsys.readouterr().out.splitlines()
    assert "missing: 1 of 2 parts" in next(it for it in listed if it.startswith("deconvnet"))
