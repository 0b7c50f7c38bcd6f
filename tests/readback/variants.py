"""Findings turned one way or the other, with numbers that bear out what they then say."""

import copy
import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from experiments.lab.evidence.claims import (
    BETTER,
    GREATER,
    QUALITY,
    SMALLER,
    TIED,
    WORSE,
    Claim,
)
from experiments.lab.evidence.findings import judged
from experiments.lab.store.records import Findings

UP, DOWN, ABSENT = "up", "down", "absent"
CLEAR, CHANCE = 0.0021, 0.41  # p-values of a difference and of none
SIZE = 0.1234  # of a difference that a made-up claim has


def turned(findings: Findings, ways: str | Mapping[str, str]) -> Findings:
    """Return the findings with their claims turned "up", "down", "tied", or "absent".

    `ways` is one for all claims, or one for each pattern of names; the others stay.
    """
    ways = {".*": ways} if isinstance(ways, str) else ways
    unused = set(ways)
    claims = []
    for claim in findings.claims:
        pattern = next((one for one in ways if re.fullmatch(one, claim.name)), None)
        unused.discard(pattern)
        way = ways.get(pattern)
        if way != ABSENT:
            claims.append(_turned(claim, way, len(claims)) if way else claim)
    assert not unused or ways == {".*": ABSENT}, f"no claim is named {unused}"
    return _rejudged(dataclasses.replace(findings, claims=claims))


def _turned(claim: Claim, way: str, place: int) -> Claim:
    up, down = (BETTER, WORSE) if claim.measure in QUALITY else (GREATER, SMALLER)
    size = SIZE + place / 1000 if way != TIED else 0.0011 + place / 10000
    low = 0.2 + place / 100
    sides = (low, low + size) if way == DOWN else (low + size, low)
    estimate = sides[0] - sides[1]
    return dataclasses.replace(
        claim,
        verdict={UP: up, DOWN: down, TIED: TIED}[way],
        estimate=estimate,
        interval=(estimate - 0.05, estimate + 0.05),
        p_value=CHANCE if way == TIED else CLEAR,
        left_value=sides[0],
        right_value=sides[1],
    )


def changed(findings: Findings, changes: Mapping[str, Any]) -> Findings:
    """Return the findings with other facts, by their paths: {"layers.0.dead": [1]}."""
    facts = copy.deepcopy(findings.facts)
    for path, value in changes.items():
        *way, last = path.split(".")
        place = facts
        for part in way:
            place = place[int(part) if isinstance(place, list) else part]
        key = int(last) if isinstance(place, list) else last
        assert isinstance(place, list) or key in place, f"there is no fact {path}"
        place[key] = value
    return _rejudged(dataclasses.replace(findings, facts=facts))


def _rejudged(findings: Findings) -> Findings:
    """Return the findings with what follows from their claims for a paper's findings."""

    def judge_again(fact: Any) -> None:  # noqa: ANN401
        if isinstance(fact, dict):
            if set(fact) == {"verdict", "expected", "held", "whole"}:
                fact.update(judged(fact["expected"], findings.claims, fact["whole"]))
            for one in fact.values():
                judge_again(one)

    facts = copy.deepcopy(findings.facts)
    judge_again(facts)
    return dataclasses.replace(findings, facts=facts)
