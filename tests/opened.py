"""Which files this process opens, whatever library does it: the oracle for what a stage depends on."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_seen: list[set[Path]] = []
_installed = False


def _hook(event: str, given: tuple) -> None:
    if event == "open" and _seen and isinstance(given[0], str | os.PathLike):
        flags = given[2] or 0
        if not flags & (os.O_WRONLY | os.O_RDWR):
            for files in _seen:
                files.add(Path(os.fspath(given[0])))


@contextlib.contextmanager
def opened() -> Iterator[set[Path]]:
    """Give a set that fills with the files that are opened for reading meanwhile."""
    global _installed
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True
    files: set[Path] = set()
    _seen.append(files)
    try:
        yield files
    finally:
        _seen.remove(files)
