"""One build at a time in an output folder."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from building.request import RequestError
from experiments.lab.store.files import StorageError, read_whole, remove, write_whole
from experiments.lab.store.runs import now

HOLDER = ".building.json"


@contextlib.contextmanager
def locked(output: Path) -> Iterator[None]:
    """Hold the lock of the output folder; RequestError if another build holds it.

    The operating system lets go of the lock when a build is killed. The folder itself is locked too where
    that can be done, since a file can be removed under a build.
    """
    with contextlib.ExitStack() as held:
        try:
            output.mkdir(parents=True, exist_ok=True)
            held.enter_context(_folder_locked(output))
            held.enter_context(FileLock(output / ".lock", timeout=0))
        except (Timeout, BlockingIOError):
            raise RequestError(
                f"another build is running in {output} ({_holder(output)})"
            ) from None
        except OSError as error:
            raise RequestError(f"cannot write to the output folder {output}: {error}") from error
        write_whole(output / HOLDER, json.dumps({"pid": os.getpid(), "since": now()}).encode())
        held.callback(_leave, output)
        yield


@contextlib.contextmanager
def _folder_locked(folder: Path) -> Iterator[None]:
    """Lock a folder; BlockingIOError if another process has. Windows and some networks cannot."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:
            pass  # a network file system that locks files alone
        yield
    finally:
        os.close(descriptor)


def _leave(output: Path) -> None:
    with contextlib.suppress(StorageError):  # a disk that is full or gone
        remove(output / HOLDER)


def _holder(output: Path) -> str:
    try:
        content = json.loads(read_whole(output / HOLDER))
        return f"process {content['pid']}, since {content['since'][:19].replace('T', ' ')} UTC"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "just started"
