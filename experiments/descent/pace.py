"""How fast each optimizer gets on: where it is after the first epoch, and what a step of it costs.

Trainings run beside one another, so that their seconds are no property of an optimizer. Steps are
counted, and so are the operations of a step.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from experiments.descent.tried import NAMES, named
from experiments.lab.evidence import comparisons, differences
from experiments.lab.evidence.claims import (
    NETWORKS,
    SETTING,
    Claim,
    End,
    claim,
)
from experiments.lab.networks.operations import products
from experiments.lab.settings import BATCH_SIZE
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import Run

FIRST = "first"  # a claim's name is this and the optimizer that Adam is held against: "first-sgd"
FAMILY = "after the first epoch"
# Multiplications, divisions and roots for a weight in the formulas that the section prints; Adam's
# corrections for the start are the same for all weights and go into the rate.
UPDATE = {"adam": 8, "sgd": 1, "momentum": 2}
PASSES = 3  # forward, and back to the weights and to the layer's input: as many products each


def measure(
    own: Mapping[str, Trial | None], validated: int
) -> tuple[dict[str, Any] | None, list[Claim]]:
    """Return steps, costs and claims of the optimizers at their own rates; None if none completed.

    `own` has each optimizer's trial; `validated` counts the validation images.
    """
    known = {name: trial for name, trial in own.items() if trial is not None}
    if not known:
        return None, []
    some = next(iter(known.values())).first
    claims = early(known, validated)
    step = PASSES * BATCH_SIZE * products(some.settings)
    facts = {
        "steps": int(some.curves["iteration"][0]),
        "batch": BATCH_SIZE,
        "passes": PASSES,
        "products": step,
        "updates": [
            {"name": NAMES[name], "each": count, "share": count * some.parameters / step}
            for name, count in UPDATE.items()
        ],
        "claims": [one.name for one in claims],
    }
    return facts, claims


def early(trials: Mapping[str, Trial], validated: int) -> list[Claim]:
    """Return how Adam compares with each other optimizer on the validation images after one epoch.

    With one seed by the `validated` images, with more over the seeds that all completed. Without such a
    seed, or without Adam, there is no claim.
    """
    seeds = _common_seeds(trials.values())
    if "adam" not in trials or not seeds:
        return []
    runs = {name: _of_seeds(trial, seeds) for name, trial in trials.items()}
    accuracies = {name: np.array([_first(run) for run in held]) for name, held in runs.items()}
    others = [name for name in trials if name != "adam"]
    ends = {name: End.of_trial(trials[name], named(trials[name]), runs[name]) for name in trials}
    scope = SETTING if len(seeds) > 1 else NETWORKS
    claims = [
        claim(
            f"{FIRST}-{name}", ends["adam"], ends[name], "validation_accuracy",
            differences.validated(accuracies["adam"], accuracies[name], validated), len(seeds), scope,
        )
        for name in others
    ]  # fmt: skip
    if len(seeds) < 2:
        return comparisons.adjusted(claims, FAMILY)
    apart = [accuracies["adam"] - accuracies[name] for name in others]
    return comparisons.over_seeds(claims, np.stack(apart, axis=1), FAMILY) if apart else []


def _first(run: Run) -> float:
    return run.curves["validation_accuracy"][0]


def _common_seeds(trials: Collection[Trial]) -> list[int]:
    seeds = [{run.settings.seed for run in trial.completed_runs} for trial in trials]
    return sorted(set.intersection(*seeds))


def _of_seeds(trial: Trial, seeds: Sequence[int]) -> list[Run]:
    by_seed = {run.settings.seed: run for run in trial.completed_runs}
    return [by_seed[seed] for seed in seeds]
