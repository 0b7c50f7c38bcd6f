"""Rules for running text: where its numbers come from, and what its comparisons rest on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rendering.checking.reading import CONSTANT, FORMULA, LINK, TEXT, VALUE, Block, Page, Piece

# Digits that are no numbers: in names (LeNet-5, conv1), of the assignment's tasks, and bounds of a scale.
_NO_NUMBER = re.compile(
    r"\b[A-Za-z]\w*-?\d+\b|\(\d{4}\)"
    r"|\b(?:Tasks?|Assignment) \d(?: and \d)?|\b(?:from|between) 0 (?:to|and) 1\b"
)
_COMPARED = re.compile(
    r"\b(?:better|worse|best|worst|higher|lower|highest|lowest|larger|largest|smaller|smallest|greater"
    r"|greatest|faster|fastest|slower|slowest|fewer|fewest|beats?|outperforms?|ahead of"
    r"|(?:more|less) \w+ than)\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\bthe paper\b|\bas reported in\b", re.IGNORECASE
)  # words that name a source
_ENDS = re.compile(r"(?<=[.?!;:])(?<!Fig\.) (?=[A-Z“0-9−+])")
_RESTING = (VALUE, LINK, CONSTANT, FORMULA)


@dataclass(frozen=True)
class Sentence:
    """A sentence of running text in its pieces."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The words in one line."""
        return " ".join("".join(piece.text for piece in self.pieces).split())

    @property
    def reported(self) -> bool:
        """Whether it names the work that it reports from."""
        return _REPORTED.search(self.text) is not None

    @property
    def rests(self) -> bool:
        """Whether something in it can be looked up, or its template says that it is about no result."""
        return any(one.claims or one.background or one.kind in _RESTING for one in self.pieces)


def stray_digits(page: Page) -> Iterator[str]:
    """Yield a line for each number of running text that is neither value, reference nor constant."""
    for block, sentence in _running(page):
        for piece in sentence.pieces:
            left = _NO_NUMBER.sub("", " ".join(piece.text.split())) if piece.kind == TEXT else ""
            number = re.search(r"\d[\d.,]*\b", left)
            if number and not sentence.reported:
                yield f"{block.place}: {number[0]} has no origin: “{_shortened(sentence.text)}”"


def loose_comparisons(page: Page) -> Iterator[str]:
    """Yield a line for each comparison in running text that rests on no claim, number or work."""
    for block, sentence in _running(page):
        found = _COMPARED.search(sentence.text)
        if found and not (sentence.rests or sentence.reported):
            said = _shortened(sentence.text)
            yield f"{block.place}: “{found[0]}” rests on no claim: “{said}”"


def _running(page: Page) -> Iterator[tuple[Block, Sentence]]:
    for block in page.blocks:
        if block.running:
            yield from ((block, sentence) for sentence in sentences(block))


def sentences(block: Block) -> list[Sentence]:
    """Return the sentences of a block. A piece ends no sentence unless there is space behind its stop."""
    text = "".join(piece.text for piece in block.pieces).replace("\n", " ")
    ends = [match.end() for match in _ENDS.finditer(text)] + [len(text)]
    found: list[list[Piece]] = [[] for _ in ends]
    place = 0
    for piece in block.pieces:
        for index, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
            part = piece.text[max(start - place, 0) : max(end - place, 0)]
            if part or (not piece.text and start <= place < end):
                found[index].append(_part(piece, part))
        place += len(piece.text)
    return [Sentence(tuple(pieces)) for pieces in found if pieces]


def _part(piece: Piece, text: str) -> Piece:
    return Piece(text, piece.kind, piece.values, piece.paths, piece.claims, piece.background)


def _shortened(text: str, most: int = 100) -> str:
    return text if len(text) <= most else text[:most] + "…"
