"""Short trainings of both kinds of network on changed images, and what the change costs each of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.lab.evidence.averages import comparable, compare_averages
from experiments.lab.evidence.claims import Claim
from experiments.lab.settings import Search
from experiments.lab.store.results import Trial
from experiments.lab.study import Study
from experiments.searches import recurrent as recurrent_search
from experiments.searches.recurrent import LEARNING_RATE, OPTIMIZER

SIDES = ("cnn", "rnn")
ITERATIONS = 200  # of every training: what a change costs shows early, and many are trained


def made(study: Study) -> bool:
    """Return whether the profile leaves time for these trainings."""
    return not study.quick and study.profile.iterations > ITERATIONS


def search(
    study: Study,
    name: str,
    title: str,
    network: Mapping[str, Any],
    points: Sequence[Mapping[str, Any]],
) -> Search:
    """Return the search over `points` for a network: what `Search` takes as `network`, and `fixed`.

    Points that change nothing ask for the same runs in all these searches, which share them.
    """
    return Search(
        name,
        f"{network['label']} {title}",
        recurrent_search.DATA,
        network["network"],
        points=tuple(points),
        fixed={**network["fixed"], "optimizer": OPTIMIZER, "learning_rate": LEARNING_RATE},
        **{**study.iterations(), "length": ITERATIONS, "validate_every": ITERATIONS},
    )


def cost(
    name: str,
    plain: Sequence[Trial],
    changed: Sequence[Trial],
    labels: np.ndarray,
    ends: tuple[str, str],
) -> Claim | None:
    """Return what a change costs the CNN against what it costs the RNN: up where it is more for the CNN.

    `plain` and `changed` have the trials of CNN and RNN. The mean accuracy of the CNN before and the RNN
    after the change is held against that of the CNN after and the RNN before it; `ends` name the two.
    None if there is no seed that all four completed.
    """
    (cnn, rnn), (cnn_changed, rnn_changed) = plain, changed
    left, right = [cnn, rnn_changed], [cnn_changed, rnn]
    if not comparable([*left, *right]):
        return None
    return compare_averages(name, left, right, labels, *ends)


def accuracies(trials: Sequence[Trial]) -> dict[str, Sequence[float | None]]:
    """Return mean and deviation of the test accuracy of CNN and RNN."""
    return {
        side: recurrent_search.measured(trial)["test_accuracy"]
        for side, trial in zip(SIDES, trials, strict=True)
    }
