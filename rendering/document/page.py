"""The page: one HTML file with everything in it, from templates that only print.

A section's partial is rendered first, with its figures and tables numbered in the order of their use;
then the base puts the sections into their places, and references to figures and tables get their
numbers last, because they may point forward.
"""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from experiments.lab.evidence.claims import LEVEL
from experiments.lab.store.drawings import FigureEntry
from rendering import claims, wording
from rendering.document import tables
from rendering.document.embedding import FigureError, embedded
from rendering.document.formulas import formula
from rendering.document.partials import TEMPLATES, partial
from rendering.document.references import Citations
from rendering.document.report import Report, SectionView

STYLES = ("common", "screen", "print")

# A reference that waits for its number. The marks are from Unicode's private use area.
_WAITING = re.compile("\ue000(figure|table) ([^\ue001]+?)/([^\ue001]+?)\ue001")

# Space at the end of a paragraph is not printed, yet where it overflows a line after a letter from the
# second font, Pango ends that line after its first word.
_TRAILING = re.compile(r"\s+(?=</(?:p|li|figcaption|caption)>)")

# A percentage that is typed, as "95 % interval", is set as one that a filter has written.
_TYPED_PERCENT = re.compile(r"(?<=\d)\s(?=%)")


class PageError(Exception):
    """The page cannot be made; the message says why, and `section` whose part it is, if one's.

    `figure` is the file of the figure that is the reason, if one is: it can be drawn again.
    """

    def __init__(
        self, message: str, section: str | None = None, figure: Path | None = None
    ) -> None:
        super().__init__(f"section {section}: {message}" if section else message)
        self.section, self.figure = section, figure


def render(report: Report, output: Path, templates: Path = TEMPLATES) -> str:
    """Return the whole page. Figures are read from `output`, as the records' entries name them.

    Raises PageError for a missing template, figure or value, and for a reference to nowhere.
    """
    environment = environment_of(templates)
    numbers = Numbers()
    bodies = {
        view.name: _body(environment, view, section, report, output, numbers)
        for section in report.sections
        for view in section.all
        if view.shown
    }
    made = SectionPrinter(environment, "made", len(report.sections) + 1, output, numbers)
    how_made = environment.get_template("made.html").render(
        report=report, table=made.table, cite=made.cite, made_number=made.number, level=LEVEL
    )
    html = environment.get_template("base.html").render(
        report=report,
        bodies=bodies,
        styles={
            name: Markup((templates / f"{name}.css").read_text(encoding="utf-8")) for name in STYLES
        },  # noqa: S704
        how_made=Markup(how_made),  # noqa: S704
        made_number=made.number,
        references=numbers.citations.listed(),
    )
    return _TRAILING.sub("", _TYPED_PERCENT.sub(wording.THIN, numbers.resolve(html)))


@functools.cache
def environment_of(templates: Path) -> jinja2.Environment:
    """Return the templates' environment: they escape, and stop at an undefined name.

    There is one for each folder, so that a build, which renders its report many times, compiles a
    template once, and again when its file has changed.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(wording.FILTERS | claims.FILTERS)
    return environment


@dataclass
class Numbers:
    """The numbers that figures, tables and cited works were given, and references that wait for them."""

    given: dict[tuple[str, str, str], str] = field(default_factory=dict)
    citations: Citations = field(default_factory=Citations)

    def give(self, kind: str, section: str, number: int, name: str) -> str:
        """Return the next number of the kind in the section: "3.2"; PageError if it has one."""
        if (kind, section, name) in self.given:
            raise PageError(f"the {kind} {name!r} is printed twice", section)
        used = sum(key[:2] == (kind, section) for key in self.given)
        self.given[kind, section, name] = f"{number}.{used + 1}"
        return self.given[kind, section, name]

    def resolve(self, html: str) -> str:
        """Put the numbers into the references; PageError for one that points nowhere."""
        return _WAITING.sub(self._link, html)

    def _link(self, waiting: re.Match[str]) -> str:
        kind, section, name = waiting.groups()
        number = self.given.get((kind, section, name))
        if number is None:
            raise PageError(f"a reference names the {kind} {name!r} of {section}: not printed")
        return f'<a href="#{kind}-{section}-{name}">{kind.capitalize()}\u00a0{number}</a>'


class SectionPrinter:
    """What a partial calls: figures, tables, formulas and references of one section or part.

    A part's figures and tables are numbered with its section's and have the part's name in front.
    """

    def __init__(
        self,
        environment: jinja2.Environment,
        name: str,
        number: int,
        output: Path,
        numbers: Numbers,
        view: SectionView | None = None,
    ) -> None:
        self.macros: Any = environment.get_template("macros.html").module
        self.name = name
        self.section = name.partition(".")[0]
        self.number = number
        self.output = output
        self.numbers = numbers
        self.view = view

    def figure(self, name: str) -> Markup:
        """Print the figure that the section's `draw` called `name`."""
        try:
            entry = self._drawn(name)
            source, width = embedded(self.output / entry.file)
        except FigureError as error:
            raise PageError(str(error), self.name, error.path) from error
        except KeyError as error:
            raise PageError(str(error.args[-1]), self.name) from error
        number = self._number("figure", name)
        return self.macros.figure(self._identifier("figure", name), number, entry, source, width)

    def _drawn(self, name: str) -> FigureEntry:
        if self.view.drawn is None:
            raise KeyError(f"nothing was drawn, so no figure named {name!r}")
        return self.view.drawn.figure(name)

    def _number(self, kind: str, name: str) -> str:
        section, place = _place(name, self.name)
        return self.numbers.give(kind, section, self.number, place)

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
        return self.macros.table(identifier, number, made, cells, caption, list(best), note)

    def formula(self, source: str, alt: str, inline: bool = False) -> Markup:
        """Print a formula; `alt` says it in words."""
        try:
            picture, height, depth = formula(source)
        except ValueError as error:
            raise PageError(f"no formula {source!r}: {error}", self.name) from error
        return self.macros.formula(picture, alt, height, depth, inline)

    def see(self, name: str, section: str | None = None) -> Markup:
        """Print a reference to a figure, of this section or another: "Figure 3.2"."""
        return self._waiting("figure", name, section)

    def see_table(self, name: str, section: str | None = None) -> Markup:
        """Print a reference to a table: "Table 3.2"."""
        return self._waiting("table", name, section)

    def cite(self, key: str, where: str = "") -> Markup:
        """Print the link to a work in the list of references, "[4]"; `where` names a place in it."""
        try:
            return self.numbers.citations.cite(key, self.number, where)
        except KeyError as error:
            raise PageError(str(error.args[-1]), self.name) from error

    def _waiting(self, kind: str, name: str, section: str | None) -> Markup:
        place = "/".join(_place(name, section or self.name))
        return Markup(f"\ue000{kind} {place}\ue001")  # noqa: S704


def _place(name: str, section: str) -> tuple[str, str]:
    """Return the section of a figure or table, and its name there: ("deconvnet", "occlusion-maps")."""
    section, _, part = section.partition(".")
    return section, f"{part}-{name}" if part else name


def _body(
    environment: jinja2.Environment,
    view: SectionView,
    section: SectionView,
    report: Report,
    output: Path,
    numbers: Numbers,
) -> Markup:
    printer = SectionPrinter(environment, view.name, section.number, output, numbers, view)
    try:
        template = environment.get_template(partial(view.name))
        return Markup(template.render(_given(view, section, report, printer)))  # noqa: S704
    except PageError:
        raise
    except Exception as error:  # a filter or a value that does not fit is the section's fault too
        where = (
            f"{error.name}:{error.lineno}: "
            if isinstance(error, jinja2.TemplateSyntaxError)
            else ""
        )
        raise PageError(f"{where}{error}", view.name) from error


def _given(
    view: SectionView, section: SectionView, report: Report, printer: SectionPrinter
) -> Mapping[str, Any]:
    """Return what a partial is given; a part's has `whole` besides, the facts of its section."""
    record = view.record
    around = {"whole": section.record.facts} if view is not section and section.shown else {}
    return around | {
        "section": view,
        "record": record,
        "scores": record.scores,
        "facts": record.facts,
        "claims": view.claims,
        "trials": record.trials,
        "data": record.data,
        "figure": printer.figure,
        "table": printer.table,
        "formula": printer.formula,
        "see": printer.see,
        "see_table": printer.see_table,
        "cite": printer.cite,
        "see_section": _section_links(report, printer),
        "aside": printer.macros.aside,
    }


def _section_links(report: Report, printer: SectionPrinter) -> Callable[[str], Markup]:
    known = {section.name: section.number for section in report.sections}

    def see_section(name: str) -> Markup:
        """Print a reference to a section: "Section 6"."""
        if name not in known:
            raise PageError(f"a reference names the section {name!r}", printer.name)
        return printer.macros.section_link(name, known[name])

    return see_section
