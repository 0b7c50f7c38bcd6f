"""Short trainings of the assignment's recurrent network at other rates, and with clipped gradients."""

from typing import Any

import numpy as np

from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import Claim
from experiments.lab.settings import Search
from experiments.lab.store.results import Trial
from experiments.lab.study import Study
from experiments.searches import recurrent as recurrent_search
from experiments.searches.recurrent import ASSIGNED_UNITS, LEARNING_RATE, OPTIMIZER
from rendering import wording

NAME = "rnn-settings"
CELL = "SimpleRNN"
ITERATIONS = 500  # after which the settings are compared
BOUND = 1.0  # of a clipped gradient's norm
SETTINGS = (  # rate and clipping; the assignment's comes first
    (LEARNING_RATE, None),
    (LEARNING_RATE, BOUND),
    (1e-4, None),
    (3e-4, None),
    (3e-3, None),
    (3e-3, BOUND),
    (1e-2, None),
)


def searches(study: Study) -> list[Search]:
    """Return the search over settings; none where the whole training is no longer than these."""
    if not made(study):
        return []
    points = tuple({"learning_rate": rate, "clipping": bound} for rate, bound in SETTINGS)
    return [
        Search(
            NAME,
            "SimpleRNN: short trainings at other settings",
            recurrent_search.DATA,
            "recurrent",
            points=points,
            fixed={"cell": CELL, "units": ASSIGNED_UNITS, "optimizer": OPTIMIZER},
            **{**study.iterations(), "length": ITERATIONS},
        )
    ]


def made(study: Study) -> bool:
    """Return whether the profile leaves time for these trainings."""
    return not study.quick and study.profile.iterations > ITERATIONS


def measure(study: Study, labels: np.ndarray) -> tuple[dict[str, Any] | None, list[Claim]]:
    """Return how the settings did, None where they were left out, and their claims.

    Each claim holds another setting against the assignment's, on the test images of `labels`.
    """
    if not made(study):
        return None, []
    trials = study.result(NAME).trials
    names = {label(one): f"setting-{label(one).replace(' ', '-')}" for one in trials[1:]}
    together = [
        comparisons.Comparison(names[label(one)], one, trials[0], *map(_whole, (one, trials[0])))
        for one in trials[1:]
    ]
    claims = comparisons.compare_all(together, labels, "settings")
    held = [one.name for one in claims]
    facts = {
        "iterations": ITERATIONS,
        "bound": BOUND,
        "assigned": label(trials[0]),
        "rows": [_row(one) for one in trials],
        "claims": {other: name for other, name in names.items() if name in held},
        "out_of_reach": recurrent_search.out_of_reach(claims),
    }
    return facts, claims


def label(trial: Trial) -> str:
    """Return how lists and tables name a setting: "0.003 with clipping"."""
    rate = wording.rate(trial.hyperparameters["learning_rate"])
    return rate if trial.hyperparameters["clipping"] is None else f"{rate} with clipping"


def _whole(trial: Trial) -> str:
    """Return how a sentence names a setting: "Adam at 0.003 with clipping"."""
    return f"Adam at {label(trial)}"


def _row(trial: Trial) -> dict[str, Any]:
    return {**recurrent_search.measured(trial), "label": label(trial)}
