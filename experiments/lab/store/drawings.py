"""What was drawn for a section: its figures, what they were drawn from, and what they depend on."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from experiments.lab.store import sealed
from experiments.lab.store.files import Damaged

FORMAT = 2


@dataclass(frozen=True)
class Origin:
    """What a figure was drawn from: runs by their keys, data sets, seeds, claims by their names."""

    runs: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    claims: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, plain: Mapping[str, Sequence]) -> "Origin":
        """Return the origin that JSON holds."""
        return cls(**{name: tuple(values) for name, values in plain.items()})


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
    origin: Origin = Origin()


@dataclass(frozen=True)
class Drawn:
    """The figures of a section or part. `inputs` and `definitions` are as in a record.

    `files` has the SHA-256 of every file that was written for them.
    """

    section: str
    inputs: Mapping[str, str]
    figures: tuple[FigureEntry, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    digest: str = field(default="", compare=False)

    def figure(self, name: str) -> FigureEntry:
        """Return the entry of the figure `name`; KeyError if none of that name was drawn."""
        for entry in self.figures:
            if entry.name == name:
                return entry
        raise KeyError(f"section {self.section} drew no figure named {name!r}")


def write(drawn: Drawn, folder: Path) -> Drawn:
    """Write which figures were drawn to `folder`/SECTION.json, whole; return it with its digest."""
    plain = {
        "section": drawn.section,
        "inputs": dict(drawn.inputs),
        "definitions": dict(drawn.definitions),
        "figures": [dataclasses.asdict(entry) for entry in drawn.figures],
        "files": dict(drawn.files),
    }
    digest = sealed.write(folder / f"{drawn.section}.json", plain, FORMAT)
    return dataclasses.replace(drawn, digest=digest)


def read(section: str, folder: Path) -> Drawn | None:
    """Return what was drawn for `section`; None if nothing was, or its file is damaged.

    Raises StorageError if it cannot be read.
    """
    try:
        plain, _ = sealed.read(folder / f"{section}.json", FORMAT)
        figures = tuple(
            FigureEntry(**{**entry, "origin": Origin.from_json(entry["origin"])})
            for entry in plain.pop("figures")
        )
        return Drawn(figures=figures, **plain)
    except (FileNotFoundError, Damaged, KeyError, TypeError):
        return None
