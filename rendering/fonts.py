"""The report's fonts: Source Serif 4, Sans 3 and Code Pro, cut to what a page or a figure needs.

They come as variable fonts from the packages fontpkg-source-…, under the SIL Open Font License 1.1.
HarfBuzz takes the wanted weight and letters out of them. What is cut has names of its own, since the
licence reserves the name "Source" for the originals. Letters that they lack are lent by DejaVu, which
matplotlib carries.
"""

import base64
import contextlib
import functools
import hashlib
import io
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.lab.store.cache import cache_folder
from experiments.lab.store.files import write_whole

SERIF, SANS, MONO = "Report Serif", "Report Sans", "Report Mono"
SOURCES = {SERIF: "Source Serif 4", SANS: "Source Sans 3", MONO: "Source Code Pro"}
BOLD = (
    600  # what is asked for as bold, 700: Semibold stands out enough beside a text of this colour
)
OPTICAL_SIZE = 14  # px as CSS counts them, 10.5 points: the size that the strokes are drawn for

# Latin with its accents, Greek, punctuation, signs of arithmetic, arrows, and simple shapes.
RANGES = ((0x20, 0x24F), (0x370, 0x3FF), (0x2000, 0x214F), (0x2190, 0x23FF), (0x25A0, 0x27BF))
LETTERS = frozenset(letter for first, last in RANGES for letter in range(first, last + 1))
# Kerning and marks; figures of four kinds; small capitals; raised figures.
FEATURES = (
    "kern", "mark", "mkmk", "ccmp", "locl", "liga", "case", "onum", "lnum", "pnum", "tnum", "smcp",
    "c2sc", "sups",
)  # fmt: skip


@dataclass(frozen=True)
class Face:
    """One face of a family; `weight` is 400 or 700, as styles ask for it."""

    family: str
    weight: int = 400
    italic: bool = False

    @property
    def name(self) -> str:
        """What the face is called within its family."""
        words = ("Bold" if self.weight > 400 else "", "Italic" if self.italic else "")
        return " ".join(filter(None, words)) or "Regular"


FACES = (
    Face(SERIF), Face(SERIF, italic=True), Face(SERIF, 700), Face(SERIF, 700, italic=True),
    Face(SANS), Face(SANS, italic=True), Face(SANS, 700), Face(MONO),
)  # fmt: skip
# Families that lend letters, and matplotlib's files of them.
LENDING = {"DejaVu Serif": "DejaVuSerif", "DejaVu Sans": "DejaVuSans"}


@functools.cache
def cut(face: Face, letters: frozenset[int] = LETTERS) -> bytes:
    """Return a face as a TrueType font of its own that has the `letters` (code points) it can have.

    The same face and letters give the same bytes.
    """
    import uharfbuzz
    from fontTools.ttLib import TTFont

    source = uharfbuzz.Face(_source(face).read_bytes())
    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.clear()
    wanted.unicode_set.update(letters)
    wanted.layout_feature_tag_set.clear()
    wanted.layout_feature_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in FEATURES)
    places = {"wght": BOLD if face.weight > 400 else face.weight, "opsz": OPTICAL_SIZE}
    for axis in source.axis_infos:
        wanted.pin_axis_location(source, axis.tag, places[axis.tag])
    buffer = io.BytesIO()
    with TTFont(
        io.BytesIO(uharfbuzz.subset(source, wanted).blob.data), recalcTimestamp=False
    ) as font:
        _name(font, face)
        _set_line_height(font)
        font.save(buffer)
    return buffer.getvalue()


def style_sheet(letters: Iterable[str] | None = None) -> str:
    """Return the `@font-face` rules of all faces, the fonts in them.

    With `letters`, each has what it can of these and is packed as WOFF2; a face with none is left out.
    """
    if letters is None:
        return "".join(map(_rule, FACES))
    wanted = frozenset(map(ord, letters)) & LETTERS
    return "".join(_rule(face, wanted) for face in FACES)


def lending() -> str:
    """Return the `@font-face` rules of the families that lend letters, which are read from files."""
    return "".join(
        f'@font-face {{ font-family: "{family}"; src: url("{path.as_uri()}"); }}\n'
        for family, path in lent_from().items()
    )


def lent_from() -> dict[str, Path]:
    """Return the families that lend letters, with their files."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()).resolve() / "fonts" / "ttf"
    return {family: folder / f"{file}.ttf" for family, file in LENDING.items()}


@functools.cache
def available() -> frozenset[str]:
    """Return the letters that every page can be set in: those of a face or of a family that lends."""
    from fontTools.ttLib import TTFont

    files = [io.BytesIO(cut(face)) for face in FACES if face.name == "Regular"]
    found: set[str] = set()
    for file in [*files, *lent_from().values()]:
        with TTFont(file, lazy=True) as font:
            found.update(map(chr, font.getBestCmap()))
    return frozenset(found)


@functools.cache
def for_matplotlib() -> None:
    """Make the families known to matplotlib, which reads fonts from files."""
    from matplotlib import font_manager

    for face in FACES:
        font_manager.fontManager.addfont(file(face))


def _source(face: Face) -> Path:
    import fontpkg

    return fontpkg.path(SOURCES[face.family], face.weight, "italic" if face.italic else "normal")


def _name(font: Any, face: Face) -> None:
    """Give a font its family and face for names, and the weight by which it is chosen."""
    table = font["name"]
    unique = f"{face.family} {face.name}"
    names = {1: face.family, 2: face.name, 3: unique, 4: unique, 6: unique.replace(" ", "-")}
    kept = [record for record in table.names if record.nameID in (0, 13, 14)]  # whose, and licence
    table.names = kept
    for identifier, text in names.items():
        table.setName(text, identifier, 3, 1, 0x409)
    font["OS/2"].usWeightClass = face.weight
    font["OS/2"].fsSelection = 0x20 * (face.weight > 400) | face.italic or 0x40
    font["head"].macStyle = (face.weight > 400) | 2 * face.italic


def _set_line_height(font: Any) -> None:  # noqa: ANN401
    """Let lines that have no height of their own, as in figures, stand 1.16 em apart.

    Source Sans asks for 1.42 em, for the accents of all its languages.
    """
    em = font["head"].unitsPerEm
    up, down = round(0.93 * em), round(0.23 * em)
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = up, -down, 0
    os2 = font["OS/2"]
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = up, -down, 0
    os2.usWinAscent, os2.usWinDescent = up, down


def _rule(face: Face, letters: frozenset[int] | None = None) -> str:
    content = cut(face) if letters is None else _packed(cut(face, letters))
    kind = "ttf" if letters is None else "woff2"
    slant = "italic" if face.italic else "normal"
    data = base64.b64encode(content).decode()
    return (
        f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; '
        f"font-style: {slant}; src: url(data:font/{kind};base64,{data}); }}\n"
    )


@functools.lru_cache(maxsize=32)
def _packed(font: bytes) -> bytes:
    """Return a font as WOFF2, https://www.w3.org/TR/WOFF2/."""
    from fontTools.ttLib import TTFont

    buffer = io.BytesIO()
    with TTFont(io.BytesIO(font), recalcTimestamp=False) as unpacked:
        unpacked.flavor = "woff2"
        unpacked.save(buffer)
    return buffer.getvalue()


def file(face: Face) -> Path:
    """Return a face's file in the cache folder, or in a temporary one where that cannot be written."""
    content = cut(face)
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.ttf"
    path = cache_folder() / "fonts" / name
    with contextlib.suppress(OSError):
        if path.read_bytes() == content:
            return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError:
        path = Path(tempfile.mkdtemp(prefix="fonts-")) / name
        path.write_bytes(content)
    return path
