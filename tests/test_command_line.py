"""The command from outside: files, exit statuses and what is said, at toy size with real workers.

Where it does not matter in which process the command runs, it is this one (`here`), and with a single
worker: every process that trains takes seconds to start TensorFlow.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from toy import results, sections

import build_report

SECTIONS = len({name.partition(".")[0] for name in sections.MODULES})
ONE = ("--jobs", "1")
FILES = ("assignment2.html", "assignment2.pdf", "results.json", "trials.html", "trials.csv")


@pytest.fixture
def copied(built, tmp_path):
    """The folder of the undisturbed build, to change."""
    return shutil.copytree(built.output, tmp_path / "report", symlinks=True)


def run_times(output):
    """Return when each run of a build's folder was finished, by key."""
    files = (output / "runs").glob("*/run.json")
    held = [json.loads(file.read_text()) for file in files if file.parent.parent.name == "runs"]
    return {run["key"]: run["finished_at"] for run in held}


def last_line(process):
    return process.stderr.strip().splitlines()[-1]


def test_a_build_from_nothing_leaves_every_file_and_status_0(built):
    assert built.process.returncode == 0, built.process.stderr
    assert all((built.output / name).stat().st_size for name in FILES)
    held = results.found(built.output)
    assert {it["status"] for it in held["sections"].values()} == {"done"}
    assert held["format"] == 2
    trials = held["sections"]["learning-rates"]["trials"]
    assert [row["trial_id"] for row in trials] == ["0", "1"]
    assert [row["hyperparameters"]["learning_rate"] for row in trials] == [0.01, 0.001]
    assert all(0 < row["test_accuracy"] <= 1 for row in trials)


def test_searches_that_ask_for_the_same_run_share_it(built):
    held = results.trials(built.output)
    assert held["rnn"][0]["run"] in [row["run"] for row in held["units"]]


def test_nothing_to_do_changes_nothing_and_imports_neither_tensorflow_nor_rich(toy, copied):
    before = {name: (copied / name).stat().st_mtime_ns for name in FILES}
    process = toy.run(copied, TOY_IMPORTS="1")
    assert process.returncode == 0
    assert "nothing to do" in process.stdout
    for name in ("tensorflow", "rich"):
        assert f"{name} imported: False" in process.stdout
    assert {name: (copied / name).stat().st_mtime_ns for name in FILES} == before


def test_list_and_dry_run_say_that_all_is_fresh(toy, copied):
    listed = toy.run(copied, "--list", TOY_IMPORTS="1").stdout
    assert listed.count("  fresh  ") == SECTIONS
    assert "tensorflow imported: False" in listed
    assert "nothing would run" in toy.run(copied, "--dry-run").stdout


def test_trials_are_shown_chosen_and_handed_out_without_tensorflow(toy, copied):
    held = results.trials(copied)["learning-rates"]
    name = held[0]["search"]
    shown = toy.run(copied, "--trials", name, "--top", "1", TOY_IMPORTS="1")
    assert "tensorflow imported: False" in shown.stdout
    best = max(held, key=lambda row: row["validation_accuracy"])
    assert shown.stdout.splitlines()[1].split()[0] == best["trial_id"]
    (search,) = json.loads(toy.run(copied, "--trials", f"{name}/1", "--format", "json").stdout)
    assert [run["run"] for run in search["trials"][0]["runs"]] == [held[1]["run"]]


def test_keras_tuners_own_project_of_a_search_holds_the_same_scores(toy, copied):
    held = results.trials(copied)["learning-rates"]
    project = copied / "tuner" / held[0]["search"]
    (search,) = json.loads(toy.run(copied, "--trials", str(project), "--format", "json").stdout)
    assert (search["objective"], search["direction"]) == ("validation_accuracy", "max")
    for trial, row in zip(search["trials"], held, strict=True):
        for score in ("validation_accuracy", "test_accuracy"):
            assert trial["scores"][score] == row[score]


def test_list_says_in_words_what_differs(toy, copied):
    shutil.rmtree(copied / "runs" / results.trials(copied)["optimizers"][1]["run"])
    listed = toy.run(copied, "--list", "--seeds", "2").stdout.splitlines()
    reasons = {line.split()[0]: line for line in listed if line}
    assert listed[-1] == "all that is not fresh: seeds was 1, is now 2"
    assert sum("seeds was" in line for line in listed) == 1
    assert "learning-rates" in reasons["optimizers"].split("to be measured", 1)[1]
    only = toy.run(copied, "--list").stdout.splitlines()
    assert "1 training run" in next(line for line in only if line.startswith("optimizers"))


def test_a_named_section_is_measured_again_and_nothing_is_trained(here, copied, capsys):
    def measured_at(name):
        return json.loads((copied / "records" / f"{name}.json").read_text())["built_at"]

    before, runs = measured_at("units"), run_times(copied)
    others = {name: measured_at(name) for name in ("rnn", "dataset")}
    assert here(copied, "units", *ONE) == 0
    assert "--retrain trains them again" in capsys.readouterr().err
    assert measured_at("units") > before
    assert {name: measured_at(name) for name in others} == others
    assert run_times(copied) == runs


def test_a_section_to_be_trained_again_trains_its_search_alone(here, copied, capsys):
    before, held = run_times(copied), results.trials(copied)
    assert here(copied, "units", "--retrain", *ONE) == 0
    after = run_times(copied)
    trained = {key for key in after if after[key] != before[key]}
    assert trained == {row["run"] for row in held["units"]}
    assert results.trials(copied) == held
    capsys.readouterr()
    assert here(copied, "--list") == 0
    assert capsys.readouterr().out.count("  fresh  ") == SECTIONS


def test_a_trial_to_be_trained_again_is_trained_alone_and_measured_where_it_is_used(
    here, copied, capsys
):
    before, held = run_times(copied), results.trials(copied)
    assert here(copied, "units/1", "--retrain", *ONE) == 0
    said = capsys.readouterr().err.splitlines()
    assert "units/1: trained again, and what uses it is measured again" in said
    assert "units is built too: trial units/1 is trained again" in said
    after = run_times(copied)
    assert {key for key in after if after[key] != before[key]} == {held["units"][1]["run"]}
    assert results.trials(copied) == held
    assert here(copied, "--list") == 0
    assert capsys.readouterr().out.count("  fresh  ") == SECTIONS


@pytest.mark.slow
def test_more_seeds_train_only_the_missing_runs(here, copied):
    before, held = run_times(copied), results.trials(copied)
    assert here(copied, "--seeds", "2", *ONE) == 0
    after, found = run_times(copied), results.trials(copied)
    assert {key: after[key] for key in before} == before
    assert [row["seed"] for row in found["units"]] == [1, 2, 1, 2]
    assert [row for row in found["units"] if row["seed"] == 1] == held["units"]
    assert len({row["run"] for row in found["units"]}) == 4


@pytest.mark.slow
def test_a_wide_search_trains_its_trials_besides_and_is_not_repeated(here, copied, capsys):
    before, held = run_times(copied), results.trials(copied)
    assert here(copied, "--search", "wide", "--dry-run") == 0
    planned = capsys.readouterr().out.splitlines()
    assert next(line for line in planned if line.startswith("units")).split()[1] == "3"
    assert here(copied, "--search", "wide", *ONE) == 0
    after, found = run_times(copied), results.trials(copied)
    assert {key: after[key] for key in before} == before
    wide = [row for row in found["units"] if row["search"] == "wide"]
    assert [row for row in found["units"] if row["search"] == "units"] == held["units"]
    assert len({row["hyperparameters"]["units"] for row in wide}) == 3
    assert {row["status"] for row in wide} == {"completed"}
    capsys.readouterr()
    assert here(copied, "--search", "wide") == 0
    assert "nothing to do" in capsys.readouterr().out
    assert here(copied, "wide/1", "--retrain", "--dry-run") == 0
    planned = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in planned[1:2]] == [["units", "1", "run"]]
    assert here(copied, "wide/1", "--retrain", *ONE) == 0
    again = run_times(copied)
    trained = {key for key in again if again[key] != after[key]}
    assert trained == {row["run"] for row in wide if row["trial_id"] == "1"}
    assert results.trials(copied) == found
    after = again
    assert here(copied, "--search", "grid") == 0  # the report is about the grid again
    assert results.trials(copied) == held
    assert run_times(copied) == after


@pytest.mark.slow
def test_a_diverged_run_is_recorded_with_its_iteration_and_stops_nothing(here, copied, monkeypatch):
    monkeypatch.setenv("TOY_DIVERGES", "1")
    assert here(copied, *ONE) == 0
    assert {it["status"] for it in results.found(copied)["sections"].values()} == {"done"}
    rows = results.trials(copied)["learning-rates"]
    assert [row["status"] for row in rows] == ["completed", "diverged"]
    assert "iteration" in rows[1]["message"]
    assert rows[1]["test_accuracy"] is None


def test_a_damaged_run_is_set_aside_said_and_trained_again(here, copied, capsys):
    held = results.trials(copied)
    (damaged,) = (copied / "runs" / held["rnn"][0]["run"]).glob("*.npz")
    damaged.write_bytes(damaged.read_bytes()[:-40])
    assert here(copied, *ONE) == 0
    assert "is damaged" in "".join(capsys.readouterr())
    assert list((copied / "runs" / "damaged").iterdir())
    assert results.trials(copied) == held


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data-dir", "no-such-folder"], "no-such-folder"),
        (["sectoin"], "sectoin"),
        (["--seeds", "0"], "seeds"),
        (["--seeds", "1001", "--dry-run"], "1001 is too many: 1000 at most"),
        (["--epochs", "9" * 5000], "is not a whole number from 1 to 999,999,999"),
        (["--strategy", "mirrored"], "mirrored"),
        (["--trials", "nothing"], "build the report first"),
        (["units/1"], "units/1 is a trial: --retrain trains it again"),
        (["recurrent/9", "--retrain"], "recurrent has no trial 9; there are: 0, 1"),
        (["recurent/1", "--retrain", "--dry-run"], "Did you mean recurrent?"),
    ],
)
def test_a_request_that_cannot_be_met_is_one_line_and_status_2(
    arguments, said, tmp_path, toy_data, capsys, monkeypatch
):
    monkeypatch.delenv("ASSIGNMENT2_DATA", raising=False)
    line = ["--output", str(tmp_path / "report"), "--data-dir", str(toy_data), *arguments]
    try:
        status = build_report.main(line)
    except SystemExit as stop:  # argparse
        status = stop.code
    assert status == 2
    assert said in capsys.readouterr().err.strip().splitlines()[-1]


def test_folder_of_the_environment_that_is_not_there_is_called_by_its_name(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("ASSIGNMENT2_DATA", str(tmp_path / "typo"))
    assert build_report.main(["--output", str(tmp_path / "report"), "--list"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"build_report: ASSIGNMENT2_DATA {tmp_path / 'typo'}: no such folder")


def test_a_library_that_is_missing_is_one_line_with_the_command_that_installs_it(
    monkeypatch, tmp_path, toy_data, capsys
):
    monkeypatch.setitem(sys.modules, "filelock", None)
    monkeypatch.delitem(sys.modules, "building.lock", raising=False)
    assert build_report.main(["--output", str(tmp_path), "--data-dir", str(toy_data)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "filelock is not installed" in line
    assert line.endswith("pip install -r requirements.txt")


def test_a_module_of_the_project_that_is_missing_is_no_library(monkeypatch):
    def run(*_):
        raise ModuleNotFoundError("it is gone", name="building.gone")

    monkeypatch.setattr(build_report, "run", run)
    with pytest.raises(ModuleNotFoundError, match="it is gone"):
        build_report.main(["--list"])


@pytest.mark.parametrize("where", ["run", "parser"])
def test_ctrl_c_before_anything_has_begun_is_one_line(monkeypatch, capsys, where):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(build_report, where, interrupted)
    assert build_report.main(["--list"]) == 130
    assert capsys.readouterr().err == "\ninterrupted; the same command goes on from here\n"


def test_a_reader_that_leaves_early_is_no_error(tmp_path, toy_data, toy_environment):
    read, write = os.pipe()
    os.close(read)
    options = ["--list", "--output", str(tmp_path / "report"), "--data-dir", str(toy_data)]
    with open(write, "wb") as nobody:
        ended = subprocess.run(
            [sys.executable, build_report.__file__, *options],
            stdout=nobody,
            stderr=subprocess.PIPE,
            env=toy_environment,
        )
    assert (ended.returncode, ended.stderr) == (128 + signal.SIGPIPE, b"")


def test_a_second_build_into_the_same_folder_names_the_first(toy, copied):
    (copied / "records" / "rnn.json").unlink()
    shutil.rmtree(copied / "runs")
    first = toy.start(copied)
    try:
        wait_for(copied / ".building.json")
        second = toy.run(copied)
        assert second.returncode == 2
        assert f"process {first.pid}" in last_line(second)
    finally:
        first.kill()
        first.wait()
    assert toy.run(copied, "--list").returncode == 0


@pytest.mark.slow
def test_a_killed_build_goes_on_to_the_same_results(toy, built, tmp_path):
    process = toy.start(tmp_path / "report")
    assert any("training begins" in line for line in process.stdout)
    process.kill()
    process.communicate()
    assert toy.run(tmp_path / "report").returncode == 0
    assert results.found(tmp_path / "report") == results.found(built.output)


def test_the_comparison_of_builds_can_fail(built):
    held = results.found(built.output)
    other = json.loads(json.dumps(held))
    other["sections"]["rnn"]["trials"][0]["test_accuracy"] += 0.01
    assert other != held


@pytest.mark.slow
def test_two_jobs_give_the_same_results_as_one(toy, built, tmp_path):
    assert toy.run(tmp_path / "report", "--jobs", "2").returncode == 0
    assert results.found(tmp_path / "report") == results.found(built.output)


def wait_for(path, seconds=300):
    until = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < until, f"{path} did not appear"
        time.sleep(0.05)
