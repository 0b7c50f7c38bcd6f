"""Writes what a build leaves: figures, results.json, the trial browser, the HTML and the PDF."""

import dataclasses
import os
import platform
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import experiments
from building import checks, code, printing, results_file
from building import plan as planning
from building.context import Context, stored_searches
from building.plan import FRESH, LEFT_OUT, MEASURE, MISSING, State
from experiments.lab.store.drawings import Drawn
from experiments.lab.store.files import nothing_can_be_written, remove, write_whole
from experiments.lab.store.keys import file_digest, library_version, library_versions
from experiments.lab.store.records import Record
from experiments.lab.store.results import SearchResult
from experiments.lab.store.runs import first_line, now
from rendering.document import report as views
from rendering.document.report import Report, SectionView
from rendering.wording import date

if TYPE_CHECKING:
    from building.display import Display  # rich, which a build with nothing to do does without

WRITTEN_WITH = ("keras-tuner", "scipy", "matplotlib", "jinja2", "weasyprint", "plotly")
TITLE = "Assignment 2"
# Writing before the end takes processor time from training: no more than a share of the build's time so
# far. The HTML is there from the first section on; no PDF is made in the first seconds or when the last
# is near.
WRITING_SHARE = 0.05
FIRST_PDF = LAST_PDF = 60.0
LOOK_AGAIN = 15.0  # seconds between two writings of the trial browser for the sake of new trials


SHOWN = {MISSING: views.PENDING, MEASURE: views.STALE, LEFT_OUT: views.LEFT_OUT}


class Writer:
    """Writes the output folder from records. `problems` are what could not be written, in words."""

    def __init__(self, context: Context, states: Mapping[str, State], display: "Display") -> None:
        self._context, self._display = context, display
        self.states = dict(states)
        self._output = context.request.output
        self._started, self._spent, self._began = time.monotonic(), 0.0, now()
        # When the trial browser was last written, and how many trials had ended then.
        self._looked, self._ended = self._started - LOOK_AGAIN, -1
        self.problems: list[str] = []
        self.unprintable: dict[str, str] = {}  # section -> why
        self.undrawn: dict[str, str] = {}  # section -> why
        self._drawn_again: set[str] = set()

    def draw(self, section: str) -> bool:
        """Draw the section's figures from its record; return whether that went well.

        A failure is said, and leaves the record as it is: the figures are drawn by the next build.
        """
        self._display.section(section, "drawing")
        try:
            self._draw(section)
        except Exception as error:  # in the report, the section says so in its place
            if nothing_can_be_written(error):
                raise
            said = f"{type(error).__name__}: {first_line(str(error))}"
            self.undrawn[section] = f"its figures could not be drawn: {said}"
            self._display.say(f"{section}: not drawn: {said}")
            if os.environ.get("ASSIGNMENT2_TRACEBACK"):
                raise
            return False
        finally:
            self._display.section(section, "")
        return True

    def _draw(self, section: str) -> None:
        record, before = self._context.held.record(section), self._context.held.drawn(section)
        stem = section.replace(".", "-")
        drawings = self._context.module(section).draw(record)  # all before any file is replaced
        figures = tuple(drawing.save(self._output, stem) for drawing in drawings)
        inputs, definitions = planning.drawing_inputs(record), code.drawing(section).digests
        written = [path for entry in figures for path in (entry.file, entry.table)]
        digests = {path: file_digest(self._output / path) for path in written}
        self._context.held.keep_drawn(Drawn(section, inputs, figures, definitions, digests))
        for path in set(before.files if before else ()) - set(written):
            remove(self._output / path)
        self.states[section] = State(section, FRESH, record=record)

    def section_finished(self, section: str, more: bool) -> None:
        """Write everything anew if it is time, or if no `more` sections are to come."""
        record = self._context.held.any_record(section)
        failed = self._context.held.failure(section)
        condition = FRESH if not failed else MEASURE if record else MISSING
        self.states[section] = State(section, condition, record=record)
        if not more or self._time_to_write():
            self.write_all(final=not more)

    def _time_to_write(self) -> bool:
        """Whether what is shown is written anew although the build goes on."""
        return self._spent <= WRITING_SHARE * (time.monotonic() - self._started)

    def write_all(self, final: bool) -> None:
        """Write results, trial browser, HTML, and the PDF unless it is early and costs too much."""
        started = time.monotonic()
        self._display.section("report", "rendering")
        printing.withdraw(self._context)  # until all of it is written again
        # What stood in the way of an earlier report, such as a section yet to come, may be gone.
        self.problems.clear()
        self.unprintable.clear()
        found = self.searches()
        self._results()
        self._trials(found, building=not final)
        if self._page(found, growing=not final) and (final or self._time_for_pdf()):
            self._pdf(found)
        if final and not (self.problems or self.unprintable or self.undrawn):
            printing.note(self._context, shown(self.states), versions())
        self._spent += time.monotonic() - started
        self._display.section("report", "")

    def _time_for_pdf(self) -> bool:
        """Whether a PDF may be made although the build goes on."""
        running = time.monotonic() - self._started
        left = self._display.seconds_left() or 0.0
        return running >= FIRST_PDF and left >= LAST_PDF and self._time_to_write()

    def searches(self) -> list[SearchResult]:
        """Return the stored results of all searches that the shown sections made."""
        return stored_searches(self._context)

    def _page(self, found: list[SearchResult], growing: bool) -> bool:
        """Write the HTML and return whether it could be made; if not, the last one stays."""
        from rendering.document.page import PageError

        try:
            html = self._render(found, growing)
        except PageError as error:
            self._note(f"the report could not be written: {error}")
            return False
        write_whole(self._output / "assignment2.html", html.encode())
        self._display.report_at(self._output / "assignment2.html")
        return True

    def _render(self, found: list[SearchResult], growing: bool) -> str:
        """Return the page; a section that cannot be printed is marked so, and the others are."""
        from rendering.document.media import Screen
        from rendering.document.page import PageError, render

        while True:
            try:
                report = dataclasses.replace(self.report(found), growing=growing)
                return render(report, self._output, medium=Screen())
            except PageError as error:
                if error.section is None or error.section in self.unprintable:
                    raise
                if error.figure and self._draws_again(error.section):
                    continue
                self.unprintable[error.section] = str(error)

    def _draws_again(self, section: str) -> bool:
        """Draw a section of which a figure cannot be used; False if that was done before, or fails."""
        if section in self._drawn_again:
            return False
        self._drawn_again.add(section)
        self._display.say(f"{section}: a figure cannot be used, and is drawn again")
        return self.draw(section)

    def _pdf(self, found: list[SearchResult]) -> None:
        from rendering.document import letters
        from rendering.document.page import PageError, render
        from rendering.document.pdf import PangoMissing, PdfError, write_pdf

        try:
            started = (
                time.thread_time()
            )  # the last PDF is made when no training takes its processor
            report = self.report(found)
            html = render(report, self._output)
            drawn = [view.drawn for view in report.all if view.shown and view.drawn]
            tables = [entry.table for each in drawn for entry in each.figures]
            data = [self._output / name for name in ("results.json", *tables)]
            missing = write_pdf(html, self._output / "assignment2.pdf", attached=data)
            self._display.printed(time.thread_time() - started)
            if missing:
                self._display.say(
                    "the PDF shows a square for what no font here has: "
                    f"{letters.names(missing)}; install a font for it, such as fonts-noto-core, "
                    "fonts-noto-cjk or fonts-noto-color-emoji"
                )
        except PangoMissing:
            mends = f"{checks.remedy()}, then the same command makes it"
            self._note(f"no PDF: Pango is not installed; {mends}")
        except (PageError, PdfError) as error:
            self._note(f"no PDF: {error}")

    def _note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def _trials(self, found: list[SearchResult], building: bool) -> None:
        from building import trial_browser

        self._looked, self._ended = time.monotonic(), self._display.ended
        report = self.report(found)
        trial_browser.write(self._context, report, began=self._began, building=building)

    def trials_moved_on(self) -> None:
        """Write the trial browser anew if trials have ended since it was, and it is time."""
        due = time.monotonic() - self._looked >= LOOK_AGAIN
        if self._display.ended == self._ended or not due or not self._time_to_write():
            return
        started = time.monotonic()
        self._trials(self.searches(), building=True)
        self._spent += time.monotonic() - started

    def report(self, found: list[SearchResult]) -> Report:
        """Return the report as it stands."""
        request = self._context.request
        sections = [
            self._section(number, section) for number, section in enumerate(experiments.SECTIONS, 1)
        ]
        shown = [view for section in sections for view in section.all if view.shown]
        return Report(
            title=request.title or TITLE,
            author=request.author,
            course=request.course,
            edition=request.edition,
            profile=request.profile.name,
            sections=sections,
            environment=shown[0].record.environment if shown else {},
            data={name: it for view in shown for name, it in view.record.data.items()},
            built_at=max((view.record.built_at for view in shown), default=now()),
            command=request.command,
            versions=versions(),
            searches=found,
        )

    def _section(self, number: int, section: str) -> SectionView:
        parts = [self._view(number, part) for part in experiments.parts(section)]
        return dataclasses.replace(self._view(number, section), parts=parts)

    def _view(self, number: int, section: str) -> SectionView:
        about, state = self._context.section(section), self.states[section]
        shown = SHOWN.get(state.condition, views.FRESH)
        why = "; ".join(state.reasons) if shown != views.FRESH else ""
        record = self._context.held.any_record(section)
        if failure := self._context.held.failure(section):
            shown, why = views.FAILED, failed_words(failure, record)
        if section in self.undrawn:
            shown, why = views.FAILED, self.undrawn[section]
        if section in self.unprintable:
            shown, why, record = views.FAILED, self.unprintable[section], None
        return SectionView(
            name=section,
            number=number,
            task=about.task,
            title=about.title,
            state=shown,
            why=why,
            command=self._context.request.again(section),
            record=record,
            drawn=self._context.held.shown_drawings(section),
        )

    def _results(self) -> None:
        content = results_file.content(
            self._context.held,
            self.states,
            self._context.request.profile.name,
            {name: vars(source.identity) for name, source in self._context.sources.items()},
            versions(),
        )
        write_whole(self._output / "results.json", content)


def failed_words(failure: Record, record: Record | None) -> str:
    """Return why a section failed, and from when what is shown in its place comes."""
    standing = f"; what stands here was measured on {date(record.built_at)}" if record else ""
    return failure.message + standing


def shown(states: Mapping[str, State]) -> dict[str, str]:
    """Return how each section and part is shown: as fresh, stale or pending."""
    return {name: SHOWN.get(state.condition, views.FRESH) for name, state in states.items()}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that this build trains and writes with."""
    others = {name: library_version(name) for name in WRITTEN_WITH}
    return {"python": platform.python_version(), **library_versions(), **others}
