"""What a change costs: keys of the real sections before and after, and a section added in a copy."""

import re
import shutil
import subprocess
import sys

import pytest

import experiments
from building.code import AROUND_DRAWING, PRINTING
from experiments.lab.store.closure import DependencyGraph
from experiments.lab.store.keys import PACKAGES, PROJECT
from experiments.lab.training.sourcecode import ROOTS

NAMES = ("lenet5", "recurrent", "adam", "SimpleRNN", "GRU", "LSTM", "channels", "cifar10", "mnist")
DATA = "experiments/dataset.py"


def keys(edited=None):
    """Return the key of each stage of each section, with edited files in the place of some."""
    graph = DependencyGraph(overlay=edited)
    found = {
        ("train", "recurrent"): graph.closure(ROOTS, ("recurrent", "GRU", "adam")).key,
        ("train", "lenet5"): graph.closure(ROOTS, ("lenet5", "adam", "channels")).key,
        ("print", ""): graph.closure(PRINTING).key,
    }
    for name in experiments.names():
        module = experiments.module_name(name)
        measured = [f"{module}:{part}" for part in ("searches", "measure")]
        found["measure", name] = graph.closure(measured, NAMES).key
        found["draw", name] = graph.closure([f"{module}:draw", *AROUND_DRAWING]).key
    return found


@pytest.fixture(scope="module")
def before(one_memory):
    return keys()


def changed(before, path, old, new):
    """Return the stages whose keys change when `old` stands as `new` in the file."""
    text = (PROJECT / path).read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    after = keys({path: text.replace(old, new)})
    return {stage for stage in before if before[stage] != after[stage]}


def test_caption_draws_its_section(before):
    edit = "How often each value of a pixel", "How frequently each value of a pixel"
    assert changed(before, DATA, *edit) == {("draw", "dataset")}


def test_colour_draws_and_measures_nothing(before):
    found = changed(before, "rendering/figures/drawing.py", '"#0072B2"', '"#0072B3"')
    assert ("draw", "cells") in found
    assert {stage for stage, _ in found} <= {"draw", "print"}


def test_chart_function_draws_what_uses_it(before):
    found = changed(before, "rendering/figures/charts.py", "width = 0.8 / len", "width = 0.7 / len")
    drawn = {name for stage, name in found if stage == "draw"}
    assert "deconvnet.control" in drawn
    assert "filters" not in drawn
    assert ("measure", "deconvnet.control") not in found


def test_name_in_the_list_of_sections_changes_no_key(before):
    edit = '    "cnn-vs-rnn",\n', '    "cnn-vs-rnn",\n    "another",\n'
    assert {stage for stage, _ in changed(before, "experiments/__init__.py", *edit)} <= {"print"}


def test_new_transforms_that_nobody_uses_change_no_key(before):
    # The names stand elsewhere in the code too, as those of layers, facts or axes.
    names = ("flip", "rows", "pixels", "hidden", "order", "rotation")
    entries = "".join(f', "{name}": Flip' for name in names)
    path = "experiments/lab/data/transforms.py"
    text = (PROJECT / path).read_text()
    more = text + "\n\nclass Flip(Transform):\n    pass\n"
    more, count = re.subn(r'("square": Square)', rf"\1{entries}", more)
    assert count == 1
    after = keys({path: more})
    assert after == before


def test_title_of_a_data_set_trains_nothing(before):
    edit = '"mnist": ("MNIST"', '"mnist": ("MNIST digits"'
    found = changed(before, "experiments/lab/data/facts.py", *edit)
    assert not {stage for stage, _ in found} & {"train"}


def test_title_of_a_section_measures_nothing(before):
    edit = "The recurrent network of the assignment", "Another"
    found = (
        changed(before, "experiments/rnn.py", *edit)
        if edit[0] in (PROJECT / "experiments/rnn.py").read_text()
        else set()
    )
    assert ("measure", "rnn") not in found


def test_option_of_one_network_trains_that_network_alone(before):
    edit = (
        "    dense_units: int = 120,\n",
        "    dense_units: int = 120,\n    flipped: bool = False,\n",
    )
    found = changed(before, "experiments/lab/networks/lenet5.py", *edit)
    assert ("train", "lenet5") in found
    assert ("train", "recurrent") not in found


SECTION = '''"""What is asked in a tenth section: how many images are there?"""

from experiments.lab.store.records import Findings
from experiments.lab.study import Section

SECTION = Section("my-section", "", "A section of my own", data=("mnist",))


def searches(study):
    return []


def measure(study):
    return Findings(scores={"images": len(study.splits("mnist").train.labels)})


def draw(record):
    return []
'''


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the project with a section added as docs/ARCHITECTURE.md says: three places."""
    folder = tmp_path_factory.mktemp("copy") / "project"
    folder.mkdir()
    for part in (*PACKAGES, "templates"):
        shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "build_report.py", folder)
    (folder / "experiments" / "my_section.py").write_text(SECTION)
    partial = folder / "templates" / "sections" / "my-section.html"
    partial.write_text("<p>There are {{ scores.images | count }} images.</p>\n")
    listed = folder / "experiments" / "__init__.py"
    listed.write_text(listed.read_text().replace('    "rnn",\n', '    "rnn",\n    "my-section",\n'))
    return folder


def build(folder, toy_data, environment, *arguments):
    return subprocess.run(
        [sys.executable, "build_report.py", *arguments, "--data-dir", str(toy_data)],
        cwd=folder, env={**environment, "PYTHONPATH": ""}, capture_output=True, text=True, timeout=200,
    )  # fmt: skip


@pytest.mark.slow
def test_section_added_in_three_places_is_built_and_stands_under_further_sections(
    copy, toy_data, toy_environment
):
    ended = build(copy, toy_data, toy_environment, "my-section")
    assert ended.returncode == 0, ended.stderr
    page = (copy / "report" / "assignment2.html").read_text()
    assert "There are 540 images." in re.sub("</?data.*?>", "", page)
    assert page.rindex("Further sections") < page.index('id="section-my-section"')
    listed = build(copy, toy_data, toy_environment, "--list").stdout
    (row,) = [line for line in listed.splitlines() if line.startswith("my-section")]
    assert row.split()[1] == "fresh"
