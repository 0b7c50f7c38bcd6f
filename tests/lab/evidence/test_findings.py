"""Tests of the verdicts on another work's findings."""

import pytest

from experiments.lab.evidence import differences
from experiments.lab.evidence.claims import End, claim
from experiments.lab.evidence.findings import judged

ENDS = End.of_value("one"), End.of_value("other")
SIDES = {"greater": (5.0, 1.0), "smaller": (1.0, 5.0), "tied": (1.0, 1.0)}


def made(**verdicts):
    """Return claims with these verdicts, by name; None for one that could not be made."""
    claims = [
        claim(name, *ENDS, "loss", differences.paired(*([side] * 3 for side in SIDES[verdict])))
        if verdict
        else None
        for name, verdict in verdicts.items()
    ]
    assert [one and one.verdict for one in claims] == list(verdicts.values())
    return claims


EXPECTED = {"a": "greater", "b": "smaller"}


@pytest.mark.parametrize(
    ("claims", "verdict", "held"),
    [
        (made(a="greater", b="smaller"), "reproduced", ["a", "b"]),
        (made(a="greater", b="greater"), "partly reproduced", ["a"]),
        (made(a="tied", b="smaller", c="greater"), "partly reproduced", ["b"]),
        (made(a="greater", b=None), "partly reproduced", ["a"]),
        (made(a="tied", b="greater"), "not reproduced", []),
        (made(a="tied", b=None), "not reproduced", []),
        (made(a=None, c="greater"), "cannot be told here", []),
        ([], "cannot be told here", []),
    ],
)
def test_verdict_follows_from_how_many_claims_went_as_expected(claims, verdict, held):
    found = judged(EXPECTED, claims)
    assert (found["verdict"], found["held"]) == (verdict, held)
    assert found["expected"] == EXPECTED


def test_part_of_a_finding_is_reproduced_in_part_at_best():
    claims = made(a="greater", b="smaller")
    assert judged(EXPECTED, claims, whole=False)["verdict"] == "partly reproduced"
    assert judged(EXPECTED, made(a="tied", b="tied"), whole=False)["verdict"] == "not reproduced"


def test_nothing_expected_is_nothing_told():
    assert judged({}, made(a="greater"))["verdict"] == "cannot be told here"
