"""The cache folder of this project, and what is remembered about files in it and elsewhere.

Reading and hashing a data set takes up to a second, a build that has nothing to do half of one: so
what was found out about a file is remembered until the file's size or time of change differs.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.lab.store import sealed
from experiments.lab.store.files import Damaged

FORMAT = 2
MOST_REMEMBERED = 200


def cache_folder() -> Path:
    """ASSIGNMENT2_CACHE, or assignment2 in XDG_CACHE_HOME or in ~/.cache. Safe to delete."""
    if own := os.environ.get("ASSIGNMENT2_CACHE"):
        return Path(own).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "assignment2"


def remembered(question: str, file: Path, find_out: Callable[[], str]) -> str:
    """What `find_out()` answers about a file, from memory where the file has not changed since.

    Raises whatever `find_out` raises, and OSError when there is no such file. A memory that cannot
    be read or written costs time and nothing else.
    """
    state = file.stat()
    key = f"{question}: {file.absolute()}"
    mark = [state.st_size, state.st_mtime_ns]
    entry = recall(key)
    if isinstance(entry, dict) and entry.get("mark") == mark and isinstance(entry["answer"], str):
        return entry["answer"]
    answer = find_out()
    note(key, {"mark": mark, "answer": answer})
    return answer


def recall(key: str) -> Any:  # noqa: ANN401
    """What was noted under `key`, or None."""
    return _entries().get(key)


def note(key: str, value: Any) -> None:  # noqa: ANN401
    """Remember plain data under `key`; the oldest notes give way once there are 200."""
    entries = {name: held for name, held in _entries().items() if name != key} | {key: value}
    kept = dict(list(entries.items())[-MOST_REMEMBERED:])
    text = json.dumps({"format": FORMAT, "entries": kept}, indent=1)
    with contextlib.suppress(OSError):
        sealed.write_bytes(_memory(), text.encode())


def _memory() -> Path:
    return cache_folder() / "remembered.json"


def _entries() -> dict[str, Any]:
    """All notes; none when the file is missing, damaged, or of another format."""
    try:
        held = json.loads(sealed.read_bytes(_memory()))
    except (OSError, Damaged, ValueError, RecursionError):
        return {}
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        return {}
    return held["entries"] if isinstance(held.get("entries"), dict) else {}
