"""What would be trained if searches that have not been made had ended: for a dry run of an empty folder.

What some sections train depends on what others find, such as the best learning rate. How many trainings
that is, and about how long they take, hardly does.
"""

from collections.abc import Mapping
from typing import Any

from building.context import Context
from experiments.lab.settings import RunSettings, Search
from experiments.lab.store.held import Held, NotReady
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import COMPLETED, Run


class Supposed:
    """Answers as the stores do, and for searches not made yet as if every training had completed."""

    def __init__(self, held: Held, searches: dict[str, Search]) -> None:
        self._held, self._searches = held, searches
        self.record = held.record

    def result(self, name: str) -> SearchResult:
        """Return the result of the search, made up if need be; NotReady if it is not even planned."""
        try:
            return self._held.result(name)
        except NotReady:
            if name not in self._searches:
                raise
        search = self._searches[name]
        return SearchResult(search, tuple(_trial(search, point) for point in search.points))


def runs(context: Context, name: str, planned: dict[str, Search]) -> tuple[RunSettings, ...]:
    """Return the runs that a section would need, from the searches planned so far; none if unknown.

    One that several of its searches share counts once.
    """
    study = context.study(name, held=Supposed(context.held, planned))
    try:
        searches = context.with_classes(context.module(name).searches(study))
    except Exception:  # it needs more than can be supposed
        return ()
    found = (run for search in searches for point in search.points for run in search.runs(point))
    return tuple({context.index.key(run): run for run in found}.values())


def _trial(search: Search, point: Mapping[str, Any]) -> Trial:
    ended = tuple(_run(settings) for settings in search.runs(point))
    return Trial(search.name, "", {**search.fixed, **point}, ended)


def _run(settings: RunSettings) -> Run:
    scores = {"validation_accuracy": 0.0, "test_accuracy": 0.0}
    return Run("0" * 24, settings, COMPLETED, {}, scores, 0, 0.0, 0.0, {}, "")
