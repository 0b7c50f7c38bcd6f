"""The searches' keras-tuner oracles: a list of points in order, and Bayesian optimization.

Both propose trials in rounds that are fixed before any of their trials is trained. So the trials, their
numbers and their values are the same however many processes train them and whichever is quicker.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras_tuner as kt
from keras_tuner.src.engine.oracle import LOCKS

from experiments.lab.settings import Search

ALL = "all"  # how keras-tuner's view shows None, which it cannot hold
ROUND = 4  # trials proposed at once by Bayesian optimization, each knowing all earlier rounds
RANDOM_ROUNDS = 2  # rounds of Bayesian optimization that are chosen at random, to begin with
SEED = 1  # 0 would mean a random seed to keras-tuner
# A search is never given up because trials fail: their failure is a result.
ALL_MAY_FAIL = 1_000_000


def make_oracle(search: Search) -> "InRounds":
    """Return the oracle of `search`; ValueError for an unknown algorithm."""
    if search.algorithm == "grid":
        return Points(search)
    if search.algorithm == "bayesian":
        return Bayesian(search)
    raise ValueError(f"no search algorithm named {search.algorithm!r}: grid and bayesian are known")


class InRounds(kt.Oracle):
    """An oracle whose trials are made a round at a time and then handed out.

    `ready(trial)` may hold a trial back, for instance because another search trains the same run.
    """

    round_size = ROUND

    def __init__(self, search: Search, **options: Any) -> None:  # noqa: ANN401
        super().__init__(
            objective=kt.Objective(search.objective, search.direction),
            hyperparameters=search_space(search),
            tune_new_entries=False,
            allow_new_entries=False,
            seed=SEED,
            max_consecutive_failed_trials=ALL_MAY_FAIL,
            **options,
        )
        self.verbose = 0
        # keras-tuner's lock is never released after an error. The campaign lets one call in at a time.
        LOCKS[self] = _NoLock()
        self.ready: Callable[[kt.engine.trial.Trial], bool] = lambda trial: True
        self._waiting: list[str] = []

    @kt.synchronized
    def create_trial(self, tuner_id: str) -> "kt.engine.trial.Trial":
        """Return the tuner's unfinished trial, else the next one that is ready, else IDLE or STOPPED."""
        if tuner_id in self.ongoing_trials:
            return self.ongoing_trials[tuner_id]
        if not self._waiting and not self.ongoing_trials:
            self._waiting = self._next_round()
        for trial_id in self._waiting:
            trial = self.trials[trial_id]
            if self.ready(trial):
                self._waiting.remove(trial_id)
                self.ongoing_trials[tuner_id] = trial
                return trial
        status = "IDLE" if self._waiting or self.ongoing_trials else "STOPPED"
        return kt.engine.trial.Trial(self.get_space(), status=status)

    def take_back(self, tuner_id: str) -> None:
        """Put the tuner's unfinished trial in front of those that wait."""
        trial = self.ongoing_trials.pop(tuner_id)
        self._waiting.insert(0, trial.trial_id)

    def _next_round(self) -> list[str]:
        """Propose trials under names of their own, so that each is seen as running by the next."""
        made = []
        for place in range(self.round_size):
            trial = super().create_trial(f"place {place}")
            if trial.status != "RUNNING":
                break
            made.append(trial.trial_id)
        self.ongoing_trials.clear()
        return made


class Points(InRounds):
    """Hands out the points of a search, in order. keras-tuner's own grid cannot be given an order."""

    def __init__(self, search: Search) -> None:
        super().__init__(search, max_trials=len(search.points))
        self.round_size = len(search.points)
        self._search = search

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the values of the point with the trial's number, as the view shows them."""
        return {"status": "RUNNING", "values": view_of_point(self._search, int(trial_id))}


class Bayesian(InRounds, kt.oracles.BayesianOptimizationOracle):
    """keras-tuner's Bayesian optimization, a round at a time."""

    def __init__(self, search: Search) -> None:
        # keras-tuner would choose three points at random for each hyper-parameter, which may be all.
        super().__init__(
            search, max_trials=search.max_trials, num_initial_points=RANDOM_ROUNDS * ROUND
        )
        self._highest = {
            name: values["high"] for name, values in search.space.items() if values.get("integer")
        }

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the values of the next trial; keras-tuner takes a whole number's range one too far."""
        proposed = super().populate_space(trial_id)
        for name, highest in self._highest.items():
            if name in proposed.get("values", {}):
                proposed["values"][name] = min(proposed["values"][name], highest)
        return proposed


class _NoLock:
    """Stands for a lock where there is nothing to lock."""

    def acquire(self) -> None:
        pass

    def release(self) -> None:
        pass


def search_space(search: Search) -> kt.HyperParameters:
    """Return keras-tuner's description of what the search varies and of what is fixed in it."""
    space = kt.HyperParameters()
    for name, choices in choices_of_points(search.points).items():
        shown = list(view_of_choices(choices).values())
        space.Choice(name, shown, ordered=False if isinstance(shown[0], str) else None)
    for name, values in search.space.items():
        _add(space, name, values)
    for name, value in search.fixed.items():
        if name not in space.values:  # a point may say otherwise
            space.Fixed(name, view_of(value))
    return space


def view_of_point(search: Search, number: int) -> dict[str, Any]:
    """Return all hyper-parameters of a point of the search as keras-tuner can hold them."""
    values = {name: view_of(value) for name, value in search.fixed.items()}
    choices = choices_of_points(search.points)
    for name, value in search.points[number].items():
        values[name] = view_of_choices(choices[name])[value]
    return values


def view_of_choices(choices: list[Any]) -> dict[Any, Any]:
    """Return how keras-tuner's view shows each value of a hyper-parameter.

    Its choices are all of one type: beside a None that is shown as text all are.
    """
    return {it: view_of(it) if None not in choices else str(view_of(it)) for it in choices}


def view_of(value: Any) -> Any:  # noqa: ANN401
    """Return how views that know no None show a value."""
    return ALL if value is None else value


def choices_of_points(points: tuple[Mapping[str, Any], ...]) -> dict[str, list[Any]]:
    """Return the values that each hyper-parameter takes in `points`, in order of appearance."""
    names = points[0] if points else ()
    return {name: list(dict.fromkeys(point[name] for point in points)) for name in names}


def _add(space: kt.HyperParameters, name: str, values: Mapping[str, Any]) -> None:
    if "values" in values:
        space.Choice(name, list(values["values"]))
    elif values.get("integer"):
        space.Int(
            name, values["low"], values["high"], sampling="log" if values["log"] else "linear"
        )
    else:
        space.Float(
            name, values["low"], values["high"], sampling="log" if values["log"] else "linear"
        )
