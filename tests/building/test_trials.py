"""Tests of `--trials`: of a build's searches, and of keras-tuner's projects."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace

import pytest

import build_report
from building import trials
from building.request import Request, RequestError
from experiments.lab.store.keys import PROJECT
from rendering.browser.model import Attempt, Search, Trial


def make(number, accuracy, **values):
    scores = dict.fromkeys(
        ("validation_accuracy", "best_validation_accuracy", "test_accuracy"), accuracy
    )
    attempt = Attempt(f"run{number}", 1, "completed", "", {}, scores, 10, 1.0)
    return Trial(number, values, "completed", "", (attempt,))


@pytest.fixture(autouse=True)
def build(monkeypatch):
    """A build with two searches."""
    made = (make("0", 0.5, units=64), make("1", 0.9, units=9), make("2", 0.9, units=8))
    one = Search("one", "One", "validation_accuracy", "max", "grid", made)
    told = replace(made[1].attempts[0], worker="local-0", finished_at="2026-01-01T00:00:00+00:00")
    second = replace(made[1], attempts=(told,), confusion=((3, 1), (0, 4)))
    one = replace(one, trials=(made[0], second, made[2]), classes=("a", "b"))
    other = Search("other", "Other", "validation_accuracy", "max", "grid", made[:1])
    monkeypatch.setattr(trials, "_of_build", lambda asked: {"one": one, "other": other})


@pytest.fixture
def project(tmp_path):
    """A project of keras-tuner's with two trials and half of a third."""
    for number, score in ((0, 0.25), (1, 0.75)):
        folder = tmp_path / "mine" / f"trial_{number}"
        folder.mkdir(parents=True)
        observed = {"observations": [{"value": [score], "step": 0}], "direction": "max"}
        held = {
            "trial_id": str(number),
            "status": "COMPLETED",
            "score": score,
            "hyperparameters": {"space": [], "values": {"rate": number / 10}},
            "metrics": {"metrics": {"auc": observed}},
        }
        (folder / "trial.json").write_text(json.dumps(held))
    (tmp_path / "mine" / "trial_2").mkdir()
    (tmp_path / "mine" / "trial_2" / "trial.json").write_text('{"trial_id": "2", ')
    return tmp_path / "mine"


def shown(capsys, which="", **options):
    assert trials.show(Request(), trials.Wanted(str(which), **options)) == 0
    return capsys.readouterr()


def rows(text):
    return [line.split()[0] for line in text.splitlines()[1:]]


def test_all_searches_are_listed_with_how_many_are_as_good(capsys):
    out = shown(capsys).out
    assert rows(out) == ["one", "other"]
    assert "units=9 (tied with 1)" in out


def test_trials_that_share_the_best_score_are_said_beside_the_table(capsys):
    told = shown(capsys, "one")
    assert rows(told.out) == ["0", "1", "2"]
    assert told.err == "Trial 1 has the best validation accuracy, and trial 2 exactly the same.\n"
    assert [line.split("  ")[-1].strip() for line in told.out.splitlines()] == [
        "standing", "completed", "best, tied with 1", "tied with the best",
    ]  # fmt: skip
    assert shown(capsys, "other").err == "Trial 0 has the best validation accuracy.\n"


def test_filter_sort_and_top(capsys):
    assert rows(shown(capsys, "one", sort="units").out) == ["2", "1", "0"]
    assert rows(shown(capsys, "one", conditions=("units<64",)).out) == ["1", "2"]
    assert rows(shown(capsys, "one", top=2).out) == ["1", "2"]
    assert rows(shown(capsys, "one", reverse=True, top=1).out) == ["0"]
    assert rows(shown(capsys, "one", conditions=("units>100",), sort="units").out) == []


def test_one_trial_is_shown_whole(capsys):
    out = shown(capsys, "one/1").out
    assert "units" in out
    assert "run1" in out
    assert "run2" not in out


def test_csv_and_json_hold_what_the_table_shows(capsys):
    read = list(csv.DictReader(io.StringIO(shown(capsys, "one", form="csv", top=2).out)))
    assert [(row["trial_id"], row["units"]) for row in read] == [("1", "9"), ("2", "8")]
    (search,) = json.loads(shown(capsys, "one", form="json").out)
    assert (search["best"], search["tied_with"]) == ("1", ["2"])
    assert [it["hyperparameters"]["units"] for it in search["trials"]] == [64, 9, 8]
    assert search["classes"] == ["a", "b"]
    assert [it["confusion"] for it in search["trials"]] == [[], [[3, 1], [0, 4]], []]
    (run,) = search["trials"][1]["runs"]
    assert (run["worker"], run["finished_at"]) == ("local-0", "2026-01-01T00:00:00+00:00")
    assert len(json.loads(shown(capsys, form="json").out)) == 2


def test_project_of_keras_tuner_is_read_and_what_is_broken_in_it_said(capsys, project):
    told = shown(capsys, project, top=5)
    assert rows(told.out) == ["1", "0"]
    assert told.err.startswith("left out: trial_2 cannot be read")
    assert "0.75" in shown(capsys, f"{project}/1").out


def test_project_needs_no_build(project, capsys, monkeypatch, tmp_path):
    monkeypatch.undo()
    given = ["--output", str(tmp_path / "none"), "--trials", str(project), "--format", "csv"]
    assert build_report.main(given) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("mine,0,")


@pytest.mark.parametrize(
    ("which", "options", "said"),
    [
        ("none", {}, "Did you mean one?"),
        ("one/7", {}, "one has no trial 7; there are: 0, 1, 2"),
        ("none/1", {}, "no search named none/1"),
        ("", {"top": 3}, "need a search"),
        ("one", {"sort": "unit"}, "has no column 'unit'"),
        ("one", {"conditions": ("units",)}, "is no condition"),
        ("/", {}, "is no project"),
        ("x" * 5000, {}, "no search named"),
    ],
)
def test_what_is_not_there_is_one_line(which, options, said):
    with pytest.raises(RequestError, match=said) as raised:
        trials.show(Request(), trials.Wanted(which, **options))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "options", [["--top", "3"], ["--sort", "units"], ["--filter", "a=1"], ["--format", "csv"]]
)
def test_options_of_trials_start_no_build(options, capsys):
    with pytest.raises(SystemExit) as raised:
        build_report.main(options)
    assert raised.value.code == build_report.UNUSABLE
    assert "goes with --trials" in capsys.readouterr().err


def test_project_says_nothing_of_how_the_report_was_built(project, tmp_path, capsys, monkeypatch):
    import build_report
    from building import remembered

    output = tmp_path / "report"
    output.mkdir()
    remembered.write(output, {"profile": "quick", "author": "A. Student"}, {})
    for which in (str(project), f"{project}/0"):
        assert build_report.main(["--trials", which, "--output", str(output)]) == 0
        assert "was built" not in capsys.readouterr().err
    build_report.main(["--trials", "--output", str(output)])
    assert "was built: --profile=quick" in capsys.readouterr().err


def test_page_and_export_are_written_and_said(capsys, tmp_path, project):
    page = tmp_path / "trials.html"
    assert shown(capsys, project, html=str(page)).out == f"wrote {page}\n"
    assert "mine" in page.read_text()
    whole = tmp_path / "trials.csv"
    shown(capsys, "one", conditions=("units<64",), export=("csv", str(whole)))
    assert [row.split(",")[1] for row in whole.read_text().splitlines()] == ["trial_id", "1", "2"]


def test_export_for_optuna_says_what_opens_it(capsys, tmp_path):
    for name, address in (("x.db", f"sqlite:///{tmp_path}/x.db"), ("x.log", f"{tmp_path}/x.log")):
        told = shown(capsys, "one", export=("optuna", str(tmp_path / name))).out
        assert told == f"wrote {tmp_path}/{name}: optuna-dashboard {address}\n"


def test_library_that_an_export_lacks_is_asked_for_by_name(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    wanted = trials.Wanted("one", export=("parquet", str(tmp_path / "x.parquet")))
    with pytest.raises(RequestError, match="python -m pip install pyarrow"):
        trials.show(Request(), wanted)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--export", "csv", "x"], "goes with --trials"),
        (["--html", "x"], "goes with --trials"),
        (["--trials", "--export", "xls", "x"], "there is no --export 'xls'"),
        (["--trials", "--export", "csv", ""], "name a file"),
        (["--trials", "--html", ""], "name a file"),
    ],
)
def test_wrong_files_are_one_line(given, said, capsys):
    with pytest.raises(SystemExit) as raised:
        build_report.main(given)
    assert raised.value.code == build_report.UNUSABLE
    assert said in capsys.readouterr().err


def test_trials_that_are_filtered_out_still_lead(capsys):
    told = shown(capsys, "one", conditions=("units=8",))
    assert "tied with the best" in told.out
    assert told.err.startswith("Trial 1 has the best")


def test_project_is_shown_without_what_takes_long_to_import(project):
    heavy = ("tensorflow", "keras", "keras_tuner", "optuna", "plotly", "scipy", "sklearn")
    code = (
        "import sys, build_report\n"
        "build_report.main(sys.argv[1:])\n"
        f"print([name for name in {(*heavy, 'matplotlib', 'weasyprint')} if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "--trials", str(project)],
        capture_output=True, text=True, check=True, cwd=PROJECT,
    )  # fmt: skip
    assert ran.stdout.splitlines()[-1] == "[]"
    assert rows(ran.stdout)[:2] == ["0", "1"]
