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

from experiments.lab.store.keys import PROJECT
from rendering import claims, wording
from rendering.document import tables
from rendering.document.embedding import embedded
from rendering.document.formulas import formula
from rendering.document.report import Report, SectionView

TEMPLATES = PROJECT / "templates"
STYLES = ("common", "screen", "print")

# A reference that waits for its number. The marks are from Unicode's private use area.
_WAITING = re.compile("\ue000(figure|table) ([^\ue001]+?)/([^\ue001]+?)\ue001")

# Space at the end of a paragraph is not printed, yet where it overflows a line after a letter from the
# second font, Pango ends that line after its first word.
_TRAILING = re.compile(r"\s+(?=</(?:p|li|figcaption|caption)>)")

# A percentage that is typed, as "95 % interval", is set as one that a filter has written.
_TYPED_PERCENT = re.compile(r"(?<=\d)\s(?=%)")


class PageError(Exception):
    """The page cannot be made; the message says why, and `section` whose part it is, if one's."""

    def __init__(self, message: str, section: str | None = None) -> None:
        super().__init__(f"section {section}: {message}" if section else message)
        self.section = section


def render(report: Report, output: Path, templates: Path = TEMPLATES) -> str:
    """Return the whole page. Figures are read from `output`, as the records' entries name them.

    Raises PageError for a missing template, figure or value, and for a reference to nowhere.
    """
    environment = environment_of(templates)
    numbers = Numbers()
    bodies = {
        section.name: _body(environment, section, report, output, numbers)
        for section in report.sections
        if section.shown
    }
    made = SectionPrinter(environment, "made", len(report.sections) + 1, output, numbers)
    html = environment.get_template("base.html").render(
        report=report,
        bodies=bodies,
        styles={name: Markup((templates / f"{name}.css").read_text()) for name in STYLES},  # noqa: S704
        table=made.table,
        made_number=made.number,
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
    """The numbers that figures and tables were given, and the references that wait for them."""

    given: dict[tuple[str, str, str], str] = field(default_factory=dict)

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
    """What a partial calls: figures, tables, formulas and references of one section."""

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
        self.number = number
        self.output = output
        self.numbers = numbers
        self.view = view

    def figure(self, name: str) -> Markup:
        """Print the figure that the section's `draw` called `name`."""
        try:
            entry = self.view.record.figure(name)
            source, width = embedded(self.output / entry.file)
        except (KeyError, OSError, ValueError) as error:
            raise PageError(str(error.args[-1]), self.name) from error
        number = self.numbers.give("figure", self.name, self.number, name)
        return self.macros.figure(f"figure-{self.name}-{name}", number, entry, source, width)

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
        number = self.numbers.give("table", self.name, self.number, name)
        identifier = f"table-{self.name}-{name}"
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
        return Markup(f"\ue000figure {section or self.name}/{name}\ue001")  # noqa: S704

    def see_table(self, name: str, section: str | None = None) -> Markup:
        """Print a reference to a table: "Table 3.2"."""
        return Markup(f"\ue000table {section or self.name}/{name}\ue001")  # noqa: S704


def _body(
    environment: jinja2.Environment,
    section: SectionView,
    report: Report,
    output: Path,
    numbers: Numbers,
) -> Markup:
    printer = SectionPrinter(environment, section.name, section.number, output, numbers, section)
    try:
        template = environment.get_template(f"sections/{section.name}.html")
        return Markup(template.render(_given(section, report, printer)))  # noqa: S704
    except PageError:
        raise
    except Exception as error:  # a filter or a value that does not fit is the section's fault too
        where = (
            f"{error.name}:{error.lineno}: "
            if isinstance(error, jinja2.TemplateSyntaxError)
            else ""
        )
        raise PageError(f"{where}{error}", section.name) from error


def _given(section: SectionView, report: Report, printer: SectionPrinter) -> Mapping[str, Any]:
    """Return what a partial is given."""
    record = section.record
    return {
        "section": section,
        "record": record,
        "scores": record.scores,
        "facts": record.facts,
        "claims": section.claims,
        "trials": record.trials,
        "data": record.data,
        "figure": printer.figure,
        "table": printer.table,
        "formula": printer.formula,
        "see": printer.see,
        "see_table": printer.see_table,
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
