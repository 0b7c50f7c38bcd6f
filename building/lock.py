"""One build at a time in an output folder."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from building.request import RequestError
from experiments.lab.store.files import write_whole
from experiments.lab.store.runs import now


@contextlib.contextmanager
def locked(output: Path) -> Iterator[None]:
    """Hold the lock of the output folder; RequestError if another build holds it.

    The operating system lets go of the lock when a build is killed.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        lock = FileLock(output / ".lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise RequestError(f"another build is running in {output} ({_holder(output)})") from None
    except OSError as error:
        raise RequestError(f"cannot write to the output folder {output}: {error}") from error
    try:
        content = {"pid": os.getpid(), "since": now()}
        write_whole(output / ".building.json", json.dumps(content).encode())
        yield
    finally:
        (output / ".building.json").unlink(missing_ok=True)
        lock.release()


def _holder(output: Path) -> str:
    try:
        content = json.loads((output / ".building.json").read_text())
        return f"process {content['pid']}, since {content['since'][:19].replace('T', ' ')} UTC"
    except (OSError, ValueError, KeyError):
        return "just started"
