"""The views of the searches, keras-tuner's projects and TensorBoard's files: whether all are there.

Nothing is read from them, so that a build that has nothing else to do must look for them by itself. They
are made again from the runs, without training (`builder`).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from building.context import Context
from building.plan import State
from experiments.lab.settings import Search
from experiments.lab.store.files import names_in
from experiments.lab.store.results import SearchResult
from rendering.wording import and_list

TUNER, TENSORBOARD = "tuner", "tensorboard"
WHOSE = {TUNER: "keras-tuner's files", TENSORBOARD: "TensorBoard's files"}
FEW = 3  # searches that are named; more are counted


def gone(context: Context, states: Mapping[str, State]) -> dict[str, list[Search]]:
    """Return the searches that lack files of a view, by view, of those whose results stand.

    A search whose result does not stand is made by the build, with its views.
    """
    searches = {one.name: one for state in states.values() for one in state.searches}
    stored = {name: context.stored_result(search) for name, search in searches.items()}
    output = context.request.output
    found = {
        view: [searches[name] for name, it in stored.items() if it and not _whole(view, it, output)]
        for view in WHOSE
    }
    return {view: lacking for view, lacking in found.items() if lacking}


def told(lacking: Mapping[str, Sequence[Search]]) -> Iterator[str]:
    """Yield, for each view, in words, the searches that it lacks."""
    for view, searches in lacking.items():
        names = [search.name for search in searches]
        of = and_list(names) if len(names) <= FEW else f"{len(names)} searches"
        yield f"{WHOSE[view]} of {of} are not all there"


def _whole(view: str, result: SearchResult, output: Path) -> bool:
    """Return whether the view has all files of the search; StorageError if it cannot be read."""
    place = output / view / result.search.name
    if view == TUNER:
        names = ["oracle.json", *(f"trial_{it.trial_id}/trial.json" for it in result.trials)]
        return all((place / name).is_file() for name in names)
    folders = [f"{it.trial_id}-seed{run.settings.seed}" for it in result.trials for run in it.runs]
    return all(names_in(place / name) for name in folders)
