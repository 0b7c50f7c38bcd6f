"""Networks that are trained to be compared with the LeNet-5 of the section on learning rates.

They are trained as it was, but for what is varied. It is not trained again: its trial is read from
the section on learning rates.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.deconvnet.subject import LENET5
from experiments.lab.evidence import comparisons, summaries
from experiments.lab.evidence.claims import Claim
from experiments.lab.store.results import Trial
from experiments.lab.study import Study


def base(study: Study) -> Trial | None:
    """Return the trial of that LeNet-5, None if no training of it completed.

    Without a network there is nothing to vary: `searches` are then empty, and measuring says why.
    """
    return study.result(LENET5).best_or_none()


def row(label: str, trial: Trial) -> dict[str, Any]:
    """Return a trial's summary as plain data, under a name for people."""
    return {"label": label, **summaries.summary(trial)}


def against(
    names: str, trials: Mapping[str, Trial], yardstick: Trial, said: str, labels: np.ndarray
) -> list[Claim]:
    """Return how each trial compares with the yardstick, a trial too, by test accuracy.

    `trials` has them by their names for people; `said` is the yardstick's. The claim of the n-th is
    called "`names`-n" and has the trial on its left side; one that shares no completed seed with the
    yardstick has none. The p-values are corrected for standing together, in the family `names`.
    `labels` are the test set's true classes.
    """
    pairs = [
        comparisons.Comparison(f"{names}-{place}", trial, yardstick, label, said)
        for place, (label, trial) in enumerate(trials.items())
    ]
    return comparisons.compare_all(pairs, labels, names)
