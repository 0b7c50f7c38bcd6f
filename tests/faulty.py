"""A file system that goes wrong at the n-th thing that a process does to a folder.

An audit hook (https://docs.python.org/3/library/audit_events.html) sees every file that Python opens,
renames or removes, whatever library does it, before it happens. What happens then:

    "killed"   the process dies, so that nothing it would still have tidied up is tidied up
    "full"     the disk is full from then on: nothing new can be written, what is there can be removed
    "cut"      a file takes its name with half of its content, and the process dies: a power cut
"""

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

KINDS = ("killed", "full", "cut")
RENAME = "os.rename"
_CHANGES = (RENAME, "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink")
_NEW = ("open", "os.mkdir")  # what a full disk refuses
# Where an event tells the open folder below which its path is named.
_FOLDER_AT = {RENAME: 2, "os.remove": 1, "os.rmdir": 1, "os.mkdir": 2}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Killed(BaseException):
    """What a kill looks like in a process that goes on, to test it."""


def die_here() -> None:
    """Die as if killed, in this process, which goes on."""
    raise Killed


class Faults:
    """The one hook of this process. `seen` counts what was done to the folder that is watched."""

    def __init__(self) -> None:
        self.seen, self.happened = 0, False
        self._folder = ""
        self._installed = False

    @contextlib.contextmanager
    def at(
        self, folder: Path, moment: int, kind: str, die: Callable[[], None] = die_here
    ) -> Iterator["Faults"]:
        """Let the `moment`-th change of a file in `folder` (from 1) go wrong; 0 only counts."""
        if not self._installed:
            sys.addaudithook(self._hook)
            self._installed = True
        self.seen, self.happened = 0, False
        self._moment, self._kind, self._die = moment, kind, die
        self._folder = str(folder)
        try:
            yield self
        finally:
            self._folder = ""

    def _hook(self, event: str, given: tuple) -> None:
        if not self._folder or not self._is_change(event, given):
            return
        if self.happened:
            if self._kind == "full":
                self._refuse(event, given)
            else:
                self._die()  # in a `finally` of what was killed
            return
        counted = {"cut": (RENAME,), "full": _NEW}.get(self._kind)
        if counted and event not in counted:
            return
        self.seen += 1
        if self.seen == self._moment:
            self.happened = True
            self._go_wrong(event, given)

    def _is_change(self, event: str, given: tuple) -> bool:
        if event == "open":
            path, _, flags = given
            return bool(flags & _WRITES) and self._inside(path)
        return event in _CHANGES and self._inside(_whole_path(event, given))

    def _inside(self, path: object) -> bool:
        if not isinstance(path, str | os.PathLike):
            return False
        # A neighbour whose name begins alike is not inside.
        return f"{os.fspath(path)}{os.sep}".startswith(f"{self._folder.rstrip(os.sep)}{os.sep}")

    def _go_wrong(self, event: str, given: tuple) -> None:
        if self._kind == "full":
            self._refuse(event, given)
            return
        if self._kind == "cut":
            source, target = map(os.fspath, given[:2])
            folder, self._folder = self._folder, ""
            if os.path.isfile(source):
                os.truncate(source, os.path.getsize(source) // 2)
                os.replace(source, target)
            self._folder = folder
        self._die()

    def _refuse(self, event: str, given: tuple) -> None:
        if event in _NEW:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(given[0]))


def _whole_path(event: str, given: tuple) -> object:
    """Return the path of a change, also where it is named below an open folder, as `rmtree` does."""
    place = _FOLDER_AT.get(event)
    folder = given[place] if place is not None and place < len(given) else -1
    if isinstance(folder, int) and folder >= 0 and isinstance(given[0], str):
        with contextlib.suppress(OSError):  # only Linux tells
            return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), given[0])
    return given[0]


faults = Faults()
