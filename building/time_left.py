"""How long a build still takes: the work that is left, at the pace of the trainings so far.

Work is counted in the seconds that `estimates` expects on one core. The pace is what a second of it has
really taken, whatever else the machine does besides: measuring is part of that.
"""

import heapq
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from experiments.lab.search.estimates import PRINTING

TOLD_FROM = 0.02  # of the work: earlier than that, starting up is most of what was measured
LATELY = 60.0  # seconds: what was measured so long ago counts a third as much
TRUSTED = 10.0  # seconds of expected work that the pace of 1 counts for, until more is known

Key = tuple[str, int]  # search, trial


@dataclass
class _Trial:
    """A trial under way: since when, in seconds, and the share of its work that is done."""

    started: float
    share: float = 0.0


@dataclass
class TimeLeft:
    """Hears of trials as they begin, go on and end; moments are seconds of any one clock.

    `foreseen` has the expected seconds of all trainings of the build, as far as they can be told: those
    of searches that open later too, before they are planned. `measuring` is the work of the sections
    that are still to be measured, `printing` the seconds that the last PDF took.
    """

    foreseen: list[float] = field(default_factory=list)
    measuring: float = 0.0
    printing: float | None = None
    _planned: dict[Key, float] = field(default_factory=dict)
    _under_way: dict[Key, _Trial] = field(default_factory=dict)
    _ended: set[Key] = field(default_factory=set)
    _done: list[tuple[float, float, float]] = field(default_factory=list)  # when, work, time taken
    _together: int = 1

    def plan(self, trial: Key, seconds: float) -> None:
        """Note what a trial is expected to take."""
        self._planned[trial] = seconds

    def started(self, trial: Key, moment: float) -> None:
        """A worker has begun with the trial."""
        self._under_way[trial] = _Trial(moment)
        self._together = max(self._together, len(self._under_way))

    def advanced(self, trial: Key, share: float) -> None:
        """So much of the trial is done."""
        if trial in self._under_way:
            self._under_way[trial].share = share

    def ended(self, trial: Key, moment: float) -> None:
        """The trial is done."""
        begun = self._under_way.pop(trial, None)
        if begun is not None and trial not in self._ended:
            taken = moment - begun.started
            self._done.append((moment, self._planned.get(trial, 0.0), taken))
        self._ended.add(trial)

    def replayed(self, trial: Key) -> None:
        """The trial was there already: no work, and nothing to judge the pace by."""
        self._under_way.pop(trial, None)
        self._planned.pop(trial, None)
        self._ended.add(trial)

    def seconds(self, moment: float) -> float | None:
        """Return the seconds until the build is done; None before that can be told."""
        ended = sum(work for _, work, _ in self._done)
        left = {trial: it for trial, it in self._planned.items() if trial not in self._ended}
        unplanned = max(0.0, sum(self.foreseen) - ended - sum(left.values()))
        for trial in self._under_way.keys() & left.keys():
            left[trial] -= self._done_of(trial)
        done = ended + sum(self._done_of(trial) for trial in self._under_way)
        work = sum(left.values()) + unplanned + self.measuring
        if done <= 0 or done < TOLD_FROM * (done + work):
            return None
        pace = self._pace(moment)
        at_once = max(work / self._together, self._until_last(left))
        printing = PRINTING * pace if self.printing is None else self.printing
        return at_once * pace + printing

    def _until_last(self, left: Mapping[Key, float]) -> float:
        """Return the work that the busiest worker has left: the others may end with nothing to do."""
        workers = [left.get(trial, 0.0) for trial in self._under_way]
        workers += [0.0] * (self._together - len(workers))
        heapq.heapify(workers)
        for trial in (it for it in left if it not in self._under_way):
            heapq.heapreplace(workers, workers[0] + left[trial])
        return max(workers)

    def _pace(self, moment: float) -> float:
        """Return the seconds that a second of work takes, lately rather than long ago."""
        under_way = [
            (moment, self._done_of(trial), moment - it.started)
            for trial, it in self._under_way.items()
            if it.share > 0
        ]
        weighted = [
            (math.exp((when - moment) / LATELY), work, taken)
            for when, work, taken in (*self._done, *under_way)
        ]
        taken = sum(weight * seconds for weight, _, seconds in weighted)
        return (TRUSTED + taken) / (TRUSTED + sum(weight * work for weight, work, _ in weighted))

    def _done_of(self, trial: Key) -> float:
        return self._under_way[trial].share * self._planned.get(trial, 0.0)
