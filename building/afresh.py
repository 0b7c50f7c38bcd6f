"""Sections that were asked for by name are built afresh, also across an interruption.

They are measured again. If they are to be trained again too, or one trial that they use, the runs that
stand count no longer, and states of trainings that did not end are dropped. A note of that is kept until
the sections are done: the same command after a kill finds it and goes on instead of beginning again.
"""

import contextlib
import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import experiments
from building import one_trial
from building.context import Context
from building.request import RequestError
from experiments.lab.store import sealed
from experiments.lab.store.files import Damaged, remove, remove_folder
from experiments.lab.store.held import NotReady

NOTE, FORMAT = "afresh.json", 3


class Afresh:
    """The note of what is being built afresh: `records/afresh.json`.

    With `pretend` nothing is written: for a dry run.
    """

    def __init__(self, context: Context, pretend: bool = False) -> None:
        self._context, self._pretend = context, pretend
        self._file: Path = context.held.records_folder / NOTE
        self.sections: list[str] = []
        self.retrained: list[str] = []
        self._read()

    def begin(self, sections: Sequence[str], retrain: Sequence[str] = ()) -> None:
        """Note that `sections` are built afresh, and let the runs of what to `retrain` count no longer.

        That are sections, or trials as SEARCH/N. Unless an unfinished build has begun to train these.
        """
        fresh = [section for section in retrain if section not in self.retrained]
        for key in self._keys(fresh):
            self._supersede(key)
        self.retrained += fresh
        self.sections += [section for section in sections if section not in self.sections]
        self._write()

    def note(self, sections: Sequence[str]) -> None:
        """Note all that is built with them, so that the same command goes on with that too."""
        self.sections = list(sections)
        self._write()

    def section_done(self, section: str) -> None:
        """Note that the section has been built."""
        if section in self.sections:
            self.sections.remove(section)
            self.retrained = [name for name in self.retrained if name != section]
            self._write()

    def sharing(self, section: str) -> list[str]:
        """Return the sections and trials to be trained again with a run that `section` has too."""
        keys = self._section_keys(section)
        return [name for name in self.retrained if keys & self._run_keys([name])]

    def _supersede(self, key: str) -> None:
        runs = self._context.held.runs
        if (run := runs.read(key)) is not None:
            self._context.superseded[key] = run.finished_at
        if not self._pretend:
            remove_folder(runs.state_folder(key))

    def _keys(self, names: Sequence[str]) -> set[str]:
        """Return the keys of the runs of trials, and of those of sections that none they need has too."""
        trials = {name for name in names if one_trial.is_trial(name)}
        sections = set(names) - trials
        needs = {need for name in sections for need in self._context.section(name).needs}
        mine, needed = (self._run_keys(found) for found in (sections, needs - sections))
        return self._run_keys(trials) | (mine - needed)

    def _run_keys(self, names: Iterable[str]) -> set[str]:
        keys = set()
        for name in names:
            keys |= self._trial_keys(name) if one_trial.is_trial(name) else self._section_keys(name)
        return keys

    def _trial_keys(self, name: str) -> set[str]:
        try:
            return {self._context.index.key(run) for run in one_trial.runs(self._context, name)}
        except RequestError:
            return set()  # noted before the code changed, which has no such search any more

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

    def _read(self) -> None:
        try:
            found = noted(self._context.held.records_folder)
        except Damaged as error:
            self._context.say(
                f"{error}: what a stopped build was making afresh is not known any more; name it again"
            )
            return
        self.sections, self.retrained = found.sections, found.retrained
        self._context.superseded |= found.superseded

    def _write(self) -> None:
        if self._pretend:
            return
        if self.sections:
            held = Noted(self.sections, self.retrained, self._context.superseded)
            sealed.write(self._file, dataclasses.asdict(held), FORMAT)
        else:
            remove(self._file)


@dataclass
class Noted:
    """The sections that are being built afresh, those of them and the trials that are trained again, and
    by key when the runs ended that do not count.
    """

    sections: list[str] = field(default_factory=list)
    retrained: list[str] = field(default_factory=list)
    superseded: dict[str, str] = field(default_factory=dict)


def noted(records: Path) -> Noted:
    """Return what the note in the folder of the records says; Damaged if that cannot be told."""
    try:
        plain, _ = sealed.read(records / NOTE, FORMAT)
    except FileNotFoundError:
        return Noted()
    known = experiments.names()
    sections, retrained = (
        [name for name in plain[kind] if name in known or one_trial.is_trial(name)]
        for kind in ("sections", "retrained")
    )
    return Noted(sections, retrained, plain["superseded"])


def superseded(records: Path) -> dict[str, str]:
    """Return by key when the runs ended that a build is training afresh; a damaged note has none."""
    with contextlib.suppress(Damaged):
        return noted(records).superseded
    return {}
