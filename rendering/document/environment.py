"""The templates' environment: it escapes, stops at an undefined name, and marks what claims decided.

What an `if` or a choice prints whose condition compares a claim's verdict stands between the marks of
that claim, so that a reader of the page can tell a sentence about a result from any other.
"""

import functools
from collections.abc import Iterable
from pathlib import Path

import jinja2
from jinja2 import nodes
from markupsafe import Markup

from experiments.lab.evidence.claims import CONFIDENCE
from rendering import claims, marks, printed
from rendering.document.references import REFERENCES
from rendering.traced import asked_for, order

_BLANK, _BEGIN, _END, _WORDS = "claims_unasked", "claims_begin", "claims_end", "claims_words"


def bare(text: str) -> str:
    """Return a text without marks and space around it: empty if it says nothing."""
    return marks.bare(text).strip()


def setting(value: object) -> str:
    """Return what this project chose, such as a size or a level, marked as no result."""
    return marks.of_constant(str(value), marks.SETTING)


def reported(value: object, key: str) -> str:
    """Return what the work named `key` among the references reports, marked as no result."""
    if key not in REFERENCES:
        raise KeyError(f"there is no reference named {key!r}")
    return marks.of_constant(str(value), key)


def declared(text: str, kind: str) -> Markup:
    """Return a text of no result as one of `kind`: what it is in a template between `<!--kind-->` marks.

    Raises KeyError for a kind that is none of `marks.DECLARED`.
    """
    if kind not in marks.DECLARED:
        raise KeyError(f"text is declared as one of {', '.join(marks.DECLARED)}, not as {kind!r}")
    return Markup(f"<!--{kind}-->{{}}<!--/{kind}-->").format(text)  # noqa: S704


def most(text: str, value: object, values: Iterable[object]) -> str:
    """Return a superlative that rests on `value` being the most of `values`, or as much as the most."""
    return order(text, marks.MOST, value, values)


def least(text: str, value: object, values: Iterable[object]) -> str:
    """Return a superlative that rests on `value` being the least of `values`, or as little."""
    return order(text, marks.LEAST, value, values)


CONSTANTS = {"confidence": setting(f"{100 * CONFIDENCE:.0f} %")}
FILTERS = {
    **printed.FILTERS,
    **claims.FILTERS,
    "bare": bare,
    "stripped": marks.stripped,
    "setting": setting,
    "reported": reported,
    "declared": declared,
    "most": most,
    "least": least,
}


@functools.cache
def environment_of(templates: Path) -> jinja2.Environment:
    """Return the environment of a folder of templates.

    There is one for each folder, so that a build, which renders its report many times, compiles a
    template once, and again when its file has changed.
    """
    made = ReportEnvironment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    made.globals |= CONSTANTS
    return made


class ReportEnvironment(jinja2.Environment):
    """An environment whose templates say which claims decided what they print."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self._open: list[int] = []
        self.globals |= {
            _BLANK: _unasked, _BEGIN: self._begin, _END: self._end, _WORDS: _words
        }  # fmt: skip

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        blocks = list(tree.find_all(nodes.If))
        choices = list(tree.find_all(nodes.CondExpr))
        further = {id(one) for block in blocks for one in block.elif_}
        for block in blocks:
            _mark(block)
            if id(block) not in further:
                block.test = _afresh(block.test)
        for choice in choices:
            choice.test = _afresh(choice.test)
            choice.expr1 = _call(_WORDS, choice.expr1)
            choice.expr2 = _call(_WORDS, choice.expr2 or nodes.Const("", lineno=choice.lineno))
        return tree

    def _begin(self) -> Markup:
        claims_asked = dict(asked_for)
        asked_for.clear()
        self._open.append(len(claims_asked))
        return Markup(_begun(claims_asked))  # noqa: S704

    def _end(self) -> Markup:
        return Markup(marks.claim_ends() * self._open.pop())  # noqa: S704


def _unasked() -> bool:
    asked_for.clear()
    return True


def _words(value: object) -> object:
    """Return words that a claim decided with its marks; anything else, and no words, as it is."""
    if not asked_for or not isinstance(value, str) or not value.strip():
        return value
    return _begun(asked_for) + value + marks.claim_ends() * len(asked_for)


def _begun(verdicts: dict[str, str]) -> str:
    return "".join(marks.claim_begins(path, verdict) for path, verdict in verdicts.items())


def _mark(block: nodes.If) -> None:
    for body in (block.body, block.else_):
        if body:
            line = block.lineno
            body.insert(0, nodes.Output([_call(_BEGIN, line=line)], lineno=line))
            body.append(nodes.Output([_call(_END, line=line)], lineno=line))


def _afresh(test: nodes.Expr) -> nodes.Expr:
    """Return a condition before which no claim counts as asked for."""
    return nodes.And(_call(_BLANK, line=test.lineno), test, lineno=test.lineno)


def _call(function: str, *arguments: nodes.Expr, line: int | None = None) -> nodes.Call:
    line = line or arguments[0].lineno
    name = nodes.Name(function, "load", lineno=line)
    return nodes.Call(name, list(arguments), [], None, None, lineno=line)
