"""How claims are put into words: the one place for the sentences about them.

The functions are filters of the templates, under their own names. A claim that could not be made is
None, or undefined in a template; `verdict` and `said` take it, the sentences need a claim.
"""

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ParamSpec

import jinja2

from experiments.lab.evidence.claims import (
    BETTER,
    CONFIDENCE,
    EQUIVALENT,
    GREATER,
    NETWORKS,
    QUALITY,
    SMALLER,
    TIED,
    WORSE,
    Claim,
)
from experiments.lab.evidence.superlatives import seen_from
from rendering import marks, traced
from rendering import printed as wording

P = ParamSpec("P")
ABSENT = ""  # the verdict of a claim that could not be made
LISTED = 4  # the members of a set that are named at most; more are counted
# Words that say of a claim that it is of the networks of one run, and that it is on stand-ins.
ONE_RUN = re.compile(
    r"\b(?:this|one|single) (?:run|training|seed)\b|\btrained once\b|\btwo trained networks\b"
    r"|\b(?:this|one) (?:trained )?network\b|\bthese networks\b",
    re.IGNORECASE,
)
STAND_IN = re.compile(r"\bstand-in", re.IGNORECASE)
UP, DOWN = (BETTER, GREATER), (WORSE, SMALLER)


def _deciding(function: Callable[P, str]) -> Callable[P, str]:
    """Return a filter that marks its words as what the claim it is given decided, if that has a path."""

    @functools.wraps(function)
    def marked(*arguments: P.args, **named: P.kwargs) -> str:
        text, path = function(*arguments, **named), _path(arguments[0])
        if not path or not text:
            return text
        return (
            marks.claim_begins(path, str.__str__(arguments[0].verdict)) + text + marks.claim_ends()
        )

    return marked


def _path(claim: Claim | None) -> str:
    """Return where a claim stands in `results.json`, "-" before it if it is told from the other side."""
    found = "" if _missing(claim) else getattr(claim.estimate, "record_path", "")
    return found.removesuffix("/estimate")


def verdict(claim: Claim | None) -> str:
    """Return a claim's verdict, ABSENT for one that could not be made."""
    return ABSENT if _missing(claim) else claim.verdict


@_deciding
def said(claim: Claim | None, above: str, below: str, tied: str, absent: str | None = None) -> str:
    """Return the words for a claim's verdict: the left side above the right, below it, or neither.

    A claim that could not be made has the words `absent`, or those for neither.
    """
    held = verdict(claim)
    if held == ABSENT and absent is not None:
        return absent
    return above if held in UP else below if held in DOWN else tied


@_deciding
def compared(
    claim: Claim,
    digits: int = 1,
    place: str = "",
    left: str = "",
    proof: str = "",
    start: bool = False,
) -> str:
    """Return a claim about fractions as a clause: "A is better than B by 1.2 points (p = 0.003)".

    A tie reads "between A and B there is no clear difference (+0.1 points; p = 0.8; a difference
    of 1.4 points would have been found four times in five)", an equivalence "A and B differ by less than
    2 points (+0.1 points; p = 0.8)". `digits` are
    those of the points, `place` is where they were measured ("on the test images"), `left` another
    name for the left side and `proof` what stands in brackets, as `evidence`; `start` begins a
    sentence.
    """
    one, other = left or claim.left.label, claim.right.label
    place = place and f" {place}"
    if claim.verdict == EQUIVALENT:
        gap = f"{wording.signed_points(claim.estimate, digits)}{place}"
        brackets = "; ".join(filter(None, (gap, proof)))
        clause = f"{one} and {other} differ by less than {margin(claim)} ({brackets})"
    elif claim.verdict == TIED:
        gap = f"{wording.signed_points(claim.estimate, digits)}{place}"
        brackets = "; ".join(filter(None, (gap, proof, _seen(claim, digits))))
        clause = f"between {one} and {other} there is no clear difference ({brackets})"
    else:
        gap = f"{wording.points(claim.estimate, digits)}{place}"
        clause = f"{one} is {claim.verdict} than {other} by {gap}" + (proof and f" ({proof})")
    return marks.begun(clause) if start else clause


@_deciding
def leading(
    claim: Claim | None,
    claims: Mapping[str, Claim],
    digits: int = 1,
    place: str = "",
    left: str = "",
    start: bool = False,
) -> str:
    """Return a claim about all of a set as a clause, empty for one that could not be made.

    "A is better than each of the other 3, by 0.4 points at least (p ≤ 0.012)"; where that does not hold
    of all, the clause says of which it does: "A is best, tied with B, and better than C and D". `claims`
    are the record's, by name; the rest is as in `compared`.
    """
    if _missing(claim):
        return ABSENT
    members = [seen_from(claim.left.label, claims[name]) for name in claim.members]
    subject = left or claim.left.label
    if len(members) == 1:
        return compared(members[0], digits, place, left, evidence(members[0]), start)
    if claim.verdict in UP:
        least = wording.points(min(one.estimate for one in members), digits)
        proof = wording.p_value(max(one.p_value for one in members)).replace("=", "≤")
        others = f"each of the other {wording.count(_number_of(claim, members))}"
        ahead = f"{subject} is {claim.verdict} than {others}, by {least} at least"
        clause = " ".join(filter(None, (ahead, place, f"({proof})")))
    else:
        clause = f"{subject} is {_of_which(members, place)}"
    return marks.begun(clause) if start else clause


def _of_which(members: Sequence[Claim], place: str) -> str:
    """Return of which others what can be said: "best on test, tied with B, and better than C"."""
    above, below, tied = (
        [one for one in members if one.verdict in verdicts] for verdicts in (UP, DOWN, (TIED,))
    )
    parts = [
        below and f"{below[0].verdict} than {_listed(below, members)}",
        tied and f"tied with {_listed(tied, members)}",
        above and f"{above[0].verdict} than {_listed(above, members)}",
    ]
    best = "best" if members[0].measure in QUALITY else "greatest"
    first, *others = ([best] if _foremost(members) else []) + [part for part in parts if part]
    if len(others) > 1 or (others and above):
        others[-1] = f"and {others[-1]}"
    return ", ".join([" ".join(filter(None, (first, place))), *others])


def _foremost(members: Sequence[Claim]) -> bool:
    """Return whether a set's leader is ahead of some, and behind none by as little as a tie."""
    return any(one.verdict in UP for one in members) and all(one.estimate >= 0 for one in members)


def _listed(some: Sequence[Claim], members: Sequence[Claim]) -> str:
    """Return the other sides of some of a set's comparisons: by number where many are not tied."""
    whole = len(some) == len(members)
    if len(some) <= LISTED or (some[0].verdict == TIED and not whole):
        return wording.and_list(one.right.label for one in some)
    number = wording.count(traced.counted([one.estimate for one in some]))
    return f"{'all ' if whole else ''}{number} others"


def _number_of(claim: Claim, members: Sequence[Claim]) -> int:
    path = _path(claim)
    return traced.known(len(members), f"{path}/members/length") if path else len(members)


def margin(claim: Claim) -> str:
    """Return the margin of a claim of equivalence: "1 point"."""
    return wording.points(claim.margin, 0 if (100 * claim.margin).is_integer() else 1)


def _seen(claim: Claim, digits: int) -> str:
    """Return what difference a tie could have seen, empty where that is not known."""
    if not claim.detectable:
        return ""
    least = wording.points(claim.detectable, digits)
    return f"a difference of {least} would have been found four times in five"


def answer(claims: Mapping[str, Claim]) -> str:
    """Return what a record's claims say first, in a line; empty if nothing was compared.

    That is what leads all others, else the first comparison of accuracies with its family, else how
    many comparisons show a difference. What is about trained networks is said to be of this run.
    """
    of_quality = [claim for claim in claims.values() if claim.measure in QUALITY]
    leaders = [claim for claim in of_quality if claim.members]
    if not of_quality:
        clear = sum(claim.verdict in (*UP, *DOWN) for claim in claims.values())
        made = wording.plural(len(claims), "comparison")
        return f"{clear} of {made} show{'s' * (clear == 1)} a difference" if claims else ""
    first = (leaders or of_quality)[0]
    if leaders:
        said = leading(first, claims)
    else:
        family = [
            one
            for one in of_quality
            if one is first or (first.family and one.family == first.family)
        ]
        said = "; ".join(compared(dataclasses.replace(one, detectable=None)) for one in family)
    return said + " (in this run)" * (first.scope == NETWORKS)


def bounds(claim: Claim | None, unit: str = "points", digits: int | None = None) -> str:
    """Return a claim's interval in the unit that `wording.interval` takes: "0.4 to 1.9 points"."""
    return wording.MISSING if _missing(claim) else wording.interval(claim.interval, unit, digits)


@_deciding
def evidence(claim: Claim, digits: int | None = None, test: bool = False) -> str:
    """Return what bears a claim out: "95 % interval 0.4 to 1.9 points; p = 0.003".

    Without an interval the p-value stands alone. With `test` the test is named before it.
    """
    share = f"{100 * CONFIDENCE:.0f} %"
    if _path(claim):
        share = marks.of_constant(share, marks.SETTING)
    parts = [f"{share} interval {bounds(claim, 'points', digits)}"] if claim.interval else []
    named = [claim.test] if test else []
    return "; ".join([*parts, ", ".join([*named, wording.p_value(claim.p_value)])])


@_deciding
def outcome(claim: Claim) -> str:
    """Return a claim's verdict for the cell of a table; a tie is "not clear"."""
    if claim.verdict == EQUIVALENT:
        return f"within {margin(claim)}"
    return "not clear" if claim.verdict == TIED else claim.verdict


def with_verdict(
    names: Mapping[str, str] | Sequence[str], claims: Mapping[str, Claim], *verdicts: str
) -> list[str]:
    """Return the keys of `names`, which name claims, of those claims that have one of the verdicts.

    A sequence of names has the names themselves for keys.
    """
    by_key = names if isinstance(names, Mapping) else {name: name for name in names}
    chosen = [key for key, name in by_key.items() if verdict(claims.get(name)) in verdicts]
    decided = _decided([*chosen, *(key for key in by_key if key not in chosen)], by_key, claims)
    return traced.TracedChoice(chosen, decided) if decided else chosen


def _decided(
    keys: Iterable[str], names: Mapping[str, str], claims: Mapping[str, Claim]
) -> dict[str, str]:
    """Return the verdicts of the claims that the keys name, by their paths, if they have paths."""
    found = (claims.get(names[key]) for key in keys)
    return {path: claim.verdict[:] for claim in found if (path := _path(claim))}


def as_decided(text: str, *chosen: Sequence[str]) -> str:
    """Return a text that rests on what `with_verdict` chose, marked as what these claims decided."""
    decided = {path: held for some in chosen for path, held in getattr(some, "decided", {}).items()}
    begins = "".join(marks.claim_begins(path, held) for path, held in decided.items())
    return begins + text + marks.claim_ends() * len(decided)


def unanimous(names: Iterable[str], claims: Mapping[str, Claim]) -> str:
    """Return the verdict that all these claims have; ABSENT if they differ or one could not be made."""
    found = {verdict(claims.get(name)) for name in names}
    return found.pop() if len(found) == 1 else ABSENT


def _missing(claim: Claim | None) -> bool:
    return claim is None or isinstance(claim, jinja2.Undefined)


FILTERS: dict[str, Callable[..., object]] = {
    function.__name__: function
    for function in (
        verdict,
        said,
        compared,
        leading,
        bounds,
        evidence,
        outcome,
        with_verdict,
        as_decided,
        unanimous,
    )
}
