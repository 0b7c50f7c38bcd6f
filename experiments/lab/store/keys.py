"""Digests: of plain data, and of the source code that a result depends on.

Source is digested as a syntax tree without docstrings, so that a comment or a reformatting changes
nothing, and with every module of this project that it imports, directly or not. A package's
`__init__.py` counts where an import names the package: `experiments` lists the sections, which is no
part of what a training depends on.
"""

import ast
import contextlib
import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from experiments.lab.store.cache import cache_folder
from experiments.lab.store.files import write_whole

PROJECT = Path(__file__).resolve().parents[3]
PACKAGES = ("experiments", "rendering")
LIBRARIES = ("tensorflow", "keras", "numpy")
MOST_REMEMBERED = 1000  # source files whose digests are remembered between builds


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
    named = dict.fromkeys(modules)
    waiting, seen = list(named), set(named)
    with _remembering() as known:
        while waiting:
            name = waiting.pop()
            path = _module_file(name, root)
            if path is not None:
                relative = path.relative_to(root).as_posix()
                found[relative], imports = _read_source(path, name, known)
                waiting += [it for it in imports if it not in seen]
                seen.update(imports)
            elif name in named:  # others are names that a module has, or modules of libraries
                raise ModuleNotFoundError(f"no module {name} in {root}")
    return dict(sorted(found.items()))


def _read_source(path: Path, name: str, known: dict[str, Any]) -> tuple[str, list[str]]:
    """Return the file's digest and what it imports; `known` has both by the content's digest."""
    content = path.read_bytes()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    key = hashlib.sha256(package.encode() + b"\0" + content).hexdigest()
    if key not in known:
        tree = ast.parse(content, filename=str(path))
        imports = sorted(set(_imports(tree, package)))
        known[key] = [hashlib.sha256(_normalized(tree).encode()).hexdigest(), imports]
    return tuple(known[key])


@contextlib.contextmanager
def _remembering() -> Iterator[dict[str, Any]]:
    """Give what is known of source files by their content, and keep what is learnt about them.

    Parsing everything takes longer than a build with nothing to do may. The memory's name has the
    digest of this module, so that another way of digesting begins a new one.
    """
    file = cache_folder() / f"sources-{file_digest(Path(__file__))[:16]}.json"
    try:
        known = dict(json.loads(file.read_bytes()))
    except (OSError, ValueError, TypeError):
        known = {}
    before = len(known)
    yield known
    if len(known) > before:
        kept = dict(list(known.items())[-MOST_REMEMBERED:])
        with contextlib.suppress(OSError):
            write_whole(file, json.dumps(kept).encode())


@functools.cache  # asked for every name that any module imports, and again for each section
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
    """Return the tree as text, the same for every Python version that parses it the same way."""
    parts: list[str] = []
    _write(tree, parts)
    return "".join(parts)


def _write(node: Any, parts: list[str]) -> None:  # noqa: ANN401
    # Written here rather than with ast.dump or ast.unparse, which differ between Python versions:
    # empty fields are left out because newer versions add such fields.
    if isinstance(node, list):
        parts.append("[")
        for item in node:
            _write(item, parts)
        parts.append("]")
    elif isinstance(node, ast.AST):
        parts.append(f"{type(node).__name__}(")
        for name, value in _fields(node):
            parts.append(f"{name}=")
            _write(value, parts)
        parts.append(")")
    else:
        parts.append(f"{node!r},")


def _fields(node: ast.AST) -> Iterator[tuple[str, Any]]:
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(node, ast.Constant):
            if name == "value":
                yield name, value
        elif name == "body" and _has_docstring(node):
            yield name, value[1:]
        elif name not in ("ctx", "type_comment") and value is not None and value != []:
            yield name, value


def _has_docstring(node: ast.AST) -> bool:
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    first = node.body[0] if node.body else None
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )


def _mapping(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not plain data")
