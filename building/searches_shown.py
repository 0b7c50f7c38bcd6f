"""The searches of a build as they stand, for the trial browser: those that ended, and those under way.

Of a search that goes on, or whose build was stopped, keras-tuner's project says which trials there are;
those that have ended have their runs in the store.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from building import assessments, one_trial
from building.context import Context, asked_searches
from experiments.lab.search.assignments import point_of
from experiments.lab.settings import Search as Asked
from experiments.lab.store import results
from experiments.lab.store.results import SearchResult
from rendering.browser import from_keras_tuner, from_runs
from rendering.browser.model import NOT_ENDED, Search, Trial


def found(
    context: Context, read: Callable[[SearchResult], Search] | None = None
) -> dict[str, Search]:
    """Return the searches by name, in the order of their sections, those not yet begun left out.

    `read` makes a search of a stored result; without it nothing is worked out that is not known.
    """
    read = read or (lambda result: assessments.known(context.held, result))
    return {search.name: _with_commands(context, search) for search in _found(context, read)}


def _found(context: Context, read: Callable[[SearchResult], Search]) -> Iterator[Search]:
    for asked in asked_searches(context):
        stored = context.held.stored_result(asked.name)
        if stored:
            yield read(stored[1])
        elif from_keras_tuner.is_project(context.tuner_folder / asked.name):
            yield under_way(context, asked)


def _with_commands(context: Context, search: Search) -> Search:
    show, retrain = one_trial.commands(context.request, search.name)
    return replace(search, show=show, retrain=retrain)


def under_way(context: Context, asked: Asked) -> Search:
    """Return a search that has not ended; trials that have not either have no runs and no scores."""
    project = from_keras_tuner.read(context.tuner_folder / asked.name).search
    return replace(
        from_runs.read(SearchResult(asked, ())),
        trials=tuple(_as_it_stands(context, asked, trial) for trial in project.trials),
        planned=len(asked.points) or asked.max_trials,
    )


def _as_it_stands(context: Context, asked: Asked, trial: Trial) -> Trial:
    """Return a trial with its runs if they have ended.

    Else it is as keras-tuner has it, which calls one running from when it is proposed, begun or not.
    """
    try:
        point = point_of(asked, trial.id, trial.values)
    except (KeyError, IndexError, ValueError):
        return trial  # of a project that was made for another search of this name
    values = asked.hyperparameters(point)
    runs = tuple(context.index.find(run) for run in asked.runs(point))
    if None in runs:
        status = NOT_ENDED if trial.status == "running" else trial.status
        return replace(trial, values=values, status=status, attempts=())
    return from_runs.trial_of(results.Trial(asked.name, trial.id, values, runs))
