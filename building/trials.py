"""The command that shows trials: of this build's searches, or of any project of keras-tuner's.

It changes nothing.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from building import one_trial, searches_shown
from building.commands import find_context
from building.request import LONGEST, Request, RequestError, or_meant
from rendering.browser import as_data, columns, from_keras_tuner, spreadsheet, table
from rendering.browser.cells import why
from rendering.browser.model import Search


@dataclass(frozen=True)
class Wanted:
    """What is to be shown: `which` is empty for all searches, SEARCH, SEARCH/N, FOLDER or FOLDER/N.

    `conditions` choose among the trials of a search, `sort` names a column, `top` of 0 means
    all, `form` is "table", "csv" or "json". `html` is a file for the browser's page, `export` one of
    `export.KINDS` and a file; both are empty where nothing is to be written.
    """

    which: str = ""
    conditions: tuple[str, ...] = ()
    sort: str = ""
    reverse: bool = False
    top: int = 0
    form: str = "table"
    html: str = ""
    export: tuple[str, str] | None = None

    @property
    def narrows(self) -> bool:
        """Whether it asks for some trials of a search, or for an order of them."""
        return bool(self.conditions or self.sort or self.reverse or self.top)


def show(asked: Request, wanted: Wanted) -> int:
    """Print or write the searches, one's trials, or one trial; RequestError if there is none such."""
    searches, number = _chosen(asked, wanted)
    if wanted.html or wanted.export:
        _write(searches, wanted)
        return 0
    print(_text(searches, wanted) or _tables(searches, wanted.which, number))
    if len(searches) == 1 and wanted.which and not number and (told := why(searches[0])):
        print(told, file=sys.stderr)
    return 0


def _chosen(asked: Request, wanted: Wanted) -> tuple[list[Search], str]:
    """Return the searches as they are to be shown, and the number of the one trial, if it is one."""
    if not wanted.which:
        if wanted.narrows:
            raise RequestError(
                "--sort, --reverse, --filter and --top need a search: --trials SEARCH"
            )
        return list(_of_build(asked).values()), ""
    search, number = _find(asked, wanted.which)
    try:
        narrowed = _narrowed(search, wanted)
    except columns.ColumnError as error:
        raise RequestError(str(error)) from None
    return [_alone(narrowed, number) if number else narrowed], number


def _write(searches: list[Search], wanted: Wanted) -> None:
    """Write the page or the file that is wanted, and say so."""
    if wanted.html:
        from rendering.browser import page

        path = Path(wanted.html)
        page.write_html([_complete(search) for search in searches], path, _title(searches))
        print(f"wrote {path}")
    if wanted.export:
        from rendering.browser import export

        kind, name = wanted.export
        try:
            export.write([_complete(search) for search in searches], kind, Path(name))
        except ModuleNotFoundError as error:
            missing = (error.name or "").partition(".")[0]
            raise RequestError(
                f"--export {kind} needs {missing}: python -m pip install {missing}"
            ) from None
        opens = f": optuna-dashboard {export.address(Path(name))}" if kind == "optuna" else ""
        print(f"wrote {name}{opens}")


def _complete(search: Search) -> Search:
    """Return the search with what matters in it worked out, if that was not done before."""
    if search.importance is not None:
        return search
    from rendering.browser import importance

    return replace(search, importance=importance.of(search))


def _title(searches: list[Search]) -> str:
    return searches[0].title if len(searches) == 1 else "All searches"


def is_elsewhere(which: str) -> bool:
    """Return whether what is named is a folder, of keras-tuner's or of anybody's, and no search here."""
    before = which.rpartition("/")[0]
    folder = bool(which) and os.path.isdir(which)  # noqa: PTH112 - of a name too long for a path it says no
    return folder or (bool(before) and from_keras_tuner.is_project(Path(before)))


def _find(asked: Request, which: str) -> tuple[Search, str]:
    """Return the search, and the number of the one trial that is asked for, if it is."""
    before, _, number = which.rpartition("/")
    if from_keras_tuner.is_project(Path(which)):
        return _of_project(Path(which)), ""
    if before and from_keras_tuner.is_project(Path(before)):
        return _of_project(Path(before)), number
    if os.path.isdir(which):  # noqa: PTH112 - of a name too long for a path it says no
        raise RequestError(f"{which} is no project of keras-tuner's: it holds no trial")
    found = _of_build(asked)
    if which in found:
        return found[which], ""
    if before in found:
        return found[before], number
    raise RequestError(
        f"no search named {which[:LONGEST]}. {or_meant(before or which, found, found)}"
    )


def _of_project(folder: Path) -> Search:
    search, remarks = from_keras_tuner.read(folder)
    for line in remarks:
        print(line, file=sys.stderr)
    return search


def _of_build(asked: Request) -> Mapping[str, Search]:
    if not asked.output.exists():
        raise RequestError(f"there is no folder {asked.output}: build the report first")
    found = searches_shown.found(find_context(asked, download=False))
    if not found:
        raise RequestError(f"no search has been made yet in {asked.output}: build the report first")
    return found


def _narrowed(search: Search, wanted: Wanted) -> Search:
    kept = columns.chosen(search, wanted.conditions).trials
    if wanted.sort or wanted.reverse or wanted.top:  # the first of no order would be no top
        search = columns.ordered(search, wanted.sort or search.objective, wanted.reverse)
    trials = [trial for trial in search.trials if any(trial is it for it in kept)]
    # Who is ahead is said of all trials, whichever of them are shown.
    kept_trials = tuple(trials[: wanted.top or None])
    return replace(search, trials=kept_trials, standing=search.ahead)


def _alone(search: Search, number: str) -> Search:
    """Return the search with one trial, which may be named without the zeros before its number."""
    ids = [trial.id for trial in search.trials]
    found = one_trial.among(ids, number)
    if found is None:
        raise one_trial.unknown(search.name, number, ids)
    return replace(search, trials=(search.trials[ids.index(found)],))


def _text(searches: list[Search], wanted: Wanted) -> str:
    """Return the searches in a form for programs, nothing if a table is wanted."""
    if wanted.form == "csv":
        return spreadsheet.text(searches).rstrip("\n")
    return as_data.text(searches) if wanted.form == "json" else ""


def _tables(searches: list[Search], which: str, number: str) -> str:
    if not which:
        return table.of_searches(searches)
    search = searches[0]
    return table.of_trial(search, search.trials[0]) if number else table.of_trials(search)
