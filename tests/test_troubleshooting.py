"""Every message of the README's table of what goes wrong is one that the program really says."""

import errno
import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from toy import data

import build_report
from building import checks, folder, remembered
from building.lock import locked
from building.request import RequestError
from building.summary import Summary
from experiments.lab.data import sources
from experiments.lab.data.splits import DataError
from experiments.lab.store.files import StorageError, storing

README = (Path(build_report.__file__).parent / "README.md").read_text()


def rows():
    """Return the messages of the README's table, as patterns in which "…" stands for anything."""
    table = README.partition("| what is said |")[2].partition("\n\n")[0]
    said = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    return [".*".join(map(re.escape, text.split("…"))) for text in said]


def library(place, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "filelock", None)
    monkeypatch.delitem(sys.modules, "building.lock", raising=False)
    monkeypatch.setattr(build_report, "run", lambda *_: __import__("filelock"))
    build_report.main([])


def pango(place, capsys, monkeypatch):
    print(checks.libraries(lambda name: False, "debian")[0].line)


def stand_in(place, capsys, monkeypatch):
    monkeypatch.delenv("ASSIGNMENT2_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(place))
    sources.find_all(["cifar10", "mnist"], download=False)


def no_file(place, capsys, monkeypatch):
    sources.find("mnist", data_dir=str(place))


def shape(place, capsys, monkeypatch):
    held = data.arrays("mnist")
    np.savez(place / "mnist.npz", **{**held, "x_train": held["x_train"].reshape(-1, 784)})
    sources.find("mnist", data_dir=str(place))


def running(place, capsys, monkeypatch):
    with locked(place / "report"), locked(place / "report"):
        pass


def foreign(place, capsys, monkeypatch):
    (place / "thesis.txt").write_text("")
    folder.check(place)


def full(place, capsys, monkeypatch):
    with storing(place):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place))


def damaged(place, capsys, monkeypatch):
    (place / "build.json").write_text("{")
    remembered.offered(place, {})


def failed(place, capsys, monkeypatch):
    context = SimpleNamespace(request=SimpleNamespace(output=place))
    Summary().end(context, ["rnn"], ["rnn"], [])


CASES = (library, pango, stand_in, no_file, shape, running, foreign, full, damaged, failed)


def test_table_has_ten_rows():
    assert len(rows()) == len(CASES) == 10


@pytest.mark.parametrize(("case", "pattern"), list(zip(CASES, rows(), strict=False)))
def test_message_of_the_readme_is_what_is_said(case, pattern, tmp_path, capsys, monkeypatch):
    try:
        case(tmp_path, capsys, monkeypatch)
        said = "".join(capsys.readouterr())
    except (RequestError, DataError, StorageError) as error:
        said = str(error)
    assert re.search(pattern, said), said
    assert not any(re.search(other, said) for other in rows() if other != pattern)


def test_licences_of_all_that_is_required_are_named():
    required = (Path(build_report.__file__).parent / "requirements.txt").read_text()
    names = re.findall(r"^([\w-]+)==", required, re.MULTILINE)
    known = {
        "keras-tuner": "kerastuner",
        "grpcio": "grpc",
        **{it: it.removeprefix("fontpkg-").replace("-", " ") for it in names if "fontpkg-" in it},
    }
    licences = README.partition("## Licences")[2].lower()
    assert [it for it in names if known.get(it.lower(), it.lower()) not in licences] == []
