"""Prints a section's or part's partial alone, from templates with marks, without drawing its figures."""

import re
from pathlib import Path

import made
from markupsafe import Markup, escape

from experiments import SECTIONS, module
from experiments.lab.store.records import Findings, Record
from rendering import marks
from rendering.document import page
from rendering.document.partials import partial
from rendering.document.report import Report, SectionView

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

    def cite(self, key: str, where: str = "") -> Markup:
        """Print which work is cited, and where in it."""
        super().cite(key, where)
        return Markup(f"[{escape(', '.join(filter(None, (key, where))))}]")

    def _waiting(self, kind: str, name: str, section: str | None) -> Markup:
        place = f"{section}: {name}" if section else name
        return Markup(f"[{kind} {escape(place)}]")


def record_of(name: str, findings: Findings, **options: object) -> Record:
    """Return the findings as the record of a section or part, in memory."""
    return made.make_record(module(name).SECTION, findings, **options)


def printed(record: Record, around: Record | None = None) -> str:
    """Return a section's or part's piece of the page; `around` is the record of a part's section."""
    view = _view(record)
    whole = view if around is None else _view(around, [view])
    views = [
        whole
        if name == whole.name
        else SectionView(name, n, module(name).SECTION.task, name, "pending")
        for n, name in enumerate(SECTIONS, 1)
    ]
    report = Report("", "", "quick", views, {}, record.data, record.built_at, "build")
    printer = Printer(
        branches.environment(), record.section, whole.label, Path(), page.Numbers(), view
    )
    template = branches.environment().get_template(partial(record.section))
    body = template.render(page._given(view, report, printer))
    elsewhere = [
        f"<p>{said}</p>" for place, said in printer.pieces.said.items() if place in OUTSIDE
    ]
    return marks.bare("".join([body, *elsewhere, *printer.pieces.appendix]))


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
