"""What sentences have to say, by the numbers alone.

A claim of the record goes one of three ways: up where its left side is above its right one and p < .05,
down where it is below, and neither otherwise; a claim that is not there goes no way.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from experiments.lab.store.records import Record

from .conclusions import CONCLUSIONS
from .statements import ABSENT, DOWN, NEITHER, STATEMENTS, UP, Statement

# Marks that stand wrongly: a sentence stuck to the one before, a space before a comma, two at once.
STUCK = re.compile(r"[a-z%)]{2}[.;:?][A-Z][a-z]|[a-z] [,.;:)](?: |$)|\( |[a-z]  [a-z]|, ,|\.\.")


def misprinted(text: str) -> list[str]:
    """Return where a text's marks and spaces stand wrongly, with what is around them."""
    return [text[max(0, it.start() - 20) : it.end() + 10] for it in STUCK.finditer(text)]


def untrue(name: str, text: str, record: Record) -> list[str]:
    """Return what a section's text says against its record, a line each."""
    claims = {one["name"]: one for one in record.claims}
    found = compared(text, claims)
    for statement in STATEMENTS.get(name, ()):
        found += _against(statement, text, claims)
    ways = {name: way(claim) for name, claim in claims.items()}
    for words, holds in CONCLUSIONS.get(name, ()):
        if (words in text) != bool(holds(record.facts, ways)):
            found.append(f"{words!r} is {'there' if words in text else 'not there'}")
    return found


def way(claim: Mapping[str, Any]) -> str:
    """Return which way a claim goes, by its numbers."""
    if claim["p_value"] >= 0.05 or claim["estimate"] == 0:
        return NEITHER
    return UP if claim["estimate"] > 0 else DOWN


def _against(statement: Statement, text: str, claims: Mapping[str, Any]) -> list[str]:
    going = Counter(
        way(claim)
        for name, claim in claims.items()
        if re.fullmatch(statement.claims, name) and _given(statement, name, claims)
    )
    going = going or Counter({ABSENT: 1})
    expected: Counter[str] = Counter()
    for one in (UP, DOWN, NEITHER, ABSENT):
        expected[getattr(statement, one)] += going[one]
    return [
        f"{words!r} stands {len(re.findall(words, text))} times, not {count}"
        for words, count in expected.items()
        if words and len(re.findall(words, text)) != count
    ]


def _given(statement: Statement, name: str, claims: Mapping[str, Any]) -> bool:
    """Return whether what a statement presupposes is so of the thing that the claim is about."""
    if not statement.given:
        return True
    of = name.partition("-")[2]
    return way(claims[f"{statement.given}-{of}"]) == UP


CLEAR = re.compile(
    r" is (better|worse|greater|smaller) than ((?:(?!\. | on the )[^;])+?) by ([\d.]+) points?"
)
LEADS = re.compile(
    r" is (better|greater) than each of the other (\d+), by ([\d.]+) points? at least"
)
END = r"(?= on the |, (?:and better|and greater|tied) |;|\.(?:\s|$)| \()"
# "A is worse than D on test, tied with B, and better than C", "A is best on test, tied with B, ..."
LISTED = re.compile(rf"(?: is|, and) (better|worse|greater|smaller) than ([^;]+?){END}")
TIED = re.compile(rf"(?: is|,) tied with (.+?){END}")
BEST = re.compile(r" is best on the [a-z ]+, tied with ")
TIE = re.compile(r" there is no clear difference \(()()([+−]?[\d.]+) points?")
BEFORE = 120  # letters before it in which a comparison has its sides


def compared(text: str, claims: Mapping[str, Any]) -> list[str]:
    """Return the comparisons in a text that no claim bears out: sides, direction and size."""
    text = " ".join(text.replace("\xa0", " ").split("\n"))
    found = []
    for pattern in (CLEAR, TIE):
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - BEFORE) : match.start()].lower()
            if LEADS.match(match[0] + text[match.end() :][:20]):
                continue
            if not any(_says(match, before, claim) for claim in _both_ways(claims.values())):
                found.append(before[-40:] + match[0])
    return found + _of_all(text, claims)


def _both_ways(claims: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the claims, and each once more with its sides exchanged."""
    turned = [
        {**one, "left": one["right"], "right": one["left"], "estimate": -one["estimate"]}
        for one in claims
    ]
    return [*claims, *turned]


def _of_all(text: str, claims: Mapping[str, Any]) -> list[str]:
    """Return the sentences about all of a set that its members do not bear out."""
    sets = [
        (claim, [claims[name] for name in claim["members"]])
        for claim in claims.values()
        if claim.get("members")
    ]
    wrong = [
        match[0]
        for match in LEADS.finditer(text)
        if not any(_leads(match, text, *one) for one in sets)
    ]
    leaders = tuple(claim["left"]["label"].lower() for claim, _ in sets)
    told = [(match[0], match[1], NEITHER) for match in TIED.finditer(text)]
    told += [
        (match[0], match[2], UP if match[1] in ("better", "greater") else DOWN)
        for match in LISTED.finditer(text)
        if " by " not in match[2]
        and (match[0][0] == "," or text[: match.start()].lower().endswith(leaders))
    ]
    wrong += [
        match[0]
        for match in BEST.finditer(text)
        if not any(_best(text[: match.start()], *one) for one in sets)
    ]
    return wrong + [words for words, named, went in told if sets and not _all(named, went, sets)]


def _seen_from(leader: str, member: Mapping[str, Any]) -> tuple[str, str, float]:
    """Return what a leader is compared with, which way that went for it, and by how much."""
    if member["left"]["label"] == leader:
        return member["right"]["label"], way(member), member["estimate"]
    assert member["right"]["label"] == leader
    turned = {UP: DOWN, DOWN: UP}.get(way(member), way(member))
    return member["left"]["label"], turned, -member["estimate"]


def _all(named: str, went: str, sets: Sequence) -> bool:
    """Return whether these are all members of a set that went that way: their labels, or their number."""
    number = re.fullmatch(r"(?:all )?(\d+) others", named)
    labels = set(re.split(", | or | and ", named))
    for claim, members in sets:
        seen = [_seen_from(claim["left"]["label"], one) for one in members]
        those = {label for label, way_of, _ in seen if way_of == went}
        if len(those) == int(number[1]) if number else labels == those:
            return True
    return False


def _best(before: str, claim: Mapping[str, Any], members: Sequence) -> bool:
    """Return whether a text ends with the leader of a set of whose members none is ahead of it."""
    leader = claim["left"]["label"]
    seen = [_seen_from(leader, one) for one in members]
    ahead = {way_of for _, way_of, _ in seen} == {UP, NEITHER}
    return before.lower().endswith(leader.lower()) and ahead and min(it[2] for it in seen) >= 0


def _leads(match: re.Match, text: str, claim: Mapping[str, Any], members: Sequence) -> bool:
    digits = len(match[3].partition(".")[2])
    seen = [_seen_from(claim["left"]["label"], one) for one in members]
    least = min(estimate for _, _, estimate in seen)
    return (
        text[: match.start()].lower().endswith(claim["left"]["label"].lower())
        and len(members) == int(match[2])
        and all(went == UP for _, went, _ in seen)
        and match[3] == f"{100 * least:.{digits}f}"
    )


def _says(match: re.Match, before: str, claim: Mapping[str, Any]) -> bool:
    """Return whether a comparison says what a claim's numbers do, of the same two sides."""
    word, other, size = match.groups()
    left, right = (claim[side]["label"].lower() for side in ("left", "right"))
    names = (left, "it", f"the network with {left}")
    if word:
        sides = other.lower() == right and before.endswith(tuple(f"{name}" for name in names))
        goes = way(claim) == (UP if word in ("better", "greater") else DOWN)
    else:
        sides = before.endswith(tuple(f"between {name} and {right}" for name in names))
        goes = way(claim) == NEITHER
    digits = len(size.partition(".")[2])
    sign = {"+": 1, "−": -1}.get(size[0], 0) * claim["estimate"] >= 0
    return (
        sides
        and goes
        and sign
        and size.lstrip("+−") == f"{abs(100 * claim['estimate']):.{digits}f}"
    )
