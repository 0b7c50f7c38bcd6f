"""Sections that were asked for by name are built afresh, also across an interruption.

Their runs are put away once, when the build is asked for, and a note of it is kept until the sections
are done. The same command after a kill finds the note and goes on instead of beginning again.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from building.context import Context, NotReady
from experiments.lab.store.files import write_whole


class Afresh:
    """The note of what is being built afresh: `records/afresh.json`.

    With `pretend` nothing is written or moved: the runs only count as absent, for a dry run.
    """

    def __init__(self, context: Context, pretend: bool = False) -> None:
        self._context, self._pretend = context, pretend
        self._file: Path = context.records_folder / "afresh.json"
        self.sections: list[str] = self._read()

    def begin(self, sections: Sequence[str]) -> None:
        """Put away the runs of `sections`, unless an unfinished build has done that already."""
        fresh = [section for section in sections if section not in self.sections]
        store = self._context.store
        for key in self._keys(fresh):
            if self._pretend:
                store.hide(key)
            else:
                store.put_away(key)
        self.sections += fresh
        if not self._pretend:
            self._write()

    def section_done(self, section: str) -> None:
        """Note that the section has been built."""
        if section in self.sections:
            self.sections.remove(section)
            self._write()

    def _keys(self, sections: Sequence[str]) -> set[str]:
        """Return the keys of the runs of `sections` that no section they need has too."""
        mine, needed = set(), set()
        for section in sections:
            mine |= self._section_keys(section)
            for need in self._context.section(section).needs:
                if need not in sections:
                    needed |= self._section_keys(need)
        return mine - needed

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
            return list(json.loads(self._file.read_text())["sections"])
        except (OSError, ValueError, KeyError):
            return []

    def _write(self) -> None:
        if self.sections:
            write_whole(self._file, json.dumps({"sections": self.sections}).encode())
        else:
            self._file.unlink(missing_ok=True)
