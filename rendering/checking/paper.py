"""Rule for the PDF: it is whole, tagged, and says its language, its title and its sections."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

HAS = {
    "/StructTreeRoot": "has no structure for who cannot see it",
    "/MarkInfo": "does not say that it is tagged",
    "/Lang": "does not say its language",
    "/Outlines": "has no bookmarks",
    "/Title": "has no title",
}


def faults(path: Path) -> Iterator[str]:
    """Yield a line for each thing that the file lacks."""
    try:
        content = path.read_bytes()
    except OSError:
        yield f"{path.name}: there is none"
        return
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-64:]:
        yield f"{path.name}: is no whole PDF"
        return
    text = _objects(content)
    for name, said in HAS.items():
        if name.encode() not in text:
            yield f"{path.name}: {said}"


def _objects(content: bytes) -> bytes:
    """Return the file with its compressed objects in the clear; streams of drawings are left out."""
    clear = [content]
    for stream in re.findall(rb"/ObjStm.*?stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            clear.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(clear)
