"""Section records: the plain data that carries a measurement to the page.

A record is the only bridge from measuring to printing. It is one JSON file, `records/SECTION.json`,
and, where a figure needs pictures or large tables, one file of arrays, `records/SECTION.npz`. This
module owns both formats; nothing else reads or writes them.
"""

import dataclasses
import hashlib
import io
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.lab.store.files import write_whole
from experiments.lab.store.keys import digest

FORMAT = 2


class RecordError(Exception):
    """A record that cannot be used; the message says which file and why."""


@dataclass(frozen=True)
class FigureEntry:
    """A figure that was drawn: where it is, and what a reader who cannot see it is told.

    `file` and `table` are relative to the output folder (`figures/rnn-curves.svg`).
    """

    name: str
    caption: str
    alt: str
    file: str
    table: str
    wide: bool = True


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
    """One section's results, whole: findings, trials, settings, data, environment and time.

    `status` is "done" or "failed"; a failed record has `message` and no findings. `inputs` maps a name
    for each thing the record depends on to its digest. `claims` are plain data, which
    `evidence.claims.claims_of` reads. `trials` has the rows of `results.json`. `data`
    maps each data set's name to its identity (`label`, `kind`, `fingerprint`, `origin`, counts).
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
    figures: list[FigureEntry] = field(default_factory=list)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    def figure(self, name: str) -> FigureEntry:
        """Return the entry of the figure `name`; KeyError if the section drew none of that name."""
        for entry in self.figures:
            if entry.name == name:
                return entry
        raise KeyError(f"section {self.section} drew no figure named {name!r}")


def write(record: Record, folder: Path) -> None:
    """Write `record` to `folder` whole: the arrays first, so that the JSON never names missing ones."""
    content = _npz(record.arrays)
    if content:
        write_whole(folder / f"{record.section}.npz", content)
    plain = {
        item.name: getattr(record, item.name)
        for item in dataclasses.fields(record)
        if item.name != "arrays"
    }
    plain["figures"] = [dataclasses.asdict(entry) for entry in record.figures]
    plain |= {"format": FORMAT, "arrays": hashlib.sha256(content).hexdigest() if content else ""}
    # What JSON makes of it is what will be read again, and what the digest is of.
    plain = json.loads(json.dumps(plain, allow_nan=False, default=as_plain))
    text = json.dumps({"digest": digest(plain), **plain}, indent=1)
    write_whole(folder / f"{record.section}.json", text.encode())


def read(section: str, folder: Path) -> Record | None:
    """Return the record of `section` in `folder`, or None if there is none.

    Raises RecordError if the file is there and is not a record of this format, or was cut or garbled
    since it was written, or its arrays were.
    """
    path = folder / f"{section}.json"
    if not path.exists():
        return None
    try:
        plain = json.loads(path.read_text())
        if plain.pop("digest") != digest(plain):
            raise ValueError("it does not match its digest")
        if plain.pop("format") != FORMAT:
            raise ValueError("another format")
        if (expected := plain.pop("arrays")) and _file_digest(path.with_suffix(".npz")) != expected:
            raise ValueError(f"{section}.npz does not match its digest")
        plain["figures"] = [FigureEntry(**entry) for entry in plain["figures"]]
        return Record(arrays=Arrays(folder / f"{section}.npz"), **plain)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{path} is not a record that this version reads ({error})") from error


def set_aside(section: str, folder: Path) -> Path:
    """Move the files of the record of `section`, which are damaged, to `damaged/`; return where."""
    target = folder / "damaged" / f"{section}-{time.time_ns()}"
    target.mkdir(parents=True, exist_ok=True)
    for path in (folder / f"{section}.json", folder / f"{section}.npz"):
        if path.exists():
            path.rename(target / path.name)
    return target


class Arrays(Mapping):
    """The arrays of a record, read when first asked for: listing the sections needs none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._arrays: dict[str, np.ndarray] | None = None

    def _read(self) -> dict[str, np.ndarray]:
        if self._arrays is None:
            self._arrays = {}
            if self._path.exists():
                with np.load(self._path, allow_pickle=False) as stored:
                    self._arrays = {name: stored[name] for name in stored.files}
        return self._arrays

    def __getitem__(self, name: str) -> np.ndarray:
        return self._read()[name]

    def __iter__(self):  # noqa: ANN204
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def _npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    if not arrays:
        return b""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _file_digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_plain(value: Any) -> Any:  # noqa: ANN401
    """Turn NumPy scalars and arrays and dataclasses into what JSON knows."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if dataclasses.is_dataclass(value):
        return dataclasses.asdict(value)
    raise TypeError(f"a record holds plain data only, not {type(value).__name__}")
