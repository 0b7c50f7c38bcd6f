"""Own data with other numbers of classes than ten, from the file to the report, at toy size."""

import json

import numpy as np
import pytest
from toy import command, data

import build_report
from experiments.lab.store.runs import RunStore

# keras-tuner names its threads in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:.*(currentThread|getName).*:DeprecationWarning")

CLASSES = {"cifar10": 2, "mnist": 25}


@pytest.fixture
def folder(tmp_path):
    """A folder with two data sets: one with names of classes, one without."""
    place = tmp_path / "own"
    place.mkdir()
    for name, classes in CLASSES.items():
        held = data.arrays(name, classes=classes)
        if name == "cifar10":
            held["classes"] = np.array(["left", "right"])
        np.savez(place / f"{name}.npz", **held)
    return place


def test_networks_and_report_have_as_many_classes_as_the_files(folder, tmp_path, here, capsys):
    output = tmp_path / "report"
    given = ["--profile", "quick", "--jobs", "1", "--data-dir", str(folder)]
    # `here` has put the small sections in place; its own data come after these and would win.
    line = [*given, "--output", str(output), *command.ARGUMENTS]
    assert build_report.main(line) == 0, capsys.readouterr().err
    runs = RunStore(output / "runs").runs()
    widths = {run.settings.data: run.probabilities().shape[1] for run in runs}
    assert widths == CLASSES
    found = json.loads((output / "results.json").read_text())
    assert found["sections"]["dataset"]["facts"]["classes"] == ["left", "right"]
    assert found["data"]["mnist"]["classes"] == [str(it) for it in range(25)]
    assert build_report.main(line) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_names_of_other_classes_are_other_data(folder, tmp_path, here, capsys):
    from experiments.lab.data import sources

    before = sources.find("cifar10", data_dir=str(folder)).identity
    held = dict(np.load(folder / "cifar10.npz"))
    np.savez(folder / "cifar10.npz", **{**held, "classes": np.array(["up", "down"])})
    after = sources.find("cifar10", data_dir=str(folder)).identity
    assert (before.classes, after.classes) == (("left", "right"), ("up", "down"))
    assert before.fingerprint != after.fingerprint
