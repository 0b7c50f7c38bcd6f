"""Sections that were asked for by name are built afresh, also across an interruption.

Of their runs those that stand then count no longer, and states of trainings that did not end are
dropped. A note of that is kept until the sections are done: the same command after a kill finds it and
goes on instead of beginning again.
"""

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import experiments
from building.context import Context
from experiments.lab.store import sealed
from experiments.lab.store.files import Damaged, remove, remove_folder
from experiments.lab.store.held import NotReady

NOTE, FORMAT = "afresh.json", 2


class Afresh:
    """The note of what is being built afresh: `records/afresh.json`.

    With `pretend` nothing is written: for a dry run.
    """

    def __init__(self, context: Context, pretend: bool = False) -> None:
        self._context, self._pretend = context, pretend
        self._file: Path = context.held.records_folder / NOTE
        self.sections: list[str] = self._read()

    def begin(self, sections: Sequence[str]) -> None:
        """Let the runs of `sections` count no longer, unless an unfinished build has begun with them."""
        fresh = [section for section in sections if section not in self.sections]
        for key in self._keys(fresh):
            self._supersede(key)
        self.sections += fresh
        self._write()

    def note(self, sections: Sequence[str]) -> None:
        """Note all that is built with them, so that the same command goes on with that too."""
        self.sections = list(sections)
        self._write()

    def section_done(self, section: str) -> None:
        """Note that the section has been built."""
        if section in self.sections:
            self.sections.remove(section)
            self._write()

    def _supersede(self, key: str) -> None:
        runs = self._context.held.runs
        if (run := runs.read(key)) is not None:
            self._context.superseded[key] = run.finished_at
        if not self._pretend:
            remove_folder(runs.state_folder(key))

    def _keys(self, sections: Sequence[str]) -> set[str]:
        """Return the keys of the runs of `sections` that no section they need has too."""
        needs = {need for name in sections for need in self._context.section(name).needs}
        mine, needed = (self._run_keys(names) for names in (sections, needs - set(sections)))
        return mine - needed

    def _run_keys(self, sections: Iterable[str]) -> set[str]:
        return {key for section in sections for key in self._section_keys(section)}

    def _section_keys(self, section: str) -> set[str]:
        try:
            searches = self._context.searches(section)
        except NotReady:
            return set()  # what they depend on has never been built, so neither have they
        keys = set()
        for search in searches:
            held = self._context.stored_result(search)
            keys |= {run.key for trial in held.trials for run in trial.runs} if held else set()
            for point in search.points:
                keys |= {self._context.index.key(run) for run in search.runs(point)}
        return keys

    def _read(self) -> list[str]:
        try:
            sections, superseded = noted(self._context.held.records_folder)
        except Damaged as error:
            self._context.say(
                f"{error}: what a stopped build was making afresh is not known any more; name it again"
            )
            return []
        self._context.superseded |= superseded
        return sections

    def _write(self) -> None:
        if self._pretend:
            return
        if self.sections:
            content = {"sections": self.sections, "superseded": self._context.superseded}
            sealed.write(self._file, content, FORMAT)
        else:
            remove(self._file)


def noted(records: Path) -> tuple[list[str], dict[str, str]]:
    """Return the sections that are being built afresh, and by key when the runs ended that do not count.

    `records` is the folder of the records. Raises Damaged.
    """
    try:
        plain, _ = sealed.read(records / NOTE, FORMAT)
    except FileNotFoundError:
        return [], {}
    sections = [name for name in plain["sections"] if name in experiments.names()]
    return sections, plain["superseded"]


def superseded(records: Path) -> dict[str, str]:
    """Return by key when the runs ended that a build is training afresh; a damaged note has none."""
    with contextlib.suppress(Damaged):
        return noted(records)[1]
    return {}
