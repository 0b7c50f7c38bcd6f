"""What becomes of another work's finding here: reproduced, in part, not, or not to be told.

A finding stands on claims of this report. The other work says which way each of them goes; the verdict
follows from how many go that way, and from nothing else.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from experiments.lab.evidence.claims import Claim

REPRODUCED, PARTLY = "reproduced", "partly reproduced"
NOT, UNKNOWN = "not reproduced", "cannot be told here"
VERDICTS = (REPRODUCED, PARTLY, NOT, UNKNOWN)


def judged(
    expected: Mapping[str, str], claims: Iterable[Claim | None], whole: bool = True
) -> dict[str, Any]:
    """Return the verdict on a finding as plain data, with what it stands on.

    `expected` has the verdict that the other work leads one to expect, by name of a claim among
    `claims`; one that could not be made counts as not borne out, unless none could be: then nothing can
    be told. Without `whole` the claims bear on a part of the finding only, so that it is reproduced in
    part at best. `held` names the claims that went as expected.
    """
    made = {one.name: one.verdict for one in claims if one is not None and one.name in expected}
    held = [name for name, verdict in expected.items() if made.get(name) == verdict]
    if not made:
        verdict = UNKNOWN
    elif len(held) == len(expected) and whole:
        verdict = REPRODUCED
    else:
        verdict = PARTLY if held else NOT
    return {"verdict": verdict, "expected": dict(expected), "held": held, "whole": whole}
