"""What source files determine is remembered, until one of them changes."""

import pytest

from experiments.lab.store import closure
from experiments.lab.store.closure import DependencyGraph

ROOT = "experiments.m:f"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "m.py").write_text("def f(): return g()\ndef g(): return 1\n")
    return tmp_path


@pytest.fixture
def followed(monkeypatch):
    """The searches that were begun."""
    begun, real = [], closure._Search

    def search(*given):
        begun.append(given)
        return real(*given)

    monkeypatch.setattr(closure, "_Search", search)
    return begun


def found(project, names=(), overlay=None):
    graph = DependencyGraph(project, overlay)
    made = graph.closure([ROOT], names)
    graph.remember()
    return made


def test_closure_is_followed_once(project, own_memory, followed):
    first = found(project)
    assert first.reached == ("experiments.m:f", "experiments.m:g")
    assert found(project) == first
    assert found(project).reached == first.reached
    assert len(followed) == 1


def test_other_names_are_another_question(project, own_memory, followed):
    found(project)
    found(project, ["adam"])
    assert len(followed) == 2
    found(project)
    found(project, ["adam", "adam"])
    assert len(followed) == 2


@pytest.mark.parametrize("path", ["experiments/m.py", "experiments/other.py", "building/new.py"])
def test_any_file_that_changes_makes_it_follow_again(project, own_memory, followed, path):
    found(project)
    (project / path).parent.mkdir(exist_ok=True)
    (project / path).write_text("def f(): return 2\n")
    found(project)
    assert len(followed) == 2


def test_edit_in_the_middle_is_not_taken_for_what_was_read(project, own_memory):
    before = found(project)
    (project / "experiments" / "n.py").write_text("")  # so that nothing is recalled
    graph = DependencyGraph(project)
    (project / "experiments" / "m.py").write_text("def f(): return 2\n")
    assert graph.closure([ROOT]) == before
    graph.remember()
    assert found(project).reached == ("experiments.m:f",)


def test_overlay_neither_recalls_nor_remembers(project, own_memory, followed):
    overlay = {"experiments/m.py": "def f(): return 2\n"}
    before = found(project)
    changed = found(project, overlay=overlay)
    assert changed.key != before.key
    assert found(project) == before
    assert found(project, overlay=overlay) == changed
    assert len(followed) == 3


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"null", b'{"answers": {}}'])
def test_damaged_memory_is_forgotten(project, own_memory, content):
    first = found(project)
    (own_memory / "closures.json").write_bytes(content)
    assert found(project) == first


def test_memory_that_cannot_be_written_costs_time_alone(project, own_memory):
    own_memory.write_text("a file in the folder's place")
    assert found(project) == found(project)
