"""Which branches of the templates were taken: every `if`, every choice in an expression, every verdict.

The templates are compiled with a mark at the beginning of each branch. A branch is named by its
template, its line, and which of the ways it is; `said` has one for each verdict that it has words for.
"""

import functools
from collections.abc import Iterator
from typing import Any

import jinja2
from jinja2 import nodes

from rendering import claims
from rendering.document.environment import CONSTANTS, FILTERS
from rendering.document.partials import TEMPLATES

WAYS = ("above", "below", "tied", "absent")  # in the order of the words of `said`


class Branches:
    """The branches of the templates that were compiled, and those that were taken."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.taken: set[str] = set()

    def mark(self, name: str, value: object = "") -> object:
        """Note that a branch is taken, and return the value given."""
        self.taken.add(name)
        return value

    def mark_said(self, claim: object, where: str, *words: str) -> str:
        """Note which of its words `said` takes, and return them."""
        held = claims.verdict(claim)
        way = 0 if held in claims.UP else 1 if held in claims.DOWN else 2
        if held == claims.ABSENT and len(words) == 4:
            way = 3
        self.taken.add(f"{where} {WAYS[way]}")
        return claims.said(claim, *words)

    def missed(self, template: str) -> list[str]:
        """Return the branches of a template that were never taken, in order of their lines."""
        left = [name for name in self.known - self.taken if name.startswith(f"{template}:")]
        return sorted(left, key=lambda name: (int(name.split(":")[1].split()[0]), name))


class MarkedEnvironment(jinja2.Environment):
    """An environment whose templates say which branches they take."""

    branches: Branches

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        blocks = list(tree.find_all((nodes.If, nodes.For)))
        further = {id(one) for node in blocks if isinstance(node, nodes.If) for one in node.elif_}
        for node in blocks:
            if id(node) not in further:
                self._mark_block(node, name)
        self._mark_expressions(tree, name)
        return tree

    def _mark_block(self, node: Any, name: str | None) -> None:  # noqa: ANN401
        if isinstance(node, nodes.For):
            node.body.insert(0, self._statement(f"{name}:{node.lineno} for", node.lineno))
            return
        ways = [(node, "if"), *((one, "elif") for one in node.elif_)]
        for one, way in ways:
            one.body.insert(0, self._statement(f"{name}:{one.lineno} {way}", one.lineno))
        node.else_.insert(0, self._statement(f"{name}:{node.lineno} else", node.lineno))

    def _statement(self, branch: str, line: int) -> nodes.Node:
        self.branches.known.add(branch)
        return nodes.ExprStmt(_call("mark_branch", [nodes.Const(branch)], line), lineno=line)

    def _mark_expressions(self, node: nodes.Node, name: str | None) -> None:
        for child in node.iter_child_nodes():
            self._mark_expressions(child, name)
        if isinstance(node, nodes.CondExpr):
            self._mark_choice(node, name)
        if isinstance(node, nodes.Filter) and node.name == "said":
            self._mark_said(node, name)

    def _mark_choice(self, node: nodes.CondExpr, name: str | None) -> None:
        for way, side in (("expr1", "then"), ("expr2", "otherwise")):
            place = f"{name}:{node.lineno} {side} {_told(node.test)}"
            self.branches.known.add(place)
            value = getattr(node, way) or nodes.Const("")
            setattr(node, way, _call("mark_branch", [nodes.Const(place), value], node.lineno))

    def _mark_said(self, node: nodes.Filter, name: str | None) -> None:
        place = f"{name}:{node.lineno} said {_told(node.node)}"
        for way, words in zip(WAYS, node.args, strict=False):
            if not (isinstance(words, nodes.Const) and words.value == ""):
                self.branches.known.add(f"{place} {way}")
        node.name = "marked_said"
        node.args = [nodes.Const(place), *node.args]


def _call(function: str, arguments: list, line: int) -> nodes.Call:
    return nodes.Call(
        nodes.Name(function, "load", lineno=line), arguments, [], None, None, lineno=line
    )


def _told(node: nodes.Node) -> str:
    """Return the names in an expression, to tell two of one line apart."""

    def names(one: nodes.Node) -> Iterator[str]:
        if isinstance(one, nodes.Name):
            yield one.name
        for child in one.iter_child_nodes():
            yield from names(child)
        if isinstance(one, nodes.Getattr):
            yield one.attr
        if isinstance(one, nodes.Const):
            yield str(one.value)

    return ".".join(names(node))


@functools.cache
def environment() -> MarkedEnvironment:
    """Return the report's environment of templates, with marks, made once."""
    made = MarkedEnvironment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.branches = Branches()
    made.filters.update(FILTERS)
    made.globals |= CONSTANTS
    made.filters["marked_said"] = made.branches.mark_said
    made.globals["mark_branch"] = made.branches.mark
    return made
