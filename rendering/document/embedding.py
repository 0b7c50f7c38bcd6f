"""Figures as text: images put into the page itself, so that the page is one file."""

import base64
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from experiments.lab.store.files import Damaged, read_whole

_MILLIMETRES = {"pt": 25.4 / 72, "in": 25.4, "mm": 1.0, "px": 25.4 / 96, "": 25.4 / 96}
_DEFINITIONS = re.compile(rb"<(?:defs|symbol|pattern)\b.*?</(?:defs|symbol|pattern)>", re.DOTALL)
_ELSEWHERE = re.compile(
    rb"""<(?:script|foreignObject)\b|href\s*=\s*["'](?!#|data:image/png;base64,)"""
)
PNG, SVG = "image/png", "image/svg+xml"
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"


# Far above what this project draws, and what WeasyPrint takes some seconds for.
MOST_BYTES, MOST_ELEMENTS = 16_000_000, 100_000


class FigureError(ValueError):
    """A figure's file that cannot be put into the page; the message names it and says what is wrong."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"the figure {path} {why}")
        self.path = path


@dataclass(frozen=True)
class Picture:
    """An image: its content, its media type, and the width in millimetres that it was drawn for."""

    content: bytes
    kind: str
    width: float

    @property
    def uri(self) -> str:
        """The image as a data URI."""
        return data_uri(self.content, self.kind)


def picture(path: Path) -> Picture:
    """Return the image in a file.

    Raises FigureError when the file cannot be read, is neither SVG nor PNG, or is nothing that this
    project would have drawn.
    """
    try:
        content = read_whole(path)
    except (OSError, Damaged) as error:
        raise FigureError(path, "cannot be read") from error
    if len(content) > MOST_BYTES:
        raise FigureError(path, f"has {len(content) // 10**6} MB: not drawn by this project")
    if content.startswith(_PNG_HEAD):
        return Picture(content, PNG, _png_width(content))
    width = re.search(rb'<svg[^>]*?\swidth="([\d.]+)(\w*)"', content)
    if width is None:
        raise FigureError(path, "is neither an SVG with a width nor a PNG")
    if why := _strange(content):
        raise FigureError(path, f"{why}: not drawn by this project")
    unit = _MILLIMETRES[width[2].decode()]
    return Picture(content, SVG, float(width[1]) * unit)


def _strange(content: bytes) -> str:
    """Return what of an SVG could cost a reader's time or peace, "" if nothing."""
    if content.count(b"<") > MOST_ELEMENTS:
        return f"has more than {MOST_ELEMENTS} elements"
    if b"<!ENTITY" in content:
        return "declares entities"
    # matplotlib defines paths and uses them; a definition that uses another can grow without bounds.
    if any(b"<use" in each for each in _DEFINITIONS.findall(content)):
        return "uses definitions within definitions"
    if _ELSEWHERE.search(content):
        return "refers to what is not in it"
    return ""


def data_uri(content: bytes, kind: str) -> str:
    """Return `content` of the media type `kind` as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _png_width(content: bytes) -> float:
    """Return a PNG's width by its own resolution; without one, at 96 dots an inch."""
    pixels = struct.unpack(">I", content[16:20])[0]
    place = content.find(b"pHYs", 0, content.find(b"IDAT"))
    per_metre = struct.unpack(">I", content[place + 4 : place + 8])[0] if place > 0 else 96 / 0.0254
    return 1000 * pixels / per_metre
