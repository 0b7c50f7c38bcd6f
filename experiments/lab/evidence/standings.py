"""Whether the best trial of a search is better than the others, by the rule of all comparisons.

The objective, a score on validation data, chooses the trial; what is compared is its test accuracy. So
the best of many by luck alone is not ahead for having been chosen.
"""

from collections.abc import Sequence

import numpy as np

from experiments.lab.evidence.claims import BETTER, WORSE, Claim
from experiments.lab.evidence.comparisons import Comparison, comparable, compare_all
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.standings import Standing

FAMILY = "the best trial against each other"
MEASURE = "test_accuracy"


def standing(result: SearchResult, labels: np.ndarray | None) -> Standing | None:
    """Return how the best trial of a search stands, None if none completed.

    `labels` are the test set's true classes, int (images,); None where they are not those that the
    trials were tested on, so that equal objectives alone are tied. A trial that has no seed in common
    with the best one cannot be told from it.
    """
    leader = result.best_or_none()
    if leader is None:
        return None
    others = [trial for trial in result.trials if trial.completed and trial is not leader]
    rivals = [trial for trial in others if comparable(leader, trial)]
    if labels is None or not rivals:
        return Standing(leader.trial_id, _equals(leader, others, result.search.objective))
    found = compare_all([_comparison(leader, rival) for rival in rivals], labels, FAMILY)
    verdicts = {rival.trial_id: one.verdict for rival, one in zip(rivals, found, strict=True)}
    tied = [it.trial_id for it in others if verdicts.get(it.trial_id) not in (BETTER, WORSE)]
    ahead = [trial_id for trial_id, verdict in verdicts.items() if verdict == WORSE]
    return _judged(leader, tied, ahead, found)


def _judged(
    leader: Trial, tied: Sequence[str], ahead: Sequence[str], found: Sequence[Claim]
) -> Standing:
    one = min(found, key=lambda it: it.count)  # a lost run may leave a pair fewer seeds
    tests = (MEASURE, one.test, one.unit, one.count, len(found))
    return Standing(leader.trial_id, tuple(tied), tuple(ahead), *tests)


def _comparison(leader: Trial, rival: Trial) -> Comparison:
    return Comparison(rival.trial_id, leader, rival, leader.trial_id, rival.trial_id)


def _equals(leader: Trial, others: Sequence[Trial], objective: str) -> tuple[str, ...]:
    top = leader.mean(objective)
    return tuple(trial.trial_id for trial in others if trial.mean(objective) == top)
