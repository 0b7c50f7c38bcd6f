"""Which trials a figure was drawn from, as addresses in the trial browser's page beside the report.

The page keeps its whole state in its address (`templates/browser/selection.js`): `search` names what is
shown, `open` one trial, `choices` which of them.
"""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from experiments.lab.store.results import SearchResult, Trial
from rendering import wording

PAGE = "trials.html"


class Link(NamedTuple):
    """Words for some trials of a search, and where they are shown."""

    words: str
    address: str


def links(runs: Iterable[str], searches: Sequence[SearchResult]) -> list[Link]:
    """Return a link to the trials of each search that `runs`, given by their keys, belong to.

    Searches share runs: those are taken that have most of what is not yet accounted for.
    """
    left, found = set(runs), []
    while left:
        chosen = max(searches, key=lambda it: len(left & _keys(it.trials)), default=None)
        if chosen is None or not left & _keys(chosen.trials):
            break
        found.append(_link(chosen, [it for it in chosen.trials if left & _keys([it])]))
        left -= _keys(chosen.trials)
    return found


def _keys(trials: Iterable[Trial]) -> set[str]:
    return {run.key for trial in trials for run in trial.runs}


def _link(result: SearchResult, trials: Sequence[Trial]) -> Link:
    name, state = result.search.name, {"search": result.search.name}
    if len(trials) == 1:
        state["open"] = trials[0].trial_id
        words = f"trial {trials[0].trial_id} of {name}"
    else:
        words = f"{wording.plural(len(trials), 'trial')} of {name}"
        if len(trials) < len(result.trials):
            state["choices"] = json.dumps({"id": [trial.trial_id for trial in trials]})
    return Link(words, f"{PAGE}#{urlencode(state)}")
