"""The searches, or the trials of one, as a table of text.

On a terminal (by default, whether standard output is one) rich draws it, `width` letters wide, unless it
is wider than that; else columns are aligned with spaces, nothing is cut, and a script can split at two
spaces.
"""

import io
import sys
from collections.abc import Sequence

from rendering import wording
from rendering.browser.cells import cells, hyperparameter, progress, score, standing
from rendering.browser.model import Attempt, Search, Trial
from rendering.columns import aligned

FOLDED = ("message", "title", "with", "standing", "value")  # columns whose text may break
CONFUSED = 5  # pairs of classes that are told of a trial
NARROWEST, GAP = 10, 2  # letters of such a column, and between columns
HEADINGS = {
    "validation_accuracy": "validation",
    "best_validation_accuracy": "best",
    "test_accuracy": "test",
}


def of_searches(
    searches: Sequence[Search], width: int | None = None, terminal: bool | None = None
) -> str:
    """Return a table with a line for each search: its trials, its best one, and what it cost."""
    title = wording.plural(len(searches), "search", "searches")
    headings = ["search", "title", "trials", "runs", "not completed", "best", "with", "time"]
    return _drawn(title, headings, [_search_row(search) for search in searches], width, terminal)


def of_trials(search: Search, width: int | None = None, terminal: bool | None = None) -> str:
    """Return a table with a line for each trial of `search`, what varies before what does not.

    On a terminal, which is narrow, what all trials have in common stands in the title.
    """
    short = _is_terminal(terminal) and bool(search.varied)
    names = search.varied if short else [*search.varied, *search.constant]
    rows = [[it.text for it in cells(trial, names, search.scores)] for trial in search.trials]
    scores = [HEADINGS.get(name, name) for name in search.scores]
    headings = ["trial", *names, *scores, "parameters", "time", "status"]
    if any(standing(search, trial) for trial in search.trials):
        headings.append("standing")
        rows = [
            [*row, standing(search, trial)] for row, trial in zip(rows, search.trials, strict=True)
        ]
    if any(trial.message for trial in search.trials):
        headings.append("message")
        rows = [[*row, trial.message] for row, trial in zip(rows, search.trials, strict=True)]
    return _drawn(_title(search) if short else search.title, headings, rows, width, terminal)


def _title(search: Search) -> str:
    common = wording.hyperparameters(search.constant)
    return f"{search.title}; in all trials {common}" if common else search.title


def of_trial(
    search: Search, trial: Trial, width: int | None = None, terminal: bool | None = None
) -> str:
    """Return tables: all that is known of a trial, a line for each attempt, and what it confuses most."""
    values = [(name, hyperparameter(trial, name).text) for name in trial.values]
    told = [
        ("search", search.name),
        ("trial", trial.id),
        ("status", trial.status),
        *([("standing", told)] if (told := standing(search, trial)) else []),
        *([("message", trial.message)] if trial.message else []),
        *values,
        *((HEADINGS.get(name, name), score(trial, name)) for name in search.scores),
        ("parameters", wording.count(trial.parameters)),
        ("time", wording.duration(trial.seconds)),
        *([("to train it again", search.command(search.retrain, trial))] if search.retrain else []),
    ]
    title = f"{search.title}, trial {trial.id}"
    scores = tuple(search.scores)
    headings = ["seed", "status", *(HEADINGS.get(it, it) for it in scores), "time", "run"]
    rows = [_attempt_row(attempt, scores) for attempt in trial.attempts]
    tables = [
        _drawn(title, ["what", "value"], told, width, terminal),
        _drawn("Runs", headings, rows, width, terminal),
    ]
    if confused := _confused(search, trial):
        headings = ["test images of", "taken for", "how many", "of"]
        tables.append(_drawn("Most frequent confusions", headings, confused, width, terminal))
    return "\n\n".join(tables)


def _confused(search: Search, trial: Trial) -> list[list[str]]:
    """Return a row for each of the pairs of classes that are confused most often."""
    found = [
        (amount, sum(row), name, other)
        for name, row in zip(search.classes, trial.confusion, strict=False)
        for other, amount in zip(search.classes, row, strict=True)
        if amount and other != name
    ]
    found.sort(key=lambda it: -it[0])
    return [
        [name, other, wording.count(amount), wording.count(of)]
        for amount, of, name, other in found[:CONFUSED]
    ]


def _attempt_row(attempt: Attempt, scores: Sequence[str]) -> list[str]:
    alone = Trial("", {}, attempt.status, attempt.message, (attempt,))
    return [
        wording.count(attempt.seed),
        attempt.status,
        *(score(alone, name) for name in scores),
        wording.duration(attempt.seconds),
        attempt.key,
    ]


def _search_row(search: Search) -> list[str]:
    best, attempts = search.best, search.attempts
    named = search.varied or search.constant
    known = [it.seconds for it in attempts if it.seconds is not None]
    return [
        search.name,
        f"{search.title} ({progress(search)})" if search.goes_on else search.title,
        str(len(search.trials)),
        str(len(attempts)),
        str(sum(not attempt.completed for attempt in attempts)),
        score(best, search.objective) if best else wording.MISSING,
        _with(best, named, len(search.ahead.tied_with)) if best else wording.MISSING,
        wording.duration(sum(known) if known else None),
    ]


def _with(best: Trial, named: Sequence[str], tied: int) -> str:
    """Say with what the best trial was made, and how many it cannot be told from."""
    told = wording.hyperparameters({it: best.values[it] for it in named if it in best.values})
    return f"{told} (tied with {tied})" if tied else told


def _drawn(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int | None,
    terminal: bool | None,
) -> str:
    if _is_terminal(terminal):
        return _rich_table(title, headings, rows, width)
    return aligned(headings, rows)


def _is_terminal(terminal: bool | None) -> bool:
    return sys.stdout.isatty() if terminal is None else terminal


def _rich_table(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], width: int | None
) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(
        title=Text(title), box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0)
    )
    least = 1
    for index, heading in enumerate(headings):
        numeric = all(row[index][:1] in "0123456789−–" for row in rows)
        whole = heading not in FOLDED
        drawn.add_column(
            heading, justify="right" if numeric else "left", no_wrap=whole, overflow="fold"
        )
        least += GAP + (max(len(it[index]) for it in (headings, *rows)) if whole else NARROWEST)
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console = Console(file=io.StringIO(), force_terminal=True, width=width)
    if least > console.width:  # a long line breaks; a number that is cut is lost
        return f"{title}\n{aligned(headings, rows)}"
    console.print(drawn)
    return console.file.getvalue()
