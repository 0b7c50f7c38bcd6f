"""The largest plain network once more with clipped gradients: are large steps what holds it back?

Clipping the norm is the remedy of Pascanu, Mikolov & Bengio (2013) for gradients that explode.
"""

from typing import Any

import numpy as np

from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import Claim
from experiments.lab.settings import Search
from experiments.lab.store.results import SearchResult
from experiments.lab.study import Study
from experiments.recurrence import settings
from experiments.searches import recurrent as recurrent_search
from experiments.searches.recurrent import LEARNING_RATE, OPTIMIZER, UNITS

NAME = "rnn-clipped"
CELL, MOST = "SimpleRNN", max(UNITS)
BOUND = 1.0  # of the gradient's norm
FAMILY = "clipping"


def searches(study: Study) -> list[Search]:
    """Return the search with the one training; none where there are no `settings` to try either."""
    if not settings.made(study):
        return []
    fixed = {"cell": CELL, "optimizer": OPTIMIZER, "learning_rate": LEARNING_RATE}
    return [
        Search(
            NAME,
            f"{recurrent_search.label(CELL, MOST)} with clipped gradients",
            recurrent_search.DATA,
            "recurrent",
            points=({"units": MOST, "clipping": BOUND},),
            fixed=fixed,
            **study.iterations(),
        )
    ]


def measure(
    study: Study, result: SearchResult, labels: np.ndarray
) -> tuple[dict[str, Any] | None, list[Claim]]:
    """Return what clipping brings, None where it was left out, and its claims.

    `result` is the search over cells and units. The claims "clipped-N" hold the clipped network
    against the one with N units that is not, on the test images of `labels`.
    """
    if not settings.made(study):
        return None, []
    [trial] = study.result(NAME).trials
    label = f"{recurrent_search.label(CELL, MOST)} clipped"
    others = {units: result.find(cell=CELL, units=units) for units in (MOST, UNITS[-2])}
    together = [
        comparisons.Comparison(
            f"clipped-{units}", trial, other, label, recurrent_search.trial_label(other)
        )
        for units, other in others.items()
    ]
    claims = comparisons.compare_all(together, labels, FAMILY)
    facts = {
        "row": {**recurrent_search.row(trial), "label": label},
        "bound": BOUND,
        "claims": [one.name for one in claims],
        "itself": f"clipped-{MOST}",
        "out_of_reach": recurrent_search.out_of_reach(claims),
    }
    return facts, claims
