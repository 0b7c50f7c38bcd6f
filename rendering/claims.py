"""How claims are put into words: the one place for the sentences about them.

The functions are filters of the templates, under their own names. A claim that could not be made is
None, or undefined in a template; `verdict` and `said` take it, the sentences need a claim.
"""

from collections.abc import Callable, Mapping

import jinja2

from experiments.lab.evidence.claims import BETTER, GREATER, SMALLER, TIED, WORSE, Claim
from rendering import wording

ABSENT = ""  # the verdict of a claim that could not be made
UP, DOWN = (BETTER, GREATER), (WORSE, SMALLER)


def verdict(claim: Claim | None) -> str:
    """Return a claim's verdict, ABSENT for one that could not be made."""
    return ABSENT if _missing(claim) else claim.verdict


def said(claim: Claim | None, above: str, below: str, tied: str, absent: str | None = None) -> str:
    """Return the words for a claim's verdict: the left side above the right, below it, or neither.

    A claim that could not be made has the words `absent`, or those for neither.
    """
    held = verdict(claim)
    if held == ABSENT and absent is not None:
        return absent
    return above if held in UP else below if held in DOWN else tied


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
    of 1.4 points would have been found four times in five)". `digits` are
    those of the points, `place` is where they were measured ("on the test images"), `left` another
    name for the left side and `proof` what stands in brackets, as `evidence`; `start` begins a
    sentence.
    """
    one, other = left or claim.left.label, claim.right.label
    place = place and f" {place}"
    if claim.verdict == TIED:
        gap = f"{wording.signed_points(claim.estimate, digits)}{place}"
        brackets = "; ".join(filter(None, (gap, proof, _seen(claim, digits))))
        clause = f"between {one} and {other} there is no clear difference ({brackets})"
    else:
        gap = f"{wording.points(claim.estimate, digits)}{place}"
        clause = f"{one} is {claim.verdict} than {other} by {gap}" + (proof and f" ({proof})")
    return clause[:1].upper() + clause[1:] if start else clause


def _seen(claim: Claim, digits: int) -> str:
    """Return what difference a tie could have seen, empty where that is not known."""
    if not claim.detectable:
        return ""
    least = wording.points(claim.detectable, digits)
    return f"a difference of {least} would have been found four times in five"


def bounds(claim: Claim | None, unit: str = "points", digits: int | None = None) -> str:
    """Return a claim's interval in the unit that `wording.interval` takes: "0.4 to 1.9 points"."""
    return wording.MISSING if _missing(claim) else wording.interval(claim.interval, unit, digits)


def evidence(claim: Claim, digits: int | None = None, test: bool = False) -> str:
    """Return what bears a claim out: "95 % interval 0.4 to 1.9 points; p = 0.003".

    Without an interval the p-value stands alone. With `test` the test is named before it.
    """
    parts = [f"95 % interval {bounds(claim, 'points', digits)}"] if claim.interval else []
    named = [claim.test] if test else []
    return "; ".join([*parts, ", ".join([*named, wording.p_value(claim.p_value)])])


def outcome(claim: Claim) -> str:
    """Return a claim's verdict for the cell of a table; a tie is "not clear"."""
    return "not clear" if claim.verdict == TIED else claim.verdict


def with_verdict(
    names: Mapping[str, str], claims: Mapping[str, Claim], *verdicts: str
) -> list[str]:
    """Return the keys of `names`, which name claims, of those claims that have one of the verdicts."""
    return [key for key, name in names.items() if verdict(claims.get(name)) in verdicts]


def _missing(claim: Claim | None) -> bool:
    return claim is None or isinstance(claim, jinja2.Undefined)


FILTERS: dict[str, Callable[..., object]] = {
    function.__name__: function
    for function in (verdict, said, compared, bounds, evidence, outcome, with_verdict)
}
