"""Reads a source file into definitions: functions, classes with their methods, values, and effects.

Nothing of the project is imported. What this cannot see: names that `from x import *` binds, what is
found through `globals()`, `importlib.import_module` or an attribute whose name is computed, and what
the decorator of a definition does with it elsewhere. The block under `if __name__ == "__main__"` is left
out, for an import does not run it.
"""

import ast
import builtins
import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.lab.store.statements import (
    FUNCTIONS,
    bound,
    changed,
    is_effect,
    is_for_types,
    is_main_guard,
    own,
    walk,
)
from experiments.lab.store.syntax import (
    LONGEST_NAME,
    Bindings,
    Writer,
    dotted,
    in_project,
)

FUNCTION, CLASS, VALUE, REGISTRY = "function", "class", "value", "registry"
REGISTRY_PATH = "experiments.lab.store.registry.Registry"
# What calls no method of a class that stands on it, but for those with two underscores.
HARMLESS = {
    "object",
    "abc.ABC",
    "dataclasses.dataclass",
    "typing.Generic",
    "typing.NamedTuple",
    "typing.Protocol",
}


@dataclass(frozen=True)
class Definition:
    """A definition as it is written, with its references unresolved.

    Attributes:
        kind: "function", "class", "value" or "registry".
        digest: SHA-256 of the normalized text, with a placeholder for each reference.
        references: for each placeholder, the dotted paths that it may stand for.
        strings: string constants that could be a name.
        attributes: names of attributes of what is no reference.
        imports: dotted names that the definition itself imports from this project.
        parts: a class's methods or a registry's entries, by name. A class's own text has its bases,
            decorators, class-level statements and the methods with two underscores.
        bases: dotted paths of a class's bases in this project.
        exposed: whether a library may call the class's methods.
    """

    kind: str
    digest: str
    references: tuple[tuple[str, ...], ...] = ()
    strings: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    imports: tuple[str, ...] = ()
    parts: Mapping[str, "Definition"] = field(default_factory=dict)
    bases: tuple[str, ...] = ()
    exposed: bool = False

    def to_json(self) -> list[Any]:
        """Return the definition as plain data."""
        parts = {name: part.to_json() for name, part in self.parts.items()}
        names = [sorted(self.strings), sorted(self.attributes), self.imports]
        return [self.kind, self.digest, self.references, *names, parts, self.bases, self.exposed]

    @classmethod
    def from_json(cls, plain: list[Any]) -> "Definition":
        """Return the definition that `to_json` gave."""
        kind, digest, references, strings, attributes, imports, parts, bases, exposed = plain
        return cls(
            kind,
            digest,
            tuple(map(tuple, references)),
            frozenset(strings),
            frozenset(attributes),
            tuple(imports),
            {name: cls.from_json(part) for name, part in parts.items()},
            tuple(bases),
            exposed,
        )


@dataclass(frozen=True)
class Module:
    """What a source file defines.

    Attributes:
        definitions: by name.
        bindings: the dotted paths that each imported name may stand for.
        imports: dotted names that importing the module imports from this project.
        effects: the statements that bind nothing, as one definition.
    """

    definitions: Mapping[str, Definition] = field(default_factory=dict)
    bindings: Bindings = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    effects: Definition | None = None

    def to_json(self) -> list[Any]:
        """Return the module as plain data."""
        made = {name: it.to_json() for name, it in self.definitions.items()}
        return [made, self.bindings, self.imports, self.effects and self.effects.to_json()]

    @classmethod
    def from_json(cls, plain: list[Any]) -> "Module":
        """Return the module that `to_json` gave."""
        definitions, bindings, imports, effects = plain
        made = {name: Definition.from_json(it) for name, it in definitions.items()}
        paths = {name: tuple(targets) for name, targets in bindings.items()}
        return cls(made, paths, tuple(imports), effects and Definition.from_json(effects))


def read_module(source: str | bytes, name: str, is_package: bool = False) -> Module:
    """Return what `source` defines as the module of that dotted name. Raises SyntaxError."""
    return _Reader(ast.parse(source, name), name, is_package).read()


class _Reader:
    """Sorts a module's statements by what they bind, and writes each definition down."""

    def __init__(self, tree: ast.Module, name: str, is_package: bool) -> None:
        self._name = name
        self._package = name if is_package else name.rpartition(".")[0]
        self._body = [it for it in tree.body if not is_main_guard(it)]
        self._imports = self._imported(it for it in self._body for it in own(it))
        self._statements = self._sorted()
        here = {it: [f"{name}.{it}"] for it in self._statements}
        self._bindings = _united(here, self._imports)

    def read(self) -> Module:
        effects = [it for it in self._body if is_effect(it)]
        at_import = (it for it in self._body if not is_for_types(it))
        return Module(
            {name: self._definition(held) for name, held in self._statements.items()},
            self._imports,
            self._loaded(it for it in at_import for it in own(it)),
            self._written(VALUE, effects) if effects else None,
        )

    def _sorted(self) -> dict[str, list[ast.stmt]]:
        """Return for each name of the module the statements that bind or change it."""
        known = {name for statement in self._body for name in bound(statement)}
        statements = defaultdict(list)
        for statement in self._body:
            for name in sorted(bound(statement) | (changed(statement) & known)):
                statements[name].append(statement)
        return statements

    def _definition(self, statements: list[ast.stmt]) -> Definition:
        first = statements[0]
        if len(statements) > 1:
            return self._written(VALUE, statements)
        if isinstance(first, FUNCTIONS):
            return self._written(FUNCTION, first)
        if isinstance(first, ast.ClassDef):
            return self._class(first)
        if entries := self._entries(first):
            return self._registry(first, entries)
        return self._written(VALUE, first)

    def _written(
        self, kind: str, node: ast.AST | list[ast.stmt], attributes: Iterable[str] = (), **more: Any
    ) -> Definition:
        inside = list(walk(node))
        writer = Writer(_united(self._imported(inside), self._bindings))
        writer.write(node, nameless=True)
        return Definition(
            kind,
            writer.digest(),
            tuple(writer.references),
            frozenset(writer.strings),
            frozenset(writer.attributes.union(attributes)),
            self._loaded(inside),
            **more,
        )

    def _class(self, node: ast.ClassDef) -> Definition:
        methods, skeleton = _divided(node)
        made = {name: self._written(FUNCTION, held) for name, held in methods.items()}
        bases = [path for base in node.bases for path in self._paths(base) if in_project(path)]
        return self._written(
            CLASS,
            skeleton,
            attributes=_class_level_names(node) & set(methods),
            parts=made,
            bases=tuple(bases),
            exposed=self._is_exposed(node),
        )

    def _is_exposed(self, node: ast.ClassDef) -> bool:
        """Return whether a base or decorator from outside the project may call the methods."""
        decorators = [it for it in node.decorator_list if self._paths(it)]
        outside = [
            not paths or any(not in_project(path) and not _is_harmless(path) for path in paths)
            for paths in map(self._paths, [*node.bases, *decorators])
        ]
        return bool(node.keywords) or any(outside)

    def _paths(self, node: ast.expr) -> tuple[str, ...]:
        """Return what a base or decorator may stand for, without its arguments; none if unknown."""
        while isinstance(node, ast.Subscript | ast.Call):
            node = node.value if isinstance(node, ast.Subscript) else node.func
        head, *rest = dotted(node) or [""]
        return tuple(
            ".".join([it, *rest]) for it in self._bindings.get(head, [head] if head else [])
        )

    def _entries(self, statement: ast.stmt) -> dict[str, ast.expr]:
        """Return the entries of a registry that is written down as a literal; none for all else."""
        call = getattr(statement, "value", None)
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or not isinstance(call, ast.Call):
            return {}
        if self._paths(call) != (REGISTRY_PATH,) or call.keywords:
            return {}
        if len(call.args) != 2 or not isinstance(call.args[1], ast.Dict):
            return {}
        keys = [getattr(key, "value", None) for key in call.args[1].keys]
        named = all(isinstance(key, str) and len(key) <= LONGEST_NAME for key in keys)
        if not named or len(set(keys)) < len(keys):
            return {}
        return dict(zip(keys, call.args[1].values, strict=True))

    def _registry(self, statement: ast.stmt, entries: dict[str, ast.expr]) -> Definition:
        bare = copy.copy(statement)
        bare.value = ast.Call(statement.value.func, statement.value.args[:1], [])
        made = {name: self._written(VALUE, value) for name, value in entries.items()}
        return self._written(REGISTRY, bare, parts=made)

    def _imported(self, nodes: Iterable[ast.AST]) -> dict[str, tuple[str, ...]]:
        """Return what the imports among `nodes` bind, as dotted paths."""
        bound = defaultdict(dict)
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    head = alias.name.split(".")[0]
                    bound[alias.asname or head][alias.name if alias.asname else head] = None
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    bound[alias.asname or alias.name][f"{self._base(node)}.{alias.name}"] = None
        return {name: tuple(paths) for name, paths in bound.items()}

    def _loaded(self, nodes: Iterable[ast.AST]) -> tuple[str, ...]:
        """Return the dotted names in this project that the imports among `nodes` load."""
        loaded: dict[str, None] = {}
        for node in nodes:
            if isinstance(node, ast.Import):
                loaded |= dict.fromkeys(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                # A name may be a module of its own.
                loaded |= dict.fromkeys(f"{self._base(node)}.{alias.name}" for alias in node.names)
        return tuple(filter(in_project, loaded))

    def _base(self, node: ast.ImportFrom) -> str:
        base = self._package.rsplit(".", node.level - 1)[0] if node.level else ""
        return ".".join(part for part in (base, node.module) if part)


def _united(*bindings: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Return all paths that a name may stand for, those of the first bindings first."""
    united = defaultdict(dict)
    for held in bindings:
        for name, paths in held.items():
            united[name] |= dict.fromkeys(paths)
    return {name: tuple(paths) for name, paths in united.items()}


def _divided(node: ast.ClassDef) -> tuple[dict[str, list[ast.stmt]], ast.ClassDef]:
    """Return a class's methods by name, and the class without them."""
    methods, special, rest = defaultdict(list), [], []
    for item in node.body:
        if not isinstance(item, FUNCTIONS):
            rest.append(item)
        elif item.name.startswith("__") and item.name.endswith("__"):
            special.append(item)
        else:
            methods[item.name].append(item)
    skeleton = copy.copy(node)
    skeleton.body = rest + sorted(special, key=lambda it: it.name)
    return methods, skeleton


def _class_level_names(node: ast.ClassDef) -> set[str]:
    """Return the names that a class's statements and its methods' decorators and defaults use."""
    names = set()
    for item in node.body:
        parts, itself = [item], ""
        if isinstance(item, FUNCTIONS):
            defaults = [it for it in item.args.kw_defaults if it]
            parts, itself = [*item.decorator_list, *item.args.defaults, *defaults], item.name
        names |= {it.id for it in walk(parts) if isinstance(it, ast.Name)} - {itself}
    return names


def _is_harmless(path: str) -> bool:
    known = getattr(builtins, path, None)
    return path in HARMLESS or (isinstance(known, type) and issubclass(known, BaseException))
