"""Figures as text: images put into the page itself, so that the page is one file."""

import base64
import re
import struct
from pathlib import Path

_MILLIMETRES = {"pt": 25.4 / 72, "in": 25.4, "mm": 1.0, "px": 25.4 / 96, "": 25.4 / 96}
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def embedded(path: Path) -> tuple[str, float]:
    """Return an image file as a data URI, and the width in millimetres that it was drawn for.

    Raises OSError when the file cannot be read, and ValueError when it is neither SVG nor PNG.
    """
    content = path.read_bytes()
    if content.startswith(_PNG_HEAD):
        return data_uri(content, "image/png"), _png_width(content)
    width = re.search(rb'<svg[^>]*?\swidth="([\d.]+)(\w*)"', content)
    if width is None:
        raise ValueError(f"{path} is neither an SVG with a width nor a PNG")
    unit = _MILLIMETRES[width[2].decode()]
    return data_uri(content, "image/svg+xml"), float(width[1]) * unit


def data_uri(content: bytes, kind: str) -> str:
    """Return `content` of the media type `kind` as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _png_width(content: bytes) -> float:
    """Return a PNG's width by its own resolution; without one, at 96 dots an inch."""
    pixels = struct.unpack(">I", content[16:20])[0]
    place = content.find(b"pHYs", 0, content.find(b"IDAT"))
    per_metre = struct.unpack(">I", content[place + 4 : place + 8])[0] if place > 0 else 96 / 0.0254
    return 1000 * pixels / per_metre
