"""Rules for what the report says: where its numbers come from, and what its comparisons rest on.

They hold every sentence of running text and every cell and note of a table. Captions and alternative
texts stand in `results.json` word for word, which another rule holds.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from experiments.lab.evidence.claims import TIED
from rendering.checking import lookup
from rendering.checking.reading import (
    CODE,
    CONSTANT,
    TEXT,
    VALUE,
    Block,
    Ordered,
    Page,
    Piece,
    Wrong,
)
from rendering.traced import SIGN

SETTING = "setting"  # the source of a constant that this project chose; any other is a work's key
# Digits that are no numbers: in the names of networks, layers, data sets and algorithms, and of tasks.
_NO_NUMBER = re.compile(
    r"\b(?:LeNet-5|CIFAR-10|Caltech-(?:101|256)|SHA-256|(?:conv|pool|dense)\d)\b"
    r"|\b(?:Tasks?|Assignment) \d(?: and \d)?\b"
)
_NUMBER = re.compile(
    r"\d[\d.,]*\b"
    r"|\b(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|dozens?)\b",
    re.IGNORECASE,
)
# Words in -est that are no superlatives.
_PLAIN = (
    r"(?:test|latest|interest|request|suggest|forest|guest|honest|modest|manifest|protest|nest|chest"
    r"|quest|conquest|harvest|latest|invest|digest|behest|bequest)"
)
_COMPARED = re.compile(
    r"\b(?:better|worse|best|worst|higher|lower|larger|smaller|greater|faster|slower|fewer|stronger"
    r"|weaker|nearer|closer|steeper|steadier|surer|sooner|wider|beats?|outperforms?|exceeds?|ahead of"
    r"|behind|wins?|outdo\w*|outstrips?|surpass\w*|overtakes?|prevails?"
    r"|(?:more|less|earlier|later)(?=(?: [\w’]+){0,5} than\b)"
    r"|(?!(?:other|rather|whether|further)\b)\w{3,}er(?= than\b)"
    rf"|(?!{_PLAIN}s?\b)\w{{2,}}est|the (?:most|least) \w+)\b",
    re.IGNORECASE,
)
# Words of which a sentence about a tie has one.
_DENIED = re.compile(
    r"\b(?:no|not|none|neither|nor|cannot|whether|tied|nothing|hardly|as (?:much|well|many))\b",
    re.IGNORECASE,
)
_ENDS = re.compile(r"(?<=[.?!;:])(?<!Fig\.) (?=[A-Z“0-9−+])")


@dataclass(frozen=True)
class Sentence:
    """A sentence in its pieces."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The words in one line."""
        return " ".join("".join(piece.text for piece in self.pieces).split())

    @property
    def asks(self) -> bool:
        """Whether it is a question, which states nothing."""
        return self.text.endswith("?")

    def compared(self) -> Iterator[tuple[str, list[Piece]]]:
        """Yield each comparing word with the pieces that it stands in."""
        whole = re.sub(r"\s", " ", "".join(piece.text for piece in self.pieces))
        for word in _COMPARED.finditer(whole):
            start, held = 0, []
            for piece in self.pieces:
                end = start + len(piece.text)
                if start < word.end() and end > word.start():
                    held.append(piece)
                start = end
            yield word[0], held


def stray_digits(page: Page) -> Iterator[str]:
    """Yield a line for each number that is neither value, reference nor declared constant."""
    for block, sentence in _said(page):
        for piece in sentence.pieces:
            left = _NO_NUMBER.sub("", " ".join(piece.text.split())) if piece.kind == TEXT else ""
            if number := _NUMBER.search(left):
                yield f"{block.place}: {number[0]} has no origin: “{_shortened(sentence.text)}”"


def loose_comparisons(page: Page) -> Iterator[str]:
    """Yield a line for each comparing word that no claim decided and that is not declared otherwise.

    A claim, an order of values, a work's report or a kind of text about no result has to hold the word
    itself: that something else in the sentence can be looked up is not enough.
    """
    for block, sentence in _said(page):
        for word, pieces in () if sentence.asks else sentence.compared():
            if not all(map(_rests, pieces)):
                said = _shortened(sentence.text)
                yield f"{block.place}: “{word}” rests on no claim: “{said}”"


def overstated(page: Page, results: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each comparing word that a tied claim alone decided, where nothing is denied.

    A claim about all of a set is left out: of others than the tied ones it may say something else.
    """
    for block, sentence in _said(page):
        for word, pieces in () if _DENIED.search(sentence.text) else sentence.compared():
            deciding = {claim for piece in pieces if not piece.declared for claim in piece.claims}
            path = next((one.path for one in deciding if one.verdict == TIED), "")
            if path and len(deciding) == 1 and not _of_several(path, results):
                said = _shortened(sentence.text)
                yield Wrong(f"{block.place}: says “{word}” of {path}, which is tied: “{said}”")


def _of_several(path: str, results: Mapping[str, Any]) -> bool:
    try:
        return bool(lookup.at(results, f"{path.removeprefix(SIGN)}/members"))
    except lookup.Unknown:
        return False


def _rests(piece: Piece) -> bool:
    return bool(
        piece.claims or piece.orders or piece.declared or piece.kind in (CODE, CONSTANT, VALUE)
    )


def wrong_orders(page: Page, results: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each superlative whose value is not the most, or the least, of those it names."""
    for block in page.blocks:
        for order in dict.fromkeys(order for piece in block.pieces for order in piece.orders):
            words = "".join(piece.text for piece in block.pieces if order in piece.orders).strip()
            if said := _wrong(order, results):
                yield Wrong(f"{block.place}: “{words}”: {said}")


def _wrong(order: Ordered, results: Mapping[str, Any]) -> str:
    try:
        value, *others = (lookup.at(results, path) for path in (order.path, *order.of))
    except lookup.Unknown as unknown:
        return f"results.json has no {unknown}"
    furthest = max(others) if order.kind == "most" else min(others)
    if value == furthest or (value > furthest) == (order.kind == "most"):
        return ""
    return f"{order.path} is {value}, not the {order.kind}: there is {furthest}"


def false_declarations(page: Page) -> Iterator[str]:
    """Yield a line for each text that is said to be about no result and has one.

    That is a result in text declared as a definition or the like, and a constant reported from a work
    that the list of references does not have.
    """
    for block in page.blocks:
        for piece in block.pieces:
            if piece.declared and piece.kind == VALUE and re.search(r"\d", piece.text):
                yield f"{block.place}: “{piece.text}” is a result in what is declared as {piece.declared}"
            work = piece.paths if piece.kind == CONSTANT else SETTING
            if work not in (SETTING, "") and f"reference-{work}" not in page.ids:
                yield f"{block.place}: “{piece.text}” is reported from {work}, which is not listed"


def _said(page: Page) -> Iterator[tuple[Block, Sentence]]:
    for block in page.blocks:
        if block.said:
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
                found[index].append(replace(piece, text=part))
        place += len(piece.text)
    return [Sentence(tuple(pieces)) for pieces in found if pieces]


def _shortened(text: str, most: int = 100) -> str:
    return text if len(text) <= most else text[:most] + "…"
