"""Runs Keras's loader in a process of its own, shows its progress, and ends it when it hangs."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments.lab.store.keys import PROJECT

STALL_SECONDS = 60.0
"""How long a download or a loader may show no progress."""

LONGEST_SECONDS = 1800.0
"""How long a download may take in all."""


class NotAvailableError(Exception):
    """There is no such data in Keras's cache or on the network; the message says why."""


@dataclass(frozen=True)
class Watch:
    """What is shown of a loader that runs.

    Attributes:
        file: the download, None when nothing is downloaded.
        total: its size in bytes, None when unknown.
    """

    file: Path | None = None
    total: int | None = None


def loader_command(name: str, out: Path) -> list[str]:
    """The command that loads `name` through Keras and saves its arrays to `out`."""
    return [sys.executable, "-m", "experiments.lab.data.keras_loader", name, str(out)]


def run_loader(name: str, folder: Path, watch: Watch) -> Path:
    """Run the loader with `folder` as Keras's home; return the file of arrays.

    Raises NotAvailableError when it fails, stalls or takes too long.
    """
    arrays, log = folder / "arrays.npz", folder / "log.txt"
    quiet = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_HOME": str(folder)}
    with log.open("wb") as output:
        loader = subprocess.Popen(
            loader_command(name, arrays),
            env={**os.environ, **quiet},
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        fault = _watch(loader, folder, watch)
    finally:
        loader.kill()
        loader.wait()
        loader.stdin.close()
    if fault or loader.returncode:
        raise NotAvailableError(fault or _last_words(log))
    return arrays


def _watch(loader: subprocess.Popen, folder: Path, watch: Watch) -> str | None:
    """Wait for the loader to end; say in words why it must be ended, if it must."""
    begun = moved = time.monotonic()
    held = -1
    with _bar(watch) as show:
        while loader.poll() is None:
            time.sleep(0.1)
            now, size = time.monotonic(), _size(folder)
            if size != held:
                held, moved = size, now
            if watch.file and watch.file.exists():
                show(watch.file.stat().st_size)
            if now - moved > STALL_SECONDS:
                return f"no progress for {STALL_SECONDS:g} seconds"
            if now - begun > LONGEST_SECONDS:
                return f"not done within {LONGEST_SECONDS:g} seconds"
    return None


def _size(folder: Path) -> int:
    """Bytes in all files under a folder, whatever comes and goes there meanwhile."""
    total = 0
    for place, _, files in os.walk(folder):
        for file in files:
            with contextlib.suppress(OSError):
                total += os.stat(os.path.join(place, file)).st_size
    return total


@contextlib.contextmanager
def _bar(watch: Watch) -> Iterator[Callable[[int], None]]:
    """A function that shows how many bytes have come: a bar on a terminal, else nothing."""
    if watch.file is None or not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    columns = ("downloading", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("downloading", total=watch.total)
        yield lambda done: progress.update(task, completed=done)


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    return f"Keras's loader failed ({next(filter(None, reversed(lines)), 'without a word')})"
