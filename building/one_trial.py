"""One trial by its name on the command line, SEARCH/N: its runs, and the commands for it."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from building.context import Context, asked_searches
from building.request import LONGEST, Request, RequestError, or_meant
from experiments.lab.settings import RunSettings, Search
from rendering.browser.model import ANY

if TYPE_CHECKING:  # planning takes longer to import than showing a trial
    from building.plan import State


def is_trial(name: str) -> bool:
    """Return whether a name is a trial's rather than a section's."""
    return "/" in name


def among(ids: Iterable[str], number: str) -> str | None:
    """Return the id of a trial that may be named without the zeros before it, None if there is none."""
    known, wanted = list(ids), number.lstrip("0") or "0"
    near = (it for it in known if (it.lstrip("0") or "0") == wanted)
    return number if number in known else next(near, None)


def unknown(search: str, number: str, ids: Iterable[str]) -> RequestError:
    """Return the error that a search has no trial of that number."""
    known = ", ".join(ids) or "none"
    return RequestError(f"{search} has no trial {number[:LONGEST]}; there are: {known}")


def runs(context: Context, name: str) -> tuple[RunSettings, ...]:
    """Return the settings of a trial's runs, one for each seed; RequestError if it is not there."""
    before, _, number = name.rpartition("/")
    searches = {it.name: it for it in asked_searches(context)}
    if before not in searches:
        raise RequestError(
            f"no search named {before[:LONGEST]}. {or_meant(before, searches, searches)}"
        )
    points = _points(context, searches[before])
    found = among(points, number)
    if found is None:
        raise unknown(before, number, points)
    return tuple(searches[before].runs(points[found]))


def using(states: Mapping[str, "State"], name: str) -> list[str]:
    """Return the sections and parts that ask for the search of a trial."""
    wanted = name.rpartition("/")[0]
    return [
        section
        for section, state in states.items()
        if any(search.name == wanted for search in state.searches)
    ]


def commands(asked: Request, search: str) -> tuple[str, str]:
    """Return what shows a trial of a search in a terminal, and what trains it again, ANY in its place."""
    name = f"{search}/{ANY}"
    return asked.again("--trials", name), asked.again(name, "--retrain")


def _points(context: Context, search: Search) -> Mapping[str, Mapping[str, Any]]:
    """Return the points of a search's trials by their numbers."""
    if search.points:
        return {str(number): point for number, point in enumerate(search.points)}
    result = context.last_result(search)
    if result is None:
        raise RequestError(f"{search.name} has not ended; its trials are trained again when it has")
    return {
        trial.trial_id: {name: trial.hyperparameters[name] for name in search.space}
        for trial in result.trials
    }
