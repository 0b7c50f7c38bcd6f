"""The page: one HTML file with everything in it, from templates that only print.

A section's partial is rendered first, with its figures and tables numbered in the order of their use,
those of the appendix by themselves; then the base puts the sections into their places, and references to
figures and tables get their numbers last, because they may point forward.
"""

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from experiments.lab.evidence.claims import LEVEL
from experiments.lab.store.drawings import FigureEntry
from experiments.lab.store.results import SearchResult
from rendering import claims, marks, wording
from rendering.document import known, qualifiers, sources, tables
from rendering.document.embedding import FigureError
from rendering.document.environment import environment_of
from rendering.document.media import Paper
from rendering.document.numbering import APPENDIX, Numbers, PageError, waiting
from rendering.document.partials import TEMPLATES, partial
from rendering.document.pieces import Pieces, PlaceError, Study, plain, word_count
from rendering.document.report import MAIN, Report, SectionView
from rendering.document.trial_links import links
from rendering.traced import TracedFields

# Space at the end of a paragraph is not printed, yet where it overflows a line after a letter from the
# second font, Pango ends that line after its first word.
_TRAILING = re.compile(r"\s+(?=(?:<!--/claim-->\s*)*</(?:p|li|figcaption|caption|td)>)")

# A percentage that is typed, as "95 % interval", is set as one that a filter has written.
_TYPED_PERCENT = re.compile(r"(?<=\d)\s(?=%)")


def render(
    report: Report, output: Path, templates: Path = TEMPLATES, medium: Paper | None = None
) -> str:
    """Return the whole page, for paper unless another `medium` is given: `media.Screen()`.

    Figures are read from `output`, as the records' entries name them.

    Raises PageError for a missing template, figure or value, and for a reference to nowhere.
    """
    environment, medium = environment_of(templates), medium or Paper()
    report = known.with_paths(report)
    numbers = Numbers(edition=report.edition)
    printers = {
        view.name: SectionPrinter(
            environment, view.name, section.label, output, numbers, view, medium, report.searches
        )
        for section in report.sections
        for view in section.all
        if view.shown
    }
    bodies = {name: _body(printer, report) for name, printer in printers.items()}
    pieces = {
        view.name: printers[view.name].pieces if view.shown else Pieces() for view in report.all
    }
    given = {
        "report": report,
        "bodies": bodies,
        "pieces": pieces,
        "answers": {view.name: _answer(view, pieces) for view in report.all},
        "leading": {name: printer.leading() for name, printer in printers.items()},
    }
    for name in ("abstract", "conclusion"):
        given[name] = _printed(environment, name, given)
    main = [given["abstract"], *bodies.values(), given["conclusion"]]
    made = SectionPrinter(environment, "made", "How this report was made", output, numbers)
    called = {"table": made.table, "cite": made.cite, "appendix": made.appendix, "level": LEVEL}
    counted = {"words": sum(map(word_count, main))}
    given["how_made"] = _printed(environment, "made", given | called | counted)
    given["provenance"] = made.pieces.appendix
    given["references"] = numbers.citations.listed()
    given["listed"] = numbers.listed()
    given |= medium.given(templates)
    given["origins"] = known.origins(report)
    html = numbers.resolve(_printed(environment, medium.template, given))
    html = qualifiers.added(html, report)
    html = marks.resolved(html) if medium.traced else marks.bare(html)
    return medium.finished(_TRAILING.sub("", _TYPED_PERCENT.sub(wording.THIN, html)))


def _printed(environment: jinja2.Environment, name: str, given: Mapping[str, Any]) -> Markup:
    return Markup(environment.get_template(f"{name}.html").render(given))  # noqa: S704


def answer_of(view: SectionView, section: SectionView, templates: Path = TEMPLATES) -> str:
    """Return the answer of a section, or of a part of it, as plain text; empty for none.

    Raises PageError where the partial cannot be printed.
    """
    report = Report("", "", "", [section], {}, {}, "", "")
    printer = SilentPrinter(
        environment_of(templates), view.name, view.label, Path(), Numbers(), view
    )
    _body(printer, report)
    return plain(_answer(view, {view.name: printer.pieces}))


def _answer(view: SectionView, pieces: Mapping[str, Pieces]) -> Markup:
    """Return the answer that a partial gives, else what its claims say first; empty without results."""
    return pieces[view.name].said["answer"] or escape(claims.answer(view.claims))


class SectionPrinter:
    """What a partial calls: figures, tables, formulas and references of one section or part.

    A part's figures and tables have the part's name in front. `label` names the place in the list of
    references; `pieces` gathers what the partial says for other places of the report. On a screen a
    figure leads to the trials of `searches` that it was drawn from.
    """

    def __init__(
        self,
        environment: jinja2.Environment,
        name: str,
        label: str,
        output: Path,
        numbers: Numbers,
        view: SectionView | None = None,
        medium: Paper | None = None,
        searches: Sequence[SearchResult] = (),
    ) -> None:
        self.environment = environment
        self.macros: Any = environment.get_template("macros.html").module
        self.name = name
        self.section = name.partition(".")[0]
        self.label = label
        self.place = f"Section\u00a0{label}" if view else label
        self.output = output
        self.numbers = numbers
        self.view = view
        self.medium = medium or Paper()
        self.searches = searches
        self.pieces = Pieces()
        self.in_appendix = False

    def keep(self, place: str, text: str) -> str:
        """Keep what the partial says for another place of the report, and print nothing."""
        try:
            self.pieces.keep(place, text)
        except PlaceError as error:
            raise PageError(str(error), self.name) from error
        return ""

    def appendix(self, caller: Callable[[], str]) -> str:
        """Print what a `call` encloses in the appendix; the edition "main" leaves it out."""
        left_out = self.numbers.edition == MAIN
        self.in_appendix = True
        with self.numbers.aside() if left_out else contextlib.nullcontext():
            text = Markup(caller())  # noqa: S704
        self.in_appendix = False
        if text.strip() and not left_out:
            self.pieces.appendix.append(text)
        return ""

    def leading(self) -> Markup:
        """Print a reference to the section's first figure; empty without one."""
        for (kind, section, name), number in self.numbers.given.items():
            if (kind, section) == ("figure", self.section) and number[:1] != APPENDIX:
                return waiting("figure", section, name)
        return Markup()

    def figure(self, name: str) -> Markup:
        """Print the figure that the section's `draw` called `name`."""
        try:
            entry = self._drawn(name)
            picture = self.medium.figure(self.output / entry.file, entry.alt)
        except FigureError as error:
            raise PageError(str(error), self.name, error.path) from error
        except KeyError as error:
            raise PageError(str(error.args[-1]), self.name) from error
        number, identifier = self._number("figure", name), self._identifier("figure", name)
        self.numbers.list("figure", number, identifier, entry.caption)
        trials = links(entry.origin.runs, self.searches) if self.medium.traced else []
        source = self._said(sources.of_figure(self.view, entry))
        return self.macros.figure(identifier, number, entry, picture, trials, source)

    def _drawn(self, name: str) -> FigureEntry:
        if self.view.drawn is None:
            raise KeyError(f"nothing was drawn, so no figure named {name!r}")
        return self.view.drawn.figure(marks.bare(name))

    def _number(self, kind: str, name: str) -> str:
        section, place = _place(name, self.name)
        return self.numbers.give(kind, section, place, self.in_appendix)

    def _identifier(self, kind: str, name: str) -> str:
        return "-".join((kind, *_place(name, self.name)))

    def table(
        self,
        name: str,
        columns: Sequence[str | Sequence[str]],
        rows: Sequence[Sequence[Any]],
        caption: str,
        best: Sequence[int] = (),
        note: str = "",
    ) -> Markup:
        """Print a table; see `tables.columns` for how columns are described. `best` rows are bold."""
        try:
            made = tables.columns(columns)
            cells = tables.cells(made, rows)
        except (ValueError, TypeError) as error:
            raise PageError(f"table {name!r}: {error}", self.name) from error
        number, identifier = self._number("table", name), self._identifier("table", name)
        self.numbers.list("table", number, identifier, caption)
        within = below = ""
        if self.view is not None and self.medium.traced:
            below = self._said(sources.of_table(self.view))
        elif self.view is not None:
            within = self._said(sources.of_table(self.view))
        rest = (caption, list(best), note, within, below)
        return self.macros.table(identifier, number, made, cells, *rest)

    def _said(self, source: sources.Source) -> Markup:
        """Return the line that says what a figure or table was made from, as the medium has it."""
        return getattr(self.macros, self.medium.source)(source)

    def formula(self, source: str, alt: str, inline: bool = False) -> Markup:
        """Print a formula; `alt` says it in words."""
        try:
            picture = self.medium.formula(source, alt)
        except ValueError as error:
            raise PageError(f"no formula {source!r}: {error}", self.name) from error
        return self.macros.formula(picture, inline)

    def see(self, name: str, section: str | None = None) -> Markup:
        """Print a reference to a figure, of this section or another: "Figure 3"."""
        return self._waiting("figure", name, section)

    def see_table(self, name: str, section: str | None = None) -> Markup:
        """Print a reference to a table: "Table 3"."""
        return self._waiting("table", name, section)

    def cite(self, key: str, where: str = "") -> Markup:
        """Print the link to a work in the list of references, "[4]"; `where` names a place in it."""
        try:
            return self.numbers.citations.cite(key, self.place, where)
        except KeyError as error:
            raise PageError(str(error.args[-1]), self.name) from error

    def _waiting(self, kind: str, name: str, section: str | None) -> Markup:
        return waiting(kind, *_place(name, section or self.name))


class SilentPrinter(SectionPrinter):
    """Prints a partial for what it says alone: no figures, tables, formulas or references."""

    def _nothing(self, *_: object, **__: object) -> Markup:
        return Markup()

    figure = table = formula = see = see_table = cite = _nothing


def _place(name: str, section: str) -> tuple[str, str]:
    """Return the section of a figure or table, and its name there: ("deconvnet", "occlusion-maps")."""
    section, _, part = section.partition(".")
    name = marks.bare(name)
    return section, f"{part}-{name}" if part else name


def _body(printer: SectionPrinter, report: Report) -> Markup:
    view = printer.view
    environment = printer.environment
    try:
        template = environment.get_template(partial(view.name))
        return Markup(template.render(_given(view, report, printer)))  # noqa: S704
    except PageError:
        raise
    except Exception as error:  # a filter or a value that does not fit is the section's fault too
        where = (
            f"{error.name}:{error.lineno}: "
            if isinstance(error, jinja2.TemplateSyntaxError)
            else ""
        )
        raise PageError(f"{where}{error}", view.name) from error


def _given(view: SectionView, report: Report, printer: SectionPrinter) -> Mapping[str, Any]:
    """Return what a partial is given; a part's has `whole` besides, the facts of its section."""
    record = view.record
    section = report.section_of(view)
    around = {"whole": section.record.facts} if view is not section and section.shown else {}
    return around | {
        "section": view,
        "record": record,
        "scores": record.scores,
        "facts": record.facts,
        "claims": TracedFields(view.claims),
        "trials": record.trials,
        "data": record.data,
        "studies": studies(view, report, printer),
        "figure": printer.figure,
        "table": printer.table,
        "formula": printer.formula,
        "see": printer.see,
        "see_table": printer.see_table,
        "cite": printer.cite,
        "see_section": _section_links(report, printer),
        "aside": getattr(printer.macros, printer.medium.note),
        "keep": printer.keep,
        "appendix": printer.appendix,
    }


def studies(view: SectionView, report: Report, printer: SectionPrinter) -> list[Study]:
    """Return what the parts of a section say of their findings, in order; those with results."""
    found = []
    for part in view.parts:
        if part.shown:
            silent = SilentPrinter(
                printer.environment, part.name, printer.label, printer.output, Numbers(), part
            )
            _body(silent, report)
            found.append(Study(part.name, part.title, silent.pieces.said))
    return found


def _section_links(report: Report, printer: SectionPrinter) -> Callable[[str], Markup]:
    known = {section.name: section.label for section in report.sections}

    def see_section(name: str) -> Markup:
        """Print a reference to a section: "Section 1b i"."""
        if name not in known:
            if isinstance(printer, SilentPrinter):
                return Markup()
            raise PageError(f"a reference names the section {name!r}", printer.name)
        return printer.macros.section_link(name, known[name])

    return see_section
