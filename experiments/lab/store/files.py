"""Reading and writing files whole or not at all.

Three things can be wrong with a file, and they are told apart: it is not there (FileNotFoundError), it
was read and is not what was written (Damaged), or it cannot be read or written now (StorageError), which
says nothing about what is in it.
"""

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

READ, WRITE = "read", "write"
_IN_THE_WAY = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
_ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EFBIG: "raise the limit on the size of files (ulimit -f)",
    errno.EROFS: "name a folder that can be written with --output",
    errno.EACCES: "give yourself the right to it, or name another folder with --output",
    errno.EPERM: "give yourself the right to it, or name another folder with --output",
    **dict.fromkeys(_IN_THE_WAY, "something else is in its place: move that away"),
}
_OTHERWISE = "see whether the disk or the network folder is in order"
# The project's own files are read by whoever may read the folder, in whatever state they are found.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Damaged(ValueError):
    """What was read is not what was written; the message says what is wrong."""


class StorageError(OSError):
    """A file or folder that cannot be read or written; the text names it and says what to do."""

    def __init__(self, error: OSError, path: Path, doing: str = WRITE) -> None:
        super().__init__(error.errno, error.strerror or str(error), str(path))
        self._doing = doing

    def __str__(self) -> str:
        """Return one line for the user."""
        advice = _ADVICE.get(self.errno, _OTHERWISE)
        why = self.strerror[:1].lower() + self.strerror[1:]
        return f"cannot {self._doing} {self.filename}: {why}; {advice}, then run the command again"


_PARTIAL = re.compile(r"\..+\.\d+\.partial")  # as `write_whole` names what it writes

# TensorFlow's own file system, through which keras-tuner and TensorBoard write, has errors of its own:
# https://www.tensorflow.org/api_docs/python/tf/errors
_OF_TENSORFLOW = {
    "ResourceExhaustedError": errno.ENOSPC,
    "FailedPreconditionError": errno.ENOTDIR,
    "AlreadyExistsError": errno.EEXIST,
    "PermissionDeniedError": errno.EACCES,
    "NotFoundError": errno.ENOENT,
    **dict.fromkeys(
        (
            "UnknownError",
            "UnavailableError",
            "DataLossError",
            "DeadlineExceededError",
            "AbortedError",
        ),
        errno.EIO,
    ),
}


@contextlib.contextmanager
def storing(folder: Path) -> Iterator[None]:
    """Raise StorageError for what goes wrong while a library writes below `folder`, whichever it is."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(error, Path(error.filename or folder)) from error
    except Exception as error:
        code = _OF_TENSORFLOW.get(type(error).__name__)
        if code is None or not type(error).__module__.startswith("tensorflow"):
            raise
        raise StorageError(OSError(code, os.strerror(code)), folder) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader sees the old file or the new one, never a part.

    The bytes go to a neighbouring file first, reach the disk, and take the name in one step. Raises
    StorageError when the disk is full or the folder cannot be written; what stood stays.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync_names(path.parent)
    except OSError as error:
        _drop(partial)
        raise StorageError(error, path) from error
    except BaseException:
        _drop(partial)
        raise


def _sync_names(folder: Path) -> None:
    """Let the names in a folder reach the disk, so that those given later cannot be there without."""
    with contextlib.suppress(OSError):  # Windows and some network file systems cannot
        descriptor = os.open(folder, os.O_RDONLY)
        with contextlib.ExitStack() as opened:
            opened.callback(os.close, descriptor)
            os.fsync(descriptor)


def read_whole(path: Path) -> bytes:
    """Return the content of `path`.

    Raises FileNotFoundError if there is none, Damaged if a folder, a pipe or the like is in its place,
    StorageError if it cannot be read.
    """
    try:
        descriptor = os.open(path, _FLAGS)  # a pipe that nobody writes to would block
        with contextlib.ExitStack() as opened:
            opened.callback(os.close, descriptor)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Damaged(f"{path.name} is no file")
            opened.pop_all()
            with os.fdopen(descriptor, "rb") as file:
                return file.read()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageError(error, path, READ) from error


def changed(folder: Path, digests: Mapping[str, str]) -> Iterator[str]:
    """Yield, in words, which of the files in `folder` are not what was written there.

    `digests` has the SHA-256 of each, in hex. They can be made again: one that cannot be read counts.
    """
    for name, expected in digests.items():
        try:
            if hashlib.sha256(read_whole(folder / name)).hexdigest() != expected:
                yield f"{name} is not what was written"
        except FileNotFoundError:
            yield f"{name} is missing"
        except Damaged:
            yield f"{name} is no file"
        except StorageError:
            yield f"{name} cannot be read"


def names_in(folder: Path) -> list[str]:
    """Return the sorted names of what is in `folder`, none if there is no such folder.

    Raises StorageError if it cannot be read.
    """
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(error, folder, READ) from error


def move(path: Path, target: Path) -> None:
    """Move what is at `path` to `target`, whose folder is made; StorageError if that fails."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(path, target)
    except OSError as error:
        raise StorageError(error, path) from error


def remove(path: Path) -> None:
    """Remove a file if it is there; StorageError if that fails, or if it is a folder."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(error, path) from error


def remove_folder(path: Path) -> None:
    """Remove a folder with all that is in it, or what else is in its place; StorageError if that fails.

    Of a link only the link goes.
    """
    try:
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        else:
            shutil.rmtree(path)
    except FileNotFoundError:
        pass  # another process may be removing it too
    except OSError as error:
        raise StorageError(error, path) from error


def remove_partials(folder: Path, below: bool = True) -> None:
    """Remove what processes that were killed while they wrote have left in `folder`, and `below` it."""
    for path in folder.glob("**/.*.partial" if below else ".*.partial"):
        if path.is_file() and _PARTIAL.fullmatch(path.name):
            _drop(path)


def nothing_can_be_written(error: BaseException) -> bool:
    """Return whether `error` says that nothing else can be read or written there either."""
    full = isinstance(error, OSError) and error.errno in _FULL
    return full or isinstance(error, StorageError)


def _drop(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
