"""Which hyper-parameters of a search matter: functional ANOVA, as Optuna computes it.

A random forest learns the objective from the hyper-parameters of the completed trials; the share of a
hyper-parameter is how much of the forest's variance it accounts for by itself (Hutter, Hoos &
Leyton-Brown 2014, "An efficient approach for assessing hyperparameter importance"). Optuna is imported
when it is first asked, which is when a page is made.
"""

import math
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rendering import wording
from rendering.browser import optuna_study
from rendering.browser.model import Importance, Search, Trial

if TYPE_CHECKING:
    import optuna

SEED = 0
FOREST = {"n_trees": 64, "max_depth": 64, "seed": SEED}  # Optuna's own sizes
FOLDS = 5
MOST = 1000  # trials, drawn from more: a forest's time grows with them, what it learns hardly
FEWEST = 4  # trials of which anything can be said
FEW = 10  # trials for each hyper-parameter, below which a warning is due
EXPLAINED = 0.25  # share of the variance of trials left out below which a warning is due


def of(search: Search) -> Importance:
    """Return the importance of the hyper-parameters that vary in `search`, the largest share first."""
    trials = _drawn([it for it in search.trials if _known(search, it) is not None])
    names = [name for name in search.varied if _varies(name, trials)]
    reason = _too_little(search, trials, names)
    if reason:
        return Importance(trials=len(trials), warning=reason)
    if len(names) == 1:
        only = f"only {names[0]} varies among the trials that completed"
        return Importance({names[0]: 1.0}, len(trials), warning=only)
    shares = _shares(search, trials, names)
    if not shares:
        return Importance(trials=len(trials), warning="all trials have the same objective")
    held_out = _held_out(search, trials, names)
    left_out = [name for name in search.varied if name not in names and _in_some(name, trials)]
    warning = _warning(len(trials), len(names), held_out, left_out)
    return Importance(shares, len(trials), held_out, warning)


def _drawn(trials: list[Trial]) -> list[Trial]:
    return trials if len(trials) <= MOST else random.Random(SEED).sample(trials, MOST)  # noqa: S311


def _too_little(search: Search, trials: Sequence[Trial], names: Sequence[str]) -> str:
    """Return why no shares can be told, empty if they can."""
    if len(trials) < FEWEST:
        few = wording.plural(len(trials), "trial")
        return f"{few} with a known {search.objective}: too few to say what matters"
    return "" if names else "no hyper-parameter varies among the trials that completed"


def _shares(search: Search, trials: Sequence[Trial], names: Sequence[str]) -> dict[str, float]:
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    study = _study(search, trials, names)
    if len({trial.value for trial in study.trials}) < 2:
        return {}
    found = get_param_importances(study, evaluator=FanovaImportanceEvaluator(**FOREST))
    ranked = sorted(found.items(), key=lambda pair: -pair[1])
    return {name: float(share) for name, share in ranked}


def _study(search: Search, trials: Sequence[Trial], names: Sequence[str]) -> "optuna.study.Study":
    """Return a study with these trials, which all have the hyper-parameters `names`."""
    kept = [
        Trial(it.id, {name: it.values[name] for name in names}, it.status, "", it.attempts)
        for it in trials
    ]
    return optuna_study.in_memory(search, kept)


def _held_out(search: Search, trials: Sequence[Trial], names: Sequence[str]) -> float:
    """Return the share of variance that forests explain in trials that they were not shown.

    Below 0 they are worse than the mean. Of as many trials as FOLDS or fewer each is left out alone.
    """
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import KFold, cross_val_predict

    inputs = [[_coordinate(search, trials, name, it) for name in names] for it in trials]
    targets = [_known(search, trial) for trial in trials]
    folds = KFold(min(FOLDS, len(trials)), shuffle=True, random_state=SEED)
    forest = RandomForestRegressor(FOREST["n_trees"], random_state=SEED)
    predicted = cross_val_predict(forest, inputs, targets, cv=folds)
    middle = math.fsum(targets) / len(targets)
    spread = math.fsum((it - middle) ** 2 for it in targets)
    missed = math.fsum((it - float(at)) ** 2 for it, at in zip(targets, predicted, strict=True))
    return 1 - missed / spread


def _coordinate(search: Search, trials: Sequence[Trial], name: str, trial: Trial) -> float:
    """Return where a trial stands on an axis: its number, or the place of its value among all."""
    value = trial.values[name]
    if all(_is_number(it.values[name]) for it in trials):
        return float(value)
    axis = search.axes.get(name)
    known = [*(axis.values if axis else ()), *(it.values[name] for it in trials)]
    return float(known.index(value))


def _warning(trials: int, names: int, held_out: float, left_out: Sequence[str]) -> str:
    told = []
    if trials < FEW * names:
        told.append(
            f"{trials} trials are few for {wording.plural(names, 'hyper-parameter')}: "
            "other trials might rank them otherwise"
        )
    if held_out < EXPLAINED:
        told.append(
            "the forest cannot predict trials that it was not shown, so its shares say little"
        )
    if left_out:
        told.append(f"without {wording.and_list(left_out)}, which not every trial has")
    return "; ".join(told)


def _varies(name: str, trials: Sequence[Trial]) -> bool:
    """Whether all trials have the hyper-parameter, and not all the same value."""
    if not all(name in trial.values for trial in trials):
        return False
    return len({wording.hyperparameter(trial.values[name]) for trial in trials}) > 1


def _in_some(name: str, trials: Sequence[Trial]) -> bool:
    return any(name in trial.values for trial in trials)


def _known(search: Search, trial: Trial) -> float | None:
    """Return the trial's objective, None if it has none that is a number."""
    value = trial.mean(search.objective)
    return value if value is not None and math.isfinite(value) else None


def _is_number(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
