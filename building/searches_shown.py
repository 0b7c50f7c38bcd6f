"""The searches of a build as they stand, for the trial browser: those that ended, and those under way.

Of a search that goes on, or whose build was stopped, there is keras-tuner's project, which has all trials
that have ended.
"""

from collections.abc import Iterator
from dataclasses import replace

from building import assessments, one_trial
from building.context import Context, asked_searches
from experiments.lab.settings import Search as Asked
from rendering.browser import from_keras_tuner, from_runs
from rendering.browser.model import NOT_ENDED, Search, Trial


def found(context: Context) -> dict[str, Search]:
    """Return the searches by name, in the order of their sections, those not yet begun left out."""
    return {search.name: _with_commands(context, search) for search in _found(context)}


def _with_commands(context: Context, search: Search) -> Search:
    show, retrain = one_trial.commands(context.request, search.name)
    return replace(search, show=show, retrain=retrain)


def _found(context: Context) -> Iterator[Search]:
    for asked in asked_searches(context):
        stored = context.held.stored_result(asked.name)
        if stored:
            yield assessments.known(context.held, stored[1])
        elif from_keras_tuner.is_project(context.tuner_folder / asked.name):
            yield under_way(context, asked)


def under_way(context: Context, asked: Asked) -> Search:
    """Return a search that has not ended, with the trials that have; the others have no scores yet."""
    read = from_keras_tuner.read(context.tuner_folder / asked.name).search
    return replace(
        read,
        title=asked.title,
        objective=asked.objective,
        direction=asked.direction,
        algorithm=asked.algorithm,
        trials=tuple(map(_not_ended, read.trials)),
        about="",
        scores={asked.objective: asked.direction, **read.scores},
        axes=from_runs.axes(asked),
        planned=len(asked.points) or asked.max_trials,
    )


def _not_ended(trial: Trial) -> Trial:
    """Return the trial; keras-tuner calls one running from when it is proposed, begun or not."""
    if trial.status != "running":
        return trial
    attempts = tuple(replace(it, status=NOT_ENDED) for it in trial.attempts)
    return replace(trial, status=NOT_ENDED, attempts=attempts)
