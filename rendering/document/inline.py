"""Drawings as elements of the page: on a screen they take its colours, fonts and width.

matplotlib's SVG is written anew without what a page does not need: metadata, names of elements, groups
without meaning, and digits beyond a hundredth of a point. A reader's theme changes the colours that the
report's figures have for paper, ink, rules and series; the colours of images and maps stay.
"""

import base64
import functools
import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from markupsafe import Markup, escape

from rendering import fonts
from rendering.document.pixels import smallest
from rendering.figures.drawing import COLOURS, INK, MUTED, ON_DARK, RULE

PAPER = "#ffffff"

# Colours of a drawing that a theme changes, and the variables of screen.css that have them.
VARIABLES = {
    INK.lower(): "--ink",
    MUTED.lower(): "--muted",
    RULE.lower(): "--rule",
    PAPER: "--paper",
    **{colour.lower(): f"--series-{index}" for index, colour in enumerate(COLOURS, 1)},
}
_DROPPED = ("metadata", "style")
_DRAWN = ("g", "defs", "clipPath", "path", "rect", "use", "image", "text", "tspan")
_SAID = (
    "id", "href", "style", "class", "d", "x", "y", "width", "height", "transform", "clip-path",
    "preserveAspectRatio",
)  # fmt: skip
_TEXT = ("text", "tspan")
_PAINT = ("fill", "stroke")
_IMAGE = "data:image/png;base64,"
_NUMBER = re.compile(r"-?\d+\.\d+")
_NO_TURN = re.compile(r"rotate\(-?0 [^)]*\)\s*")
_FONT = fonts.SANS  # the page sets its own in its place
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


class StrangeElement(ValueError):
    """A drawing has what none of this project's has; the message names it."""


def drawing(
    content: bytes, prefix: str, alt: str, shape: str = "", kind: str = "drawing"
) -> Markup:
    """Return an SVG of matplotlib's as an element of a page.

    Its identifiers begin with `prefix`, which no other drawing of the page has; `alt` says in words what
    is drawn; `shape` is the element's style and `kind` its class. What `embedding.picture` refuses must
    not come here. Raises StrangeElement for an element or an attribute that is not copied into pages.
    """
    root = ElementTree.fromstring(content)
    writer = _Writer(root, prefix)
    inner = "".join(map(writer.written, root))
    style = f' style="{escape(shape)}"' if shape else ""
    return Markup(  # noqa: S704 (all that comes from the file is escaped where it is written)
        f'<svg class="{kind}" role="img" aria-label="{escape(alt)}" '
        f'viewBox="{escape(_rounded(root.get("viewBox", "")))}"{style}>{inner}</svg>'
    )


class _Writer:
    """Writes the elements of one drawing."""

    def __init__(self, root: ElementTree.Element, prefix: str) -> None:
        self._names = {name: f"{prefix}-{n}" for n, name in enumerate(_referred(root))}

    def written(self, element: ElementTree.Element) -> str:
        tag = _local(element.tag)
        if tag in _DROPPED:
            return ""
        if tag not in _DRAWN:
            raise StrangeElement(f"has an element <{tag}>")
        inner = _letters(element.text, tag) + "".join(
            self.written(child) + _letters(child.tail, tag) for child in element
        )
        attributes = self._attributes(element, tag)
        if tag in ("g", "defs") and not (inner and (attributes or tag == "defs")):
            return inner
        said = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
        return f"<{tag}{said}>{inner}</{tag}>" if inner else f"<{tag}{said}/>"

    def _attributes(self, element: ElementTree.Element, tag: str) -> Mapping[str, str]:
        found = {}
        for name, value in element.attrib.items():
            name = _local(name)
            if name not in _SAID:
                raise StrangeElement(f"has an attribute {name}")
            if name == "id":
                value = self._names.get(value, "")
            elif name == "href":
                value = self._address(value)
            elif name == "style":
                value = _style(value, tag)
            elif name in ("d", "x", "y", "width", "height"):
                value = _rounded(" ".join(value.split()))
            elif name == "transform":
                value = _NO_TURN.sub("", value).strip()
            value = _REFERENCE.sub(lambda it: f"url(#{self._names[it[1]]})", value)
            if value:
                found[name] = value
        return found

    def _address(self, value: str) -> str:
        if value.startswith("#"):
            return f"#{self._names[value[1:]]}"
        png = base64.b64decode(value.removeprefix(_IMAGE))
        return _IMAGE + base64.b64encode(smallest(png)).decode()


def _letters(text: str | None, tag: str) -> str:
    """Return what stands between tags: letters within a text, else nothing but space."""
    return str(escape(text.strip())) if text and tag in _TEXT else ""


def _referred(root: ElementTree.Element) -> Iterator[str]:
    """Return the identifiers that something in the drawing refers to, each once."""
    found: dict[str, None] = {}
    for element in root.iter():
        for name, value in element.attrib.items():
            if _local(name) == "href" and value.startswith("#"):
                found[value[1:]] = None
            found |= dict.fromkeys(_REFERENCE.findall(value))
    return iter(found)


@functools.cache
def _style(style: str, tag: str) -> str:
    """Return a style with the theme's variables for the colours that a theme changes."""
    declared = {}
    for one in filter(str.strip, style.split(";")):
        name, _, value = (it.strip() for it in one.partition(":"))
        stays = tag in _TEXT and value.lower() == ON_DARK
        if name in _PAINT and value.lower() in VARIABLES and not stays:
            value = f"var({VARIABLES[value.lower()]})"
        if name != "font-family" or _FONT not in value:
            declared[name] = value
    return ";".join(f"{name}:{value}" for name, value in declared.items())


@functools.lru_cache(maxsize=4096)
def _rounded(text: str) -> str:
    return _NUMBER.sub(lambda it: f"{float(it[0]):.2f}".rstrip("0").rstrip("."), text)


def _local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]
