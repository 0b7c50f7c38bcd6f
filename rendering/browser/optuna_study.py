"""A search's trials as a study of Optuna's, which its functions and its dashboard take."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rendering import wording
from rendering.browser.model import OPEN, Axis, Search, Trial

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution


def in_memory(search: Search, trials: Sequence[Trial]) -> "optuna.study.Study":
    """Return a study in memory with `trials` of the search."""
    import optuna

    storage = optuna.storages.InMemoryStorage()
    return add(search, trials, storage)


def add(
    search: Search, trials: Sequence[Trial], storage: "optuna.storages.BaseStorage"
) -> "optuna.study.Study":
    """Put `trials` of the search into `storage` as a study of the search's name; return it."""
    import optuna

    direction = "maximize" if search.direction == "max" else "minimize"
    with _quiet():
        study = optuna.create_study(storage=storage, study_name=search.name, direction=direction)
    for name in ("title", "about", "objective"):
        study.set_user_attr(name, getattr(search, name))
    spread = distributions(search, trials)
    study.add_trials(_trial(search, trial, spread) for trial in trials)
    return study


def distributions(search: Search, trials: Sequence[Trial]) -> dict[str, "BaseDistribution"]:
    """Return a distribution for each hyper-parameter that `trials` have, wide enough for their values."""
    names = dict.fromkeys(name for trial in trials for name in trial.values)
    return {
        name: _distribution(
            search.axes.get(name), [it.values[name] for it in trials if name in it.values]
        )
        for name in names
    }


def _distribution(axis: Axis | None, values: Sequence[Any]) -> "BaseDistribution":
    """Return a range for numbers of a range; the values themselves, in order, for all else."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    numbers = all(_is_finite(it) for it in values)
    if not numbers or (axis is not None and axis.values):
        known = [*(axis.values if axis else ()), *values]
        return CategoricalDistribution(list(dict.fromkeys(_kept(it) for it in known)))
    ends = [*values, *(it for it in (axis and axis.low, axis and axis.high) if it is not None)]
    low, high = min(ends), max(ends)
    log = bool(axis and axis.log and low > 0)
    whole = all(isinstance(it, int) for it in ends)
    return (IntDistribution if whole else FloatDistribution)(low, high, log=log)


def _trial(
    search: Search, trial: Trial, spread: dict[str, "BaseDistribution"]
) -> "optuna.trial.FrozenTrial":
    import optuna

    value = trial.mean(search.objective)
    done = value is not None and math.isfinite(value)
    states = optuna.trial.TrialState
    under_way = states.RUNNING if trial.status in OPEN else states.FAIL
    params = {
        name: it if _is_ranged(spread[name]) else _kept(it) for name, it in trial.values.items()
    }
    return optuna.trial.create_trial(
        state=states.COMPLETE if done else under_way,
        value=value if done else None,
        params=params,
        distributions={name: spread[name] for name in params},
        user_attrs=_attributes(search, trial),
        intermediate_values=_course(search, trial),
    )


def _attributes(search: Search, trial: Trial) -> dict[str, Any]:
    """Return what of a trial has no place of its own in Optuna's."""
    told: dict[str, Any] = {"trial": trial.id, "status": trial.status}
    means = {name: trial.mean(name) for name in search.scores if name != search.objective}
    deviations = {f"{name} deviation": trial.deviation(name) for name in search.scores}
    own = {"message": trial.message, "parameters": trial.parameters, "seconds": trial.seconds}
    runs = [attempt.key for attempt in trial.attempts]
    known = {
        name: it for name, it in {**means, **deviations, **own}.items() if it not in (None, "")
    }
    return {**told, **known, "runs": runs}


def _course(search: Search, trial: Trial) -> dict[int, float]:
    """Return the objective's mean over the attempts by iteration, where all that have it were alive."""
    found: dict[int, list[float]] = {}
    with_course = [it for it in trial.attempts if it.series.get(search.objective)]
    for attempt in with_course:
        pairs = zip(attempt.series["iteration"], attempt.series[search.objective], strict=True)
        for step, value in pairs:
            if value is not None and math.isfinite(value):
                found.setdefault(int(step), []).append(value)
    return {
        step: math.fsum(values) / len(values)
        for step, values in sorted(found.items())
        if len(values) == len(with_course)
    }


def _is_ranged(distribution: "BaseDistribution") -> bool:
    return hasattr(distribution, "low")


def _is_finite(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _kept(value: Any) -> Any:  # noqa: ANN401
    """Return a value as a choice of Optuna's, which are None, booleans, finite numbers and text."""
    if value is None or isinstance(value, bool | str) or _is_finite(value):
        return value
    return wording.hyperparameter(value)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from saying on the console that it made a study: nobody asked."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield
    optuna.logging.set_verbosity(level)
