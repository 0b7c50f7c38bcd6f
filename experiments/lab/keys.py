"""Digests: of plain data, and of the source code that a result depends on.

Source is digested as a syntax tree without docstrings, so that a comment or a reformatting changes
nothing, and with every module of this project that it imports, directly or not.
"""

import ast
import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("experiments", "rendering")
LIBRARIES = ("tensorflow", "keras", "numpy")


def digest(value: Any) -> str:  # noqa: ANN401
    """Return the SHA-256 of plain data as 64 hex digits; the order of mapping keys does not matter.

    Raises TypeError for what JSON does not know. Tuples count as lists.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_mapping)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that results depend on, without importing them."""
    return {name: version(name) for name in LIBRARIES}


def source_digests(modules: Iterable[str], root: Path = PROJECT) -> dict[str, str]:
    """Return the digest of each source file that `modules` stand on, by its path in the project.

    `modules` are dotted names ("experiments.lab.training"). What they import from this project is
    followed, in functions too. Raises ModuleNotFoundError for an unknown module.
    """
    found: dict[str, str] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        path = _module_file(name, root)
        if path is None:
            raise ModuleNotFoundError(f"no module {name} in {root}")
        relative = path.relative_to(root).as_posix()
        if relative not in found:
            found[relative], imports = _read_source(path, path.stat().st_mtime_ns, name)
            waiting += [module for module in imports if _module_file(module, root)]
    return dict(sorted(found.items()))


@functools.lru_cache(maxsize=1024)
def _read_source(path: Path, _modified: int, name: str) -> tuple[str, tuple[str, ...]]:
    tree = ast.parse(path.read_bytes())
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    imports = tuple(sorted(set(_imports(tree, package))))
    return hashlib.sha256(_normalized(tree).encode()).hexdigest(), imports


def _module_file(name: str, root: Path) -> Path | None:
    if name.split(".")[0] not in PACKAGES:
        return None
    base = root.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Yield every dotted name that is imported anywhere in the tree, in functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _normalized(tree: ast.AST) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]
    # Unparsed rather than dumped: the dump of the same tree differs between Python versions.
    return ast.unparse(tree)


def _mapping(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not plain data")
