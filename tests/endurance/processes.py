"""Small builds in forks of a process that has imported everything, which takes 5 s each time."""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from toy import command, data

import build_report

PATIENCE = (
    900.0  # seconds, of a machine that may have other work after which a build counts as hung
)


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit status, negative for a signal, and what it printed."""

    status: int
    said: str
    errors: str


@contextlib.contextmanager
def warm() -> Iterator[Path]:
    """Import what a build imports, put the small sections in place, and give a folder with data."""
    from experiments.lab.training import devices

    devices.prepare_process()
    devices.import_tensorflow("matplotlib.pyplot")
    import experiments.lab.search.campaign
    import experiments.lab.search.tensorboard
    import experiments.lab.search.worker  # noqa: F401

    command.replace()
    folder = Path(tempfile.mkdtemp(prefix="endurance-"))
    os.environ["ASSIGNMENT2_CACHE"] = str(folder / "cache")
    python_path = [str(Path(build_report.__file__).parent), str(Path(__file__).parents[1])]
    os.environ["PYTHONPATH"] = os.pathsep.join(python_path)
    try:
        data.write(folder / "data")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def arguments(folder: Path, output: Path, *given: str) -> list[str]:
    """Return the arguments of a small build."""
    always = ("--data-dir", str(folder / "data"), *command.ARGUMENTS)
    return [*given, "--output", str(output), *always]


class Process:
    """A fork that does `work` and ends with what it returns, under a name of its own."""

    def __init__(self, work: Callable[[], int], folder: Path, name: str = "build") -> None:
        self._out, self._errors = (folder / f"{name}.{it}.txt" for it in ("out", "errors"))
        self.number = os.fork()
        if self.number == 0:
            _leave(work, self._out, self._errors)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.number, number)

    def wait(self) -> Ended:
        """Return how it ended; what still runs after PATIENCE is killed."""
        until = time.monotonic() + PATIENCE
        while not (done := os.waitpid(self.number, os.WNOHANG))[0]:
            if time.monotonic() > until:
                os.killpg(self.number, signal.SIGKILL)
            time.sleep(0.01)
        status = os.waitstatus_to_exitcode(done[1])
        said, errors = (it.read_text(errors="replace") for it in (self._out, self._errors))
        return Ended(status, said, errors)


def forked(work: Callable[[], int], folder: Path) -> Ended:
    """Do `work` in a fork and return how it ended."""
    return Process(work, folder).wait()


def _leave(work: Callable[[], int], out: Path, errors: Path) -> None:
    """Do `work` and end this process with what it returns, whatever happens."""
    os.setpgid(0, 0)
    for stream, path in ((1, out), (2, errors)):
        os.dup2(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY), stream)
    status = 99
    try:
        status = work()
    except SystemExit as left:
        status = left.code
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def temporary_files(output: Path) -> list[str]:
    """Return what a build that ended must not leave in its folder."""
    names = [path.relative_to(output).as_posix() for path in output.rglob("*")]
    return [name for name in names if name.endswith(".partial") or name == ".building.json"]
