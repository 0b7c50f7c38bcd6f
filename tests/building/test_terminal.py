"""Tests of `building.terminal`: any text can be printed anywhere."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from building import commands, terminal
from building.request import RequestError
from experiments.lab.store.keys import PROJECT

TEXT = "97.4\u202f% \u2212 0.5 \u2026 \u00b1 Mu\u00f1oz \ud55c \udcff"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "97.4 % - 0.5 ... +- Munoz \\ud55c \\udcff"),
        ("latin-1", "97.4 % - 0.5 ... \u00b1 Mu\u00f1oz \\ud55c \\udcff"),
        ("cp1252", "97.4 % - 0.5 \u2026 \u00b1 Mu\u00f1oz \\ud55c \\udcff"),
        ("utf-8", TEXT.replace("\udcff", "\\udcff")),
    ],
)
def test_text_that_a_terminal_cannot_show_is_written_in_plainer_letters(
    monkeypatch, encoding, shown
):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    terminal.survive()
    print(TEXT, end="", flush=True)
    assert stream.buffer.getvalue().decode(encoding) == shown


def test_stream_that_cannot_be_told_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    terminal.survive()


def test_build_survives_an_encoding_that_is_not_utf_8(toy, copied):
    """With its narrow spaces, and templates that are read whatever the locale's encoding is."""
    (copied / "assignment2.html").unlink()
    plain = {
        "PYTHONIOENCODING": "latin-1",
        "PYTHONUTF8": "0",
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
    }
    ended = toy.run(copied, "--author", "Mu\u00f1oz \ud55c", **plain)
    assert ended.returncode == 0, ended.stderr
    listed = toy.run(copied, "--author", "Mu\u00f1oz \ud55c", "--list", **plain)
    assert listed.returncode == 0, listed.stderr
    assert " s" in listed.stdout  # a time, whose narrow space became a plain one


@pytest.mark.parametrize("option", ["author", "output", "data_dir"])
def test_name_or_path_that_is_not_utf_8_is_refused_by_its_option(option):
    value = os.fsdecode(b"re\xffport")
    given = {option: Path(value) if option == "output" else value}
    with pytest.raises(RequestError) as refused:
        commands.request(**given)
    shown = f"--{option.replace('_', '-')} re\ufffdport is not valid UTF-8; write it in UTF-8"
    assert str(refused.value) == shown


def test_name_in_utf_8_is_understood_whatever_the_locale_is(monkeypatch):
    monkeypatch.setattr(os, "fsencode", lambda text: text.encode("ascii", "surrogateescape"))
    given = "Mu\u00f1oz".encode().decode("ascii", "surrogateescape")
    assert commands.request(author=given).author == "Mu\u00f1oz"


@pytest.mark.skipif(os.name != "posix", reason="a shell closes the stream")
def test_command_whose_output_is_closed_ends_well(tmp_path):
    line = f'"{sys.executable}" build_report.py --list --output "{tmp_path}" --data stand-in >&-'
    done = subprocess.run(line, shell=True, cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
