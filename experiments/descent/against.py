"""How the optimizers compare: with Adam, with themselves at another rate, and with steps as long."""

import math
from collections.abc import Mapping, Set
from typing import Any

import numpy as np

from experiments.descent.tried import NAMES, RATES, named
from experiments.lab.evidence import averages, comparisons
from experiments.lab.evidence.claims import Claim, equivalent
from experiments.lab.store.results import SearchResult, Trial
from rendering import wording

SAME, OWN = "same", "own"  # the two comparisons: one rate for all, and each at its own best
# What a rate of its own brings an optimizer: anything at all, and more than half of its lag on Adam.
GAIN, HALF = "gain", "half"
# Momentum against gradient descent with steps as long; equivalent within this test accuracy.
MATCHED, MARGIN = "matched", 0.02


def claim_name(question: str, optimizer: str) -> str:
    """Return the name of the claim that answers a question about an optimizer: "same-sgd"."""
    return f"{question}-{optimizer}"


def adam_against(side: str, trials: Mapping[str, Trial | None]) -> list[comparisons.Comparison]:
    """Return the comparisons of Adam with each other optimizer that has a trial."""
    adam = trials["adam"]
    return [
        comparisons.Comparison(claim_name(side, name), adam, trial, named(adam), named(trial))
        for name, trial in trials.items()
        if name != "adam" and adam and trial
    ]


def gains(
    same: Mapping[str, Trial | None], own: Mapping[str, Trial | None], labels: np.ndarray
) -> list[Claim]:
    """Return how each optimizer at its own best rate compares with itself at Adam's."""
    pairs = [
        comparisons.Comparison(
            claim_name(GAIN, name), own[name], same[name], named(own[name]), named(same[name])
        )
        for name in _moved(same, own)
    ]
    return comparisons.compare_all(pairs, labels, "gains by a rate of its own")


def halves(
    same: Mapping[str, Trial | None], own: Mapping[str, Trial | None], labels: np.ndarray
) -> list[Claim]:
    """Return whether each optimizer's own rate makes up more than half of what it was behind Adam.

    It does where it is better at its own rate than it and Adam are on the mean at Adam's.
    """
    adam = same["adam"]
    moved = {name: own[name] for name in _moved(same, own)} if adam else {}
    claims = [
        averages.compare_averages(
            claim_name(HALF, name), [trial, trial], [adam, same[name]], labels,
            named(trial), f"the mean of {named(adam)} and {named(same[name])}",
        )
        for name, trial in moved.items()
        if averages.comparable([trial, adam, same[name]])
    ]  # fmt: skip
    return comparisons.adjusted(claims, "halves of the lag")


def matched(result: SearchResult, factor: float, labels: np.ndarray) -> list[Claim]:
    """Return how momentum at each rate compares with gradient descent at `factor` times that rate.

    Past gradients of one direction add up to 1 / (1 - momentum) times the last: a geometric series.
    """
    pairs = [
        (result.find(optimizer="momentum", learning_rate=slow), plain)
        for slow in RATES["momentum"]
        for plain in result.trials
        if plain.hyperparameters["optimizer"] == "sgd"
        and math.isclose(plain.hyperparameters["learning_rate"], factor * slow, rel_tol=1e-6)
    ]
    compared = [
        comparisons.Comparison(
            f"{MATCHED}-{wording.rate(one.hyperparameters['learning_rate'])}",
            one, other, named(one), named(other),
        )
        for one, other in pairs
    ]  # fmt: skip
    claims = comparisons.compare_all(compared, labels, "momentum against longer steps")
    return [equivalent(one, MARGIN) for one in claims]


def _moved(same: Mapping[str, Trial | None], own: Mapping[str, Trial | None]) -> list[str]:
    """Return the optimizers but Adam that have a trial at both rates, and not the same one."""
    both = [name for name in own if name != "adam" and own[name] and same[name]]
    return [name for name in both if own[name] is not same[name]]


def changes(
    same: Mapping[str, Trial | None], own: Mapping[str, Trial | None], made: Set[str]
) -> list[dict[str, Any]]:
    """Return, for each optimizer but Adam, what a rate of its own gains it in test accuracy.

    `moved` is whether that rate is another than Adam's. `claims` has the names of those in `made`
    that tell whether it was behind Adam at Adam's rate (SAME), whether it gains (GAIN), and more
    than half of what it was behind (HALF); None for one that could not be made.
    """
    rows = []
    for name, trial in own.items():
        known = [one and one.mean("test_accuracy") for one in (same["adam"], same[name], trial)]
        if name == "adam" or None in known:
            continue
        adam, before, after = known
        names = {question: claim_name(question, name) for question in (SAME, GAIN, HALF)}
        rows.append(
            {
                "name": NAMES[name],
                "own": trial.hyperparameters["learning_rate"],
                "gain": after - before,
                "behind": adam - before,
                "moved": trial is not same[name],
                "claims": {key: name if name in made else None for key, name in names.items()},
            }
        )
    return rows
