"""Writing files whole or not at all."""

import contextlib
import errno
import os
from pathlib import Path

# A full disk, a quota, a read-only or failing disk: nothing else can be written there either.
_NOTHING_CAN_BE_WRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader sees the old file or the new one, never a part.

    The bytes go to a neighbouring file first, reach the disk, and take the name in one step. Raises
    OSError, with the file's name, when the disk is full or the folder cannot be written; what stood
    stays.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        _drop(partial)
        raise OSError(error.errno, error.strerror, str(path)) from error
    except BaseException:
        _drop(partial)
        raise


def remove_partials(folder: Path) -> None:
    """Remove what processes that were killed while they wrote have left in `folder`."""
    for path in folder.glob(".*.partial"):
        if path.is_file():
            _drop(path)


def nothing_can_be_written(error: BaseException) -> bool:
    """Return whether `error` says that the disk is full or cannot be written at all."""
    return isinstance(error, OSError) and error.errno in _NOTHING_CAN_BE_WRITTEN


def _drop(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
