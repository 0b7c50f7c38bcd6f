"""Marks around printed text that say where it comes from; the page turns them into elements at its end.

A mark is made of characters of Unicode's private use area, which no other step changes or escapes: text
that is joined, formatted, put into a table's cell or begun with a capital keeps its marks. What is shown
elsewhere than on the report's page is `bare`.

A value becomes `<data value="0.5975" data-path="learning-rates/scores/test_accuracy">59.8 %</data>`. What
a claim decided stands between `<!--claim learning-rates/claims/NAME better-->` and `<!--/claim-->`:
comments, since it may be words, paragraphs or the rows of a table. A word that rests on a value being the
most of several stands between `<!--most PATH of PATH PATH-->` and `<!--/most-->`, or `least`.
"""

import html
import re
from collections.abc import Iterable

_VALUE, _CLAIM, _SAID, _END_VALUE, _END_CLAIM = "\ue100", "\ue101", "\ue102", "\ue103", "\ue104"
_ORDER, _END_MOST, _END_LEAST = "\ue105", "\ue106", "\ue107"
MOST, LEAST = "most", "least"  # of all others, or as much
# Kinds of text about no result: what a word means, how something was done, what is known from elsewhere,
# and what a result leaves open.
DECLARED = ("definition", "method", "background", "caveat")
_ENDS_OF = {MOST: _END_MOST, LEAST: _END_LEAST}
_CLOSING = f"{_END_VALUE}{_END_CLAIM}{_END_MOST}{_END_LEAST}"
_CONSTANT = "="  # in the place of a path, before the source of what is no result
SETTING = "setting"  # the source of a constant that this project chose
_BYTE = 0xE200  # the character for byte 0 of what a mark says
_SAYS = f"[{chr(_BYTE)}-{chr(_BYTE + 255)}]*"
_MARK = re.compile(f"([{_VALUE}{_CLAIM}{_ORDER}])({_SAYS}){_SAID}|[{_CLOSING}]")
_FRONT = re.compile(f"(?:{_MARK.pattern})*")
_ENDS = re.compile(rf"\A(?:\s|{_MARK.pattern})+|[\s{_CLOSING}]+\Z")
_EMPTY = re.compile(f"{_CLAIM}{_SAYS}{_SAID}(\\s*){_END_CLAIM}")
_TAG = re.compile(r"(<(?:!--.*?--|[^>]*)>)", re.DOTALL)


def of_value(text: str, values: str, paths: Iterable[str]) -> str:
    """Return a text with marks that say which values it prints, apart by spaces, and their paths."""
    said = _hidden(f"{values}\0{' '.join(paths)}")
    return f"{_VALUE}{said}{_SAID}{text}{_END_VALUE}"


def of_constant(text: str, source: str) -> str:
    """Return a text with marks that say that it is no result, but a setting, or reported in a work."""
    return of_value(text, text, [_CONSTANT + source])


def claim_begins(path: str, verdict: str) -> str:
    """Return the mark before what a claim with this verdict decided."""
    return f"{_CLAIM}{_hidden(f'{path} {verdict}')}{_SAID}"


def claim_ends() -> str:
    """Return the mark after what a claim decided."""
    return _END_CLAIM


def of_order(text: str, kind: str, path: str, others: Iterable[str]) -> str:
    """Return a text with marks that say that it rests on a value being MOST or LEAST of these."""
    said = _hidden(f"{kind} {path} of {' '.join(others)}")
    return f"{_ORDER}{said}{_SAID}{text}{_ENDS_OF[kind]}"


def claims_in(text: str) -> list[str]:
    """Return the paths of the claims that decided some of a text, in the order of their marks."""
    found = (_shown(mark[2]) for mark in _MARK.finditer(text) if mark[1] == _CLAIM)
    return [said.partition(" ")[0] for said in found]


def without_empty(text: str) -> str:
    """Return a text without the marks of claims that decided nothing of it."""
    while (shorter := _EMPTY.sub(r"\1", text)) != text:
        text = shorter
    return text


def bare(text: str) -> str:
    """Return a text without marks; its type stays."""
    return type(text)(_MARK.sub("", text))


def stripped(text: str) -> str:
    """Return a text without space at its ends, nor inside of the marks that stand there."""
    return type(text)(_ENDS.sub(lambda end: re.sub(r"\s", "", end[0]), text))


def begun(text: str) -> str:
    """Return a text that begins with a capital, whatever marks stand before it."""
    front = _FRONT.match(text).end()
    return text[:front] + text[front : front + 1].upper() + text[front + 1 :]


def resolved(page: str) -> str:
    """Return some HTML with elements and comments in the place of marks, those within tags left out."""
    parts = _TAG.split(without_empty(page))
    return "".join(bare(it) if it[:1] == "<" else _MARK.sub(_element, it) for it in parts)


def _element(mark: re.Match[str]) -> str:
    if mark[0] == _END_VALUE:
        return "</data>"
    if mark[0] == _END_CLAIM:
        return "<!--/claim-->"
    for kind, end in _ENDS_OF.items():
        if mark[0] == end:
            return f"<!--/{kind}-->"
    said = _shown(mark[2])
    if mark[1] in (_CLAIM, _ORDER):
        return f"<!--{'claim ' * (mark[1] == _CLAIM)}{said}-->"
    values, paths = map(html.escape, said.split("\0"))
    kind, where = ("source", paths[1:]) if paths[:1] == _CONSTANT else ("path", paths)
    return f'<data value="{values}" data-{kind}="{where}">'


def _shown(hidden: str) -> str:
    return bytes(ord(it) - _BYTE for it in hidden).decode()


def _hidden(said: str) -> str:
    return "".join(chr(_BYTE + byte) for byte in said.encode())
