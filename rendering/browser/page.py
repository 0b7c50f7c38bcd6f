"""The searches for browsing: a page that needs no server, a CSV for a spreadsheet, and a text table."""

import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from experiments.lab.store.files import write_whole
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import COMPLETED, Run
from rendering import wording
from rendering.browser import curve_pictures
from rendering.document.page import TEMPLATES, environment_of
from rendering.figures.drawing import table_text

SCORES = {
    "validation_accuracy": "validation accuracy",
    "best_validation_accuracy": "best validation accuracy",
    "test_accuracy": "test accuracy",
}
RUN_HEADINGS = (
    "seed", "status", "last validation accuracy", "best validation accuracy", "at",
    "test accuracy", "validation loss", "training time", "run",
)  # fmt: skip


class UnknownSearch(Exception):
    """A search that is not there was asked for; the message names those that are."""


@dataclass(frozen=True)
class Cell:
    """A value in words, and as what it is sorted by: None comes last whatever the direction."""

    text: str
    value: float | str | None
    numeric: bool = True


@dataclass(frozen=True)
class TrialView:
    """A trial as the page shows it; `cells` are in the order of the search's headings."""

    trial: Trial
    cells: Sequence[Cell]
    spark: Markup
    chart: Markup
    runs: Sequence[Sequence[str]]
    best: bool


@dataclass(frozen=True)
class SearchView:
    """A search as the page shows it."""

    result: SearchResult
    headings: Sequence[str]
    trials: Sequence[TrialView]


def render(results: Sequence[SearchResult], title: str, stamp: str = "") -> str:
    """Return the trial browser: one HTML file with every search, its trials, runs and curves."""
    return (
        environment_of(TEMPLATES)
        .get_template("trials.html")
        .render(
            title=title,
            stamp=stamp,
            searches=[_search_view(result) for result in results],
            run_headings=RUN_HEADINGS,
            css=Markup((TEMPLATES / "trials.css").read_text()),  # noqa: S704
            script=Markup((TEMPLATES / "trials.js").read_text()),  # noqa: S704
        )
    )


def write_html(
    results: Sequence[SearchResult], path: Path, title: str = "Assignment 2", stamp: str = ""
) -> None:
    """Write the trial browser to `path` whole."""
    write_whole(path, render(results, title, stamp).encode())


def write_csv(results: Sequence[SearchResult], path: Path) -> None:
    """Write a row for each run, a hyper-parameter a column, to `path` whole."""
    rows = [_csv_row(row) for result in results for trial in result.trials for row in trial.rows()]
    write_whole(path, table_text(rows).encode())


def table(
    results: Sequence[SearchResult],
    name: str | None = None,
    width: int | None = None,
    terminal: bool | None = None,
) -> str:
    """Return the searches, or the trials of the search `name`, as a table of text.

    On a terminal (by default, whether standard output is one) rich draws it, `width` letters wide;
    else columns are aligned with spaces, nothing is cut, and a script can split at two spaces.
    Raises UnknownSearch.
    """
    if name is None:
        headings, rows = _searches_table(results)
        title = wording.plural(len(results), "search", "searches")
    else:
        found = [result for result in results if result.search.name == name]
        if not found:
            known = wording.and_list(result.search.name for result in results) or "none yet"
            raise UnknownSearch(f"there is no search {name!r}; there are: {known}")
        headings, rows = _trials_table(found[0])
        title = found[0].search.title
    if sys.stdout.isatty() if terminal is None else terminal:
        return _rich_table(title, headings, rows, width)
    return _plain_table(headings, rows)


def _search_view(result: SearchResult) -> SearchView:
    names = _hyperparameter_names(result)
    best = _best(result)
    trials = [_trial_view(trial, names, trial is best) for trial in result.trials]
    return SearchView(result, _headings(names), trials)


def _headings(names: Sequence[str]) -> list[str]:
    return ["trial", *names, *SCORES.values(), "parameters", "training time", "status"]


def _cells(trial: Trial, names: Sequence[str]) -> list[Cell]:
    return [
        Cell(trial.trial_id, trial.trial_id, numeric=False),
        *(_hyperparameter_cell(trial.hyperparameters.get(name)) for name in names),
        *(Cell(_score(trial, score), trial.mean(score)) for score in SCORES),
        Cell(wording.count(trial.parameters), trial.parameters),
        Cell(wording.duration(trial.seconds), trial.seconds),
        Cell(trial.status, trial.status, numeric=False),
    ]


def _trial_view(trial: Trial, names: Sequence[str], best: bool) -> TrialView:
    runs = [_run_words(run) for run in trial.runs]
    spark = curve_pictures.spark(trial.runs)
    return TrialView(
        trial, _cells(trial, names), spark, curve_pictures.chart(trial.runs), runs, best
    )


def _run_words(run: Run) -> list[str]:
    scores = run.scores
    best_at = scores.get("best_iteration")
    return [
        str(run.settings.seed),
        run.status,
        wording.percent(scores.get("validation_accuracy"), 2),
        wording.percent(scores.get("best_validation_accuracy"), 2),
        wording.MISSING if best_at is None else f"iteration {wording.count(best_at)}",
        wording.percent(scores.get("test_accuracy"), 2),
        wording.number(scores.get("validation_loss"), 3),
        wording.duration(run.seconds),
        run.key,
    ]


def _score(trial: Trial, score: str) -> str:
    return wording.mean_deviation(trial.mean(score), trial.deviation(score), digits=2)


def _hyperparameter_names(result: SearchResult) -> list[str]:
    return list(dict.fromkeys(name for t in result.trials for name in t.hyperparameters))


def _hyperparameter_cell(value: Any) -> Cell:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Cell(wording.MISSING if value is None else str(value), value and str(value), False)
    return Cell(wording.rate(value) if isinstance(value, float) else str(value), value)


def _best(result: SearchResult) -> Trial | None:
    completed = any(trial.mean("validation_accuracy") is not None for trial in result.trials)
    return result.best() if completed else None


def _csv_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's row with its hyper-parameters as columns of their own after the trial's name."""
    row = dict(row)
    hyperparameters = row.pop("hyperparameters")
    head = {name: row.pop(name) for name in ("search", "trial_id")}
    return {**head, **hyperparameters, **row}


def _searches_table(results: Sequence[SearchResult]) -> tuple[list[str], list[list[str]]]:
    headings = ["search", "title", "trials", "runs", "not completed", "best", "with", "time"]
    return headings, [_search_row(result) for result in results]


def _search_row(result: SearchResult) -> list[str]:
    runs = [run for trial in result.trials for run in trial.runs]
    best = _best(result)
    return [
        result.search.name,
        result.search.title,
        str(len(result.trials)),
        str(len(runs)),
        str(sum(run.status != COMPLETED for run in runs)),
        _score(best, "validation_accuracy") if best else wording.MISSING,
        _settings_words(best.hyperparameters) if best else wording.MISSING,
        wording.duration(sum(run.seconds for run in runs)),
    ]


def _settings_words(hyperparameters: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {_hyperparameter_cell(value).text}" for name, value in hyperparameters.items()
    )


def _trials_table(result: SearchResult) -> tuple[list[str], list[list[str]]]:
    names = _hyperparameter_names(result)
    rows = [[cell.text for cell in _cells(trial, names)] for trial in result.trials]
    messages = [trial.message for trial in result.trials]
    if any(messages):
        rows = [[*row, message] for row, message in zip(rows, messages, strict=True)]
    headings = ["trial", *names, "validation", "best", "test", "parameters", "time", "status"]
    return [*headings, *(["message"] if any(messages) else [])], rows


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


def _plain_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [[cell.replace(wording.THIN, " ") for cell in row] for row in [headings, *rows]]
    widths = [max(len(line[index]) for line in lines) for index in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(wide) for cell, wide in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
