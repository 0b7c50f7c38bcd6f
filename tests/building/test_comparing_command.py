"""`--compare` on folders that builds have left."""

import errno
import json

from experiments.lab.store import files


def test_build_compared_with_itself_has_no_change_and_a_page(here, copied, built, capsys):
    assert here(copied, "--compare", str(built.output)) == 0
    assert "nothing changed" in capsys.readouterr().out
    assert "Nothing changed." in (copied / "comparison.html").read_text()
    assert here(copied) == 0  # the page is the folder's own, and no reason to print anything again


def test_changed_results_are_told(here, copied, built, capsys):
    results = copied / "results.json"
    found = json.loads(results.read_text())
    found["sections"]["rnn"]["scores"]["made_up"] = 0.5
    results.write_text(json.dumps(found))
    assert here(copied, "--compare", str(built.output / "results.json")) == 0
    assert "number made_up" in capsys.readouterr().out


def test_what_holds_no_results_is_one_line_and_exit_status_2(here, copied, tmp_path, capsys):
    (tmp_path / "other.json").write_text("[]")
    for name in ("none", "other.json", ""):
        assert here(copied, "--compare", str(tmp_path / name)) == 2
        assert "holds no results of a build" in capsys.readouterr().err.splitlines()[-1]
    assert not (copied / "comparison.html").exists()


def test_results_that_cannot_be_read_now_are_said_to_be(here, copied, monkeypatch, capsys):
    def refused(path, *_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(files.os, "open", refused)
    for command in (("--compare", str(copied / "results.json")), ("--check",)):
        assert here(copied, *command) == 2
        said = capsys.readouterr().err.splitlines()[-1]
        assert "cannot read" in said
        assert "permission denied; give yourself the right to it" in said


def test_results_nested_without_end_are_no_results(here, copied, capsys):
    (copied / "results.json").write_text("[" * 100_000)
    for command in (("--compare", str(copied)), ("--check",)):
        assert here(copied, *command) == 2
        assert "Traceback" not in capsys.readouterr().err
