"""Own data with other numbers of classes than ten, from the file to the report, at toy size."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from toy import command, data

import build_report
from experiments.lab.store.runs import RunStore

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


def own(classes, shape, each):
    """Return `each` test images a class and five times as many for training: patterns under noise."""
    random = np.random.default_rng(classes)
    patterns, made = random.integers(0, 200, (classes, *shape)), {}
    for part, count in (("train", 5 * each), ("test", each)):
        labels = random.permutation(np.repeat(np.arange(classes), count))
        noise = random.integers(0, 55, (len(labels), *shape))
        made |= {f"x_{part}": (patterns[labels] + noise).astype(np.uint8), f"y_{part}": labels}
    return made


@pytest.mark.slow
def test_whole_report_on_two_and_on_twenty_classes_says_nothing_of_ten(tmp_path):
    for name, classes, shape in (("cifar10", 2, (32, 32, 3)), ("mnist", 20, (28, 28))):
        np.savez(tmp_path / f"{name}.npz", **own(classes, shape, each=12))
    project, output = Path(build_report.__file__).parent, tmp_path / "report"
    given = ["--profile", "quick", "--data-dir", str(tmp_path), "--output", str(output)]
    command = [sys.executable, "build_report.py", *given]
    ended = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=1800)
    results = json.loads((output / "results.json").read_text())
    assert "failed" not in {it["status"] for it in results["sections"].values()}, ended.stderr
    counts = {name: len(data["classes"]) for name, data in results["data"].items()}
    assert counts == {"cifar10": 2, "mnist": 20}
    text = re.sub(
        r"<(script|style)\b.*?</\1>|<[^>]*>",
        "",
        (output / "assignment2.html").read_text(),
        flags=re.S,
    )
    official = (
        r"\bten (classes|digits|objects|kinds)|\b10 classes|airplane|automobile|digits 0 to 9"
    )
    assert re.findall(official, text) == []
    assert re.findall(r"(?:images of|trains networks on) (?:CIFAR-10|MNIST)", text) == []
    assert "the substitute for CIFAR-10" in text
    assert re.search(r"\b2\s+classes", text)
    assert re.search(r"\b20\s+classes", text)
