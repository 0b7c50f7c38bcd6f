"""Follows definitions to all that they can reach, and makes a key of it.

A reference leads through imports and re-exports to a definition of this project; a path into a library
stays text. Of a class only those methods are followed whose name occurs in what was reached, unless a
library may call them; of a registry only the entries that the settings name. A
module brings the statements that its import runs, and those of the modules that it imports.

The key does not depend on where definitions stand or what they are called: they are numbered as a
traversal from the roots first meets them, and each is written with the numbers of what it refers to.

What cannot be followed: attributes whose name is computed, `globals()`, star imports, and modules that
are imported or run by name (name a root of theirs); objects and functions that a caller hands in, if no
definition that is reached names their class or them; and methods that only a library calls, of a class
without a base in it. Entries of a registry that are only iterated over are not followed either.
"""

import functools
import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from experiments.lab.store.answers import Answers
from experiments.lab.store.definitions import CLASS, REGISTRY, VALUE, Definition
from experiments.lab.store.keys import PROJECT, digest
from experiments.lab.store.sourcefiles import SourceFiles
from experiments.lab.store.syntax import in_project

SHORT = 12  # hex digits of a definition's own digest


@dataclass(frozen=True)
class Closure:
    """What the roots reach.

    Attributes:
        key: SHA-256 of all of it as 64 hex digits.
        digests: a short digest of each definition alone, by "module:qualname", in the order in which
            they were reached. A registry's entry is "module:NAME[entry]", a module's effects are
            "module:<effects>", and a module that is used as a value is "module:*". A class's methods
            with two underscores belong to the class.
    """

    key: str
    digests: Mapping[str, str]

    @property
    def reached(self) -> tuple[str, ...]:
        """The names of the definitions, in the order in which they were reached."""
        return tuple(self.digests)


@dataclass(eq=False, slots=True)
class _Node:
    """A definition with its references resolved."""

    module: str
    name: str
    definition: Definition
    path: str = ""  # "module:name"
    digest: str = ""  # of the text, with what references to libraries stand for
    short: str = ""  # of the text, with the paths of all that it refers to
    targets: tuple["_Node", ...] = ()  # in the order of the text
    attributes: frozenset[str] = frozenset()
    parts: dict[str, "_Node"] = field(default_factory=dict)
    bases: tuple["_Node", ...] = ()
    exposed: bool = False


class DependencyGraph:
    """The project's definitions and what they refer to, read and resolved as far as is asked for.

    It sees the files as they are when it is made; `overlay` has texts in the place of files, by path in
    the project.
    """

    def __init__(self, root: Path = PROJECT, overlay: Mapping[str, str] | None = None) -> None:
        self._files = SourceFiles(root, overlay)
        self._answers = Answers(self._files.fingerprint)
        self._nodes: dict[tuple[str, str], _Node] = {}
        self._resolved: dict[str, tuple[tuple[_Node | None, str], ...]] = {}
        self._loaded: dict[str, tuple[str, ...]] = {}

    def closure(self, roots: Iterable[str], names: Iterable[str] = ()) -> Closure:
        """Return what `roots` reach: "module:qualname" of functions, classes, methods and values.

        `names` are the strings in a run's settings; they choose registries' entries. Methods are chosen
        by the string constants in the code too. Raises ValueError for a root that is not there.
        """
        starts, chosen = list(dict.fromkeys(roots)), sorted(set(names))
        question = digest([starts, chosen])
        if not (answer := self._answers.get(question)):
            search = _Search(self, chosen)
            order, key = search.finish([search.begin(*self._root(root)) for root in starts])
            answer = [key, {node.path: node.short for node in order}]
            self._answers.note(question, answer)
        return Closure(*answer)

    def remember(self) -> None:
        """Write what was found out to the cache folder, for as long as the files stay as they are."""
        self._files.remember()
        self._answers.remember()

    def _root(self, root: str) -> tuple[_Node, str]:
        """Return the node of a function, class or value, and the name of a part if one is meant."""
        module, _, qualname = root.partition(":")
        name, _, part = qualname.partition(".")
        if module not in self._files:
            raise ValueError(f"no module {module!r} for the root {root!r}")
        found = [node for node, rest in self.resolve(f"{module}.{name}") if node and not rest]
        node = next((it for it in found if it.name == name), found[0] if found else None)
        if not name or node is None or (part and part not in node.parts):
            raise ValueError(f"no definition {qualname!r} in {module} for the root {root!r}")
        return node, part

    def resolve(self, path: str) -> tuple[tuple[_Node | None, str], ...]:
        """Return what a dotted path may stand for: a node and the attributes that follow it.

        There is no node for what leads into a library, whose whole path is returned.
        """
        if path not in self._resolved:
            self._resolved[path] = tuple(dict.fromkeys(self._find(path, frozenset())))
        return self._resolved[path]

    def _find(self, path: str, seen: frozenset[str]) -> Iterator[tuple[_Node | None, str]]:
        head, *rest = path.split(".")
        if not in_project(path) or head not in self._files:
            yield None, path
        elif path not in seen:  # modules may import names from one another in a circle
            yield from self._in_module(head, rest, seen | {path})

    def _in_module(
        self, module: str, rest: list[str], seen: frozenset[str]
    ) -> Iterator[tuple[_Node | None, str]]:
        if not rest:
            yield self._whole(module), ""
            return
        read, found = self._files.module(module), []
        head, *tail = rest
        if head in read.definitions:
            found.append((self._node(module, head, read.definitions[head]), ".".join(tail)))
        for target in read.bindings.get(head, ()):
            found += self._find(".".join([target, *tail]), seen)
        if (inner := f"{module}.{head}") in self._files:
            found += self._in_module(inner, tail, seen)
        # What a module gets some other way may be any of its definitions.
        yield from found or [(self._whole(module), ".".join(rest))]

    def _node(self, module: str, name: str, definition: Definition) -> _Node:
        if (module, name) not in self._nodes:
            node = self._nodes[module, name] = _Node(module, name, definition, f"{module}:{name}")
            pattern = "{}[{}]" if definition.kind == REGISTRY else "{}.{}"
            for part, held in definition.parts.items():
                node.parts[part] = self._node(module, pattern.format(name, part), held)
        return self._nodes[module, name]

    def _whole(self, module: str) -> _Node:
        """Return the node of a module that is used as a value: all of its definitions."""
        read = self._files.module(module)
        names = sorted(read.definitions)
        references = tuple((f"{module}.{name}",) for name in names)
        return self._node(module, "*", Definition(VALUE, _hashed(names), references))

    def effects(self, module: str) -> _Node | None:
        """Return the node of the statements that importing a module runs for their effect."""
        effects = self._files.module(module).effects
        return effects and self._node(module, "<effects>", effects)

    def imported(self, module: str) -> tuple[str, ...]:
        """Return the modules that importing `module` imports itself."""
        imports = self._files.module(module).imports
        return tuple(dict.fromkeys(it for name in imports for it in self.loaded(name)))

    def loaded(self, name: str) -> tuple[str, ...]:
        """Return the module of a dotted name, or the one that has it, and the packages around it."""
        if name not in self._loaded:
            parts = name.split(".")
            names = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
            self._loaded[name] = tuple(it for it in names if it in self._files)
        return self._loaded[name]

    def link(self, node: _Node) -> _Node:
        """Resolve the references of a node, once."""
        if not node.digest:
            definition = node.definition
            texts, targets, attributes = [definition.digest], [], set(definition.attributes)
            for paths in definition.references:
                found = dict.fromkeys(it for path in paths for it in self.resolve(path))
                texts.append("|".join(f"#{rest}" if it else rest for it, rest in found))
                targets += [it for it, _ in found if it]
                for it, rest in found:
                    attributes.update(rest.split(".")[0 if it else 1 :])
            node.targets, node.attributes = tuple(targets), frozenset(attributes)
            node.digest = _hashed(texts)
            node.short = _hashed([node.digest, *(it.path for it in targets)])[:SHORT]
            if definition.kind == CLASS:
                self._link_bases(node)
        return node

    def _link_bases(self, node: _Node) -> None:
        found = [it for path in node.definition.bases for it, _ in self.resolve(path)]
        node.bases = tuple(it for it in found if it and it.definition.kind == CLASS)
        above = [self.link(base).exposed for base in node.bases]
        unknown = len(node.bases) < len(found)
        node.exposed = node.definition.exposed or unknown or any(above)


@functools.cache
def project() -> DependencyGraph:
    """Return the graph of this project, with its files as they are when it is first asked for.

    An edit in the middle of a build so makes a record stale, which says what it was made from.
    """
    return DependencyGraph()


def _hashed(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


class _Search:
    """One way through the graph: first what is reached, then the order and the key."""

    def __init__(self, graph: DependencyGraph, names: Iterable[str]) -> None:
        self._graph = graph
        self._reached: set[_Node] = set()
        self._waiting: list[_Node] = []
        self._divided: list[_Node] = []  # reached classes and registries
        self._exposed: set[_Node] = set()
        self._loaded: set[str] = set()
        self._effects: list[_Node] = []
        self._names = frozenset(names)
        self._strings, self._attributes = set(self._names), set()

    def begin(self, node: _Node, part: str) -> _Node:
        """Reach a root, and a part of it if one is named; return the root."""
        self._reach(node)
        if part:
            self._reach(node.parts[part])
        return node

    def finish(self, roots: list[_Node]) -> tuple[list[_Node], str]:
        """Follow all that was reached; return it in order, with the key."""
        while self._waiting:
            while self._waiting:
                self._take(self._waiting.pop())
            self._follow_names()
        numbering = _Numbering(self._reached)
        numbering.write(roots)
        # By their text, since modules have no order of their own.
        numbering.write(sorted(self._effects, key=lambda node: (node.digest, node.module)))
        return numbering.order, numbering.key()

    def _reach(self, node: _Node) -> None:
        if node not in self._reached:
            self._reached.add(node)
            self._waiting.append(node)

    def _take(self, node: _Node) -> None:
        self._graph.link(node)
        self._strings |= node.definition.strings
        self._attributes |= node.attributes
        for target in node.targets:
            self._reach(target)
        for name in (node.module, *node.definition.imports):
            self._load(name)
        if node.parts:
            self._divided.append(node)
        if node.exposed:
            self._expose(node)

    def _load(self, name: str) -> None:
        """Reach the effects of the module of that dotted name, and of all that it imports."""
        waiting = list(self._graph.loaded(name))
        while waiting:
            module = waiting.pop()
            if module not in self._loaded:
                self._loaded.add(module)
                waiting += self._graph.imported(module)
                if effects := self._graph.effects(module):
                    self._effects.append(effects)
                    self._reach(effects)

    def _expose(self, node: _Node) -> None:
        """Let a library call the methods of a class and of the project's classes above it."""
        if node not in self._exposed:
            self._exposed.add(node)
            for base in node.bases:
                self._expose(base)

    def _follow_names(self) -> None:
        """Reach the methods and entries that are named by now."""
        for node in self._divided:
            for name, part in node.parts.items():
                if part not in self._reached and self._is_named(node, name):
                    self._reach(part)

    def _is_named(self, node: _Node, name: str) -> bool:
        if node.definition.kind != CLASS:
            return name in self._names
        return name in self._strings or name in self._attributes or node in self._exposed


class _Numbering:
    """Writes what was reached with numbers in the place of names, in the order of first sight."""

    def __init__(self, reached: set[_Node]) -> None:
        self._reached = reached
        self._numbers: dict[_Node, int] = {}
        self._waiting: deque[_Node] = deque()
        self._text = hashlib.sha256()
        self.order: list[_Node] = []

    def write(self, starts: Iterable[_Node]) -> None:
        """Write the numbers of `starts`, and then all that they lead to."""
        self._line("starts", starts)
        while self._waiting:
            unit = self._waiting.popleft()
            self._definition("", unit)
            for name, part in sorted(unit.parts.items()):
                if part in self._reached:
                    self._definition(repr(name), part)

    def key(self) -> str:
        """Return the SHA-256 of all that was written as 64 hex digits."""
        return self._text.hexdigest()

    def _definition(self, name: str, node: _Node) -> None:
        self.order.append(node)
        self._line(f"{name} {node.digest}", node.targets)

    def _line(self, text: str, targets: Iterable[_Node]) -> None:
        numbers = " ".join([str(self._number(node)) for node in targets])
        self._text.update(f"{text} {numbers}\n".encode())

    def _number(self, node: _Node) -> int:
        if node not in self._numbers:
            self._numbers[node] = len(self._numbers)
            self._waiting.append(node)
        return self._numbers[node]
