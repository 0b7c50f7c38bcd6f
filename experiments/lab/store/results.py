"""What a search found: its trials, each with one run for every seed."""

import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.lab.settings import Search
from experiments.lab.store.files import write_whole
from experiments.lab.store.keys import digest
from experiments.lab.store.runs import COMPLETED, Run, RunStore

FORMAT = 1


@dataclass(frozen=True)
class Trial:
    """One point of a search with its runs, a run for each seed, in the order of the seeds."""

    search: str
    trial_id: str
    hyperparameters: Mapping[str, Any]
    runs: tuple[Run, ...]

    @property
    def status(self) -> str:
        """ "completed" if every run is; else the status of the first run that is not."""
        return next((run.status for run in self.runs if run.status != COMPLETED), COMPLETED)

    @property
    def message(self) -> str:
        """The message of the first run that did not complete; empty if all did."""
        return next((run.message for run in self.runs if run.status != COMPLETED), "")

    @property
    def parameters(self) -> int:
        """The number of trainable weights; 0 if no network could be built."""
        return max(run.parameters for run in self.runs)

    @property
    def run(self) -> Run:
        """The first run that completed, for what is shown of a single network; else the first."""
        return self._completed[0]

    @property
    def _completed(self) -> tuple[Run, ...]:
        """The runs that completed, or all if none did: a run that failed took no measured time."""
        return tuple(run for run in self.runs if run.status == COMPLETED) or self.runs

    def values(self, score: str) -> list[float]:
        """Return `score` of each completed run."""
        return [run.scores[score] for run in self.runs if run.status == COMPLETED]

    def mean(self, score: str) -> float | None:
        """Return the mean of `score` over the completed runs, None if there is none."""
        values = self.values(score)
        return statistics.fmean(values) if values else None

    def deviation(self, score: str) -> float | None:
        """Return the standard deviation over seeds (n - 1), None for fewer than two runs."""
        values = self.values(score)
        return statistics.stdev(values) if len(values) > 1 else None

    @property
    def seconds(self) -> float:
        """The mean time of training a run that completed, in seconds."""
        return statistics.fmean(run.seconds for run in self._completed)

    @property
    def step_seconds(self) -> float:
        """The mean over runs of the median time of a training step, in seconds."""
        return statistics.fmean(run.step_seconds for run in self._completed)

    def rows(self) -> list[dict[str, Any]]:
        """Return the trial's rows of `results.json`, one for each run."""
        return [
            {
                "search": self.search,
                "trial_id": self.trial_id,
                "hyperparameters": dict(self.hyperparameters),
                "seed": run.settings.seed,
                "status": run.status,
                "validation_accuracy": run.scores.get("validation_accuracy"),
                "test_accuracy": run.scores.get("test_accuracy"),
                "best_validation_accuracy": run.scores.get("best_validation_accuracy"),
                "parameters": run.parameters,
                "seconds": run.seconds,
                "run": run.key,
                "message": run.message,
            }
            for run in self.runs
        ]


@dataclass(frozen=True)
class SearchResult:
    """A search that ended: its definition and its trials, in the order they were asked for."""

    search: Search
    trials: tuple[Trial, ...]

    def best(self, score: str = "validation_accuracy") -> Trial:
        """Return the trial with the highest mean `score`; ValueError if no trial completed."""
        completed = [trial for trial in self.trials if trial.mean(score) is not None]
        if not completed:
            raise ValueError(f"no trial of the search {self.search.name} completed")
        return max(completed, key=lambda trial: trial.mean(score))

    def find(self, **hyperparameters: Any) -> Trial:  # noqa: ANN401
        """Return the trial with these hyper-parameters; KeyError if there is none."""
        for trial in self.trials:
            if hyperparameters.items() <= dict(trial.hyperparameters).items():
                return trial
        raise KeyError(f"the search {self.search.name} has no trial with {hyperparameters}")


def definition_digest(search: Search) -> str:
    """Return a digest of all that the search was asked to do."""
    return digest(search.to_json())[:12]


def write(result: SearchResult, key: str, folder: Path) -> None:
    """Write which runs make up which trial of the search to `folder`."""
    content = {
        "format": FORMAT,
        "key": key,
        "search": result.search.to_json(),
        "trials": [
            {
                "trial_id": trial.trial_id,
                "hyperparameters": dict(trial.hyperparameters),
                "runs": [run.key for run in trial.runs],
            }
            for trial in result.trials
        ],
    }
    path = folder / f"{result.search.name}.json"
    write_whole(path, json.dumps(content, indent=1).encode())


def read(name: str, folder: Path, store: RunStore) -> tuple[str, SearchResult] | None:
    """Return the key and the result of the search `name`, None if it or a run of it is missing."""
    path = folder / f"{name}.json"
    try:
        plain = json.loads(path.read_text())
        trials = [_read_trial(name, trial, store) for trial in plain["trials"]]
        if plain["format"] != FORMAT or None in trials:
            return None
        return plain["key"], SearchResult(Search.from_json(plain["search"]), tuple(trials))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # as good as missing: it is made again from the runs


def _read_trial(name: str, plain: Mapping[str, Any], store: RunStore) -> Trial | None:
    runs = tuple(store.read(key) for key in plain["runs"])
    if None in runs:
        return None
    return Trial(name, plain["trial_id"], plain["hyperparameters"], runs)
