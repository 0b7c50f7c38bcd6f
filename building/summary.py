"""What a build says at its end: each section's answer, warnings again, what failed, files, time."""

import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from building.context import Context
from experiments.lab.evidence.claims import claims_of
from rendering.claims import answer
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
        if failed:
            named = ", ".join(failed)
            print(f"failed: {named}; the report says what failed in their places", file=sys.stderr)
        names = "assignment2.html" if problems else "assignment2.html and assignment2.pdf"
        took = duration(time.monotonic() - self.started)
        print(f"{context.request.output}/{names}, after {took}; beside it {BESIDE}")


def answers(context: Context, names: Iterable[str]) -> list[str]:
    """Return a line for each section or part whose record compares anything: its name and its answer."""
    records = {name: context.held.any_record(name) for name in names}
    found = {name: answer(claims_of(record)) for name, record in records.items() if record}
    return [f"{name}: {said}" for name, said in found.items() if said]
