"""Tests of `building.commands` in this process, on the folder of an undisturbed build."""

import errno
import itertools
import os
import shutil
import time

import pytest
from toy import results, sections

from building import afresh, commands, printing
from building import plan as planning
from building.lock import locked
from building.request import RequestError
from experiments.lab.search.assignments import WorkError
from experiments.lab.store import sealed


def test_dry_run_of_a_named_section_says_what_it_would_train(here, copied, capsys):
    assert here(copied, "units", "--dry-run") == 0
    assert "to be measured" in capsys.readouterr().out
    assert here(copied, "units", "--retrain", "--dry-run") == 0
    said = capsys.readouterr().out
    rows = {line.split("  ")[0]: line for line in said.splitlines()[1:3]}
    assert set(rows) == {"rnn", "units"}
    assert "asked for by name" in rows["units"]
    assert "it shares its networks with units" in rows["rnn"]
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
    retrained = ["units", "--retrain", "--dry-run"]
    for arguments in (["--dry-run"], ["units", "--dry-run"], retrained, ["--list"], ["--trials"]):
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
    assert "no search named none. There are rates, optimizers, rnn, units" in said[0]


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


def test_damaged_outputs_are_written_again_and_said(here, copied, capsys):
    damages = zip(printing.FILES, (b"", b"%PDF cut", b"{", b"<html>", b"a,b"), strict=True)
    written = {name: (copied / name).read_bytes() for name in printing.FILES}
    for name, content in damages:
        (copied / name).write_bytes(content)
    assert here(copied, "--list") == 0
    said = capsys.readouterr().out
    assert f"{printing.FILES[0]} is not what was written" in said
    assert "and 2 more" in said
    assert here(copied) == 0
    err = capsys.readouterr().err
    assert all(f"{name} is not what was written: it is made again" in err for name in written)
    for name, content in written.items():
        assert len((copied / name).read_bytes()) >= len(content) - 40  # times differ
    assert here(copied) == 0
    assert "nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize("name", printing.FILES)
def test_each_output_is_known_by_its_content(context_of, copied, name):
    assert commands.to_print(context_of(copied), planning.make_plan(context_of(copied))) == []
    (copied / name).write_bytes((copied / name).read_bytes() + b" ")
    reasons = commands.to_print(context_of(copied), planning.make_plan(context_of(copied)))
    assert reasons == [f"{name} is not what was written"]


def test_status_commands_change_nothing_whatever_they_find(here, copied, capsys):
    damaged = copied / "runs" / results.trials(copied)["rnn"][0]["run"] / "run.json"
    damaged.write_bytes(damaged.read_bytes()[:-9])
    (copied / "records" / "units.json").write_text("{")
    (copied / "records" / "afresh.json").write_text("[]")
    (copied / "records" / ".a.json.99.partial").write_text("")
    (copied / "figures" / "deconvnet-strongest-accuracy.svg").write_text("")

    def state():
        return {
            path: (path.stat().st_mtime_ns, path.is_file() and path.read_bytes())
            for path in copied.rglob("*")
        }

    before = state()
    asked = (["--list"], ["--list", "deconvnet"], ["--dry-run"], ["rnn", "--dry-run"])
    for arguments in (*asked, ["--trials"], ["--trials", "rates"]):
        assert here(copied, *arguments) == 0
        assert "is damaged" in capsys.readouterr().err
        assert state() == before


@pytest.mark.slow
def test_status_commands_beside_a_build_see_the_old_or_the_new_and_cost_it_nothing(
    here, toy, built, copied, capsys
):
    """A hundred of them at least, while it trains, measures, draws and prints."""
    for name in ("rnn", "units"):
        for row in results.trials(copied)[name]:
            shutil.rmtree(copied / "runs" / row["run"], ignore_errors=True)
    for path in (copied / "records").glob("*.*"):
        path.unlink()
    build = toy.start(copied)
    commands = itertools.cycle((["--list"], ["--dry-run"], ["--trials"], ["--trials", "rates"]))
    asked = 0
    while build.poll() is None or asked < 100:
        assert here(copied, *next(commands)) == 0
        asked += 1
        assert "damaged" not in "".join(capsys.readouterr())
    said, _ = build.communicate()
    assert build.returncode == 0, said
    assert "damaged" not in said
    assert results.found(copied) == results.found(built.output)


@pytest.mark.parametrize("arguments", [["--list"], ["--dry-run"], ["--trials"], []])
def test_runs_that_cannot_be_read_are_one_line_and_stay(
    here, copied, capsys, monkeypatch, arguments
):
    before = sorted(copied.rglob("*"))
    real = os.open

    def refused(path, *given, **named):
        if str(path).startswith(str(copied / "runs")):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, *given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refused)
        assert here(copied, *arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"build_report: cannot read {copied / 'runs'}")
    assert "permission denied; give yourself the right to it" in line
    assert sorted(set(copied.rglob("*")) - {copied / ".lock"}) == sorted(
        set(before) - {copied / ".lock"}
    )
    assert here(copied) == 0
    assert "nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["figures", "records", "runs", "tuner", "tensorboard", "logs"])
def test_file_in_the_place_of_a_folder_is_one_line_and_costs_nothing(here, copied, capsys, name):
    held = results.found(copied)
    (copied / name).rename(copied.parent / "kept")
    (copied / name).write_text("in the way")
    assert here(copied, "units") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        f"build_report: {copied / name} is no folder, and one belongs there: move it away"
    )
    (copied / name).unlink()
    (copied.parent / "kept").rename(copied / name)
    assert here(copied) == 0
    assert results.found(copied) == held


@pytest.mark.parametrize("place", ["records/page.json", "assignment2.html", "results.json"])
def test_folder_in_the_place_of_a_file_is_one_line_and_stays(here, copied, capsys, place):
    (copied / place).unlink()
    (copied / place / "mine").mkdir(parents=True)
    assert here(copied) == 2
    (line,) = capsys.readouterr().err.splitlines()[-1:]
    assert str(copied / place) in line
    assert "something else is in its place: move that away" in line
    assert (copied / place / "mine").exists()
    shutil.rmtree(copied / place)
    assert here(copied) == 0


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
    assert found["learning-rates"]["scores"] == {}
    assert found["optimizers"]["message"] == "it needs learning-rates, which failed"
    assert found["optimizers"]["trials"] == held["optimizers"]  # a failure replaces no result
    page = (copied / "assignment2.html").read_text()
    assert "optimizers: failed it needs learning-rates, which failed; what stands here was" in page
    assert found["rnn"]["status"] == "done"
    monkeypatch.delenv("TOY_FAILS")
    assert here(copied) == 0
    assert results.trials(copied) == held


@pytest.mark.parametrize("moment", [0, 6, 12])
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
    # What this system lacks is a note at the start.
    said = [it for it in capsys.readouterr().err.splitlines() if not it.startswith("note: ")]
    assert len(said) == 1
    assert "no space left on device" in said[0]
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
        f"build_report: {tmp_path / 'file'} is no folder, and one belongs there: move it away\n"
    )
    assert here(tmp_path / "file" / "below") == 2
    assert capsys.readouterr().err == (
        f"build_report: {tmp_path / 'file'} is no folder, and one belongs there: move it away\n"
    )
    assert (tmp_path / "file").read_text() == "kept"


def test_stand_ins_from_a_folder_are_refused():
    with pytest.raises(RequestError, match="stand-in takes no data from --data-dir F: leave one"):
        commands.request(data="stand-in", data_dir="F")


@pytest.mark.parametrize("option", ["output", "data_dir"])
def test_empty_name_of_a_folder_is_refused(option):
    with pytest.raises(RequestError, match=f"--{option.replace('_', '-')} is empty: name a folder"):
        commands.request(**{option: ""})


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


def test_worker_says_every_ten_seconds_that_nobody_answers_and_gives_up(monkeypatch, capsys):
    clock = [0.0]
    monkeypatch.setattr(commands.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(commands.time, "sleep", lambda it: clock.append(clock.pop() + it))
    with pytest.raises(WorkError, match="no answer from 127.0.0.1:1 in 10 minutes"):
        commands.await_chief("127.0.0.1", 1)
    assert capsys.readouterr().err == "no answer yet from 127.0.0.1:1\n" * 60


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("KERASTUNER_ORACLE_PORT", "abc", "KERASTUNER_ORACLE_PORT is 'abc': no port"),
        ("KERASTUNER_ORACLE_PORT", "99999", "KERASTUNER_ORACLE_PORT is '99999': no port"),
        ("KERASTUNER_ORACLE_IP", "no such machine", "there is no such machine"),
        ("KERASTUNER_ORACLE_IP", "x" * 300, "there is no such machine"),
    ],
)
def test_bad_address_of_a_chief_is_one_line(
    here, tmp_path, monkeypatch, capsys, variable, value, said
):
    address = {"KERASTUNER_ORACLE_IP": "127.0.0.1", "KERASTUNER_ORACLE_PORT": "8000"}
    for name, given in {**address, variable: value, "KERASTUNER_TUNER_ID": "node1"}.items():
        monkeypatch.setenv(name, given)
    assert here(tmp_path) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("build_report: KERASTUNER_ORACLE_")
    assert said in line


def test_chief_and_lone_machine_are_no_workers(monkeypatch):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "the-chief")
    assert commands.worker_name() is None
    monkeypatch.delenv("KERASTUNER_TUNER_ID")
    assert commands.worker_name() is None


def test_build_afresh_that_was_interrupted_is_said(here, copied, capsys):
    note = {"sections": ["dataset"], "retrained": [], "superseded": {}}
    sealed.write(copied / "records" / "afresh.json", note, afresh.FORMAT)
    assert here(copied, "--list") == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("dataset")]
    assert "to be measured" in row
    assert "a build of it was interrupted" in row


def test_parts_that_are_to_be_measured_are_counted(here, copied, capsys):
    (copied / "records" / "deconvnet.weakest.json").unlink()
    assert here(copied, "--list") == 0
    listed = capsys.readouterr().out.splitlines()
    assert "missing: 1 of 2 parts" in next(it for it in listed if it.startswith("deconvnet"))


def test_reason_of_all_sections_is_one_line_and_one_of_some_stands_with_each(here, copied, capsys):
    assert here(copied, "--list", "--seeds", "2") == 0
    head, *rows, empty, common = capsys.readouterr().out.splitlines()
    assert common == "all that is not fresh: seeds was 1, is now 2"
    assert not any("seeds was" in row for row in rows)
    for name in ("dataset", "rnn"):
        (copied / "records" / f"{name}.json").unlink()
    assert here(copied, "--list") == 0
    assert "all that is not fresh: never built" in capsys.readouterr().out
    (copied / "records" / "learning-rates.json").unlink()
    assert here(copied, "--list") == 0
    said = capsys.readouterr().out
    assert "all that is not fresh" not in said  # the optimizers only wait for the rates
    assert said.count("never built") == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit", "there is no section 'unit'. Did you mean units?"),
        ("stronget", "there is no section 'stronget'. Did you mean deconvnet.strongest?"),
        ("deconvnet.x", "there is no part 'deconvnet.x'. There are deconvnet.strongest, "),
        ("rnn.x", "there is no part 'rnn.x'. There are none in this section"),
        ("?" * 5000, "there is no section '" + "?" * 60 + "'. There are dataset, "),
    ],
)
@pytest.mark.parametrize("before", [[], ["--list"]])
def test_misspelt_section_is_one_line_with_what_may_be_meant(
    here, copied, capsys, before, text, said
):
    with pytest.raises(SystemExit) as left:
        here(copied, *before, text)
    assert left.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_ctrl_c_while_the_pdf_is_made_gives_130_and_the_next_build_makes_it(
    here, copied, capsys, monkeypatch
):
    from rendering.document import pdf

    def interrupted(html, path, attached):
        raise KeyboardInterrupt

    (copied / "assignment2.pdf").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(pdf, "write_pdf", interrupted)
        assert here(copied) == 130
    lines = capsys.readouterr().err.splitlines()
    assert lines[-3:] == [
        "kept: all that was measured",
        "",
        "interrupted; the same command goes on from here",
    ]
    assert max(map(len, lines)) <= 200
    assert here(copied) == 0
    assert (copied / "assignment2.pdf").exists()
