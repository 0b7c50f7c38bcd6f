"""Prints a section's or part's partial alone, from templates with marks, without drawing its figures."""

import json
import re
from pathlib import Path

import jinja2
import made
from markupsafe import Markup, escape

from experiments import SECTIONS, module
from experiments.lab.store.records import Findings, Record
from rendering import marks
from rendering.document import known, page, qualifiers
from rendering.document.environment import environment_of
from rendering.document.partials import TEMPLATES, partial
from rendering.document.references import REFERENCES
from rendering.document.report import Report, SectionView
from rendering.document.sources import Source

from . import branches

OUTSIDE = ("question", "abstract", "conclusion", "finding")  # what a section says in other places


class Printer(page.SectionPrinter):
    """What a partial calls; a figure is its name, a reference what it names, a formula its words."""

    def figure(self, name: str) -> Markup:
        """Print the figure's name in its place, once."""
        self._number("figure", name)
        return Markup(f"<p>[figure {escape(name)}]</p>")

    def formula(self, source: str, alt: str, inline: bool = False) -> Markup:
        """Print a formula in words."""
        words = f"[{escape(alt)}]"
        return Markup(words if inline else f"<p>{words}</p>")

    def _said(self, source: Source) -> Markup:
        return Markup()  # the same for all that a section shows

    def cite(self, key: str, where: str = "") -> Markup:
        """Print which work is cited, and where in it."""
        super().cite(key, where)
        return Markup(f"[{escape(', '.join(filter(None, (key, where))))}]")

    def _waiting(self, kind: str, name: str, section: str | None) -> Markup:
        place = f"{section}: {name}" if section else name
        return Markup(f"[{kind} {escape(place)}]")


class Linked(page.SectionPrinter):
    """What a partial calls, without pictures: references are links, as on the page."""

    def figure(self, name: str) -> Markup:
        """Number the figure and print nothing."""
        self._number("figure", name)
        return Markup()

    def formula(self, source: str, alt: str, inline: bool = False) -> Markup:
        """Print an image that is not there."""
        return Markup('<img alt="{}">').format(alt)

    def _waiting(self, kind: str, name: str, section: str | None) -> Markup:
        return Markup('<a href="#{}">reference</a>').format(name)


def record_of(name: str, findings: Findings, **options: object) -> Record:
    """Return the findings as the record of a section or part, in memory."""
    return made.make_record(module(name).SECTION, findings, **options)


def printed(record: Record, around: Record | None = None) -> str:
    """Return a section's or part's piece of the page; `around` is the record of a part's section."""
    return marks.bare(
        _body(_report(record, around), record.section, branches.environment(), Printer)
    )


def traced(record: Record, around: Record | None = None) -> str:
    """Return the piece as `printed` does, as a section of a page whose values say where they come from."""
    report = known.with_paths(_report(record, around))
    body = _body(report, record.section, environment_of(TEMPLATES), Linked)
    body = qualifiers.added(body, report)
    works = "".join(f'<li id="reference-{key}"></li>' for key in REFERENCES)
    return marks.resolved(
        f'<section id="section-{record.section}">{body}</section><ol id="references">{works}</ol>'
    )


def results_of(record: Record, around: Record | None = None) -> dict:
    """Return what `results.json` has of a record, and of that of a part's section."""
    if around is None:
        return {"sections": {record.section: _plain(record)}}
    section, _, part = record.section.partition(".")
    return {"sections": {section: {**_plain(around), "parts": {part: _plain(record)}}}}


def _plain(record: Record) -> dict:
    held = {name: getattr(record, name) for name in (*known.PRINTED, *known.SINGLE)}
    return {**json.loads(json.dumps(held)), "parts": {}}


def _report(record: Record, around: Record | None) -> Report:
    view = _view(record)
    whole = view if around is None else _view(around, [view])
    views = [
        whole
        if name == whole.name
        else SectionView(name, n, module(name).SECTION.task, name, "pending")
        for n, name in enumerate(SECTIONS, 1)
    ]
    return Report("", "", "quick", views, {}, record.data, record.built_at, "build")


def _body(report: Report, name: str, environment: jinja2.Environment, kind: type) -> str:
    view = next(one for one in report.all if one.name == name)
    label = report.section_of(view).label
    printer = kind(environment, name, label, Path(), page.Numbers(), view)
    body = environment.get_template(partial(name)).render(page._given(view, report, printer))
    elsewhere = [
        f"<p>{said}</p>" for place, said in printer.pieces.said.items() if place in OUTSIDE
    ]
    return "".join([body, *elsewhere, *printer.pieces.appendix])


def _view(record: Record, parts: list[SectionView] | None = None) -> SectionView:
    section = record.section.partition(".")[0]
    number = SECTIONS.index(section) + 1
    title = module(record.section).SECTION.title
    return SectionView(
        record.section,
        number,
        module(record.section).SECTION.task,
        title,
        "fresh",
        record=record,
        parts=parts or [],
    )


def figures_in(piece: str) -> list[str]:
    """Return the names of the figures in their places."""
    return re.findall(r"\[figure ([^\]:]+)\]</p>", piece)
