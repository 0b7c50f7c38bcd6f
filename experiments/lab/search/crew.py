"""The worker processes of this machine: started, watched, started again when they die, stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from experiments.lab.search.admission import SECRET
from experiments.lab.search.assignments import LEFT_ALONE, PARENT, UNFIT, WorkError
from experiments.lab.store.files import storing
from experiments.lab.store.keys import PROJECT

FINISHED = 0
DEATHS = 3  # of a worker in a row, each soon after its start and before it had a trial
SOON = 60.0  # seconds
NICENESS = 5  # a quarter of a busy core for a worker while this process has work


@dataclass
class _Member:
    tuner_id: str
    gpu: int | None
    process: subprocess.Popen | None = None
    log: IO | None = None
    deaths: int = 0
    started: float = 0.0


class Crew:
    """Up to `jobs` workers for the chief at `address` (host, port), each with a name of its own.

    `lost(tuner_id, reason)` is called when one dies, and returns the trial that it had, if any; the
    worker is then started again. On a machine with GPUs each worker sees one, in turn, unless `whole`
    is set, which leaves all of them to every worker. `secret` is what the chief knows them by; without
    one they read it from its folder. What workers leave in the system's folder of temporary files, as
    TensorFlow's copies of functions in those that are killed or give way, goes with the crew.
    """

    def __init__(
        self,
        output: Path,
        address: tuple[str, int],
        jobs: int,
        lost: Callable[[str, str], str | None],
        gpus: int = 0,
        whole: bool = False,
        name: str = "local",
        secret: str = "",
    ) -> None:
        self._output, self._address, self._lost, self._secret = output, address, lost, secret
        self._unfit: dict[str, str] = {}  # worker -> why it cannot train here
        self.started = False
        self._scratch: tempfile.TemporaryDirectory | None = None
        shared = gpus and not whole
        self._members = [
            _Member(f"{name}-{number}", number % gpus if shared else None) for number in range(jobs)
        ]

    def start(self) -> None:
        """Start all workers; StorageError if there is no room for temporary files."""
        self.started = True
        self._make_scratch()
        for member in self._members:
            self._start(member)

    def check(self) -> int:
        """Start those again that died, and return how many are at work.

        Raises WorkError if one cannot train here, or dies again and again without a trial.
        """
        return sum(self._alive(member) for member in self._members)

    def stop(self) -> None:
        """End all workers at once; what they had trained is in their runs' states."""
        for member in self._members:
            if member.process is not None:
                member.process.kill()
                member.process.wait()
                member.process = None
            if member.log is not None:
                member.log.close()
                member.log = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def end(self, tuner_id: str) -> None:
        """End a worker that has said nothing for too long; `check` then starts it again."""
        for member in self._members:
            if member.tuner_id == tuner_id and member.process is not None:
                member.process.kill()

    def _make_scratch(self) -> None:
        if self._scratch is None:
            with storing(Path(tempfile.gettempdir())):
                self._scratch = tempfile.TemporaryDirectory(
                    prefix="assignment2-", ignore_cleanup_errors=True
                )

    def _alive(self, member: _Member) -> bool:
        if member.process is None:
            return False
        status = member.process.poll()
        if status is None:
            return True
        member.process = None
        if status in (FINISHED, LEFT_ALONE):
            return False
        if status == UNFIT:
            self._give_up(member)
            return False
        trial = self._lost(member.tuner_id, exit_words(status))
        soon = time.monotonic() - member.started < SOON
        member.deaths = member.deaths + 1 if soon and trial is None else 0
        if member.deaths == DEATHS:
            raise WorkError(
                f"{exit_words(status)} {DEATHS} times before it trained anything: "
                f"{self._last_words(member)} (all of it in {self._log(member)})"
            )
        self._start(member)
        return True

    def _give_up(self, member: _Member) -> None:
        """Go on without a worker that cannot train here; WorkError if it was the last."""
        why = f"{member.tuner_id} cannot train here: {self._last_words(member)}"
        self._unfit[member.tuner_id] = why
        if len(self._unfit) == len(self._members):
            raise WorkError(why)
        self._lost(member.tuner_id, f"cannot train here: {self._last_words(member)}")

    def _log(self, member: _Member) -> Path:
        return self._output / "logs" / f"{member.tuner_id}.log"

    def _last_words(self, member: _Member) -> str:
        lines = self._log(member).read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def _start(self, member: _Member) -> None:
        if member.log is None:
            self._log(member).parent.mkdir(parents=True, exist_ok=True)
            member.log = open(self._log(member), "ab")  # noqa: SIM115
        member.started = time.monotonic()
        member.process = subprocess.Popen(
            [sys.executable, "-m", "experiments.lab.search.worker", str(self._output.resolve())],
            cwd=PROJECT,
            env=self._environment(member),
            stdin=subprocess.DEVNULL,
            stdout=member.log,
            stderr=member.log,
            start_new_session=True,  # Ctrl-C is the build's to handle
        )
        make_way(member.process.pid)

    def _environment(self, member: _Member) -> dict[str, str]:
        host, port = self._address
        environment = {
            **os.environ,
            "KERASTUNER_TUNER_ID": member.tuner_id,
            "KERASTUNER_ORACLE_IP": host,
            "KERASTUNER_ORACLE_PORT": str(port),
            "PYTHONUNBUFFERED": "1",
            "PYTHONIOENCODING": "utf-8:replace",
            "TMPDIR": self._scratch.name,
            PARENT: str(os.getpid()),
        }
        if self._secret:
            environment[SECRET] = self._secret
        if member.gpu is not None:
            environment["CUDA_VISIBLE_DEVICES"] = str(member.gpu)
        return environment


def make_way(pid: int) -> None:
    """Let a worker that has just begun give way to this process, which all wait for in the end."""
    if hasattr(os, "setpriority"):  # not on Windows
        own = os.getpriority(os.PRIO_PROCESS, 0)
        with contextlib.suppress(ProcessLookupError):  # it may have ended
            os.setpriority(os.PRIO_PROCESS, pid, own + NICENESS)


def exit_words(status: int) -> str:
    """Return in words how a process ended, from its exit status (negative: killed by a signal)."""
    if status >= 0:
        return f"the worker ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    memory = ", perhaps for want of memory" if name == "SIGKILL" else ""
    return f"the worker was ended by {name}{memory}"
