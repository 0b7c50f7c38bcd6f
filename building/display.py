"""What a build says while it runs: a live table on a terminal, plain lines elsewhere."""

import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from experiments.lab.search.estimates import seconds
from experiments.lab.settings import RunSettings
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import COMPLETED, Run
from rendering.wording import duration, hyperparameters, percent

TELLING_SHARE = 0.02  # of the work must be done before the time left is told
PLAIN_EVERY = 20.0  # seconds between two plain lines about the same trial


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

    The time left is the estimated work that is left, at the pace of the work that is done. Nothing is
    printed while the lock is held: the live table holds rich's lock when it asks for this one.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._console = Console(
            file=stream or sys.stdout, highlight=False, soft_wrap=True, emoji=False
        )
        self._lock = threading.RLock()
        self._trials: dict[tuple[str, str], _Shown] = {}
        self._counts: dict[str, list[int]] = {}
        self._expected: dict[tuple[str, str], float] = {}
        self._planned, self._done = 0.0, 0.0
        self._trained, self._trainings = 0, 0
        self._started = time.monotonic()
        self._section = ""
        self._live: Live | None = None

    def __enter__(self) -> "Display":
        """Begin to show."""
        if self._console.is_terminal:
            self._live = Live(
                get_renderable=self._table,
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

    def expect(self, trainings: int) -> None:
        """Note how many trainings the whole build will have, as far as that can be told."""
        self._trainings = trainings

    def plan(self, search: str, trials: list[list[RunSettings]], known: list[Run]) -> None:
        """Note the trials that a search will have, and about how long they take.

        A search that several sections share is noted once.
        """
        with self._lock:
            if search in self._counts:
                return
            self._counts[search] = [0, len(trials)]
            for number, runs in enumerate(trials):
                expected = sum(seconds(run, known) for run in runs)
                self._expected[search, number] = expected
                self._planned += expected

    def section(self, name: str, doing: str) -> None:
        """Say what is done with a section: measured, drawn, rendered."""
        with self._lock:
            self._section = f"{name}: {doing}" if doing else ""

    def trial_started(self, search: str, number: str, point: Mapping[str, Any], who: str) -> None:
        """A worker was given the trial."""
        with self._lock:
            self._trials[search, number] = _Shown(search, number, point, time.monotonic())
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
            if self._live is not None or time.monotonic() - shown.last_line <= PLAIN_EVERY:
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
            expected = self._expected.pop((search, int(number)), 0.0)
            if replayed:
                self._planned -= expected
                return
            self._done += expected
            self._trained += len(trial.runs)
            title = self._title(search, number, shown.point if shown else trial.hyperparameters)
        took = f" ({duration(time.monotonic() - shown.started)})" if shown else ""
        self.say(f"{title}: {_outcome(trial)}{took}")

    def _title(self, search: str, number: str, point: Mapping[str, Any]) -> str:
        total = self._counts.get(search, [0, 0])[1]
        return f"{search} trial {int(number) + 1}/{total} {hyperparameters(point)}".rstrip()

    def _remaining(self) -> str:
        left = self.seconds_left()
        known = max(self._trained, self._trainings)
        counted = f", {self._trained} of {known} trainings done" if self._trainings else ""
        return counted + (f", about {duration(left)} left" if left else "")

    def seconds_left(self) -> float | None:
        """Return the time left for all trainings, in seconds; None before it can be told."""
        share = sum(
            shown.metrics.get("progress", 0.0) * self._expected.get((search, int(number)), 0.0)
            for (search, number), shown in self._trials.items()
        )
        done = self._done + share
        elapsed = time.monotonic() - self._started
        # Earlier than that, starting up makes up most of what was measured.
        if self._planned <= 0 or done < TELLING_SHARE * self._planned:
            return None
        return max(0.0, (self._planned - done) * elapsed / done)

    def _table(self) -> Group:
        with self._lock:
            table = Table(box=None, pad_edge=False, show_header=False)
            for shown in self._trials.values():
                done = shown.metrics.get("progress", 0.0)
                table.add_row(
                    self._title(shown.search, shown.number, shown.point),
                    ProgressBar(total=1.0, completed=done, width=24),
                    _scores(shown),
                )
            lines = [Text(self._section)] if self._section else []
            if said := self._remaining().removeprefix(", "):
                lines.append(Text(said))
            return Group(table, *lines)


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


def _outcome(trial: Trial) -> str:
    if trial.status != COMPLETED:
        return f"{trial.status}: {trial.message}"
    return f"validation accuracy {percent(trial.mean('validation_accuracy'))}"
