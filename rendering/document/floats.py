"""Where figures and tables of a printed page stand, so that pages are full.

The page is laid out once as it was written; from the heights that its blocks have, `pagination` finds
before which paragraph of the same section each figure stands best; then the page is laid out anew. The
boxes are WeasyPrint 70's, https://doc.courtbouillon.org/weasyprint/stable/going_further.html.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element

from rendering.document.pagination import Block, order

CONTAINERS = ("section", "section-part")  # whose children are blocks: an element, and a class
HEADINGS = ("h1", "h2", "h3")

_WIDTH = re.compile(r"(--width:\s*)([\d.]+)mm")

# References with a number of as much width as any page's: without knowing pages, one pass lays all out.
UNNUMBERED = """
.more a::after, .far::after, .answers td.where a:first-child::after {
  content: ", page\\a0 00" !important;
}
.contents a::after, .lists a::after { content: " 00" !important }
"""


@dataclass(frozen=True)
class Place:
    """An element that is a block of a part, and its parent."""

    element: Element
    parent: Element

    @property
    def floats(self) -> bool:
        """Whether it may stand elsewhere among its parent's paragraphs."""
        return self.element.tag == "figure"


def settle(root: Element, pages: Sequence[Any]) -> bool:
    """Move figures and tables of the page `root`, laid out as `pages`; return whether any moved.

    `root` is changed in place; its elements are those that the boxes of `pages` were made from.
    """
    moved = False
    for part in root.iter("div"):
        if "part" in _classes(part):
            moved |= _settled(list(_blocks(part)), pages)
    return moved


def _classes(element: Element) -> list[str]:
    return element.get("class", "").split()


def _blocks(parent: Element) -> Iterator[Place]:
    """Yield the blocks of a part in order."""
    for child in parent:
        if child.tag in CONTAINERS or set(CONTAINERS) & set(_classes(child)):
            yield from _blocks(child)
        else:
            yield Place(child, parent)


def _settled(places: Sequence[Place], pages: Sequence[Any]) -> bool:
    fragments = _fragments({place.element for place in places}, pages)
    places = [place for place in places if place.element in fragments]
    texts = [place for place in places if not place.floats]
    floating = [place for place in places if place.floats]
    if not floating:
        return False
    blocks = _measured(places, fragments)
    homes = _homes(places)
    bounded = [
        replace(blocks[place.element], home=homes[place.element], **_bounds(place, texts, homes))
        for place in floating
    ]
    height = pages[0]._page_box.height  # noqa: SLF001
    found = order([blocks[place.element] for place in texts], bounded, height)
    if found == [(homes[place.element], 1.0) for place in floating]:
        return False
    _move(texts, {place: text for place, (text, _) in zip(floating, found, strict=True)})
    for place, (_, scale) in zip(floating, found, strict=True):
        _scale(place.element, scale)
    return True


def _fragments(wanted: set[Element], pages: Sequence[Any]) -> dict[Element, list[Any]]:
    """Return the boxes of each wanted element, one for each page that it stands on."""
    found: dict[Element, list[Any]] = defaultdict(list)

    def gather(box: Any) -> None:  # noqa: ANN401
        for child in getattr(box, "children", ()):
            if child.element in wanted and not child.element_tag.startswith("::"):
                if child.is_in_normal_flow():
                    found[child.element].append(child)
            else:
                gather(child)

    for page in pages:
        gather(page._page_box)  # noqa: SLF001
    return found


def _measured(
    places: Sequence[Place], fragments: Mapping[Element, list[Any]]
) -> dict[Element, Block]:
    blocks = {place.element: _block(fragments[place.element]) for place in places}
    for place, follows in zip(places, places[1:], strict=False):
        if fragments[follows.element][0].style["break_before"] == "avoid":
            blocks[place.element] = replace(blocks[place.element], joined=True)
    texts = [place.element for place in places if not place.floats]
    for before, text in zip(texts, texts[1:], strict=False):
        if _goes_on(before, text):
            blocks[text] = replace(blocks[text], goes_on=True)
    return blocks


def _goes_on(before: Element, text: Element) -> bool:
    """Return whether a text belongs to what is before it: a formula, a list, the rest of a sentence."""
    if "formula" in _classes(text):
        return True
    said, says = ("".join(it.itertext()).strip() for it in (before, text))
    return said.endswith((":", ",")) or says[:1].islower()


def _block(boxes: Sequence[Any]) -> Block:
    """Return the block that an element's boxes are, one a page."""
    style = boxes[0].style
    height = sum(box.border_height() for box in boxes)
    lines = [it for box in boxes for it in _inside(box, "LineBox")]
    rows = [it for box in boxes for it in _rows(box)]
    unit = head = 0.0
    if rows and style["break_inside"] == "auto":
        head = rows[0].position_y - boxes[0].position_y - boxes[0].margin_top
        unit = sum(row.height for row in rows) / len(rows)
        height -= (len(boxes) - 1) * head
    elif lines and style["break_inside"] == "auto" and boxes[0].element_tag != "figure":
        unit = height / len(lines)
    return Block(
        height=height,
        before=_margin(style["margin_top"]),
        after=_margin(style["margin_bottom"]),
        unit=unit if boxes[0].element_tag not in HEADINGS else 0.0,
        head=head,
        joined=style["break_after"] == "avoid",
        picture=_picture(boxes),
    )


def _picture(boxes: Sequence[Any]) -> float:
    """Return the height of a figure that can be scaled: its picture's, beyond that of its caption."""
    pictures = [it for box in boxes for it in _inside(box, "BlockReplacedBox")]
    if boxes[0].element_tag != "figure" or len(pictures) != 1 or len(boxes) != 1:
        return 0.0
    return float(pictures[0].height)


def _scale(figure: Element, scale: float) -> None:
    """Scale a figure's picture, whose width its style has as `--width: 120.0mm`."""
    if scale != 1.0:
        picture = figure.find("img")
        picture.set(
            "style",
            _WIDTH.sub(lambda it: f"{it[1]}{float(it[2]) * scale:.1f}mm", picture.get("style", "")),
        )


def _margin(value: Any) -> float:  # noqa: ANN401
    """Return a computed margin in pixels."""
    return 0.0 if value == "auto" else float(value.value)


def _inside(box: Any, kind: str) -> Iterator[Any]:  # noqa: ANN401
    """Yield the boxes of a kind within a box, none within one another."""
    for child in getattr(box, "children", ()):
        if type(child).__name__ == kind:
            yield child
        else:
            yield from _inside(child, kind)


def _rows(box: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the rows of a table that are not in its head."""
    for group in _inside(box, "TableRowGroupBox"):
        if not group.is_header:
            yield from _inside(group, "TableRowBox")


def _homes(places: Sequence[Place]) -> dict[Element, int]:
    """Return how many texts stand before each block."""
    homes, texts = {}, 0
    for place in places:
        homes[place.element] = texts
        texts += not place.floats
    return homes


def _bounds(place: Place, texts: Sequence[Place], homes: Mapping[Element, int]) -> dict[str, int]:
    """Return before which texts a float may stand: within its parent, not before its own heading.

    A paragraph stays between a heading and a float that is moved towards it, and no heading is left
    with nothing below it.
    """
    home = homes[place.element]
    first = last = home
    while first > 0 and _may_pass(texts, first - 1, place.parent):
        first -= 1
    if first < home:
        first += 1
    while last < len(texts) and texts[last].parent is place.parent:
        if all(text.element.tag in HEADINGS for text in texts[last - 1 : last + 1]):
            break
        last += 1
    return {"first": first, "last": last}


def _may_pass(texts: Sequence[Place], number: int, parent: Element) -> bool:
    text = texts[number]
    return text.parent is parent and text.element.tag not in HEADINGS


def _move(texts: Sequence[Place], found: Mapping[Place, int]) -> None:
    """Move each float before the text that was found for it."""
    for place in found:
        place.parent.remove(place.element)
    for place, where in found.items():
        follows = texts[where] if where < len(texts) else None
        if follows is not None and follows.parent is place.parent:
            before = list(place.parent).index(follows.element)
        else:
            before = _end(place, texts[where - 1], found)
        place.parent.insert(before, place.element)


def _end(place: Place, text: Place, found: Mapping[Place, int]) -> int:
    """Return the index behind the last text of a float's parent and what was moved there before."""
    children = list(place.parent)
    after = children.index(text.element) + 1 if text.parent is place.parent else 0
    moved = {other.element for other in found}
    while after < len(children) and children[after] in moved:
        after += 1
    return after
