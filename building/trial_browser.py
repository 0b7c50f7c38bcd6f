"""Writes the trial browser of a build, its page and its table, also while the build goes on."""

import dataclasses
import re
from collections.abc import Iterator

from building import assessments, searches_shown
from building.context import Context
from experiments.lab.store.held import NotReady
from rendering.browser import page, spreadsheet
from rendering.browser.model import Search
from rendering.document.report import Report

_CLAUSE = re.compile(r"[.:;] |\.$")  # ends what a figure's caption says first


def write(context: Context, report: Report, *, began: str, building: bool) -> None:
    """Write trials.html and trials.csv.

    While a build goes on, which began at `began`, they have the searches under way too.
    """
    found = searches_shown.found(context, lambda result: assessments.made(context, result))
    searches = [
        _placed(context, search, report)
        for search in found.values()
        if building or not search.goes_on
    ]
    output = context.request.output
    page.write_html(
        searches,
        output / "trials.html",
        report.title,
        report.stamp,
        report="assignment2.html",
        began=began,
        building=building,
    )
    spreadsheet.write(searches, output / "trials.csv")


def _placed(context: Context, search: Search, report: Report) -> Search:
    """Return a search with where the report uses it, and the commands for it."""
    using = [
        section
        for section in report.sections
        if any(search.name in _searches_of(context, view.name) for view in section.all)
    ]
    return dataclasses.replace(
        search,
        uses=tuple(
            (f"section {it.label}, {it.title}", f"assignment2.html#section-{it.name}")
            for it in using
        ),
        figures=tuple(_figures(search, report)),
    )


def _searches_of(context: Context, section: str) -> list[str]:
    try:
        return [search.name for search in context.searches(section)]
    except NotReady:
        return []


def _figures(search: Search, report: Report) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the figures drawn from a search: how its caption begins, its address, and which trials."""
    for view in report.all:
        for entry in view.drawn.figures if view.drawn else ():
            runs = set(entry.origin.runs)
            drawn = [it.id for it in search.trials if runs & {one.key for one in it.attempts}]
            if drawn:
                place = f"assignment2.html#figure-{view.name.replace('.', '-')}-{entry.name}"
                yield _CLAUSE.split(entry.caption)[0], place, tuple(drawn)
