"""Reads searches for the trial browser from the results in the run store."""

from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import Run
from rendering import wording
from rendering.browser import model


def read(result: SearchResult) -> model.Search:
    """Return a search of the run store as the browser shows it."""
    search = result.search
    length = f"{wording.count(search.length)} {search.unit}"
    return model.Search(
        name=search.name,
        title=search.title,
        objective=search.objective,
        direction=search.direction,
        algorithm=search.algorithm,
        trials=tuple(_trial(trial) for trial in result.trials),
        about=f"{search.network} on {search.data}, {length} a run",
    )


def _trial(trial: Trial) -> model.Trial:
    return model.Trial(
        id=trial.trial_id,
        values=dict(trial.hyperparameters),
        status=trial.status,
        message=trial.message,
        attempts=tuple(_attempt(run) for run in trial.runs),
    )


def _attempt(run: Run) -> model.Attempt:
    return model.Attempt(
        key=run.key,
        seed=run.settings.seed,
        status=run.status,
        message=run.message,
        series=run.curves,
        scores=run.scores,
        parameters=run.parameters,
        seconds=run.seconds,
        environment=run.environment,
    )
