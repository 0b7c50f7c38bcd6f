"""What a statement at the top of a module binds, changes and does."""

import ast
from collections.abc import Iterator

from experiments.lab.store.syntax import dotted

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def walk(node: ast.AST | list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the node, or nodes, and all that is in it."""
    for root in node if isinstance(node, list) else [node]:
        yield from ast.walk(root)


def own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the node and what runs in its own scope: no bodies of functions and classes."""
    yield node
    if isinstance(node, COMPREHENSIONS):  # whose variables are their own, but for those of `:=`
        yield from (it.target for it in ast.walk(node) if isinstance(it, ast.NamedExpr))
    elif not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from own(child)


def _is_written(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


def bound(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds, imports apart."""
    names = set()
    for node in own(statement):
        if isinstance(node, ast.Name) and _is_written(node):
            names.add(node.id)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.MatchAs, ast.MatchStar)):
            names.add(node.name)
        elif isinstance(node, ast.MatchMapping):
            names.add(node.rest)
    return names - {None}


def changed(statement: ast.stmt) -> set[str]:
    """Return the names of which a statement sets a part: `TABLE["x"] = 1`, `del point.x`."""
    names = set()
    for node in own(statement):
        if isinstance(node, ast.Subscript | ast.Attribute) and _is_written(node):
            while isinstance(node, ast.Subscript | ast.Attribute):
                node = node.value
            names.update(dotted(node))
    return names


def is_effect(statement: ast.stmt) -> bool:
    """Return whether a statement does more at import than to bind names."""
    inside = [it for it in own(statement) if isinstance(it, ast.stmt) and not _is_constant(it)]
    if changed(statement) or any(
        isinstance(it, ast.Expr | ast.Delete | ast.Assert | ast.Raise) for it in inside
    ):
        return True
    idle = ast.Import | ast.ImportFrom | ast.Pass | ast.If | ast.Try
    return not bound(statement) and not all(isinstance(it, idle) for it in inside)


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def is_main_guard(statement: ast.stmt) -> bool:
    """Return whether a statement is the block that runs a module as a script."""
    return isinstance(statement, ast.If) and ast.unparse(statement.test) in (
        "__name__ == '__main__'",
        "'__main__' == __name__",
    )


def is_for_types(statement: ast.stmt) -> bool:
    """Return whether a statement is there for the type checker alone."""
    if not isinstance(statement, ast.If) or statement.orelse:
        return False
    return dotted(statement.test)[-1:] == ["TYPE_CHECKING"]
