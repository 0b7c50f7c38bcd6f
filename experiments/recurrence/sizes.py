"""Gated networks against plain ones of nearly the same number of weights, in one family of claims."""

from typing import Any

import numpy as np

from experiments.lab.evidence import comparisons
from experiments.lab.store.records import Findings
from experiments.lab.store.results import SearchResult
from experiments.searches import recurrent as recurrent_search
from experiments.searches.recurrent import CELLS, UNITS

PLAIN = "SimpleRNN"
NEAR = 1.25  # at most this factor lies between the weights of two networks that are compared

Named = tuple[str, int]  # a cell and its units


def pairs(classes: int) -> list[tuple[Named, Named]]:
    """Return each gated network that has a plain one of nearly its weights, with the nearest one."""
    gated = [(cell, units) for cell in CELLS if cell != PLAIN for units in UNITS]
    near = [
        (one, min(((PLAIN, u) for u in UNITS), key=lambda it: _apart(one, it, classes)))
        for one in gated
    ]
    return [(one, other) for one, other in near if _apart(one, other, classes) <= NEAR]


def measure(result: SearchResult, labels: np.ndarray) -> Findings:
    """Return how gated networks compare with plain ones at nearly equal numbers of weights.

    The claims are "size-GATED", by the gated network's label. Of the facts, `alone` names gated
    networks without a counterpart, `fallen` the claims that hold counterparts that do worse on the
    validation images than a plain network with fewer units against that one.
    """
    near = pairs(result.search.classes)
    together = [_comparison(result, *pair) for pair in near]
    claims = comparisons.compare_all(together, labels, "nearly equal weights")
    names = [one.name for one in claims]
    rows = [_row(*pair, result.search.classes) for pair in near]
    compared = {gated for gated, _ in near}
    fallen = comparisons.compare_all(_fallen(result), labels, "larger plain networks")
    facts = {
        "pairs": [row for row in rows if row["claim"] in names],
        "claims": names,
        "by_name": {row["gated"]: row["claim"] for row in rows if row["claim"] in names},
        "alone": [
            recurrent_search.label(cell, units)
            for cell in CELLS
            for units in UNITS
            if cell != PLAIN and (cell, units) not in compared
        ],
        "near": NEAR,
        "fallen": [one.name for one in fallen],
        "out_of_reach": recurrent_search.out_of_reach(claims),
    }
    return Findings(facts=facts, claims=[*claims, *fallen])


def _apart(one: Named, other: Named, classes: int) -> float:
    weights = [recurrent_search.network_parameters(*it, classes) for it in (one, other)]
    ratio = weights[0] / weights[1]
    return max(ratio, 1 / ratio)


def _row(gated: Named, plain: Named, classes: int) -> dict[str, Any]:
    weights = [recurrent_search.network_parameters(*one, classes) for one in (gated, plain)]
    return {
        "gated": recurrent_search.label(*gated),
        "plain": recurrent_search.label(*plain),
        "gated_weights": weights[0],
        "plain_weights": weights[1],
        "ratio": weights[0] / weights[1],
        "claim": _name(gated),
    }


def _name(gated: Named) -> str:
    return f"size-{recurrent_search.label(*gated).replace(' ', '-')}"


def _comparison(result: SearchResult, gated: Named, plain: Named) -> comparisons.Comparison:
    sides = (result.find(cell=cell, units=units) for cell, units in (gated, plain))
    return recurrent_search.comparison(_name(gated), *sides)


def _fallen(result: SearchResult) -> list[comparisons.Comparison]:
    """Return what holds counterparts that fell behind against the best plain network with fewer units.

    Which did, and which was the best, the validation images say.
    """
    counterparts = {plain for _, plain in pairs(result.search.classes)}
    found, best = [], None
    for units in UNITS:
        trial = result.find(cell=PLAIN, units=units)
        if not trial.completed:
            continue
        score = trial.mean("validation_accuracy")
        if best is None or score >= best.mean("validation_accuracy"):
            best = trial
        elif (PLAIN, units) in counterparts:
            name = f"fallen-{recurrent_search.label(PLAIN, units).replace(' ', '-')}"
            found.append(recurrent_search.comparison(name, trial, best))
    return found
