"""Section records: the plain data that carries a measurement to the page.

A record is the only bridge from measuring to printing. It is one JSON file, `records/SECTION.json`,
and, where a figure needs images or large tables, one file of arrays, `records/SECTION.npz`. This
module owns both formats; nothing else reads or writes them.
"""

import dataclasses
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.lab.store import sealed
from experiments.lab.store.drawings import Origin
from experiments.lab.store.sealed import Arrays

FORMAT = 2
DONE, FAILED = "done", "failed"


class RecordError(Exception):
    """A record that cannot be used; the message says which file and why."""


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
    """Write `record` to `folder` whole and note its digest in it."""
    plain = {
        item.name: getattr(record, item.name)
        for item in dataclasses.fields(record)
        if item.name not in ("arrays", "digest")
    }
    path = folder / f"{record.section}.json"
    record.digest = sealed.write(path, plain, FORMAT, record.arrays, _arrays(path))


def read(section: str, folder: Path) -> Record | None:
    """Return the record of `section` in `folder`, or None if there is none.

    Raises RecordError if the file is there and is not a record of this format, or was cut or garbled
    since it was written, or its arrays were.
    """
    path = folder / f"{section}.json"
    if not path.exists():
        return None
    try:
        plain = sealed.read(path, FORMAT, _arrays(path))
        return Record(arrays=Arrays(_arrays(path)), **plain)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{path} is not a record that this version reads ({error})") from error


def _arrays(path: Path) -> Path:
    """Return where the arrays of a record are; a part's name has a dot, which is no suffix."""
    return path.with_name(path.name.removesuffix(".json") + ".npz")


def set_aside(section: str, folder: Path) -> Path:
    """Move the files of the record of `section`, which are damaged, to `damaged/`; return where."""
    target = folder / "damaged" / f"{section}-{time.time_ns()}"
    target.mkdir(parents=True, exist_ok=True)
    for path in (folder / f"{section}.json", folder / f"{section}.npz"):
        if path.exists():
            path.rename(target / path.name)
    return target
