"""What a build says while it runs: a bar and a line for each training, or plain lines for a log."""

import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from building.time_left import TimeLeft
from experiments.lab.search.estimates import seconds
from experiments.lab.settings import RunSettings
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import COMPLETED, Run
from rendering.wording import and_list, duration, hyperparameters, percent

PLAIN_EVERY = 20.0  # seconds between two plain lines about the same trial
BAR = 24  # letters


@dataclass
class _Shown:
    """A trial under way, as the display knows it; `point` has what varies in its search."""

    search: str
    number: str
    point: Mapping[str, Any]
    started: float
    metrics: dict[str, float] = field(default_factory=dict)
    last_line: float = 0.0


class Display:
    """Hears of sections and trials and shows them. Safe to call from several threads.

    Nothing is printed while the lock is held: what is live
    holds rich's lock when it asks for this one.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._console = Console(
            file=stream or sys.stdout, highlight=False, soft_wrap=True, emoji=False
        )
        self._lock = threading.RLock()
        self._trials: dict[tuple[str, str], _Shown] = {}
        self._counts: dict[str, list[int]] = {}
        self._sizes: dict[tuple[str, int], float] = {}  # (search, trial) -> trainings
        self._left = TimeLeft()
        self._trained, self._trainings = 0, 0
        self._section, self._report = "", ""
        self._live: Live | None = None

    @property
    def ended(self) -> int:
        """How many trials have ended, or were completed from the store."""
        with self._lock:
            return sum(ended for ended, _ in self._counts.values())

    def __enter__(self) -> "Display":
        """Begin to show."""
        if self._console.is_terminal:
            self._live = Live(
                get_renderable=self._lines,
                console=self._console,
                refresh_per_second=4,
                transient=True,
            )
            self._live.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Leave the terminal as it was."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def say(self, line: str) -> None:
        """Print a line that stays."""
        self._console.print(line, markup=False)

    def expect(self, runs: Iterable[RunSettings], known: list[Run]) -> None:
        """Note the trainings that the whole build will have, as far as that can be told."""
        expected = [seconds(run, known) for run in runs]
        with self._lock:
            self._trainings, self._left.foreseen = len(expected), expected

    def to_measure(self, seconds: float) -> None:
        """Note about how long it takes to measure what is still to be measured."""
        with self._lock:
            self._left.measuring = seconds

    def printed(self, seconds: float) -> None:
        """Note the processor time of the report's PDF: the last takes about as long."""
        with self._lock:
            self._left.printing = seconds

    def report_at(self, page: Path) -> None:
        """Say where the report is that grows while the build goes on, once."""
        with self._lock:
            new, self._report = str(page) != self._report, str(page)
        if new and self._live is None:
            self.say(f"{page} is there and grows")

    def kept(self) -> str:
        """Return what a build that is interrupted now has kept."""
        with self._lock:
            known = max(self._trained, self._trainings)
            done = f"{self._trained} of {_trainings(known)}" if known else ""
            begun = f"{len(self._trials)} under way up to the last validation"
            words = [done, begun if self._trials else "", "all that was measured"]
            return f"kept: {and_list(filter(None, words))}"

    def plan(self, search: str, trials: list[list[RunSettings]], known: list[Run]) -> None:
        """Note the trials that a search will have, and about how long they take.

        A search that several sections share is noted once.
        """
        with self._lock:
            if search in self._counts:
                return
            self._counts[search] = [0, len(trials)]
            for number, runs in enumerate(trials):
                self._left.plan((search, number), sum(seconds(run, known) for run in runs))
                self._sizes[search, number] = len(runs)

    def section(self, name: str, doing: str) -> None:
        """Say what is done with a section: measured, drawn, rendered."""
        with self._lock:
            self._section = f"{name}: {doing}" if doing else ""

    def trial_started(self, search: str, number: str, point: Mapping[str, Any], who: str) -> None:
        """A worker was given the trial."""
        with self._lock:
            now = time.monotonic()
            self._trials[search, number] = _Shown(search, number, point, now, last_line=now)
            self._left.started((search, int(number)), now)
            title = self._title(search, number, point)
        if self._live is None:
            self.say(f"{title}: training begins ({who})")

    def trial_advanced(self, search: str, number: str, metrics: Mapping[str, float]) -> None:
        """The trial's worker reports progress."""
        with self._lock:
            shown = self._trials.get((search, number))
            if shown is None:
                return
            shown.metrics.update(metrics)
            self._left.advanced((search, int(number)), metrics.get("progress", 0.0))
            if self._live is not None or time.monotonic() - shown.last_line < PLAIN_EVERY:
                return
            shown.last_line = time.monotonic()
            words = f"{self._title(search, number, shown.point)}: {_scores(shown)}"
            words += self._remaining()
        self.say(words)

    def trial_ended(self, search: str, number: str, trial: Trial, replayed: bool) -> None:
        """The trial ended, or was completed from the store, which is no work to judge the pace by."""
        with self._lock:
            shown = self._trials.pop((search, number), None)
            self._counts.setdefault(search, [0, 0])[0] += 1
            if replayed:
                self._left.replayed((search, int(number)))
                return
            self._left.ended((search, int(number)), time.monotonic())
            self._trained += len(trial.runs)
            title = self._title(search, number, shown.point if shown else trial.hyperparameters)
        took = f" ({duration(time.monotonic() - shown.started)})" if shown else ""
        self.say(f"{title}: {_outcome(trial)}{took}")

    def _title(self, search: str, number: str, point: Mapping[str, Any]) -> str:
        total = self._counts.get(search, [0, 0])[1]
        return f"{search} trial {int(number) + 1}/{total} {hyperparameters(point)}".rstrip()

    def _remaining(self) -> str:
        left, known = self.seconds_left(), max(self._trained, self._trainings)
        counted = f", {self._trained} of {_trainings(known)} done" if known else ""
        told = left is not None and left >= 1
        return counted + (f", about {duration(left)} left" if told else "")

    def seconds_left(self) -> float | None:
        """Return the time until the build is done, in seconds; None before it can be told."""
        return self._left.seconds(time.monotonic())

    def _under_way(self) -> float:
        """Return how many trainings those under way amount to so far."""
        return sum(
            shown.metrics.get("progress", 0.0) * self._sizes.get((search, int(number)), 0.0)
            for (search, number), shown in self._trials.items()
        )

    def _lines(self) -> Group:
        """Return what is live: the bar of the build, a line for each training, what else is done."""
        with self._lock:
            report = f"the report so far: {self._report}" if self._report else ""
            lines = [Text(line) for line in (self._section, report) if line]
            return Group(*self._bars(), *map(self._line, self._trials.values()), *lines)

    def _bars(self) -> Iterator[Table]:
        """Yield the bar of the whole build, by trainings, if it has any."""
        if known := max(self._trained, self._trainings):
            done = self._trained + self._under_way()
            bar = Table.grid(padding=(0, 1))
            said = self._remaining().removeprefix(", ")
            bar.add_row(ProgressBar(total=known, completed=min(done, known), width=BAR), Text(said))
            yield bar

    def _line(self, shown: _Shown) -> Text:
        """Return the line of a training: how far it is, and its settings as far as there is room."""
        title = self._title(shown.search, shown.number, shown.point)
        return Text(f"{_brief(shown):{BAR}} {title}", no_wrap=True, overflow="ellipsis")


def _trainings(count: int) -> str:
    return f"{count} training{'s' * (count != 1)}"


def _scores(shown: _Shown) -> str:
    metrics = shown.metrics
    if not metrics:
        return "starting"
    words = [f"{metrics.get('progress', 0):.0%}", f"iteration {metrics.get('iteration', 0):.0f}"]
    if metrics.get("epoch"):
        words.append(f"epoch {metrics['epoch']:.0f}")
    words.append(f"loss {metrics.get('loss', 0):.3f}")
    if "validation_accuracy" in metrics:
        words.append(f"validation accuracy {percent(metrics['validation_accuracy'])}")
    return ", ".join(words)


def _brief(shown: _Shown) -> str:
    """Return the scores for a line beside the settings."""
    if not shown.metrics:
        return "starting"
    words = [f"{shown.metrics.get('progress', 0):.0%}"]
    if "validation_accuracy" in shown.metrics:
        words.append(f"validation {percent(shown.metrics['validation_accuracy'])}")
    return ", ".join(words)


def _outcome(trial: Trial) -> str:
    if trial.status != COMPLETED:
        return f"{trial.status}: {trial.message}"
    return f"validation accuracy {percent(trial.mean('validation_accuracy'))}"
