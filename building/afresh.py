"""Sections that were asked for by name are built afresh, also across an interruption.

Of their runs only those count that end after the build was asked for. A note of that is kept until the
sections are done: the same command after a kill finds it and goes on instead of beginning again.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import experiments
from building.context import Context
from experiments.lab.store import sealed
from experiments.lab.store.files import Damaged, remove
from experiments.lab.store.held import NotReady
from experiments.lab.store.runs import now

NOTE, FORMAT = "afresh.json", 1


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
        self._context.not_before |= dict.fromkeys(self._keys(fresh), now())
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
            plain, _ = sealed.read(self._file, FORMAT)
        except FileNotFoundError:
            return []
        except Damaged as error:
            self._context.say(
                f"{error}: what a stopped build was making afresh is not known any more; name it again"
            )
            return []
        self._context.not_before |= plain["not_before"]
        return [name for name in plain["sections"] if name in experiments.names()]

    def _write(self) -> None:
        if self._pretend:
            return
        if self.sections:
            content = {"sections": self.sections, "not_before": self._context.not_before}
            sealed.write(self._file, content, FORMAT)
        else:
            remove(self._file)
