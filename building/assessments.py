"""What is worked out of a search's trials, once: which is ahead, what each confuses, what matters.

It is kept beside the results, so that it is there in no time when trials are shown.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from building import code
from building.context import Context
from experiments.lab.store import sealed
from experiments.lab.store.files import Damaged
from experiments.lab.store.held import Held
from experiments.lab.store.keys import digest, library_version
from experiments.lab.store.results import SearchResult, definition_digest
from experiments.lab.store.standings import Standing
from rendering.browser import from_runs
from rendering.browser.model import Importance, Search

FORMAT = 1
LIBRARIES = ("scipy", "optuna", "scikit-learn")


def known(held: Held, result: SearchResult) -> Search:
    """Return the search as the browser shows it, with what was worked out of these very trials."""
    kept = _kept(held, result)
    return from_runs.read(result, **_read(kept)) if kept else from_runs.read(result)


def made(context: Context, result: SearchResult) -> Search:
    """Return the same; what has not been worked out with the present code is, and is kept."""
    kept, by = _kept(context.held, result), _by()
    if kept is None or kept["by"] != by:
        kept = {"of": _of(result), "by": by, **_worked_out(context, result)}
        sealed.write(_place(context.held, result), kept, FORMAT)
    return from_runs.read(result, **_read(kept))


def _worked_out(context: Context, result: SearchResult) -> dict[str, Any]:
    from experiments.lab.evidence import standings
    from rendering.browser import importance

    truth = labels(context, result)
    standing = standings.standing(result, truth)
    shares = importance.of(from_runs.read(result))
    return {
        "standing": dataclasses.asdict(standing) if standing else None,
        "importance": dataclasses.asdict(shares),
        "classes": [] if truth is None else list(_classes(context, result)),
        "confusions": {} if truth is None else _confusions(context, result, truth),
    }


def _classes(context: Context, result: SearchResult) -> tuple[str, ...]:
    return context.sources[result.search.data].identity.classes


def _confusions(
    context: Context, result: SearchResult, labels: np.ndarray
) -> dict[str, list[list[int]]]:
    """Return by trial how many test images of each class its runs took for each class."""
    from experiments.lab.evidence.comparisons import confusion

    classes = len(_classes(context, result))
    return {
        trial.trial_id: sum(
            confusion(labels, run.probabilities().argmax(1), classes)
            for run in trial.completed_runs
        ).tolist()
        for trial in result.trials
        if trial.completed
    }


def labels(context: Context, result: SearchResult) -> np.ndarray | None:
    """Return the true classes, int (images,), of the images that all runs of the search were tested on.

    None if there are no such images at hand: if the data of the runs are not those of this build.
    """
    tested = {
        (run.settings.data, run.settings.limit, run.fingerprint)
        for run in result.runs
        if run.completed
    }
    if len(tested) != 1:
        return None
    name, limit, fingerprint = tested.pop()
    source = context.sources.get(name)
    if source is None or source.identity.fingerprint != fingerprint:
        return None
    return context.splits(name, limit).test.labels


def _read(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `from_runs.read` takes besides the trials."""
    plain = kept["standing"]
    listed = {name: tuple(it) for name, it in (plain or {}).items() if isinstance(it, list)}
    return {
        "standing": Standing(**{**plain, **listed}) if plain else None,
        "importance": Importance(**kept["importance"]),
        "classes": kept.get("classes", ()),  # which was not kept at first
        "confusions": kept.get("confusions", {}),
    }


def _kept(held: Held, result: SearchResult) -> Mapping[str, Any] | None:
    """Return what is kept of exactly these trials; damaged counts as missing, it is soon made again."""
    try:
        kept, _ = sealed.read(_place(held, result), FORMAT)
    except (FileNotFoundError, Damaged):
        return None
    return kept if kept["of"] == _of(result) else None


def _place(held: Held, result: SearchResult) -> Path:
    return held.standings_folder / f"{result.search.name}.json"


def _of(result: SearchResult) -> str:
    """Return what stands for the search and its trials with their runs."""
    trials = [[it.trial_id, [[run.key, run.status] for run in it.runs]] for it in result.trials]
    return digest([definition_digest(result.search), trials])


def _by() -> str:
    """Return what stands for the code and the libraries that work it out."""
    return digest([code.assessing().key, {name: library_version(name) for name in LIBRARIES}])
