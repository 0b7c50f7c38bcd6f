"""What a search found: its trials, each with one run for every seed."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.lab.settings import Search
from experiments.lab.store import scores, sealed
from experiments.lab.store.keys import digest
from experiments.lab.store.runs import COMPLETED, FAILED, Run, RunStore

FORMAT = 4
TOLD = ("validation_accuracy", "test_accuracy", "best_validation_accuracy")  # in `results.json`


@dataclass(frozen=True)
class Trial:
    """One point of a search with its runs, a run for each seed, in the order of the seeds.

    `hyperparameters` are all of them, also those that are the same in all trials of the search.
    """

    search: str
    trial_id: str
    hyperparameters: Mapping[str, Any]
    runs: tuple[Run, ...]

    @property
    def status(self) -> str:
        """ "completed" if every run is; else the status of the first run that is not."""
        return next((run.status for run in self.runs if not run.completed), COMPLETED)

    @property
    def message(self) -> str:
        """The message of the first run that did not complete; empty if all did."""
        return next((run.message for run in self.runs if not run.completed), "")

    @property
    def parameters(self) -> int:
        """The number of trainable weights; 0 if no network could be built."""
        return max(run.parameters for run in self.runs)

    @property
    def completed_runs(self) -> tuple[Run, ...]:
        """The runs that completed."""
        return tuple(run for run in self.runs if run.completed)

    @property
    def completed(self) -> bool:
        """Whether the trial has scores: whether any of its runs completed."""
        return bool(self.completed_runs)

    @property
    def first(self) -> Run:
        """The first run that completed, for what is shown of a single network.

        Raises ValueError, which names the search and says why, if there is none.
        """
        if not self.completed:
            raise ValueError(f"no training of the search {self.search} completed: {self.message}")
        return self.completed_runs[0]

    @property
    def run(self) -> Run:
        """The first run that completed; else the first, which may have curves that broke off."""
        return self._timed[0]

    @property
    def _timed(self) -> tuple[Run, ...]:
        """The runs that completed, or all if none did: a run that failed took no measured time."""
        return self.completed_runs or self.runs

    def values(self, score: str) -> list[float]:
        """Return `score` of each completed run."""
        return [run.scores[score] for run in self.completed_runs]

    def mean(self, score: str) -> float | None:
        """Return the mean of `score` over the completed runs, None if there is none."""
        return scores.mean(self.values(score))

    def deviation(self, score: str) -> float | None:
        """Return the standard deviation over seeds (n - 1), None for fewer than two runs."""
        return scores.deviation(self.values(score))

    @property
    def seconds(self) -> float:
        """The mean time of training a run that completed, in seconds."""
        return scores.mean([run.seconds for run in self._timed])

    @property
    def step_seconds(self) -> float:
        """The mean over runs of the median time of a training step, in seconds."""
        return scores.mean([run.step_seconds for run in self._timed])

    def rows(self) -> list[dict[str, Any]]:
        """Return the trial's rows of `results.json`, one for each run."""
        return [
            {
                "search": self.search,
                "trial_id": self.trial_id,
                "hyperparameters": dict(self.hyperparameters),
                "seed": run.settings.seed,
                "status": run.status,
                **{score: run.scores.get(score) for score in TOLD},
                "parameters": run.parameters,
                "seconds": run.seconds,
                "run": run.key,
                "message": run.message,
            }
            for run in self.runs
        ]


@dataclass(frozen=True)
class SearchResult:
    """A search that ended: its definition and its trials, in the order they were asked for.

    `among` and `of` give a part of its trials as a result of its own.
    """

    search: Search
    trials: tuple[Trial, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs of all trials."""
        return tuple(run for trial in self.trials for run in trial.runs)

    def ranked(self) -> list[Trial]:
        """Return the trials by the mean of the search's objective, the best first.

        Of equals the first comes first; trials without a completed run come last.
        """
        objective = self.search.objective
        return scores.best_first(
            self.trials, lambda trial: trial.mean(objective), self.search.direction
        )

    def best_or_none(self) -> Trial | None:
        """Return the trial with the best mean of the search's objective, None if none completed."""
        return next((trial for trial in self.ranked() if trial.completed), None)

    def best(self) -> Trial:
        """Return the same trial; ValueError, which says among which, if none completed."""
        best = self.best_or_none()
        if best is None:
            raise ValueError(f"no trial of the search {self.search.name}{self._which} completed")
        return best

    def of(self, trials: Iterable[Trial]) -> "SearchResult":
        """Return the result with these trials alone, in their order."""
        return dataclasses.replace(self, trials=tuple(trials))

    def among(self, **hyperparameters: Any) -> "SearchResult":  # noqa: ANN401
        """Return the result with the trials alone that have these hyper-parameters."""
        wanted = hyperparameters.items()
        return self.of(trial for trial in self.trials if wanted <= trial.hyperparameters.items())

    def find(self, **hyperparameters: Any) -> Trial:  # noqa: ANN401
        """Return the first trial with these hyper-parameters; KeyError if there is none."""
        found = self.among(**hyperparameters).trials
        if not found:
            raise KeyError(f"the search {self.search.name} has no trial with {hyperparameters}")
        return found[0]

    @property
    def _which(self) -> str:
        """What the trials have in common of what the search varies: " with units 128"."""
        points = [trial.hyperparameters for trial in self.trials]
        shared = [
            f"{name} {points[0][name]}"
            for name in self.search.varied
            if points and all(point[name] == points[0][name] for point in points)
        ]
        return f" with {', '.join(shared)}" if shared else ""


def definition_digest(search: Search) -> str:
    """Return a digest of all that the search was asked to do, whatever its title."""
    return digest({**search.to_json(), "title": ""})[:12]


def write(result: SearchResult, key: str, folder: Path) -> None:
    """Write which runs make up which trial of the search to `folder`."""
    content = {
        "key": key,
        "search": result.search.to_json(),
        "trials": [
            {
                "trial_id": trial.trial_id,
                "hyperparameters": dict(trial.hyperparameters),
                "runs": [run.key for run in trial.runs],
                "failed": [run.key for run in trial.runs if run.status == FAILED],
            }
            for trial in result.trials
        ],
    }
    sealed.write(folder / f"{result.search.name}.json", content, FORMAT)


def read(name: str, folder: Path, store: RunStore) -> tuple[str, SearchResult] | None:
    """Return the key and the result of the search `name`, None if it or a run of it is missing.

    What is damaged, or does not fit the runs, is as good as missing: it is made again from them. Raises
    StorageError if it cannot be read.
    """
    try:
        plain, _ = sealed.read(folder / f"{name}.json", FORMAT)
        search = Search.from_json(plain["search"])
        trials = [_read_trial(search, trial, store) for trial in plain["trials"]]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return None if None in trials else (plain["key"], SearchResult(search, tuple(trials)))


def _read_trial(search: Search, plain: Mapping[str, Any], store: RunStore) -> Trial | None:
    failed = plain["failed"]
    runs = tuple(store.failure(key) if key in failed else store.read(key) for key in plain["runs"])
    if [run and run.settings for run in runs] != list(search.runs(plain["hyperparameters"])):
        return None
    return Trial(search.name, plain["trial_id"], plain["hyperparameters"], runs)
