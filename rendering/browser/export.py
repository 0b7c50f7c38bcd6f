"""Searches as files for other programs: Optuna's studies, CSV, JSON, Parquet. Each is written whole."""

import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.lab.store.files import write_whole
from rendering import wording
from rendering.browser import as_data, spreadsheet
from rendering.browser.model import Search

if TYPE_CHECKING:
    import pyarrow

JOURNALS = (".log", ".jsonl", ".journal")  # of names of files that become Optuna's journals


def write(searches: Sequence[Search], kind: str, path: Path) -> None:
    """Write the searches to `path` as one of KINDS.

    Raises ModuleNotFoundError, which names it, if a library for it is missing, and StorageError if the
    file cannot be written.
    """
    write_whole(path, KINDS[kind](searches, path))


def _csv(searches: Sequence[Search], path: Path) -> bytes:
    return spreadsheet.text(searches).encode()


def _json(searches: Sequence[Search], path: Path) -> bytes:
    return as_data.text(searches).encode()


def _optuna(searches: Sequence[Search], path: Path) -> bytes:
    """Return a storage with a study for each search: a journal by the file's ending, else SQLite."""
    from optuna.storages import JournalStorage, RDBStorage
    from optuna.storages.journal import JournalFileBackend

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "studies")
        if path.suffix in JOURNALS:
            _fill(searches, JournalStorage(JournalFileBackend(str(file))))
        else:
            storage = RDBStorage(f"sqlite:///{file}")
            _fill(searches, storage)
            storage.engine.dispose()
        return file.read_bytes()


def address(path: Path) -> str:
    """Return what Optuna's dashboard is told to open a file: a journal's name, SQLite's address."""
    return str(path) if path.suffix in JOURNALS else f"sqlite:///{path}"


def _fill(searches: Sequence[Search], storage: Any) -> None:  # noqa: ANN401
    from rendering.browser import optuna_study

    for search in searches:
        optuna_study.add(search, search.trials, storage)


def _parquet(searches: Sequence[Search], path: Path) -> bytes:
    """Return the rows of the CSV file, a column of one type each: text where values are mixed."""
    import pyarrow
    from pyarrow import parquet

    rows = spreadsheet.rows(searches)
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: _column([row.get(name) for row in rows]) for name in names}
    written = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), written)
    return written.getvalue()


def _column(values: Sequence[Any]) -> "pyarrow.Array":
    import pyarrow

    known = [None if value == "" else value for value in values]
    kinds = {type(value) for value in known if value is not None}
    if len(kinds) > 1 and kinds != {int, float}:
        known = [None if it is None else wording.hyperparameter(it) for it in known]
    elif kinds == {int, float}:
        known = [None if it is None else float(it) for it in known]
    return pyarrow.array(known, type=None if kinds else pyarrow.string())


KINDS: dict[str, Callable[[Sequence[Search], Path], bytes]] = {
    "optuna": _optuna,
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
}
