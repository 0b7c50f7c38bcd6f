"""Which workers failed which trials, and what that says of the trials and of the workers.

A worker that has never trained a step and fails trial after trial while others are there is the one to
blame: it is told to leave, and what it failed counts against none of the trials. A trial that fails a
third time otherwise has failed.
"""

ATTEMPTS = 3  # a trial whose worker dies is trained again at most twice
UNPROVEN = 3  # failures of a worker that has never trained a step, after which it is told to leave


class Expelled(Exception):
    """The worker fails whatever it is given, and is told to leave; the message says why."""


class Losses:
    """The failures of a campaign's workers that left no stored run."""

    def __init__(self) -> None:
        self._of_trials: dict[str, list[str]] = {}  # trial -> who failed it, in order
        self._proven: set[str] = set()
        self._expelled: dict[str, str] = {}  # tuner -> why

    def prove(self, tuner_id: str) -> None:
        """Note that the worker has trained a step: it can."""
        self._proven.add(tuner_id)

    def admit(self, tuner_id: str) -> None:
        """Raise Expelled if the worker was told to leave."""
        if tuner_id in self._expelled:
            raise Expelled(self._expelled[tuner_id])

    def count(self, trial: str, tuner_id: str, reason: str, alone: bool) -> bool:
        """Note that the worker failed the trial; return whether the trial has failed for good.

        `alone` says that no other worker is there that could be better.
        """
        losses = self._of_trials.setdefault(trial, [])
        losses.append(tuner_id)
        failed = sum(each.count(tuner_id) for each in self._of_trials.values())
        if tuner_id not in self._proven and not alone and failed >= UNPROVEN:
            self._expel(tuner_id, f"it failed {failed} trainings before their first step: {reason}")
        return len(losses) >= ATTEMPTS

    def _expel(self, tuner_id: str, why: str) -> None:
        self._expelled[tuner_id] = why
        for losses in self._of_trials.values():
            losses[:] = [loser for loser in losses if loser != tuner_id]

    def last(self, trial: str) -> str | None:
        """Return the worker that failed the trial last, None if none has."""
        return next(reversed(self._of_trials.get(trial, [])), None)
