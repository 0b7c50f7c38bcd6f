"""What a reader of a section's page sees: its tables by row and column, and its sentences."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"img", "meta", "link", "br", "hr"}
BLOCKS = {"p", "li", "h2", "h3", "figcaption", "caption"}


@dataclass
class Table:
    """A table: its identifier, caption, headings, and rows of cells; `best` has the bold rows."""

    name: str
    caption: str = ""
    headings: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    best: list[int] = field(default_factory=list)


@dataclass
class Page:
    """The blocks of text in order, each with its tag; and the tables."""

    blocks: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def read(piece: str) -> Page:
    """Return what a piece of a page shows."""
    reader = _Reader()
    reader.feed(piece)
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._open: list[str] = []
        self._text: list[str] = []
        self._table: Table | None = None
        self._identifier = ""

    def handle_starttag(self, tag: str, attributes: list) -> None:
        values = dict(attributes)
        if tag == "figure":
            self._identifier = values.get("id", "")
        if tag == "img" and "formula" in values.get("class", ""):
            self._text.append(f" [{values['alt']}] ")
        elif tag == "img" and self._open[-1:] == ["p"]:
            self._text.append(f"[{values['alt']}]")
        if tag == "table":
            self._table = Table(self._identifier.removeprefix("table-"))
            self.page.tables.append(self._table)
        if tag == "tr" and "tbody" in self._open:
            if values.get("class") == "best":
                self._table.best.append(len(self._table.rows))
            self._table.rows.append([])
        if tag in {*BLOCKS, "th", "td", "tr"}:
            self._text = []
        if tag not in VOID:
            self._open.append(tag)

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()
        text = " ".join("".join(self._text).replace("\xa0", " ").split(" "))
        text = re.sub(r"[ \n]+", " ", text).strip()
        if tag in ("th", "td"):
            (self._table.rows[-1] if "tbody" in self._open else self._table.headings).append(text)
        elif tag in BLOCKS:
            if tag == "caption":
                self._table.caption = text
            if text:
                self.page.blocks.append((tag, text))
            self._text = []


def text_of(page: Page) -> str:
    """Return the page as plain text, a line for each sentence and each row of a table."""
    lines = []
    tables = iter(page.tables)
    for tag, text in page.blocks:
        lines += ["", *([f"## {text}"] if tag.startswith("h") else sentences(text))]
        if tag == "caption":
            lines += rows_of(next(tables))
    return "\n".join(lines).strip() + "\n"


def rows_of(table: Table) -> Iterator[str]:
    """Yield a table's headings and rows, each in one line."""
    yield "  " + " | ".join(table.headings)
    for index, row in enumerate(table.rows):
        yield ("* " if index in table.best else "  ") + " | ".join(row)


def sentences(text: str) -> list[str]:
    """Return the sentences of a block."""
    return re.split(r"(?<=[.:?;]) (?=[A-Z“0-9⟨−+])", html.unescape(text))
