"""Accuracy against the learning rate: short trainings on a logarithmic grid around the three rates.

A training of two epochs is the beginning of a longer one with the same seed, so that those of the section
itself serve too. Only the rates between and beside them are trained.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from experiments.lab.evidence import claims as of_claims
from experiments.lab.evidence import comparisons, differences
from experiments.lab.evidence.claims import (
    NETWORKS,
    SETTING,
    Claim,
    End,
    claim,
    corrected,
    names_of,
)
from experiments.lab.evidence.superlatives import superlative
from experiments.lab.settings import Search, grid
from experiments.lab.store import scores
from experiments.lab.store.records import Record
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.study import Study
from rendering import wording
from rendering.figures import vocabulary as figures

NAME = "rate-curve"
HIGHEST = "highest-rate"  # the claim that one rate is ahead of all others after EPOCHS
EPOCHS = 2  # after which the networks are compared
OTHERS = (1e-5, 3e-5, 3e-4, 3e-3, 3e-2, 1e-1)  # beside the three of the assignment


def searches(study: Study, optimizer: str) -> list[Search]:
    """Return the search over the other rates; none in a quick build, or where two epochs are all."""
    if not made(study):
        return []
    return [
        Search(
            NAME,
            "LeNet-5: short trainings at other rates",
            "cifar10",
            "lenet5",
            points=grid(learning_rate=OTHERS, optimizer=(optimizer,)),
            **{**study.training(), "length": EPOCHS},
        )
    ]


def made(study: Study) -> bool:
    """Return whether the profile leaves time for the curve."""
    return not study.quick and study.profile.epochs > EPOCHS


def measure(
    study: Study, three: SearchResult, images: int, chance: float
) -> tuple[dict[str, Any] | None, list[Claim]]:
    """Return the curve, None where it was left out, and a claim for each rate: better than guessing?

    `three` are the section's own trials. Accuracies are on the `images` validation images after EPOCHS
    epochs, means over seeds; `chance` is the share of their largest class.
    """
    if not made(study):
        return None, []
    trials = sorted(
        [*three.trials, *study.result(NAME).trials],
        key=lambda trial: trial.hyperparameters["learning_rate"],
    )
    rows = [_row(trial) for trial in trials]
    claims = {
        row["rate"]: _against_guessing(trial, row, chance, images)
        for trial, row in zip(trials, rows, strict=True)
        if row["accuracy"][0] is not None
    }
    together = comparisons.adjusted(list(claims.values()), "rates against guessing")
    by_rate = names_of(dict(zip(claims, together, strict=True)))
    for row in rows:
        row["claim"] = by_rate.get(row["rate"])
    known = [row for row in rows if row["accuracy"][0] is not None]
    learned = [row["rate"] for row, one in zip(known, together, strict=True) if _better(one)]
    compared = _highest_against_others(trials, rows, images)
    facts = {
        "epochs": EPOCHS,
        "rows": rows,
        "learned": learned,
        "without_gap": _is_one_stretch([row["rate"] for row in rows], learned),
        "highest": HIGHEST if HIGHEST in [one.name for one in compared] else None,
    }
    return facts, [*together, *compared]


def _row(trial: Trial) -> dict[str, Any]:
    reached = _reached(trial)
    return {
        "rate": trial.hyperparameters["learning_rate"],
        "run_keys": [run.key for run in trial.runs],
        "accuracy": [scores.mean(list(reached.values())), scores.deviation(list(reached.values()))],
        "ended": len(reached),
        "runs": len(trial.runs),
    }


def _reached(trial: Trial) -> dict[int, float]:
    """Return the validation accuracy after EPOCHS epochs by seed, of the runs that came so far."""
    return {
        run.settings.seed: run.curves["validation_accuracy"][EPOCHS - 1]
        for run in trial.runs
        if len(run.curves["validation_accuracy"]) >= EPOCHS
    }


def _highest_against_others(
    trials: Sequence[Trial], rows: Sequence[dict[str, Any]], images: int
) -> list[Claim]:
    """Return how the rate with the highest accuracy compares with each other one, and with all.

    The highest was chosen by the images that it is compared on. So p-values and intervals are corrected
    for the comparisons of all pairs, of which those with the highest are kept.
    """
    known = [
        trial for trial, row in zip(trials, rows, strict=True) if row["accuracy"][0] is not None
    ]
    reached = {_label(trial): _reached(trial) for trial in known}
    seeds = sorted(set.intersection(*(set(one) for one in reached.values()))) if known else []
    if len(known) < 2 or not seeds:
        return []
    highest = max(known, key=lambda trial: scores.mean(list(_reached(trial).values())))
    pairs = [
        (left, right) if left is highest else (right, left)
        for left, right in combinations(known, 2)
    ]
    claims = [_pair(left, right, seeds, images) for left, right in pairs]
    own = [
        one
        for one in corrected(claims, _p_values(claims, pairs, seeds), "all pairs of rates")
        if _label(highest) in (one.left.label, one.right.label)
    ]
    others = [_label(trial) for trial in known if trial is not highest]
    return of_claims.made([*own, superlative(HIGHEST, _label(highest), own, others)])


def _pair(left: Trial, right: Trial, seeds: Sequence[int], images: int) -> Claim:
    """Return how two rates compare: over seeds, or for one run each on the validation images."""
    difference = differences.validated(*(_of_seeds(one, seeds) for one in (left, right)), images)
    runs = ([run for run in one.runs if run.settings.seed in seeds] for one in (left, right))
    ends = [
        End.of_trial(trial, _label(trial), of_trial)
        for trial, of_trial in zip((left, right), runs, strict=True)
    ]
    name = f"rate-{_label(left)}-{_label(right)}"
    scope = SETTING if len(seeds) > 1 else NETWORKS
    return claim(name, *ends, "validation_accuracy", difference, len(seeds), scope)


def _p_values(
    claims: Sequence[Claim], pairs: Sequence[tuple[Trial, Trial]], seeds: Sequence[int]
) -> list[float]:
    """Return p-values corrected for all pairs: over seeds all at once, so that six can tell something."""
    if len(seeds) < 2:
        return comparisons.holm([one.p_value for one in claims])
    apart = [_of_seeds(left, seeds) - _of_seeds(right, seeds) for left, right in pairs]
    return comparisons.flipped_together(np.stack(apart, axis=1))


def _of_seeds(trial: Trial, seeds: Sequence[int]) -> np.ndarray:
    reached = _reached(trial)
    return np.array([reached[seed] for seed in seeds])


def _label(trial: Trial) -> str:
    return wording.rate(trial.hyperparameters["learning_rate"])


def _against_guessing(trial: Trial, row: dict[str, Any], chance: float, images: int) -> Claim:
    difference = differences.against_share(row["accuracy"][0], chance, images)
    sides = End.of_trial(trial, "the network"), End.of_value("guessing")
    name = f"learns-{wording.rate(row['rate'])}"
    return claim(name, *sides, "validation_accuracy", difference, row["ended"])


def _better(one: Claim) -> bool:
    return one.verdict == "better"


def _is_one_stretch(rates: Sequence[float], learned: Sequence[float]) -> bool:
    """Return whether the rates that learned lie side by side among all that were tried."""
    places = [rates.index(rate) for rate in learned]
    return bool(places) and places == list(range(places[0], places[-1] + 1))


def draw(record: Record) -> list[figures.Drawing]:
    """Return the curve, if it was made."""
    curve = record.facts["curve"]
    if curve is None:
        return []
    rows = [row for row in curve["rows"] if row["accuracy"][0] is not None]
    several = all(row["accuracy"][1] is not None for row in rows)
    line = figures.Line(
        "LeNet-5",
        [row["rate"] for row in rows],
        [row["accuracy"][0] for row in rows],
        deviation=[row["accuracy"][1] for row in rows] if several else None,
    )
    caption = (
        f"Validation accuracy after {wording.plural(curve['epochs'], 'epoch')} at "
        f"{len(rows)} learning rates of Adam, on a logarithmic scale."
        + (" The band is one standard deviation over seeds." if several else "")
    )
    panel = figures.Panel("", "learning rate", "accuracy", [line], percent=True, log_x=True)
    drawing = figures.curves("rate-curve", caption, [panel], wide=False)
    claims = [row["claim"] for row in rows]
    return [drawing.drawn_from(record.origin(rows, claims=claims))]
