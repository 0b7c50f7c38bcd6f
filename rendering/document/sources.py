"""What a figure or table was made from, for the small line that stands by it."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from experiments.lab.store.drawings import FigureEntry
from experiments.lab.store.records import Record
from rendering import wording
from rendering.document.report import SectionView

RESULTS = "results.json"  # which has the numbers of the tables


class Source(NamedTuple):
    """The section or part, its seeds and data in words, the file of the numbers, the command.

    `seeds` are empty where nothing was trained.
    """

    section: str
    seeds: str
    data: str
    file: str
    command: str

    @property
    def short(self) -> str:
        """All but the command, in a line."""
        return " · ".join(filter(None, (self.section, self.seeds, self.data, self.name)))

    @property
    def name(self) -> str:
        """The file's name, by which it is attached to the PDF."""
        return PurePosixPath(self.file).name


def of_figure(view: SectionView, entry: FigureEntry) -> Source:
    """Return what a figure was drawn from."""
    return _source(view, entry.origin.seeds, entry.origin.data, entry.table)


def of_table(view: SectionView) -> Source:
    """Return what the tables of a section or part are made from: all that it read."""
    record: Record = view.record
    return _source(view, {run["seed"] for run in record.runs}, record.data, RESULTS)


def _source(view: SectionView, seeds: Iterable[int], data: Iterable[str], file: str) -> Source:
    names = [wording.data_name(view.record.data[one]) for one in data if one in view.record.data]
    words = in_words(sorted(seeds))
    return Source(view.name, words, wording.and_list(names), file, view.command)


def in_words(seeds: Sequence[int]) -> str:
    """Return seeds, in order, as words: "one seed (0)", "3 seeds (0 to 2)", "2 seeds (0 and 5)"."""
    if not seeds:
        return ""
    first, last = seeds[0], seeds[-1]
    if len(seeds) == 1:
        return f"one seed ({first})"
    together = len(seeds) > 2 and last - first == len(seeds) - 1
    listed = f"{first} to {last}" if together else wording.and_list(map(str, seeds))
    return f"{len(seeds)} seeds ({listed})"
