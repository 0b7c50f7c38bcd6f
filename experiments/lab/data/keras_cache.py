"""Real data through Keras's loaders: from Keras's cache, or downloaded within time limits.

Keras keeps `mnist.npz` and CIFAR-10's archive in KERAS_HOME or ~/.keras, checks them by SHA-256,
and downloads again, without any time limit, whatever fails the check. So the check is made here
first, on a copy in a folder of its own, and the loader runs on that copy in a process that is
watched (`keras_loader`): nothing but the checked archive is unpacked or unpickled, Keras's cache is
never found half-written, and no build hangs. The arrays are kept in this project's cache, under a
name with their fingerprint, so neither Keras nor the archive is needed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments.lab.data.files import RULES, DataError, fingerprint, read
from experiments.lab.data.watched_loader import NotAvailableError, Watch, run_loader
from experiments.lab.store.cache import cache_folder, note, recall, remembered
from experiments.lab.store.files import write_whole

Say = Callable[[str], None]


@dataclass(frozen=True)
class Archive:
    """A file that a Keras loader downloads.

    Attributes:
        names: its names in Keras's cache; the first is Keras 3's, others are of older versions.
        sha256: what Keras checks it by.
        url: where Keras downloads it from.
    """

    names: tuple[str, ...]
    sha256: str
    url: str


ARCHIVES = {
    "mnist": Archive(
        ("mnist.npz",),
        "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    ),
    "cifar10": Archive(
        ("cifar-10-batches-py-target_archive", "cifar-10-batches-py.tar.gz"),
        "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    ),
}

ANSWER_SECONDS = 4.0
"""How long a server may take to answer at all; both together stay under ten seconds."""

QUICK_REFUSAL_SECONDS = 0.2
"""A refusal within this time costs nothing to ask for again, so it is not remembered."""

ASK_AGAIN_SECONDS = 3600.0
"""How long a server that let a build wait in vain is not asked again."""

LEFT_BEHIND_SECONDS = 86400.0
"""Age at which the working folder of a build that was killed is cleared away."""


def keras_folder() -> Path:
    """Where Keras keeps data sets: in KERAS_HOME, or in ~/.keras."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets"


def at_hand(name: str, say: Say = print) -> tuple[Path, str] | None:
    """The arrays' file and fingerprint, decoded before or from Keras's cache now, or None.

    Raises DataError when Keras's own checked archive cannot be decoded.
    """
    if decoded := _decoded(name):
        return decoded
    for archive in ARCHIVES[name].names:
        file = keras_folder() / archive
        if not file.is_file():
            continue
        if remembered("SHA-256", file, lambda file=file: sha256(file)) == ARCHIVES[name].sha256:
            return _decode(name, file, say)
        say(f"{file} is passed over: it is not the file that Keras checks by SHA-256")
    return None


def download(name: str, say: Say = print, ask_again: bool = False) -> tuple[Path, str]:
    """Download through Keras's loader; return the arrays' file and fingerprint.

    The archive is added to Keras's cache once it is whole and checked.

    Args:
        name: "mnist" or "cifar10".
        say: where a line about the progress goes; on a terminal a bar moves as well.
        ask_again: ask the server even if it let a build wait in vain within the last hour.

    Raises:
        NotAvailableError: no network, no answer, a stall, or another file than Keras's.
    """
    total = _reach(name, ask_again)
    archive = ARCHIVES[name]
    with _working_folder() as folder:
        say(f"downloading {archive.url}")
        file = folder / "datasets" / archive.names[0]
        watch = Watch(file, total)
        arrays = run_loader(name, folder, watch)
        if not file.is_file() or sha256(file) != archive.sha256:
            raise NotAvailableError(f"{_server(archive.url)} has another file than Keras expects")
        kept = _keep(name, arrays)
        _add_to_keras(file, say)
    return kept


def sha256(file: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _decoded(name: str) -> tuple[Path, str] | None:
    """Arrays decoded before, unless their file has changed since: then it is removed."""
    for file in sorted(cache_folder().glob(f"keras-{name}-*.npz")):
        named = file.stem.rpartition("-")[2]
        with contextlib.suppress(DataError, OSError):
            if _mark(name, file) == named:
                return file, named
        with contextlib.suppress(OSError):
            file.unlink()
    return None


def _mark(name: str, file: Path) -> str:
    question = f"fingerprint of {name} by rules {RULES}"
    return remembered(question, file, lambda: fingerprint(read(file, name)))


def _decode(name: str, file: Path, say: Say) -> tuple[Path, str]:
    say(f"reading {file} through Keras, once")
    with _working_folder() as folder:
        copy = folder / "datasets" / ARCHIVES[name].names[0]
        copy.parent.mkdir()
        shutil.copyfile(file, copy)
        if sha256(copy) != ARCHIVES[name].sha256:
            raise DataError(f"{file}: changed while it was read; start the build again")
        for other in ARCHIVES[name].names[1:]:  # whichever name the installed Keras looks for
            os.link(copy, copy.with_name(other))
        try:
            return _keep(name, run_loader(name, folder, Watch()))
        except NotAvailableError as error:
            raise DataError(f"{file}: {error}; delete it, or use --data stand-in") from None


def _keep(name: str, arrays: Path) -> tuple[Path, str]:
    """Move decoded arrays into the cache under their fingerprint."""
    mark = fingerprint(read(arrays, name))
    kept = cache_folder() / f"keras-{name}-{mark}.npz"
    arrays.replace(kept)
    return kept, _mark(name, kept)


def _add_to_keras(file: Path, say: Say) -> None:
    goal = keras_folder() / file.name
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        write_whole(goal, file.read_bytes())
    except OSError as error:
        say(f"{goal} was not kept for other programs ({error.strerror or error})")


@contextlib.contextmanager
def _working_folder() -> Iterator[Path]:
    """A folder for one run of a loader, gone afterwards; old ones of killed builds go too."""
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
        for old in cache_folder().glob("loading-*"):
            if time.time() - old.stat().st_mtime > LEFT_BEHIND_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix="loading-", dir=cache_folder()))
    except OSError as error:
        raise DataError(
            f"{cache_folder()}: cannot be written ({error.strerror or error}); "
            "name a folder that can with ASSIGNMENT2_CACHE"
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _reach(name: str, ask_again: bool) -> int | None:
    """Size in bytes of what the server has, if it says so.

    Raises NotAvailableError when it does not answer within ANSWER_SECONDS.
    """
    url = ARCHIVES[name].url
    key, now = f"waited in vain: {url}", time.time()
    since = recall(key)
    if not ask_again and isinstance(since, int | float) and 0 <= now - since < ASK_AGAIN_SECONDS:
        minutes = int((now - since) / 60)
        raise NotAvailableError(f"no answer from {_server(url)} {minutes} minutes ago")
    begun = time.monotonic()
    answer = _ask_within(url, ANSWER_SECONDS)
    if isinstance(answer, str):
        if time.monotonic() - begun > QUICK_REFUSAL_SECONDS:
            note(key, now)
        raise NotAvailableError(f"{_server(url)}: {answer}")
    return answer


def _server(url: str) -> str:
    return url.split("/")[2]


def _ask_within(url: str, seconds: float) -> int | str | None:
    """The size that the server states (None if it states none), or in words why there is none.

    In a thread, because looking up a name obeys no time limit.
    """
    answers: list[int | str | None] = []
    asking = threading.Thread(target=lambda: answers.append(_ask(url, seconds)), daemon=True)
    asking.start()
    asking.join(seconds)
    return answers[0] if answers else f"no answer within {seconds:g} seconds"


def _ask(url: str, seconds: float) -> int | str | None:
    import http.client
    import urllib.request

    request = urllib.request.Request(url, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            size = answer.headers.get("Content-Length", "")
            return int(size) if size.isdigit() else None
    except (OSError, http.client.HTTPException) as error:
        return _in_words(getattr(error, "reason", None) or error)


def _in_words(reason: object) -> str:
    """Return why there was no answer, without the numbers of an operating system."""
    if isinstance(reason, socket.gaierror):  # each system has words of its own for it
        return "name not found"
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)
