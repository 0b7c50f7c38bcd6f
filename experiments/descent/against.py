"""How the optimizers compare: with Adam, with themselves at another rate, and with steps as long."""

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from experiments.descent.tried import NAMES, RATES, named
from experiments.lab.evidence import averages, comparisons
from experiments.lab.evidence.claims import Claim, equivalent, made
from experiments.lab.evidence.superlatives import superlative
from experiments.lab.store.results import SearchResult, Trial
from rendering import wording

SAME, OWN = "same", "own"  # the two comparisons: one rate for all, and each at its own best
# What a rate of its own brings an optimizer: anything at all, and more than half of its lag on Adam.
GAIN, HALF = "gain", "half"
# That an optimizer's own rate is ahead of its others, and one optimizer of the others, each at its own.
BEST_RATE, BEST = "best-rate", "best-optimizer"
APART = "own-apart"  # momentum against gradient descent, each at its own rate
# Momentum against gradient descent with steps as long; equivalent within this test accuracy.
MATCHED, MARGIN = "matched", 0.02


def claim_name(question: str, optimizer: str) -> str:
    """Return the name of the claim that answers a question about an optimizer: "same-sgd"."""
    return f"{question}-{optimizer}"


def adam_against(side: str, trials: Mapping[str, Trial | None]) -> list[comparisons.Comparison]:
    """Return the comparisons of Adam with each other optimizer that has a trial."""
    adam = trials["adam"]
    return [
        _comparison(claim_name(side, name), adam, trial)
        for name, trial in trials.items()
        if name != "adam" and adam and trial
    ]


def others_apart(own: Mapping[str, Trial | None]) -> list[comparisons.Comparison]:
    """Return the comparison that `adam_against` leaves out: of the others, at their own rates."""
    plain, momentum = own["sgd"], own["momentum"]
    return [_comparison(APART, momentum, plain)] if plain and momentum else []


def of_rates(
    result: SearchResult,
    same: Mapping[str, Trial | None],
    own: Mapping[str, Trial | None],
    labels: np.ndarray,
) -> list[Claim]:
    """Return how each optimizer at its own best rate compares with itself at every other rate.

    What it gains over Adam's rate is among them, under the name of GAIN. After them, for each optimizer,
    comes the claim that its own rate is ahead of all its others ("best-rate-sgd").
    """
    pairs = [
        _comparison(
            claim_name(GAIN, name) if other is same[name] else f"rate-{named(other)}", best, other
        )
        for name, best in own.items()
        if best
        for other in result.among(optimizer=name).trials
        if other is not best
    ]
    claims = comparisons.compare_all(pairs, labels, "rates of each optimizer")
    leading = [
        best
        and superlative(claim_name(BEST_RATE, name), named(best), claims, _others(result, best))
        for name, best in own.items()
    ]
    return [*claims, *made(leading)]


def best_of_all(own: Mapping[str, Trial | None], claims: Sequence[Claim]) -> Claim | None:
    """Return the claim that the optimizer with the highest validation accuracy is ahead of the others.

    `claims` compare them at their own rates.
    """
    best = leader(own)
    others = [trial for trial in own.values() if trial is not best]
    if best is None or None in others:
        return None
    about = [one for one in claims if one.name == APART or one.name.startswith(f"{OWN}-")]
    return superlative(BEST, named(best), about, [named(trial) for trial in others])


def leader(own: Mapping[str, Trial | None]) -> Trial | None:
    """Return the optimizers' trial with the highest validation accuracy; None if there is none."""
    known = [trial for trial in own.values() if trial is not None]
    return max(known, key=lambda trial: trial.mean("validation_accuracy"), default=None)


def _others(result: SearchResult, best: Trial) -> list[str]:
    """Return the labels of the same optimizer's other trials, whether they completed or not."""
    alike = result.among(optimizer=best.hyperparameters["optimizer"]).trials
    return [named(trial) for trial in alike if trial is not best]


def _comparison(name: str, left: Trial, right: Trial) -> comparisons.Comparison:
    return comparisons.Comparison(name, left, right, named(left), named(right))


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
        _comparison(f"{MATCHED}-{wording.rate(one.hyperparameters['learning_rate'])}", one, other)
        for one, other in pairs
    ]
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
