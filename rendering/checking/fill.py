"""How full the pages of a PDF are: how far down their text and figures reach, read from the PDF itself.

A page is as full as the distance from the height where pages begin to its lowest line of text or image,
of the distance that full pages have: down to where the lowest tenth of all pages end. The running head
and the page number are the heights that are most often the highest and the lowest of a page; they do
not count, and neither do rules and backgrounds, which a tagged PDF calls artifacts. Operators are those
of ISO 32000-2, annex A, a line each as WeasyPrint writes them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

LEAST = 0.8  # of a page, unless it is the last of its part
_TOP = 0.85  # of a page: what stands above begins it
_UNIT = 1.0  # points within which heights are the same


class Matrix(NamedTuple):
    """A transformation of the plane as PDF has it: (x, y) becomes (a x + c y + e, b x + d y + f)."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def height(self, x: float, y: float) -> float:
        """Return the height of the point that (x, y) becomes."""
        return self.b * x + self.d * y + self.f

    def after(self, first: "Matrix") -> "Matrix":
        """Return the transformation that does `first`, then this one."""
        a, b, c, d, e, f = first
        return Matrix(
            self.a * a + self.c * b, self.b * a + self.d * b,
            self.a * c + self.c * d, self.b * c + self.d * d,
            self.a * e + self.c * f + self.e, self.b * e + self.d * f + self.f,
        )  # fmt: skip


UNCHANGED = Matrix(1, 0, 0, 1, 0, 0)


def loose_pages(reader: Any) -> list[tuple[int, float]]:  # noqa: ANN401
    """Return the pages of a `pypdf.PdfReader` that are less than LEAST full, by number, and how full.

    Left out are the first page, which is the title's, and the last page of each part, before one that a
    bookmark of the first level leads to, and of the document.
    """
    shares = fullness([_heights_of(page) for page in reader.pages])
    ends = {*_beginnings(reader), 1, len(shares)}
    return [
        (number, share)
        for number, share in enumerate(shares, 1)
        if share < LEAST and number not in ends
    ]


def _beginnings(reader: Any) -> Iterator[int]:  # noqa: ANN401
    """Yield the numbers of the pages before those at whose top a bookmark of the first level leads."""
    for one in reader.outline:
        if not isinstance(one, list):
            number = reader.get_destination_page_number(one)  # counted from 0
            if one.top > _TOP * float(reader.pages[number].mediabox.height):
                yield number


def fullness(pages: Sequence[Sequence[float]]) -> list[float]:
    """Return how full each page is, from 0 to 1, given the heights of what stands on it in points."""
    head, foot = (_usual([end(one) for one in pages if one]) for end in (max, min))
    bodies = [[y for y in one if abs(y - head) > _UNIT and abs(y - foot) > _UNIT] for one in pages]
    known = [y for one in bodies for y in one]
    if not known:
        return [0.0 for _ in pages]
    top, ends = max(known), sorted(min(one) for one in bodies if one)
    whole = (top - ends[len(ends) // 10]) or 1.0
    return [min(1.0, (top - min(one)) / whole) if one else 0.0 for one in bodies]


def _usual(heights: Sequence[float]) -> float:
    """Return the height that most pages share, infinity where no two do."""
    counted = Counter(round(one) for one in heights).most_common(1)
    return counted[0][0] if counted and counted[0][1] > 1 else float("inf")


def _heights_of(page: Any) -> list[float]:  # noqa: ANN401
    contents = page.get_contents()
    found = heights(b"" if contents is None else contents.get_data())
    return [one for one in found if 0 <= one <= float(page.mediabox.height)]


def heights(content: bytes) -> Iterator[float]:
    """Yield the heights, in points, of the text and images that a content stream draws.

    Lines of drawings are left out, which may reach further than what is seen of them, and all artifacts.
    """
    matrix, kept, artifacts, last = UNCHANGED, [], [], b""
    for line in content.split(b"\n"):
        operands, _, operator = line.rpartition(b" ")
        if operator == b"q":
            kept.append(matrix)
        elif operator == b"Q":
            matrix = kept.pop()
        elif operator == b"cm":
            matrix = matrix.after(Matrix(*map(float, operands.split())))
        elif operator in (b"BMC", b"BDC"):
            artifacts.append(last == b"/Artifact")
        elif operator == b"EMC":
            artifacts.pop()
        elif not any(artifacts):
            yield from _drawn(operator, operands, matrix)
        last = line if operator != b">>" else last


def _drawn(operator: bytes, operands: bytes, matrix: Matrix) -> Iterator[float]:
    """Yield the heights of what one operator draws: where text begins, the corners of an image."""
    if operator == b"Tm":
        yield matrix.height(*map(float, operands.split()[4:]))
    elif operator == b"Do":
        yield from (matrix.height(0, 0), matrix.height(1, 1))
