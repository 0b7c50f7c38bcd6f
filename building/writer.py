"""Writes what a build leaves: figures, results.json, the trial browser, the HTML and the PDF."""

import json
import platform
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import experiments
from building import plan as planning
from building.context import Context, NotReady
from building.plan import FRESH, MISSING, STALE, State
from experiments.lab.store import records, results
from experiments.lab.store.files import write_whole
from experiments.lab.store.keys import (
    PROJECT,
    file_digest,
    library_versions,
    source_digests,
)
from experiments.lab.store.records import Record
from experiments.lab.store.results import SearchResult
from experiments.lab.store.runs import now
from rendering.document import report as views
from rendering.document.report import Report, SectionView

if TYPE_CHECKING:
    from building.display import Display  # rich, which a build with nothing to do does without

FORMAT = 1
WRITTEN_WITH = ("keras-tuner", "scipy", "matplotlib", "jinja2", "weasyprint")
TITLE = "Assignment 2"
# A PDF before the last takes processor time from training: none in the first seconds or when the last
# is near, and no more than a share of the build's time so far. The HTML is there from the first
# section on.
FIRST_PDF = LAST_PDF = 60.0
PDF_SHARE = 0.05
PAGE_NOTE = "page.json"


class Writer:
    """Writes the output folder from records. `problems` are what could not be written, in words."""

    def __init__(self, context: Context, states: Mapping[str, State], display: "Display") -> None:
        self._context, self._display = context, display
        self._states = dict(states)
        self._output = context.request.output
        self._started, self._spent = time.monotonic(), 0.0
        self.problems: list[str] = []
        self.unprintable: dict[str, str] = {}  # section -> why

    def draw(self, record: Record) -> None:
        """Draw the section's figures and enter them in its record."""
        drawings = self._context.module(record.section).draw(record)
        record.figures = [drawing.save(self._output, record.section) for drawing in drawings]

    def section_finished(self, section: str, more: bool) -> None:
        """Write everything anew with the section's new record; `more` sections are to come."""
        record = self._context.record(section)
        self._states[section] = State(section, FRESH, record=record)
        self.write_all(final=not more)

    def write_all(self, final: bool) -> None:
        """Write results, trial browser, HTML, and the PDF unless it is early and costs too much."""
        started = time.monotonic()
        self._display.section("report", "rendering")
        # What stood in the way of an earlier report, such as a section yet to come, may be gone.
        self.problems.clear()
        self.unprintable.clear()
        found = self.searches()
        write_whole(self._output / "results.json", self._results())
        self._trials(found)
        html = self._page(found)
        if html and (final or self._time_for_pdf()):
            self._pdf(html)
        if final and not self.problems and not self.unprintable:
            self._note_page()
        self._spent += time.monotonic() - started
        self._display.section("report", "")

    def _time_for_pdf(self) -> bool:
        """Whether a PDF may be made although the build goes on."""
        running = time.monotonic() - self._started
        left = self._display.seconds_left() or 0.0
        return running >= FIRST_PDF and left >= LAST_PDF and self._spent <= PDF_SHARE * running

    def searches(self) -> list[SearchResult]:
        """Return the stored results of all searches that the shown sections made."""
        return stored_searches(self._context)

    def _page(self, found: list[SearchResult]) -> str | None:
        """Write the HTML and return it; None if it cannot be made, so that the last one stays."""
        from rendering.document.page import PageError

        try:
            html = self._render(found)
        except PageError as error:
            self._note(f"the report could not be written: {error}")
            return None
        write_whole(self._output / "assignment2.html", html.encode())
        return html

    def _render(self, found: list[SearchResult]) -> str:
        """Return the page; a section that cannot be printed is marked so, and the others are."""
        from rendering.document.page import PageError, render

        while True:
            try:
                return render(self.report(found), self._output)
            except PageError as error:
                if error.section is None or error.section in self.unprintable:
                    raise
                self.unprintable[error.section] = str(error)

    def _pdf(self, html: str) -> None:
        from rendering.document.pdf import PangoMissing, PdfError, write_pdf

        try:
            write_pdf(html, self._output / "assignment2.pdf")
        except (PangoMissing, PdfError) as error:
            self._note(str(error) if isinstance(error, PangoMissing) else f"no PDF: {error}")

    def _note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def _trials(self, found: list[SearchResult]) -> None:
        from rendering.browser import page as trials

        stamp = self.report(found).stamp
        trials.write_html(found, self._output / "trials.html", TITLE, stamp)
        trials.write_csv(found, self._output / "trials.csv")

    def report(self, found: list[SearchResult]) -> Report:
        """Return the report as it stands."""
        request = self._context.request
        sections = [
            self._view(number, section) for number, section in enumerate(experiments.SECTIONS, 1)
        ]
        data = {
            name: identity
            for section in sections
            if section.shown
            for name, identity in section.record.data.items()
        }
        first = next((section.record for section in sections if section.shown), None)
        return Report(
            title=TITLE,
            author=request.author,
            profile=request.profile.name,
            sections=sections,
            environment=first.environment if first else {},
            data=data,
            built_at=now(),
            command=request.command,
            versions=versions(),
            searches=found,
        )

    def _view(self, number: int, section: str) -> SectionView:
        about, state = self._context.section(section), self._states[section]
        names = {FRESH: views.FRESH, STALE: views.STALE, MISSING: views.PENDING}
        shown, why = names[state.condition], "; ".join(state.reasons)
        record = self._context.record(section)
        if record is not None and record.status == "failed":
            shown, why = views.FAILED, record.message
        if section in self.unprintable:
            shown, why, record = views.FAILED, self.unprintable[section], None
        return SectionView(
            name=section,
            number=number,
            task=about.task,
            title=about.title,
            state=shown,
            why=why,
            command=f"python build_report.py {section}",
            record=record,
        )

    def _results(self) -> bytes:
        request = self._context.request
        sections = {}
        for section in experiments.SECTIONS:
            record = self._context.record(section)
            sections[section] = (
                _section_results(record, self._states[section])
                if record
                else {"status": "pending", "trials": []}
            )
        content = {
            "format": FORMAT,
            "profile": request.profile.name,
            "data": {name: vars(source.identity) for name, source in self._context.sources.items()},
            "environment": {"versions": versions()},
            "sections": sections,
        }
        return json.dumps(content, indent=1, allow_nan=False, default=records.as_plain).encode()

    def _note_page(self) -> None:
        content = json.dumps(page_inputs(self._context), indent=1)
        write_whole(self._context.records_folder / PAGE_NOTE, content.encode())


def _section_results(record: Record, state: State) -> dict[str, Any]:
    return {
        "status": record.status if state.condition == FRESH else state.condition,
        "profile": record.profile,
        "settings": record.settings,
        "data": record.data,
        "environment": record.environment,
        "scores": record.scores,
        "claims": record.claims,
        "seconds": record.seconds,
        "built_at": record.built_at,
        "message": record.message,
        "trials": record.trials,
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that this build trains and writes with."""
    others = {name: version(name) for name in WRITTEN_WITH}
    return {"python": platform.python_version(), **library_versions(), **others}


def stored_searches(context: Context) -> list[SearchResult]:
    """Return the results of all searches that are stored, in the order of their sections."""
    names: dict[str, None] = {}
    for section in experiments.SECTIONS:
        try:
            names |= dict.fromkeys(search.name for search in context.searches(section))
        except NotReady:
            continue
    held = (results.read(name, context.searches_folder, context.store) for name in names)
    return [result for _, result in filter(None, held)]


def page_is_current(context: Context) -> bool:
    """Return whether the report's files are there and made from what stands now."""
    output = context.request.output
    files = ("assignment2.html", "assignment2.pdf", "results.json", "trials.html", "trials.csv")
    try:
        note = json.loads((context.records_folder / PAGE_NOTE).read_text())
    except (OSError, ValueError):
        return False
    return all((output / name).exists() for name in files) and note == page_inputs(context)


def page_inputs(context: Context) -> dict[str, str]:
    """Return what the report's files depend on: records, templates, and the code that renders."""
    found = dict(_rendering_inputs())
    for section in experiments.SECTIONS:
        record = context.record(section)
        found[f"record:{section}"] = record.built_at if record else "none"
    found["setting:author"] = context.request.author
    found |= {f"setting:{name}": str(value) for name, value in planning.settings(context).items()}
    return found


def _rendering_inputs() -> Iterator[tuple[str, str]]:
    for path in sorted((PROJECT / "templates").rglob("*")):
        if path.is_file():
            yield path.relative_to(PROJECT).as_posix(), file_digest(path)
    modules = [f"rendering.{path.stem}" for path in (PROJECT / "rendering").glob("[a-z]*.py")]
    yield from source_digests(modules).items()
