"""Section records: the plain data that carries a measurement to the page.

A record is the only bridge from measuring to printing. It is one JSON file, `records/SECTION.json`, and,
where a figure needs images or large tables, a file of arrays beside it. A section that could not be
measured leaves `records/failures/SECTION.json`, which takes nothing from the record that stands. This
module owns the formats; nothing else reads or writes them.
"""

import contextlib
import dataclasses
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.lab.store import sealed
from experiments.lab.store.drawings import Origin
from experiments.lab.store.files import Damaged, move, remove
from experiments.lab.store.sealed import OtherFormat

FORMAT = 3
DONE, FAILED = "done", "failed"
FAILURES, DAMAGED = "failures", "damaged"


@dataclass
class Findings:
    """What a section's `measure` returns, before the build adds how and when it was made.

    `scores` are the section's headline numbers, flat, in natural units (accuracies as fractions, times
    in seconds); `facts` anything else that the template or a figure prints: plain JSON data; `arrays`
    what figures draw that is too large for JSON. `claims` are those of `evidence.claims`, which this
    room does not know.
    """

    scores: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    claims: list[Any] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass
class Record:
    """One section's or part's measurements, whole, with settings, data, environment and time.

    `status` is "done" or "failed"; a failed record has `message` and no findings. `inputs` maps a name
    for each thing the record depends on to its digest, `definitions` each definition of its code, to say
    which one changed. `claims` are plain data, which `evidence.claims.claims_of` reads. `trials` has the
    rows of `results.json`, `runs` the key and the seed of every run that was read, of other sections'
    searches too. `data` maps each data set's name to its identity (`label`, `kind`, `fingerprint`,
    `origin`, counts). `digest` is that of what is stored, empty before.
    """

    section: str
    status: str
    profile: str
    settings: dict[str, Any]
    inputs: dict[str, str]
    built_at: str
    seconds: float
    environment: dict[str, Any]
    data: dict[str, dict[str, Any]]
    command: str
    message: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    claims: list[dict[str, Any]] = field(default_factory=list)
    trials: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    digest: str = field(default="", compare=False)

    def origin(
        self,
        rows: Iterable[Mapping[str, Any]] | None = None,
        runs: Collection[str] | None = None,
        data: Sequence[str] = (),
        claims: Sequence[str] = (),
    ) -> Origin:
        """Return the origin of a figure that is drawn from the record.

        Its runs are `runs`, keys, or those of `rows`, summaries of trials; without either, all runs
        that the section read. Without `data` all of the section's data sets are meant.
        """
        if rows is not None:
            runs = {key for row in rows for key in row["run_keys"]}
        used = [run for run in self.runs if runs is None or run["key"] in runs]
        return Origin(
            tuple(run["key"] for run in used),
            tuple(data) or tuple(self.data),
            tuple(sorted({run["seed"] for run in used})),
            tuple(claims),
        )


def write(record: Record, folder: Path) -> None:
    """Write `record` to `folder` whole and note its digest in it; a failed one among the failures."""
    plain = {
        item.name: getattr(record, item.name)
        for item in dataclasses.fields(record)
        if item.name not in ("arrays", "digest")
    }
    failed = record.status == FAILED
    path = (folder / FAILURES if failed else folder) / f"{record.section}.json"
    if not failed:
        _make_room(path)
    record.digest = sealed.write(path, plain, FORMAT, record.arrays)
    if not failed:
        remove(_failure(record.section, folder))


def read(section: str, folder: Path) -> Record | None:
    """Return the record of `section` in `folder`, or None if there is none.

    Raises Damaged if what is there is not what was written, StorageError if it cannot be read.
    """
    return _read(folder / f"{section}.json")


def read_failure(section: str, folder: Path) -> Record | None:
    """Return the record of the last failure of `section` since it was measured, None without one.

    A damaged one counts as none: the section stands as its record says.
    """
    with contextlib.suppress(Damaged):
        return _read(_failure(section, folder))
    return None


def _failure(section: str, folder: Path) -> Path:
    return folder / FAILURES / f"{section}.json"


def _read(path: Path) -> Record | None:
    try:
        plain, arrays = sealed.read(path, FORMAT)
        return Record(arrays=arrays, **plain)
    except (FileNotFoundError, OtherFormat):
        return None
    except TypeError as error:
        raise Damaged(f"{path.name} is no record ({error})") from error


def _make_room(path: Path) -> None:
    """Set aside under `damaged/` what lies in the place of a record and is no whole one."""
    try:
        _read(path)
    except Damaged:
        target = path.parent / DAMAGED / f"{path.stem}-{time.time_ns()}"
        for file in (path, *sealed.array_files(path)):
            move(file, target / file.name)
