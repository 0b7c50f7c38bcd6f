"""Reads searches for the trial browser from the results in the run store."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from experiments.lab.settings import Search
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import TAKEN_UP_AT, WORKER, Run
from experiments.lab.store.standings import Standing
from rendering import wording
from rendering.browser import model


def read(
    result: SearchResult,
    standing: Standing | None = None,
    importance: model.Importance | None = None,
    classes: Sequence[str] = (),
    confusions: Mapping[str, Sequence[Sequence[int]]] = MappingProxyType({}),
) -> model.Search:
    """Return a search of the run store as the browser shows it, with what was worked out of it.

    `confusions` are by the trials' ids.
    """
    search = result.search
    length = f"{wording.count(search.length)} {search.unit}"
    return model.Search(
        name=search.name,
        title=search.title,
        objective=search.objective,
        direction=search.direction,
        algorithm=search.algorithm,
        trials=tuple(trial_of(it, confusions.get(it.trial_id, ())) for it in result.trials),
        about=f"{search.network} on {search.data}, {length} a run",
        axes=axes(search),
        standing=standing,
        importance=importance,
        classes=tuple(classes),
    )


def axes(search: Search) -> dict[str, model.Axis]:
    """Return the values of the search's points in their order, or the ranges of its space."""
    named = {
        name: list(dict.fromkeys(point[name] for point in search.points if name in point))
        for point in search.points
        for name in point
    }
    points = {name: model.Axis(tuple(values)) for name, values in named.items()}
    return points | {name: _range(told) for name, told in search.space.items()}


def _range(told: Mapping[str, Any]) -> model.Axis:
    if "values" in told:
        return model.Axis(tuple(told["values"]))
    return model.Axis((), told["low"], told["high"], bool(told.get("log")))


def trial_of(trial: Trial, confusion: Sequence[Sequence[int]] = ()) -> model.Trial:
    """Return a trial of the run store as the browser shows it."""
    return model.Trial(
        id=trial.trial_id,
        values=dict(trial.hyperparameters),
        status=trial.status,
        message=trial.message,
        attempts=tuple(_attempt(run) for run in trial.runs),
        confusion=confusion,
    )


def _attempt(run: Run) -> model.Attempt:
    environment = {
        name: it for name, it in run.environment.items() if name not in (WORKER, TAKEN_UP_AT)
    }
    return model.Attempt(
        key=run.key,
        seed=run.settings.seed,
        status=run.status,
        message=run.message,
        series=run.curves,
        scores=run.scores,
        parameters=run.parameters,
        seconds=run.seconds,
        environment=environment,
        finished_at=run.finished_at,
        taken_up_at=run.taken_up_at,
        worker=run.worker,
    )
