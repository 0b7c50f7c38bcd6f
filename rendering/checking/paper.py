"""Rules for the PDF: what a reader and a machine find in it, held against the page and the output folder.

Structure and entries are those of ISO 32000-2; PDF/UA-1 as a whole is a matter of the tests.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rendering.checking import fill
from rendering.checking.reading import Page

if TYPE_CHECKING:
    from pypdf import PdfReader  # a quarter of a second, which what is no PDF does without

HEADINGS = ("h2", "h3")  # below the title; each has its bookmark
WITHOUT = {"title", "abstract"}  # the document's title, and what stands below it on its page
RESULTS = "results.json"


def faults(path: Path, page: Page) -> Iterator[str]:
    """Yield a line for each thing that the file lacks; `page` is what the HTML beside it has."""
    try:
        reader = _opened(path)
        for line in _faults(reader, page, path.parent):
            yield f"{path.name}: {line}"
    except FileNotFoundError:
        yield f"{path.name}: there is none"
    except Broken:
        yield f"{path.name}: is no whole PDF"


def notes(path: Path) -> Iterator[str]:
    """Yield a line for each page that is not the last of its part and less than four fifths full."""
    try:
        loose = fill.loose_pages(_opened(path))
    except (FileNotFoundError, Broken):
        return
    for number, share in loose:
        full, least = (f"{int(100 * one)} %" for one in (share, fill.LEAST))
        yield f"{path.name}: page {number} is {full} full, less than {least}"


class Broken(ValueError):
    """The file is no PDF, or not the whole of one."""


def _opened(path: Path) -> "PdfReader":
    """Return the reader of a file. Raises FileNotFoundError, Broken."""
    content = path.read_bytes()
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-64:]:
        raise Broken
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        reader.root_object, reader.pages[0]
    except (PyPdfError, ValueError, LookupError) as error:
        raise Broken from error
    return reader


def _faults(reader: "PdfReader", page: Page, folder: Path) -> Iterator[str]:
    yield from _entries(reader)
    yield from _bookmarks(reader, page)
    yield from _structure(reader, page)
    yield from _links(reader)
    yield from _attachments(reader, folder)


def _entries(reader: "PdfReader") -> Iterator[str]:
    root = reader.root_object
    if not (reader.metadata and reader.metadata.title):
        yield "has no title"
    if not root.get("/Lang"):
        yield "does not say its language"
    marked = root.get("/MarkInfo", {}).get("/Marked")
    if marked is None or not marked.value:
        yield "does not say that it is tagged"


def _bookmarks(reader: "PdfReader", page: Page) -> Iterator[str]:
    """Yield a line for each heading of the page without a bookmark."""
    marked = Counter(_letters(one) for one in _titles(reader.outline))
    for block in page.blocks:
        if block.tag in HEADINGS and not WITHOUT & {*block.classes, block.place}:
            if marked[_letters(block.text)] <= 0:
                yield f"has no bookmark “{' '.join(block.text.split())}”"
            marked[_letters(block.text)] -= 1


def _titles(outline: list[Any]) -> Iterator[str]:
    for one in outline:
        if isinstance(one, list):
            yield from _titles(one)
        else:
            yield one.title or ""


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def _structure(reader: "PdfReader", page: Page) -> Iterator[str]:
    """Yield what the tree that readers for the blind follow lacks of the page's figures and tables."""
    root = reader.root_object.get("/StructTreeRoot")
    if root is None:
        yield "has no structure for who cannot see it"
        return
    elements = list(_elements(root.get_object()))
    kinds = Counter(one["/S"] for one in elements)
    figures = {name for name in page.ids if name.startswith("figure-")}
    tables = {name for name in page.ids if name.startswith("table-")}
    for kind, expected in (("/Figure", len(figures)), ("/Table", len(tables))):
        if kinds[kind] < expected:
            yield f"its structure has {kinds[kind]} elements {kind[1:]}; the page has {expected}"
    silent = sum(one["/S"] == "/Figure" and not one.get("/Alt") for one in elements)
    if silent:
        yield f"{silent} of its figures have no alternative text"


def _elements(parent: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the structure elements below one, without recursion: there are thousands."""
    left = [parent]
    while left:
        one = left.pop()
        if "/S" in one:
            yield one
        kids = one.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            held = kid.get_object()
            if hasattr(held, "get"):
                left.append(held)


def _links(reader: "PdfReader") -> Iterator[str]:
    """Yield a line for each link within the document that leads to no place in it."""
    places = set(reader.named_destinations)
    for number, page in enumerate(reader.pages, 1):
        for annotation in page.get("/Annots") or []:
            target = annotation.get_object().get("/Dest")
            if isinstance(target, str) and target not in places:
                yield f"page {number}: a link leads to {target}, which there is not"


def _attachments(reader: "PdfReader", folder: Path) -> Iterator[str]:
    """Yield a line for each file of numbers that is not attached as it is in the folder."""
    attached = reader.attachments
    for path in [folder / RESULTS, *sorted((folder / "figures").glob("*.csv"))]:
        if path.name not in attached:
            yield f"{path.name} is not attached"
        elif path.is_file() and attached[path.name] != [path.read_bytes()]:
            yield f"{path.name} is attached, and not as it is in the folder"
