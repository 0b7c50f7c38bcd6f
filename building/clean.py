"""What of an output folder nothing needs any more, and removing it.

Kept is every run that a build of the present code with the present libraries could use, whatever its
profile and data, and every run that the report as it stands tells of. What can be made again from kept
files without training may go.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import experiments
from building import afresh, printing
from experiments.lab.store import sealed
from experiments.lab.store.files import names_in, remove, remove_folder
from experiments.lab.store.held import Held
from experiments.lab.store.keys import library_versions
from experiments.lab.store.runs import Run, run_key
from experiments.lab.training.sourcecode import training_code

OLD_RUNS = "runs that no build of this code with these libraries would use"
DAMAGED = "runs and records that were found damaged"
OLD_RECORDS = "records of sections that are no more and of searches that no result is from"
VIEWS = "keras-tuner's and TensorBoard's files of searches that no section's result is from"
FIGURES = "figures that no section's drawings name"
LOGS = "what the workers wrote down"
FIGURE_FILES = (".svg", ".png", ".csv")
NOTES = (printing.NOTE, afresh.NOTE)


@dataclass(frozen=True)
class Leftover:
    """A file or folder that nothing needs, with the reason and its size in bytes."""

    path: Path
    why: str
    size: int


def leftovers(output: Path) -> list[Leftover]:
    """Return what nothing needs in the output folder; StorageError if it cannot be read."""
    held = Held(output, say=lambda line: None)
    searches = _searches(held)
    found = [
        *_of(_old_runs(held, _shown_runs(held, searches)), OLD_RUNS),
        *_of(_damaged(held), DAMAGED),
        *_of(_old_records(held, searches), OLD_RECORDS),
        *_of(_old_views(output, searches), VIEWS),
        *_of(_old_figures(held), FIGURES),
        *_of((it for it in _entries(output / "logs") if it.suffix == ".log"), LOGS),
    ]
    return list({item.path: item for item in found}.values())


def clear(found: Iterable[Leftover]) -> None:
    """Remove all of `found`, for who holds the folder's lock; StorageError if that fails."""
    for item in found:
        if item.path.is_dir() and not item.path.is_symlink():
            remove_folder(item.path)
        else:
            remove(item.path)


def drop_views(output: Path, kept: Iterable[str]) -> list[str]:
    """Remove keras-tuner's and TensorBoard's files of searches that no section's result is from.

    Those of the searches `kept` stay. Returns the names of the others; their runs stay, from which the
    files are made again. For who holds the folder's lock; StorageError if that fails.
    """
    wanted = _searches(Held(output, say=lambda line: None)) | set(kept)
    old = [path for path in _old_views(output, wanted) if path.is_dir()]
    for path in old:
        remove_folder(path)
    return sorted({path.name for path in old})


def _of(paths: Iterable[Path], why: str) -> Iterator[Leftover]:
    for path in paths:
        yield Leftover(path, why, _size(path))


def _size(path: Path) -> int:
    """Return the bytes in a file or folder; what a build beside removes meanwhile counts nothing."""
    if path.is_symlink() or not path.is_dir():
        return _bytes(path)
    return sum(_bytes(Path(root, name)) for root, _, names in os.walk(path) for name in names)


def _bytes(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


def _entries(folder: Path) -> list[Path]:
    return [folder / name for name in names_in(folder)]


def _searches(held: Held) -> set[str]:
    """Return the names of the searches that standing records of present sections read."""
    records = filter(None, map(held.any_record, experiments.names()))
    inputs = [name for record in records for name in record.inputs]
    return {name.partition(":")[2] for name in inputs if name.startswith("search:")}


def _shown_runs(held: Held, searches: Iterable[str]) -> set[str]:
    """Return the keys of the runs that the report tells of, also where its sections are out of date."""
    stored = filter(None, map(held.stored_result, searches))
    of_records = filter(None, map(held.any_record, experiments.names()))
    return {run.key for _, result in stored for run in result.runs} | {
        run["key"] for record in of_records for run in record.runs
    }


def _old_runs(held: Held, shown: set[str]) -> Iterator[Path]:
    store, superseded = held.runs, afresh.superseded(held.records_folder)
    for key in store.stored_keys():
        run = store.latest(key)
        if key not in shown and run is not None and not usable(run):
            yield store.folder / key
    for key, begun in store.begun():
        run = store.read(key)
        done = run is not None and run.finished_at != superseded.get(key)
        if begun is None or not usable(begun) or done:
            yield store.state_folder(key)


def usable(run: Run) -> bool:
    """Return whether the run is what the present code and libraries would train with its settings."""
    code = training_code(run.settings)
    return run_key(run.settings, run.fingerprint, code, library_versions()) == run.key


def _damaged(held: Held) -> Iterator[Path]:
    for folder in (held.runs.folder, held.records_folder):
        yield from _entries(folder / "damaged")
    for key in held.runs.stored_keys():
        if held.runs.latest(key) is None:
            yield held.runs.folder / key


def _old_records(held: Held, searches: set[str]) -> Iterator[Path]:
    sections = set(experiments.names())
    known = {
        held.records_folder: sections | {Path(note).stem for note in NOTES},
        held.records_folder / "failures": sections,
        held.drawings_folder: sections,
        held.searches_folder: searches,
        held.standings_folder: searches,
    }
    for folder, names in known.items():
        for path in _entries(folder):
            if path.suffix == ".json" and path.name.removesuffix(".json") not in names:
                yield path
                yield from sealed.array_files(path)


def _old_views(output: Path, searches: set[str]) -> Iterator[Path]:
    for folder in (output / "tuner", output / "tensorboard"):
        yield from (path for path in _entries(folder) if path.name not in searches)


def _old_figures(held: Held) -> Iterator[Path]:
    drawn = filter(None, map(held.drawn, experiments.names()))
    named = {path for it in drawn for path in it.files}
    for path in _entries(held.output / "figures"):
        if path.suffix in FIGURE_FILES and path.relative_to(held.output).as_posix() not in named:
            yield path
