"""Source code as text that only a change of meaning changes, and the names that occur in it.

Comments, docstrings, formatting and imports leave no trace in the text, and it is the same for every
Python version that parses the code the same way. A name that the module binds is a reference: a
placeholder stands for it in the text, so that `closure` can say what it stands for.
"""

import ast
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from experiments.lab.store.keys import PACKAGES

LONGEST_NAME = 40  # characters; a longer string is prose, and no name
REFERENCE = "\0"  # in no text: `repr` escapes it

Bindings = Mapping[str, tuple[str, ...]]


class Writer:
    """Writes syntax trees as normalized text, and collects what they name.

    `bindings` gives, for a name, the dotted paths that it may stand for: local imports, imports and
    definitions of the module. A name that is none of them is local or built in. Which scope binds a
    name is not asked: a local variable that is called as a definition of the module only adds a
    dependency, and can never hide one.

    Attributes:
        references: for each placeholder in the text, the dotted paths that it may stand for.
        strings: constants that could be a name, and the parts of those with dots.
        attributes: names of attributes, of what is no reference.
    """

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self._parts: list[str] = []
        self.references: list[tuple[str, ...]] = []
        self.strings: set[str] = set()
        self.attributes: set[str] = set()

    def digest(self) -> str:
        """Return the SHA-256 of the text so far as 64 hex digits."""
        return hashlib.sha256("".join(self._parts).encode()).hexdigest()

    def write(self, node: Any, quoted: bool = False, nameless: bool = False) -> None:  # noqa: ANN401
        """Add a node, a list of nodes, or a value in a node to the text.

        `quoted` says that a string is an annotation, `nameless` leaves out the name that is defined.
        """
        if isinstance(node, list):
            self._list(node, quoted)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            return
        elif chain := dotted(node):
            self._name(chain)
        elif isinstance(node, ast.Constant):
            self._constant(node, quoted)
        elif isinstance(node, ast.Global):
            self.write([ast.Name(name) for name in node.names])
        elif isinstance(node, ast.AST):
            self._node(node, quoted, nameless)
        else:
            self._parts.append(f"{node!r},")

    def _list(self, nodes: list[Any], quoted: bool) -> None:
        self._parts.append("[")
        for node in nodes:
            self.write(node, quoted)
        self._parts.append("]")

    def _node(self, node: ast.AST, quoted: bool, nameless: bool) -> None:
        if isinstance(node, ast.Attribute):
            self.attributes.add(node.attr)
        elif isinstance(node, ast.MatchClass):
            self.attributes.update(node.kwd_attrs)
        self._parts.append(f"{type(node).__name__}(")
        for name, value in _fields(node):
            if not (nameless and name == "name"):
                self._parts.append(f"{name}=")
                self.write(value, quoted or name in ("annotation", "returns"))
        self._parts.append(")")

    def _name(self, chain: list[str]) -> None:
        head, *rest = chain
        paths = tuple(".".join([target, *rest]) for target in self._bindings.get(head, ()))
        if not paths:
            self._parts.append(f"name({'.'.join(chain)})")
            self.attributes.update(rest)
        elif len(paths) == 1 and not in_project(paths[0]):
            # The whole path, so that another way of importing it changes nothing.
            self._parts.append(f"library({paths[0]})")
            self.attributes.update(paths[0].split(".")[1:])
        else:
            self._parts.append(REFERENCE)
            self.references.append(paths)

    def _constant(self, node: ast.Constant, quoted: bool) -> None:
        value = node.value
        if isinstance(value, str):
            self.strings.update(_names_in(value))
            if quoted and (annotation := _parsed(value)):
                self._parts.append("quoted(")
                self.write(annotation, quoted)
                self._parts.append(")")
                return
        self._parts.append(f"{value!r},")


def dotted(node: Any) -> list[str]:  # noqa: ANN401
    """Return the names in a chain of attributes that starts at a name; none for another node."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []


def in_project(path: str) -> bool:
    """Return whether a dotted path leads into this project."""
    return path.split(".", 1)[0] in PACKAGES


def _fields(node: ast.AST) -> Iterator[tuple[str, Any]]:
    # Not ast.dump or ast.unparse, which differ between Python versions: empty fields are left out
    # because newer versions add such fields.
    for name in node._fields:
        value = getattr(node, name, None)
        if name == "body" and _has_docstring(node):
            yield name, value[1:]
        elif name not in ("ctx", "type_comment") and value is not None and value != []:
            yield name, value


def _has_docstring(node: ast.AST) -> bool:
    if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return bool(node.body) and _is_string(node.body[0])


def _is_string(statement: ast.AST) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _names_in(value: str) -> list[str]:
    if len(value) > LONGEST_NAME:
        return []
    parts = value.split(".")
    return [value, *parts] if all(map(str.isidentifier, parts)) else [value]


def _parsed(annotation: str) -> ast.expr | None:
    try:
        return ast.parse(annotation, mode="eval").body
    except (SyntaxError, ValueError):
        return None
