"""Reads a page of the report as a checker needs it: blocks of text in pieces, links, ids, images."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from rendering.marks import DECLARED

VOID = {"img", "meta", "link", "br", "hr", "input", "col"}
BLOCKS = {
    "p",
    "li",
    "td",
    "th",
    "caption",
    "figcaption",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "dd",
    "dt",
    "summary",
}
RUNNING = {"p", "li", "dd"}  # the blocks that are running text
_ORDER = re.compile(r"(most|least) (\S+) of (\S+(?: \S+)*)")
UNREAD = {"style", "script", "svg", "head", "nav", "template"}
TEXT, VALUE, CONSTANT, LINK, CODE, FORMULA = "text", "value", "constant", "link", "code", "formula"


class Wrong(str):
    """A fault that is a number or a claim other than that of the results."""


@dataclass(frozen=True)
class Claimed:
    """A claim as the page names it: its path in `results.json` and the verdict that it printed."""

    path: str
    verdict: str


@dataclass(frozen=True)
class Ordered:
    """What a superlative rests on: the value at `path` is the `kind`, most or least, of those `of`."""

    kind: str
    path: str
    of: tuple[str, ...]


@dataclass
class Piece:
    """Some text of one kind; a value has `values` and `paths`, a constant its source in `paths`.

    `declared` is the kind of text about no result that the template says it is, one of `marks.DECLARED`.
    """

    text: str
    kind: str = TEXT
    values: str = ""
    paths: str = ""
    claims: tuple[Claimed, ...] = ()
    declared: str = ""
    orders: tuple[Ordered, ...] = ()


@dataclass
class Block:
    """A paragraph, cell, caption or heading; `inside` has the ids it stands in, the outermost first."""

    tag: str
    inside: tuple[str, ...]
    classes: tuple[str, ...] = ()
    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words of the block in one line."""
        return " ".join(
            "".join(piece.text for piece in self.pieces).replace("\xa0", " ").split(" ")
        )

    @property
    def place(self) -> str:
        """The nearest id that it stands in."""
        return self.inside[-1] if self.inside else "the page"

    @property
    def running(self) -> bool:
        """Whether the block is running text: neither table nor caption, nor a note that is set apart."""
        return self.tag in RUNNING and self.said and not {"note", "origin"} & set(self.classes)

    @property
    def said(self) -> bool:
        """Whether it states something of the results: text, or a table's cell or note.

        How the report was made is told beside its results, and works are listed.
        """
        apart = {"references", "made", "appendix-made"} & set(self.inside)
        return (
            self.tag in {*RUNNING, "td"}
            and not apart
            and not {"built", "source"} & set(self.classes)
        )

    @property
    def claims(self) -> dict[Claimed, None]:
        """The claims that decided some of its words, in order."""
        return {claim: None for piece in self.pieces for claim in piece.claims}


@dataclass
class Page:
    """What a page of the report has."""

    blocks: list[Block] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    links: list[tuple[str, str]] = field(default_factory=list)  # where it stands, where it points
    images: list[tuple[str, str]] = field(default_factory=list)  # where it stands, its text
    captions: dict[str, str] = field(default_factory=dict)  # of figures, by their ids
    malformed: list[str] = field(default_factory=list)

    def values(self) -> Iterator[tuple[Block, Piece]]:
        """Yield the printed values with the blocks they stand in."""
        for block in self.blocks:
            for piece in block.pieces:
                if piece.kind == VALUE:
                    yield block, piece


def read(html: str) -> Page:
    """Return what a page has."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.declared:
        reader.page.malformed.append(f"text declared as {reader.declared} does not end")
    reader.page.malformed += [f"<{tag}> is never closed" for tag, *_ in reader.open]
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.open: list[tuple[str, str, Block | None, Piece | None]] = []
        self._claims: list[Claimed] = []
        self._unread = 0
        self.declared = ""
        self._orders: list[Ordered] = []
        self._within: Piece | None = None  # the value whose text was read last

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attributes}
        if name := held.get("id"):
            self.page.ids[name] += 1
        if tag == "a" and "href" in held:
            self.page.links.append((self._place(), held["href"]))
        if tag in ("img", "svg") and not self._unread:
            self._picture(tag, held)
        if tag in VOID:
            return
        self._unread += tag in UNREAD
        block = Block(tag, self._inside(held), tuple(held.get("class", "").split()))
        if tag in BLOCKS and not self._unread:
            self.page.blocks.append(block)
        self.open.append(
            (tag, held.get("id", ""), block if tag in BLOCKS else None, _piece(tag, held))
        )

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if not self._unread:
            held = {name: value or "" for name, value in attributes}
            if name := held.get("id"):
                self.page.ids[name] += 1

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            self.page.malformed.append(f"</{tag}> closes another element at {self._place()}")
            return
        self.open.pop()
        self._unread -= tag in UNREAD

    def handle_comment(self, data: str) -> None:
        if data.startswith("claim "):
            self._claims.append(Claimed(*data.removeprefix("claim ").split(" ", 1)))
        elif data.removeprefix("/") in DECLARED:
            self._declare(data)
        elif found := _ORDER.fullmatch(data):
            self._orders.append(Ordered(found[1], found[2], tuple(found[3].split())))
        elif data in ("/most", "/least") and self._orders:
            self._orders.pop()
        elif data == "/claim" and self._claims:
            self._claims.pop()
        elif data == "/claim":
            self.page.malformed.append(f"a claim ends that did not begin at {self._place()}")

    def handle_data(self, data: str) -> None:
        block = next((block for *_, block, _ in reversed(self.open) if block is not None), None)
        if block is None or self._unread:
            return
        within = next((piece for *_, piece in reversed(self.open) if piece is not None), Piece(""))
        if within is self._within and block.pieces:  # a "<" alone ends what the parser calls data
            block.pieces[-1].text += data
            return
        self._within = within if within.kind == VALUE else None
        said = (data, within.kind, within.values, within.paths)
        block.pieces.append(Piece(*said, tuple(self._claims), self.declared, tuple(self._orders)))

    def _declare(self, data: str) -> None:
        """Begin or end text of a kind. It is closed before another begins."""
        expected = "" if not data.startswith("/") else data[1:]
        if self.declared != expected:
            self.page.malformed.append(f"<!--{data}--> begins or ends nothing at {self._place()}")
        self.declared = "" if data.startswith("/") else data

    def _picture(self, tag: str, held: dict[str, str]) -> None:
        text = held.get("alt" if tag == "img" else "aria-label", "")
        self.page.images.append((self._place(), text))
        block = next((block for *_, block, _ in reversed(self.open) if block is not None), None)
        if block is not None:
            block.pieces.append(Piece("", FORMULA))

    def _inside(self, held: dict[str, str]) -> tuple[str, ...]:
        ids = (name for _, name, *_ in self.open)
        return tuple(name for name in (*ids, held.get("id", "")) if name)

    def _place(self) -> str:
        return next((f"#{name}" for _, name, *_ in reversed(self.open) if name), "the page")


def _piece(tag: str, held: dict[str, str]) -> Piece | None:
    """Return what the text in an element is, None if that is as around it."""
    if tag == "data" and "data-path" in held:
        return Piece("", VALUE, held.get("value", ""), held["data-path"])
    if tag == "data":
        return Piece("", CONSTANT, held.get("value", ""), held.get("data-source", ""))
    if tag == "span" and held.get("class") == "elsewhere":  # a reference to what is not printed
        return Piece("", LINK)
    kinds = {"a": LINK, "code": CODE, "svg": FORMULA}
    return Piece("", kinds[tag]) if tag in kinds else None
