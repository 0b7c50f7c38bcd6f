"""Claims that one of several is ahead of all: "the best", "the largest".

Such a claim is one about every other member of its set, so it is made of the comparisons with each of
them, and it is only as good as the weakest. Who is compared must have been chosen by something else than
what is compared, as the trial with the best validation accuracy is compared on the test images: the best
of many by luck alone is always ahead where it was chosen.
"""

import dataclasses
from collections.abc import Collection, Sequence

from experiments.lab.evidence.claims import BETTER, GREATER, GROUP, SMALLER, TIED, WORSE, Claim, End

AHEAD, BEHIND = (BETTER, GREATER), (WORSE, SMALLER)


def superlative(name: str, claims: Sequence[Claim], others: Collection[str]) -> Claim | None:
    """Return the claim that the left side of `claims` is ahead of all `others`.

    `claims` compare one left side with each other member of its set, corrected for standing together;
    `others` are the labels of all these members. The verdict is "better" (or "greater") only if it is
    that against each, "worse" (or "smaller") if it is that against any, else "tied". Estimate, interval
    and p-value are those of the comparison on which this depends: the least certain of the wins, the
    clearest of the losses, the least clear of the ties. None if a member was not compared: nothing can
    then be said of all.

    Raises ValueError if the left sides differ.
    """
    if not claims or {one.right.label for one in claims} != set(others):
        return None
    # Of the same trial: which of its runs are paired may differ with the other side.
    if len({(one.left.label, one.left.trial) for one in claims}) > 1:
        raise ValueError(f"{name}: the comparisons are not all of {claims[0].left.label}")
    deciding = _deciding(claims)
    runs = [run for one in claims for run in one.right.runs]
    right = End(GROUP, f"each of {len(claims)} others", tuple(dict.fromkeys(runs)))
    members = tuple(one.name for one in claims)
    return dataclasses.replace(
        deciding, name=name, right=right if len(claims) > 1 else deciding.right, members=members
    )


def _deciding(claims: Sequence[Claim]) -> Claim:
    """Return the comparison on which a claim about all depends."""
    lost = [one for one in claims if one.verdict in BEHIND]
    if lost:
        return min(lost, key=lambda one: one.p_value)
    tied = [one for one in claims if one.verdict == TIED]
    return max(tied or claims, key=lambda one: (one.p_value, -one.estimate))
