"""The output folder: what has its place where, and what killed builds left there."""

import contextlib
import os
from pathlib import Path

from building import afresh
from building.request import RequestError
from experiments.lab.store import sealed
from experiments.lab.store.files import StorageError, remove_folder, remove_partials
from experiments.lab.store.plain_text import plain
from experiments.lab.store.runs import RunStore

FOLDERS = (
    "records",
    "records/searches",
    "records/standings",
    "records/figures",
    "records/failures",
    "figures",
    "runs",
    "tuner",
    "tensorboard",
    "logs",
)
OURS = {name.partition("/")[0] for name in FOLDERS} | {
    "assignment2.html", "assignment2.pdf", "results.json", "trials.html", "trials.csv", "comparison.html",
    "README.md", "build.json", ".gitignore", ".lock", ".building.json", ".DS_Store",
}  # fmt: skip
WORKERS = "tuner/.workers"  # what keras-tuner wants to keep of a worker, and nobody reads


def check(output: Path) -> None:
    """Raise RequestError if something else is in the place of a folder, or one is not open to us."""
    for place in (*reversed(output.parents), output, *(output / name for name in FOLDERS)):
        if os.path.lexists(place) and not place.is_dir():
            raise RequestError(f"{place} is no folder, and one belongs there: move it away")
        if place.is_dir() and not os.access(place, os.R_OK | os.X_OK):
            raise RequestError(f"cannot read {place}: give yourself the right to it")
    if output.is_dir() and not built_in(output) and (others := sorted(_others(output))):
        raise RequestError(
            f"{output} holds what is no report's ({plain(others[0])}): name an empty folder with --output"
        )


def _others(output: Path) -> set[str]:
    """Return the names in the folder that no build puts there."""
    return set(os.listdir(output)) - OURS


def built_in(output: Path) -> bool:
    """Return whether a build has begun in the folder: only then is there anything of ours to remove."""
    return (output / "runs").is_dir()


def drop_scratch(output: Path) -> None:
    """Remove what keras-tuner has kept of the workers; one that still works makes it again."""
    with contextlib.suppress(StorageError):
        remove_folder(output / WORKERS)


def sweep(output: Path) -> None:
    """Remove what killed builds and workers left: files they were writing, arrays that nothing names.

    Only for who holds the folder's lock.
    """
    remove_partials(output, below=False)
    for name in FOLDERS:
        remove_partials(output / name)
    drop_scratch(output)
    for name in ("records", "records/failures"):
        sealed.drop_unnamed(output / name)
    RunStore(output / "runs").sweep(afresh.superseded(output / "records"))
