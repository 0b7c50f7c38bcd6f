"""The searches, or the trials of one, as a table of text.

On a terminal (by default, whether standard output is one) rich draws it, `width` letters wide; else
columns are aligned with spaces, nothing is cut, and a script can split at two spaces.
"""

import io
import sys
from collections.abc import Sequence

from rendering import wording
from rendering.browser.cells import cells, score
from rendering.browser.model import Search
from rendering.columns import aligned


def of_searches(
    searches: Sequence[Search], width: int | None = None, terminal: bool | None = None
) -> str:
    """Return a table with a line for each search: its trials, its best one, and what it cost."""
    title = wording.plural(len(searches), "search", "searches")
    headings = ["search", "title", "trials", "runs", "not completed", "best", "with", "time"]
    return _drawn(title, headings, [_search_row(search) for search in searches], width, terminal)


def of_trials(search: Search, width: int | None = None, terminal: bool | None = None) -> str:
    """Return a table with a line for each trial of `search`, what varies before what does not."""
    names = [*search.varied, *search.constant]
    rows = [[cell.text for cell in cells(trial, names)] for trial in search.trials]
    headings = ["trial", *names, "validation", "best", "test", "parameters", "time", "status"]
    if any(trial.message for trial in search.trials):
        headings.append("message")
        rows = [[*row, trial.message] for row, trial in zip(rows, search.trials, strict=True)]
    return _drawn(search.title, headings, rows, width, terminal)


def _search_row(search: Search) -> list[str]:
    best, attempts = search.best, search.attempts
    named = search.varied or search.constant
    return [
        search.name,
        search.title,
        str(len(search.trials)),
        str(len(attempts)),
        str(sum(not attempt.completed for attempt in attempts)),
        score(best, search.objective) if best else wording.MISSING,
        wording.hyperparameters({name: best.values[name] for name in named if name in best.values})
        if best
        else wording.MISSING,
        wording.duration(sum(attempt.seconds or 0.0 for attempt in attempts)),
    ]


def _drawn(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int | None,
    terminal: bool | None,
) -> str:
    if sys.stdout.isatty() if terminal is None else terminal:
        return _rich_table(title, headings, rows, width)
    return aligned(headings, rows)


def _rich_table(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], width: int | None
) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=Text(title), box=box.SIMPLE_HEAD, title_justify="left")
    for index, heading in enumerate(headings):
        numeric = all(row[index][:1] in "0123456789−–" for row in rows)
        whole = heading not in ("message", "title", "with")
        drawn.add_column(heading, justify="right" if numeric else "left", no_wrap=whole)
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console = Console(file=io.StringIO(), force_terminal=True, width=width)
    console.print(drawn)
    return console.file.getvalue()
