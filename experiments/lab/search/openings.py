"""A search under way, as the campaign that serves it sees it."""

import dataclasses
from typing import Any

import keras_tuner as kt
from keras_tuner.engine.trial import Trial as TunerTrial

from experiments.lab.search.assignments import point_of
from experiments.lab.search.oracles import InRounds
from experiments.lab.settings import RunSettings, Search


@dataclasses.dataclass
class Opening:
    """A search under way, with its oracle and project; a lower `place` is served first."""

    search: Search
    oracle: InRounds
    view: kt.engine.base_tuner.BaseTuner
    place: int

    def point(self, trial: TunerTrial) -> dict[str, Any]:
        """Return the trial's point in full precision."""
        return point_of(self.search, trial.trial_id, trial.hyperparameters.values)

    def varied(self, trial: TunerTrial) -> dict[str, Any]:
        """Return of the trial's point what the search varies."""
        point = self.point(trial)
        return {name: point[name] for name in self.search.varied}

    def runs(self, trial: TunerTrial) -> list[RunSettings]:
        """Return the settings of the trial's runs."""
        return list(self.search.runs(self.point(trial)))

    def tuner_of(self, number: str) -> str | None:
        """Return the tuner that holds the trial, None if none does."""
        ongoing = self.oracle.ongoing_trials.items()
        return next((tuner for tuner, trial in ongoing if trial.trial_id == number), None)
