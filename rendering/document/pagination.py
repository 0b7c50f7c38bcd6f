"""In which order text and figures fill pages best: what LaTeX calls floats, for a page that has none.

A figure that does not fit the rest of a page leaves it white. So figures and tables may stand a little
later, or earlier, among the paragraphs around them. The order is found by dynamic programming over a
model of pages, from the heights that the blocks have; the model breaks pages as WeasyPrint does: not
after a heading, not within a figure, and with two lines of a paragraph on either side.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

LINES = 2  # that may not be fewer at either side of a break: orphans and widows, rows of a table
PAGE = 0.5  # the cost of a page, in that of a page of text that a figure is moved by
BLANK = 0.05  # the share of a page that may stay white at no cost
LEAST = 0.2  # the share above which a page looks unfinished
UNFINISHED = 4.0  # the cost of such a page if all of it is white
EARLY = 2.0  # what it costs to stand before the place it was written for, in that of after it
SCALES = (1.0, 0.95, 0.9)  # of a picture, so that its letters stay legible
SCALED = 0.3  # what it costs to make a picture smaller, for the share of its size that goes
KEPT = 16  # states that are followed for each pair of texts and figures placed


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, figure or table: heights in any one unit.

    `height` is that of its border box, `before` and `after` are its margins. It breaks between units
    of height `unit`, if that is not 0, each page beginning with `head`, as tables do. It is `joined`
    to what follows if no page may break between the two, and `goes_on` where what was before it does:
    no float comes between. Of floats, `first` and `last` say before
    which text, by number, it may stand; `home` is where it was written; `picture` is the height in it
    that can be scaled.
    """

    height: float
    before: float = 0.0
    after: float = 0.0
    unit: float = 0.0
    head: float = 0.0
    joined: bool = False
    goes_on: bool = False
    first: int = 0
    last: int = 0
    home: int = 0
    picture: float = 0.0


@dataclass(frozen=True)
class Page:
    """How far a page is filled: down to `filled`, of which the last `joined` moves with what follows.

    Without that it would be filled down to `settled`. `margin` is that below the last block, which
    collapses with the next one's; `cost` is that of the pages before and of figures moved, and
    `blanks` are the shares that the pages before leave white.
    """

    filled: float = 0.0
    joined: float = 0.0
    settled: float = 0.0
    margin: float = 0.0
    cost: float = 0.0
    blanks: tuple[float, ...] = field(default=(), compare=False)


Place = tuple[int, float]  # of a float: before which text it stands, and the scale of its picture
State = tuple[Page, tuple[Place, ...]]  # and the places of the floats so far


def order(texts: Sequence[Block], floats: Sequence[Block], height: float) -> list[Place]:
    """Return where each float is to stand on pages of a `height`; floats keep their order.

    The first page begins with the first text.
    """
    tops = _tops(texts)
    states: dict[tuple[int, int], list[State]] = {(0, 0): [(Page(), ())]}
    for _ in range(len(texts) + len(floats)):
        reached: dict[tuple[int, int], list[State]] = defaultdict(list)
        for (text, number), found in states.items():
            waiting = floats[number] if number < len(floats) else None
            if waiting and waiting.first <= text and _may_stand(waiting, texts, text):
                away = _moved(tops, waiting.home, text, height)
                reached[text, number + 1] += _floated(found, waiting, height, away, text)
            if text < len(texts) and (waiting is None or waiting.last > text):
                reached[text + 1, number] += _followed(found, texts[text], height)
        states = {placed_so_far: _best(found) for placed_so_far, found in reached.items()}
    ends = states.get((len(texts), len(floats)), [])
    if not ends:
        return [(block.home, 1.0) for block in floats]
    return list(min(ends, key=lambda end: end[0].cost)[1])


def _may_stand(block: Block, texts: Sequence[Block], text: int) -> bool:
    """Return whether a float may come before a text: not within a sentence, but where it is at home."""
    return text == block.home or text == len(texts) or not texts[text].goes_on


def _followed(found: Sequence[State], block: Block, height: float) -> list[State]:
    """Return the states after a text."""
    return [(placed(page, block, height), places) for page, places in found]


def _floated(
    found: Sequence[State], block: Block, height: float, away: float, text: int
) -> list[State]:
    """Return the states after a float before a `text`, which is `away` from its home, at all scales."""
    states = []
    for scale in SCALES if block.picture else SCALES[:1]:
        scaled = replace(block, height=block.height - (1 - scale) * block.picture)
        cost = away + (1 - scale) * SCALED
        for page, places in found:
            after = placed(page, scaled, height)
            states.append((replace(after, cost=after.cost + cost), (*places, (text, scale))))
    return states


def placed(page: Page, block: Block, height: float) -> Page:
    """Return the page, of a `height`, on which a block ends that is placed after what `page` holds."""
    start = page.filled + (max(page.margin, block.before) if page.filled else 0.0)
    room = height - start
    if block.height <= room:
        return _ended(page, block, start)
    here = _units(block, room)
    if here:
        left = block.height - block.head - here * block.unit
        return _turned(_broken(page, 0.0, height), block, left, height)
    fresh = _broken(page, height - page.settled, height)
    if 0.0 < page.joined < page.filled:
        return placed(replace(fresh, filled=page.joined, margin=page.margin), block, height)
    return _turned(fresh, block, block.height, height)


def _ended(page: Page, block: Block, start: float) -> Page:
    """Return a page with a block that begins at `start` and fits."""
    filled = start + block.height
    if not block.joined:
        return replace(page, filled=filled, joined=0.0, settled=filled, margin=block.after)
    joined = filled - (page.filled - page.joined if page.joined else start)
    return replace(page, filled=filled, joined=joined, margin=block.after)


def _units(block: Block, room: float) -> int:
    """Return how many units of a block end a page with this room; 0 if it may not be broken there."""
    if not block.unit:
        return 0
    units = round((block.height - block.head) / block.unit)
    here = min(math.floor((room - block.head) / block.unit + 1e-6), units - LINES)
    return here if here >= LINES else 0


def _turned(page: Page, block: Block, left: float, height: float) -> Page:
    """Return the page on which ends what is left of a block, from the top of the page on."""
    room = height - (block.head if block.unit else 0.0)
    while block.unit and left > room:
        left -= room
    filled = min(left + (block.head if left < block.height else 0.0), height)
    joined, settled = (filled, 0.0) if block.joined else (0.0, filled)
    return replace(page, filled=filled, joined=joined, settled=settled, margin=block.after)


def _broken(page: Page, blank: float, height: float) -> Page:
    """Return the page after a break that leaves `blank` of a `height` white."""
    share = blank / height
    cost = PAGE + max(0.0, share - BLANK) + (UNFINISHED * share if share > LEAST else 0.0)
    return Page(cost=page.cost + cost, blanks=(*page.blanks, share))


def _tops(texts: Iterable[Block]) -> list[float]:
    """Return how much text stands before each text, and before the end."""
    tops = [0.0]
    for block in texts:
        tops.append(tops[-1] + block.height)
    return tops


def _moved(tops: Sequence[float], home: int, place: int, height: float) -> float:
    """Return what it costs to place a float elsewhere than at home: the text between, in pages."""
    away = (tops[place] - tops[home]) / height
    return away if away >= 0 else -away * EARLY


def _best(found: list[State]) -> list[State]:
    """Return the states that may still turn out best: the cheapest at each height of the page."""
    cheapest: dict[tuple[int, int], State] = {}
    for state in sorted(found, key=lambda state: (state[0].cost, state[1])):
        page = state[0]
        cheapest.setdefault((round(page.filled), round(page.joined)), state)
    return list(cheapest.values())[:KEPT]
