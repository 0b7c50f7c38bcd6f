"""What an output folder holds: runs, results of searches, and the records and drawings of sections."""

from collections.abc import Callable
from pathlib import Path

from experiments.lab.store import drawings, records, results
from experiments.lab.store.drawings import Drawn
from experiments.lab.store.files import Damaged
from experiments.lab.store.records import Record
from experiments.lab.store.results import SearchResult
from experiments.lab.store.runs import RunStore


class NotReady(Exception):
    """A section asked for something that another one has not made yet."""


class Held:
    """The stores of one output folder; `say` is told, in a line, of what is found damaged.

    Reading changes nothing in the folder and raises StorageError for what cannot be read.

    `changes` counts what was stored: what was concluded before holds as long as it stays the same.
    """

    def __init__(self, output: Path, say: Callable[[str], None] = print) -> None:
        self.output, self.say = output, say
        self.records_folder = output / "records"
        self.searches_folder = output / "records" / "searches"
        self.standings_folder = output / "records" / "standings"
        self.drawings_folder = output / "records" / "figures"
        self.runs = RunStore(output / "runs", say)
        self._results: dict[str, SearchResult] = {}
        self._records: dict[str, Record | None] = {}
        self._failures: dict[str, Record | None] = {}
        self._drawings: dict[str, Drawn | None] = {}
        self.changes = 0

    def result(self, name: str) -> SearchResult:
        """Return the result of the search `name`; NotReady if it, or a run of it, is not there."""
        if name not in self._results:
            stored = self.stored_result(name)
            if stored is None:
                raise NotReady(f"the search {name} has not been made")
            self._results[name] = stored[1]
        return self._results[name]

    def stored_result(self, name: str) -> tuple[str, SearchResult] | None:
        """Return the key and the result of the search `name` as they are stored, None if they are not."""
        return results.read(name, self.searches_folder, self.runs)

    def keep_result(self, result: SearchResult, key: str) -> None:
        """Store which runs make up the search's trials."""
        results.write(result, key, self.searches_folder)
        self.changes += 1
        self._results[result.search.name] = result

    def record(self, section: str) -> Record:
        """Return the record of `section`; NotReady if it has none."""
        record = self.any_record(section)
        if record is None:
            raise NotReady(f"the section {section} has not been built")
        return record

    def any_record(self, section: str) -> Record | None:
        """Return the stored record of `section`, None without one; damaged counts as missing."""
        if section not in self._records:
            try:
                self._records[section] = records.read(section, self.records_folder)
            except Damaged as error:
                self.say(f"the record of {section} is damaged ({error}); it counts as missing")
                self._records[section] = None
        return self._records[section]

    def failure(self, section: str) -> Record | None:
        """Return the record of how `section` last failed, None if it was measured since."""
        if section not in self._failures:
            self._failures[section] = records.read_failure(section, self.records_folder)
        return self._failures[section]

    def keep_record(self, record: Record) -> None:
        """Store `record`; that of a failure leaves the one that stands as it is."""
        records.write(record, self.records_folder)
        self.changes += 1
        failed = record.status == records.FAILED
        self._failures[record.section] = record if failed else None
        if not failed:
            self._records[record.section] = record

    def drawn(self, section: str) -> Drawn | None:
        """Return what was drawn for `section`; damaged counts as missing: it is soon drawn again."""
        if section not in self._drawings:
            self._drawings[section] = drawings.read(section, self.drawings_folder)
        return self._drawings[section]

    def shown_drawings(self, section: str) -> Drawn | None:
        """Return what was drawn from the record that stands; None if that was not drawn yet."""
        record, drawn = self.any_record(section), self.drawn(section)
        fits = record and drawn and drawn.inputs.get("record") == record.digest
        return drawn if fits else None

    def keep_drawn(self, drawn: Drawn) -> None:
        """Store which figures were drawn for a section, and from what."""
        self._drawings[drawn.section] = drawings.write(drawn, self.drawings_folder)
