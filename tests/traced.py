"""What a piece of code executes of this project: the oracle for closures, which only read it.

A trace function hears of every call, and of no line. TensorFlow's autograph executes copies of
functions, which it names `tf__NAME`; they are known by the class of `self`, or by their name in the
module. Import what is needed before: what a module calls to make its values would count as executed.
"""

import ast
import contextlib
import functools
import inspect
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from experiments.lab.store.keys import PACKAGES, PROJECT

CONVERTED = "tf__"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@contextlib.contextmanager
def traced() -> Iterator[set[frozenset[str]]]:
    """Give a set that grows by each function that is executed meanwhile.

    An item holds the names, as `Closure.reached` has them, of which one was executed: a single one,
    unless it is a copy by autograph whose name several functions of the module have.
    """
    executed: set[frozenset[str]] = set()
    seen = {}  # by identity, and kept: the hash of a code object is one of all that is in it

    def heard(frame, _event, _argument):
        """Hear of a call; as it returns nothing, no line in it and no return is told."""
        code = frame.f_code
        if id(code) not in seen or code.co_name.startswith(CONVERTED):
            seen[id(code)] = code
            if names := executed_by(frame):
                executed.add(frozenset(names))

    before = sys.gettrace(), threading.gettrace()
    threading.settrace(heard)
    sys.settrace(heard)
    try:
        yield executed
    finally:
        sys.settrace(before[0])
        threading.settrace(before[1])


def outside(executed: set[frozenset[str]], reached) -> set[str]:
    """Return what was executed and is not among the `reached` names of a closure."""
    held = set(reached)
    return {"|".join(sorted(names)) for names in executed if not names & held}


def executed_by(frame) -> set[str]:
    """Return the names of the definition that a frame executes; none if it is not this project's."""
    code = frame.f_code
    if code.co_name.startswith(CONVERTED):
        return converted(frame)
    if not code.co_flags & inspect.CO_OPTIMIZED:  # a module or the body of a class
        return set()
    spans = spans_of(code.co_filename)
    around = [span for span in spans if span[0] <= code.co_firstlineno <= span[1]]
    return {min(around, key=lambda span: span[1] - span[0])[2]} if around else set()


def converted(frame) -> set[str]:
    """Return the names that a copy by autograph may have been made from."""
    file = frame.f_globals.get("__file__") or ""
    name = frame.f_code.co_name.removeprefix(CONVERTED)
    owner = type(frame.f_locals.get("self"))
    for kind in owner.__mro__:
        if name in vars(kind):
            path = f"{kind.__module__}:{kind.__qualname__}.{name}"
            return {path} if kind.__module__.split(".")[0] in PACKAGES else set()
    return {held for *_, held, names in spans_of(file) if name in names}


@functools.cache
def spans_of(file: str) -> list[tuple[int, int, str, frozenset[str]]]:
    """Return first and last line, name, and names of functions within, of each definition."""
    path = Path(file)
    if not path.is_relative_to(PROJECT) or path.relative_to(PROJECT).parts[0] not in PACKAGES:
        return []
    relative = path.relative_to(PROJECT).with_suffix("").as_posix()
    module = relative.removesuffix("/__init__").replace("/", ".")
    tree = ast.parse(path.read_bytes())
    return [
        (min(lines(node)), node.end_lineno, f"{module}:{name}", functions_in(node))
        for name, node in named(tree)
    ]


def named(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield definitions and what is a definition of its own in them; methods like `__init__` are not."""
    for node in tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in ast.walk(node):
                if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
                    yield target.id, node
                    yield from entries(target.id, node.value)
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, FUNCTIONS) and not item.name.endswith("__"):
                    yield f"{node.name}.{item.name}", item


def entries(name: str, call: ast.AST | None) -> Iterator[tuple[str, ast.AST]]:
    """Yield the entries of a registry."""
    if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Registry"):
        for key, value in zip(call.args[1].keys, call.args[1].values, strict=True):
            yield f"{name}[{key.value}]", value


def lines(node: ast.AST) -> list[int]:
    """Return the first line of a definition and those of its decorators."""
    return [node.lineno, *(it.lineno for it in getattr(node, "decorator_list", []))]


def functions_in(node: ast.AST) -> frozenset[str]:
    """Return the names of the functions in a definition, its own too; a lambda is `lambda`."""
    found = {it.name for it in ast.walk(node) if isinstance(it, FUNCTIONS)}
    return frozenset(found | {"lambda" for it in ast.walk(node) if isinstance(it, ast.Lambda)})
