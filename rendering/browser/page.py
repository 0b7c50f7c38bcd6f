"""The searches for browsing: a page that needs no server."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from experiments.lab.store.files import write_whole
from rendering import wording
from rendering.browser import curve_images
from rendering.browser.cells import SCORES, Cell, cells
from rendering.browser.model import Attempt, Search, Trial
from rendering.document.environment import environment_of
from rendering.document.partials import TEMPLATES

RUN_HEADINGS = (
    "seed", "status", "last validation accuracy", "best validation accuracy", "at",
    "test accuracy", "validation loss", "training time", "run",
)  # fmt: skip


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
    """A search as the page shows it; `common` says in words what all its trials have in common."""

    search: Search
    headings: Sequence[str]
    trials: Sequence[TrialView]
    common: str


def render(searches: Sequence[Search], title: str, stamp: str = "") -> str:
    """Return the trial browser: one HTML file with every search, its trials, runs and curves."""
    return (
        environment_of(TEMPLATES)
        .get_template("trials.html")
        .render(
            title=title,
            stamp=stamp,
            searches=[_search_view(search) for search in searches],
            run_headings=RUN_HEADINGS,
            css=Markup((TEMPLATES / "trials.css").read_text(encoding="utf-8")),  # noqa: S704
            script=Markup((TEMPLATES / "trials.js").read_text(encoding="utf-8")),  # noqa: S704
        )
    )


def write_html(
    searches: Sequence[Search], path: Path, title: str = "Assignment 2", stamp: str = ""
) -> None:
    """Write the trial browser to `path` whole."""
    write_whole(path, render(searches, title, stamp).encode())


def _search_view(search: Search) -> SearchView:
    names, best = search.varied, search.best
    scores = [SCORES.get(name, name) for name in search.scores]
    headings = ["trial", *names, *scores, "parameters", "training time", "status"]
    trials = [
        _trial_view(trial, names, tuple(search.scores), trial is best) for trial in search.trials
    ]
    return SearchView(search, headings, trials, wording.hyperparameters(search.constant))


def _trial_view(trial: Trial, names: Sequence[str], scores: Sequence[str], best: bool) -> TrialView:
    return TrialView(
        trial,
        cells(trial, names, scores),
        curve_images.spark(trial.attempts),
        curve_images.chart(trial.attempts),
        [_attempt_words(attempt) for attempt in trial.attempts],
        best,
    )


def _attempt_words(attempt: Attempt) -> list[str]:
    scores = attempt.scores
    best_at = scores.get("best_iteration")
    return [
        wording.count(attempt.seed),
        attempt.status,
        wording.percent(scores.get("validation_accuracy"), 2),
        wording.percent(scores.get("best_validation_accuracy"), 2),
        wording.MISSING if best_at is None else f"iteration {wording.count(best_at)}",
        wording.percent(scores.get("test_accuracy"), 2),
        wording.number(scores.get("validation_loss"), 3),
        wording.duration(attempt.seconds),
        attempt.key,
    ]
