"""What is imported is declared, what is declared is imported, and the lock agrees with both."""

import ast
import functools
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

from experiments.lab.store.keys import PACKAGES, PROJECT

PROGRAM = ("build_report.py", *PACKAGES)
# What is needed and never imported.
UNIMPORTED = {
    "pytest-xdist": "pytest's option -n, in pyproject.toml",
    "ruff": "a command",
    "fontpkg-source-serif-4": "found by fontpkg",
    "fontpkg-source-sans-3": "found by fontpkg",
    "fontpkg-source-code-pro": "found by fontpkg",
    "mutmut": "a command",
    "pip-audit": "a command",
    "uv": "a command",
}
# What the program imports only when it is asked for, and names where it is missing.
OPTIONAL = {"pyarrow": "--export parquet"}
# What is imported and not declared.
UNDECLARED = {"torch": "a contestant of the benchmarks, which say that it is missing"}


def pins(name: str) -> list[tuple[str, str]]:
    """Return name and version of every pin that stands in a file of requirements itself."""
    text = (PROJECT / name).read_text()
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", text, re.MULTILINE)
    return [(normal(package), version) for package, version in found]


def declared(name: str) -> set[str]:
    return {package for package, _ in pins(name)}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def files(*places: str) -> list[Path]:
    paths = [PROJECT / place for place in places]
    return [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))]


def imported(paths: Iterable[Path]) -> set[str]:
    """Return the distributions of the libraries that the files import, inside functions too."""
    modules = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(node.module.partition(".")[0])
    known = distributions()
    foreign = modules - sys.stdlib_module_names - own_modules()
    return {normal(known.get(module, [module])[0]) for module in foreign}


@functools.cache
def distributions() -> Mapping[str, list[str]]:
    return packages_distributions()  # a second each time


def own_modules() -> set[str]:
    # The folder tests is on the path too; some tests import a module beside them.
    folders = {path.name for path in PROJECT.iterdir() if path.is_dir()}
    inner = {path.stem for path in (PROJECT / "tests").rglob("*") if path.suffix in ("", ".py")}
    return folders | inner | {"build_report"}


def test_program_imports_what_is_declared_and_nothing_else():
    needed = imported(files(*PROGRAM)) - set(OPTIONAL)
    assert needed == declared("requirements.txt") - set(UNIMPORTED)


def test_tests_import_what_is_declared_for_them_and_for_the_program():
    needed = imported(files("tests")) - declared("requirements.txt")
    assert needed == declared("requirements-dev.txt") - set(UNIMPORTED)


def test_benchmarks_import_what_the_program_does_and_their_contestants():
    needed = imported(files("benchmarks")) - declared("requirements.txt")
    needed -= declared("requirements-dev.txt")
    assert needed == set(UNDECLARED) | declared("requirements-benchmarks.txt")


def test_what_is_never_imported_is_declared_with_a_reason():
    names = ("requirements.txt", "requirements-dev.txt", "requirements-release.txt")
    assert set(UNIMPORTED) <= set().union(*map(declared, names))


def test_import_that_nobody_declared_is_seen(tmp_path):
    (tmp_path / "one.py").write_text("def f():\n    import sklearn.svm, nowhere.at_all, os\n")
    assert imported([tmp_path / "one.py"]) == {"scikit-learn", "nowhere"}


def test_lock_has_the_declared_versions_with_hashes_and_names_no_registry():
    text = (PROJECT / "requirements.lock").read_text()
    locked, wanted = pins("requirements.lock"), pins("requirements.txt")
    assert [pin for pin in locked if pin[0] in dict(wanted)] == sorted(wanted)
    entries = re.findall(r"^[A-Za-z0-9._-]+==(?:.*\\\n)+.*", text, re.MULTILINE)
    assert len(entries) == len(locked)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|index-url|find-links", text)
