"""Claims that one of several is ahead of all: "the best", "the largest".

Such a claim is one about every other member of its set, so it is made of the comparisons with each of
them, and it is only as good as the weakest. Who is compared must have been chosen by something else than
what is compared, as the trial with the best validation accuracy is compared on the test images: the best
of many by luck alone is always ahead where it was chosen.
"""

import dataclasses
from collections.abc import Collection, Sequence

from experiments.lab.evidence.claims import (
    BETTER,
    GREATER,
    GROUP,
    SMALLER,
    TIED,
    WORSE,
    Claim,
    End,
    mirrored,
)

AHEAD, BEHIND = (BETTER, GREATER), (WORSE, SMALLER)


def superlative(
    name: str, label: str, claims: Sequence[Claim], others: Collection[str]
) -> Claim | None:
    """Return the claim that what is called `label` is ahead of all `others`.

    `claims` compare it with each other member of its set, on either side, corrected for standing
    together; those that are not about it are left out. `others` are the labels of all these members. The
    verdict is "better" (or "greater") only if it is that against each, "worse" (or "smaller") if it is
    that against any, else "tied". Estimate, interval and p-value are those of the comparison on which
    this depends: the least certain of the wins, the clearest of the losses, the least clear of the ties.
    None if a member was not compared: nothing can then be said of all.

    Raises ValueError if the label stands for different trials.
    """
    wanted = set(others)
    about = [seen_from(label, one) for one in claims]
    seen = [one for one in about if one is not None and one.right.label in wanted]
    if not seen or {one.right.label for one in seen} != wanted:
        return None
    # Of the same trial: which of its runs are paired may differ with the other side.
    if len({one.left.trial for one in seen}) > 1:
        raise ValueError(f"{name}: the comparisons are not all of the same {label}")
    deciding = _deciding(seen)
    runs = [run for one in seen for run in one.right.runs]
    right = End(GROUP, f"each of {len(seen)} others", tuple(dict.fromkeys(runs)))
    members = tuple(one.name for one in seen)
    return dataclasses.replace(
        deciding, name=name, right=right if len(seen) > 1 else deciding.right, members=members
    )


def seen_from(label: str, one: Claim) -> Claim | None:
    """Return the claim with what is called `label` on its left side, None if it is on neither."""
    if one.left.label == label:
        return one
    return mirrored(one) if one.right.label == label else None


def _deciding(claims: Sequence[Claim]) -> Claim:
    """Return the comparison on which a claim about all depends."""
    lost = [one for one in claims if one.verdict in BEHIND]
    if lost:
        return min(lost, key=lambda one: one.p_value)
    tied = [one for one in claims if one.verdict == TIED]
    return max(tied or claims, key=lambda one: (one.p_value, -one.estimate))
