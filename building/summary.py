"""What a build says at its end: each section's answer, warnings again, what failed, files, time."""

import dataclasses
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import experiments
from building.context import Context
from rendering.claims import answer
from rendering.document.report import FRESH, SectionView
from rendering.wording import duration

WARNING = "WARNING"  # how a line about data begins that must not be missed
BESIDE = "trials.html, trials.csv, results.json and figures/"


@dataclass
class Summary:
    """Says lines at once, and keeps of them what is repeated at the end."""

    warnings: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def say(self, line: str) -> None:
        """Say a line; one that begins with WARNING is repeated."""
        print(line, file=sys.stderr, flush=True)
        if line.startswith(WARNING):
            self.warnings.append(line)

    def warn(self, line: str) -> None:
        """Say a line that is repeated."""
        self.say(line)
        if line not in self.warnings:
            self.warnings.append(line)

    def end(
        self, context: Context, built: Iterable[str], failed: Sequence[str], problems: Sequence[str]
    ) -> None:
        """Print the summary: `built` were measured, of which `failed` failed; `problems` are in words."""
        for line in answers(context, [name for name in built if name not in failed]):
            print(line)
        for line in (*self.warnings, *problems):
            print(line, file=sys.stderr, flush=True)
        if older := older_pdf(context.request.output):
            print(older, file=sys.stderr)
        if failed:
            named = ", ".join(failed)
            print(f"failed: {named}; the report says what failed in their places", file=sys.stderr)
        names = "assignment2.html" if problems else "assignment2.html and assignment2.pdf"
        took = duration(time.monotonic() - self.started)
        print(f"{context.request.output}/{names}, after {took}; beside it {BESIDE}")


def older_pdf(output: Path) -> str:
    """Return what is said of a PDF that is older than the HTML beside it; empty if there is none.

    The HTML is written after each section; what ends a build early may come between it and the PDF.
    """
    html, pdf = (output / f"assignment2.{kind}" for kind in ("html", "pdf"))
    try:
        if pdf.stat().st_mtime_ns >= html.stat().st_mtime_ns:
            return ""
    except FileNotFoundError:
        return ""
    return f"{pdf} is older than the HTML beside it, until a build ends"


def answers(context: Context, names: Iterable[str]) -> list[str]:
    """Return a line for each section or part that has an answer, with its name: as the report has it.

    One that cannot be printed has what its claims say.
    """
    found = {name: _answer(context, name) for name in names}
    return [f"{name}: {said}" for name, said in found.items() if said]


def _answer(context: Context, name: str) -> str:
    from rendering.document.page import PageError, answer_of

    whole, *parts = experiments.whole(name.partition(".")[0])
    section = dataclasses.replace(_view(context, whole), parts=[_view(context, it) for it in parts])
    view = next(view for view in section.all if view.name == name)
    try:
        return answer_of(view, section) if view.shown else ""
    except PageError:
        return answer(view.claims)


def _view(context: Context, name: str) -> SectionView:
    about = experiments.module(name).SECTION
    record = context.held.any_record(name)
    return SectionView(name, 0, about.task, about.title, FRESH, record=record)
