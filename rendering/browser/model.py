"""What the trial browser shows, whoever made it: searches, their trials, and the attempts at them.

A reader, such as `from_runs`, fills these from what a search has left. Pages, tables and files are made
from these alone.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from experiments.lab.store import scores
from experiments.lab.store.standings import Standing

COMPLETED = "completed"
ANY = "N"  # stands for a trial's id in a command
NOT_ENDED = "not ended"  # waiting or running: which is not known
OPEN = (NOT_ENDED, "running", "idle")  # what a trial is called that may still get a score
# The scores of this project's own searches, and which way each is better.
OWN_SCORES = {
    "validation_accuracy": "max",
    "best_validation_accuracy": "max",
    "test_accuracy": "max",
}


@dataclass(frozen=True)
class Attempt:
    """One execution of a trial: a training with one seed.

    `status` is "completed" or says what became of it, `message` why. `series` maps the names of curves
    to lists of equal length, "iteration" among them; a value that is not finite or unknown is a gap.
    `scores` are fractions or losses by name, of a completed attempt alone. `parameters` counts
    weights, `seconds` is the time of training; both are None where they are not known. `key` names
    the execution where it is stored. `worker` trained it from `taken_up_at` to `finished_at` (ISO 8601);
    each is empty where it is not known.
    """

    key: str
    seed: int | None
    status: str
    message: str = ""
    series: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    parameters: int | None = None
    seconds: float | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    finished_at: str = ""
    taken_up_at: str = ""
    worker: str = ""

    @property
    def completed(self) -> bool:
        """Whether it came to its end."""
        return self.status == COMPLETED


@dataclass(frozen=True)
class Trial:
    """A point of a search with its attempts. `values` are all its hyper-parameters; None is "all".

    `confusion` counts the test images of all completed attempts, a row for what they are and a column for
    what the network says; it is empty where no predictions were kept.
    """

    id: str
    values: Mapping[str, Any]
    status: str
    message: str
    attempts: tuple[Attempt, ...]
    confusion: Sequence[Sequence[int]] = ()

    def mean(self, score: str) -> float | None:
        """Return the mean of `score` over the completed attempts, None if there is none."""
        return scores.mean(self._known(score))

    def deviation(self, score: str) -> float | None:
        """Return the standard deviation over attempts (n - 1), None for fewer than two."""
        return scores.deviation(self._known(score))

    @property
    def parameters(self) -> int | None:
        """The number of weights, None if it is not known."""
        return max(
            (it.parameters for it in self.attempts if it.parameters is not None), default=None
        )

    @property
    def seconds(self) -> float | None:
        """The mean time of a completed attempt, or of all where none completed, in seconds."""
        timed = [it for it in self.attempts if it.completed] or self.attempts
        return scores.mean([it.seconds for it in timed if it.seconds is not None])

    def _known(self, score: str) -> list[float]:
        return [it.scores[score] for it in self.attempts if it.completed and score in it.scores]


@dataclass(frozen=True)
class Axis:
    """What a search may choose a hyper-parameter from.

    Either some `values`, in the search's own order, or a range of numbers from `low` to `high`, in which
    equal ratios count alike where it is `log`.
    """

    values: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    log: bool = False


@dataclass(frozen=True)
class Importance:
    """How much of the objective's variance over a search each hyper-parameter accounts for.

    `shares` are fractions that add up to 1, the largest first; empty where there are none to tell. They
    come from `trials` trials. `held_out` is the share of variance that the same kind of model explains in
    trials it has not seen, None where that was not measured. `warning` says in plain words why the
    shares are not to be relied on, or why there are none; it is empty where nothing speaks against them.
    """

    shares: Mapping[str, float] = field(default_factory=dict)
    trials: int = 0
    held_out: float | None = None
    warning: str = ""


@dataclass(frozen=True)
class Search:
    """A search, with its trials in the order they were asked for.

    `objective` is the score that chooses among the trials, the largest or the smallest mean as
    `direction` is "max" or "min"; `about` says in words what is trained, where that is known.
    `scores` are the names of those that are shown, with the direction of each. `axes` has what is known
    of the hyper-parameters' ranges. `standing` says of the whole search which trial is ahead,
    `importance` what matters in it; both are None where that has not been worked out. `uses` has the
    title and the address of each place of a report that uses the search, `figures` the same of each
    figure with the trials that it was drawn from, `show` the command that shows a trial in a terminal,
    `retrain` the one that trains it again, both with ANY in the place of its id. `planned` is how many
    trials were asked for, 0 where that is not known. `classes` names what the trials' confusions count.
    """

    name: str
    title: str
    objective: str
    direction: str
    algorithm: str
    trials: tuple[Trial, ...]
    about: str = ""
    scores: Mapping[str, str] = field(default_factory=lambda: dict(OWN_SCORES))
    axes: Mapping[str, Axis] = field(default_factory=dict)
    standing: Standing | None = None
    importance: Importance | None = None
    uses: tuple[tuple[str, str], ...] = ()
    figures: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    show: str = ""
    retrain: str = ""
    planned: int = 0
    classes: tuple[str, ...] = ()

    @functools.cached_property
    def best(self) -> Trial | None:
        """The trial with the best mean objective, of equals the first; None if none has any."""
        ranked = scores.best_first(
            self.trials, lambda trial: trial.mean(self.objective), self.direction
        )
        return next((trial for trial in ranked if trial.mean(self.objective) is not None), None)

    def command(self, template: str, trial: Trial) -> str:
        """Return a command, `show` or `retrain`, for one of the trials."""
        return template.replace(f"/{ANY}", f"/{trial.id}", 1)

    @property
    def leaders(self) -> tuple[Trial, ...]:
        """The trials whose mean objective is that of the best one, to the last digit."""
        best = self.best
        if best is None:
            return ()
        top = best.mean(self.objective)
        return tuple(trial for trial in self.trials if trial.mean(self.objective) == top)

    @functools.cached_property
    def ahead(self) -> Standing | None:
        """How the best trial stands: as was worked out, else against equal scores alone."""
        if self.standing is not None or self.best is None:
            return self.standing
        others = (trial.id for trial in self.leaders if trial is not self.best)
        return Standing(self.best.id, tuple(others))

    @property
    def ended(self) -> int:
        """How many trials have come to an end, good or bad."""
        return sum(trial.status not in OPEN for trial in self.trials)

    @property
    def goes_on(self) -> bool:
        """Whether a trial has not ended, or fewer have than were asked for."""
        return self.ended < max(len(self.trials), self.planned)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts at all trials."""
        return tuple(attempt for trial in self.trials for attempt in trial.attempts)

    @cached_property
    def varied(self) -> list[str]:
        """The hyper-parameters that differ between trials, in order of first use."""
        constant = self.constant
        return [name for name in self._names if name not in constant]

    @cached_property
    def constant(self) -> dict[str, Any]:
        """The hyper-parameters that all trials have in common, with their values."""
        values = [trial.values for trial in self.trials]
        return {
            name: values[0][name]
            for name in self._names
            if all(name in it and it[name] == values[0].get(name) for it in values)
        }

    @property
    def _names(self) -> list[str]:
        return list(dict.fromkeys(name for trial in self.trials for name in trial.values))
