"""Which room imports which, as docs/ARCHITECTURE.md says, and no TensorFlow in rendering."""

import ast
import functools
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from experiments.lab.store.keys import PROJECT

LAB = "experiments/lab/"
# What each room may import besides itself. `lab` stands for the modules right in it: settings, profiles,
# study; "sections" for those of experiments/ and its rooms deconvnet and searches.
ALLOWED = {
    "lab": {"data", "store"},
    "data": {"store"},
    "store": {"lab"},
    "networks": {"lab", "data", "store"},
    "training": {"lab", "data", "store", "networks"},
    "search": {"lab", "data", "store", "networks", "training"},
    "evidence": {"lab", "store"},
    "inspection": {"lab", "data", "store", "networks", "evidence"},
    "sections": {
        "lab", "data", "store", "networks", "evidence", "inspection", "wording", "figures",
    },
    "wording": {"data", "evidence", "store"},
    "figures": {"store", "data", "wording"},
    "document": {"store", "evidence", "figures", "wording"},
    "checking": {"evidence", "store", "wording"},
    "comparing": {"document", "wording"},
    "browser": {"lab", "store", "figures", "document", "wording"},
    "building": {
        "lab", "data", "store", "networks", "training", "search", "evidence", "sections", "wording",
        "figures", "document", "browser", "checking", "comparing",
    },
}  # fmt: skip


def room_of(path: str) -> str:
    if path.startswith(LAB):
        inner = path.removeprefix(LAB).split("/")
        return inner[0] if len(inner) > 1 else "lab"
    first, *rest = path.split("/")
    if first == "rendering":
        return rest[0] if len(rest) > 1 else "wording"
    return {"experiments": "sections"}.get(first, first)


def sources() -> list[Path]:
    folders = ("experiments", "rendering", "building")
    return [path for folder in folders for path in (PROJECT / folder).rglob("*.py")]


@functools.cache
def imported(path: Path) -> set[str]:
    """Return the project files that a module imports, in functions and for types too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            file = PROJECT / f"{name.replace('.', '/')}.py"
            if file.is_file():
                found.add(file.relative_to(PROJECT).as_posix())
    return found


def wrong_arrows(allowed=ALLOWED) -> list[str]:
    return [
        f"{path.relative_to(PROJECT)} imports {target}"
        for path in sources()
        for target in imported(path)
        for here, there in [(room_of(path.relative_to(PROJECT).as_posix()), room_of(target))]
        if here != there and there not in allowed[here]
    ]


def test_rooms_import_only_what_they_may():
    assert wrong_arrows() == []


def test_arrow_that_is_not_allowed_is_seen():
    assert wrong_arrows({**ALLOWED, "browser": {"store"}})


def test_sections_do_not_import_one_another():
    sections = {path.stem for path in (PROJECT / "experiments").glob("*.py")} - {"__init__"}
    for path in (PROJECT / "experiments").glob("*.py"):
        targets = {Path(it).stem for it in imported(path) if it.count("/") == 1}
        assert not (targets & sections) - {path.stem}, path


@pytest.mark.parametrize(
    "room", ["figures.vocabulary", "document.page", "browser.page", "browser.table"]
)
def test_rendering_imports_no_tensorflow(room):
    code = f"import sys, rendering.{room}; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0


def test_every_room_says_what_lives_there_and_no_old_place_is_left():
    folders = {path.parent for path in sources()}
    for folder in folders:
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text())), folder
    names = {folder.relative_to(PROJECT).as_posix() for folder in folders}
    assert not names & {"experiments/studies", "experiments/lab/datasets"}
    assert not re.findall(r"\b(utils|helpers|common)\b", " ".join(path.stem for path in sources()))


def test_no_two_files_of_tests_share_a_name():
    # pytest takes the second for the first where there is no bytecode yet, as in a fresh clone.
    names = Counter(path.name for path in (PROJECT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []
