"""Tests of closures on this project itself: what trains is keyed, and what does not train is not."""

import ast
import functools
from pathlib import Path

import pytest
from traced import named, spans_of

from experiments.lab.store.closure import DependencyGraph
from experiments.lab.store.keys import PACKAGES, PROJECT

TRAINING = ("experiments.lab.training.course:train", "experiments.lab.data.splits:Source")
RECURRENT = ("recurrent", "GRU", "adam", "mnist")
LENET5 = ("lenet5", "sgd", "cifar10")
NETWORKS = "experiments.lab.networks."


pytestmark = pytest.mark.usefixtures("one_memory")


def training(names=RECURRENT, overlay=None):
    return DependencyGraph(overlay=overlay).closure(TRAINING, names)


def files():
    return [path for package in PACKAGES for path in (PROJECT / package).rglob("*.py")]


def file_of(name):
    base = PROJECT.joinpath(*name.partition(":")[0].split("."))
    return base.with_suffix(".py") if base.with_suffix(".py").is_file() else base / "__init__.py"


@functools.cache
def places(path: Path) -> dict[str, tuple[int, int, str]]:
    """Return for each definition in a file where what text makes it another one.

    That is a line, a column in bytes, and the text: a statement more in a function or class, and a value
    that is a pair with another.
    """
    made = {}
    for name, node in named(ast.parse(path.read_bytes())):
        value = node if isinstance(node, ast.expr) else getattr(node, "value", None)
        if value is not None:
            before, after = ("(", ")") if isinstance(node, ast.expr) else ("", "")
            made[name] = value, f"{before}{{}}, 0xBAD{after}"
        elif hasattr(node, "body"):
            made[name] = node.body[-1], "{}\n" + " " * node.body[-1].col_offset + "0xBAD"
    return made


def changed(path: Path, names) -> str:
    """Return the text of a file with the definitions of these names changed."""
    text = path.read_bytes().splitlines(keepends=True)
    starts = [0]
    for line in text:
        starts.append(starts[-1] + len(line))
    content = b"".join(text)
    edits = {}
    for name in names:
        node, form = places(path)[name]
        before, after = form.split("{}")
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[node.end_lineno - 1] + node.end_col_offset
        edits[last, name] = after
        if before:
            edits[first, name] = before
    # From the end; what a class gets goes behind what its last method gets.
    for (position, _), inserted in sorted(edits.items(), key=lambda it: (-it[0][0], it[0][1])):
        content = content[:position] + inserted.encode() + content[position:]
    return content.decode()


def overlay_of(names):
    """Return the overlay in which the definitions of these names ("module:qualname") are changed."""
    by_file = {}
    for name in names:
        by_file.setdefault(file_of(name), []).append(name.partition(":")[2])
    return {
        path.relative_to(PROJECT).as_posix(): changed(path, held) for path, held in by_file.items()
    }


def definitions():
    """Return the names of all the project's definitions that can be changed."""
    return {
        f"{spans[0][2].partition(':')[0]}:{name}"
        for path in files()
        if (spans := spans_of(str(path)))
        for name in places(path)
    }


def test_change_to_any_definition_that_trains_changes_the_key():
    whole = training()
    # "module:*" is a module used as a value: all its definitions, which are reached one by one as well.
    alone = [name for name in whole.reached if not name.endswith(":*")]
    unnoticed = [name for name in alone if training(overlay=overlay_of([name])).key == whole.key]
    assert len(alone) > 100
    assert not unnoticed


@pytest.mark.parametrize("names", [RECURRENT, LENET5])
def test_change_to_all_that_does_not_train_leaves_the_key(names):
    whole = training(names)
    others = definitions() - set(whole.reached)
    # An entry is changed with its registry, and a method apart from its class.
    others = {it for it in others if "[" not in it}
    assert len(others) > 1000
    overlay = overlay_of(others)
    assert all(map(ast.parse, overlay.values()))
    assert training(names, overlay).key == whole.key
    assert DependencyGraph(overlay=overlay).closure(["experiments.dataset:measure"]).key != (
        DependencyGraph().closure(["experiments.dataset:measure"]).key
    )


def test_run_knows_its_own_network_cell_and_optimizer_alone():
    held = set(training(RECURRENT).reached)
    assert {
        NETWORKS + "recurrent:recurrent",
        NETWORKS + "unrolled_cells:GRU",
        NETWORKS + "recurrent:CELLS[GRU]",
        NETWORKS + "optimizers:adam",
    } <= held
    assert not held & {
        NETWORKS + "lenet5:lenet5",
        NETWORKS + "recurrent:CELLS[LSTM]",
        NETWORKS + "unrolled_cells:LSTM",
        NETWORKS + "unrolled_cells:_lstm",
        NETWORKS + "optimizers:plain_descent",
        NETWORKS + "optimizers:momentum",
    }
    other = set(training(LENET5).reached)
    assert {NETWORKS + "lenet5:lenet5", NETWORKS + "optimizers:plain_descent"} <= other
    assert not any(name.startswith(NETWORKS + "recurrent:") for name in other)


def test_another_default_of_lenet5_makes_no_recurrent_run_stale():
    path = PROJECT / "experiments/lab/networks/lenet5.py"
    text = path.read_text().replace("dense_units: int = 120", "dense_units: int = 121")
    overlay = {"experiments/lab/networks/lenet5.py": text}
    assert text != path.read_text()
    assert training(RECURRENT, overlay) == training(RECURRENT)
    assert training(LENET5, overlay).key != training(LENET5).key


def test_another_network_cell_and_optimizer_make_no_run_stale():
    overlay = {}
    for file, old in {
        "builders": '"recurrent": recurrent',
        "recurrent": '"GRU": keras.layers.GRU',
        "optimizers": '"adam": adam',
    }.items():
        path = PROJECT / f"experiments/lab/networks/{file}.py"
        overlay[path.relative_to(PROJECT).as_posix()] = path.read_text().replace(
            old, f'{old}, "new": print'
        )
        assert '"new"' in list(overlay.values())[-1]
    assert training(RECURRENT, overlay) == training(RECURRENT)


def test_nothing_that_draws_belongs_to_a_training():
    assert not any(name.startswith("rendering") for name in training().reached)


def test_no_module_imports_names_by_a_star():
    stars = [
        path
        for path in files()
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
    ]
    assert not stars
