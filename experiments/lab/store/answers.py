"""Remembers what follows from the project's source files for as long as none of them changes.

A build with nothing to do asks for some fifty keys; following definitions takes most of its time.
"""

import contextlib
import json
from pathlib import Path
from typing import Any

from experiments.lab.store import sealed
from experiments.lab.store.cache import cache_folder
from experiments.lab.store.files import Damaged


class Answers:
    """Answers as plain data, by question, to what one state of the source files determines.

    `fingerprint` names that state; with None nothing is recalled or remembered. The memory holds the
    answers for the last state alone. One that cannot be read or written costs time and nothing else.
    """

    def __init__(self, fingerprint: str | None) -> None:
        self._fingerprint = fingerprint
        self._held: dict[str, Any] = _recalled(fingerprint) if fingerprint else {}
        self._learnt = False

    def get(self, question: str) -> Any:  # noqa: ANN401
        """Return the answer, None if it is not known."""
        return self._held.get(question)

    def note(self, question: str, answer: Any) -> None:  # noqa: ANN401
        """Hold an answer until `remember` writes it."""
        self._held[question] = answer
        self._learnt = True

    def remember(self) -> None:
        """Write what was noted to the cache folder."""
        if self._learnt and self._fingerprint:
            held = {"fingerprint": self._fingerprint, "answers": self._held}
            with contextlib.suppress(OSError):
                sealed.write_bytes(_memory(), json.dumps(held, separators=(",", ":")).encode())
        self._learnt = False


def _recalled(fingerprint: str) -> dict[str, Any]:
    try:
        held = json.loads(sealed.read_bytes(_memory()))
        return dict(held["answers"]) if held["fingerprint"] == fingerprint else {}
    except (OSError, Damaged, ValueError, TypeError, KeyError, RecursionError):
        return {}


def _memory() -> Path:
    return cache_folder() / "closures.json"
