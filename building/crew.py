"""The worker processes of this machine: started, watched, started again when they die, stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from experiments.lab.keys import PROJECT

FINISHED = 0


@dataclass
class _Member:
    tuner_id: str
    gpu: int | None
    process: subprocess.Popen | None = None
    log: IO | None = None


class Crew:
    """Up to `jobs` workers for the chief at `address` (host, port), each with a name of its own.

    `lost(tuner_id, reason)` is called when one dies; it is then started again, so that it goes on with
    the trial it had. On a machine with GPUs each worker sees one, in turn, unless `whole` is set,
    which leaves all of them to every worker.
    """

    def __init__(
        self,
        output: Path,
        address: tuple[str, int],
        jobs: int,
        lost: Callable[[str, str], None],
        gpus: int = 0,
        whole: bool = False,
        name: str = "local",
    ) -> None:
        self._output, self._address, self._lost = output, address, lost
        self.started = False
        shared = gpus and not whole
        self._members = [
            _Member(f"{name}-{number}", number % gpus if shared else None) for number in range(jobs)
        ]

    def start(self) -> None:
        """Start all workers."""
        self.started = True
        for member in self._members:
            self._start(member)

    def check(self) -> int:
        """Start those again that died, and return how many are at work."""
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

    def _alive(self, member: _Member) -> bool:
        if member.process is None:
            return False
        status = member.process.poll()
        if status is None:
            return True
        member.process = None
        if status == FINISHED:
            return False
        self._lost(member.tuner_id, exit_words(status))
        self._start(member)
        return True

    def _start(self, member: _Member) -> None:
        logs = self._output / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        if member.log is None:
            member.log = open(logs / f"{member.tuner_id}.log", "ab")  # noqa: SIM115
        member.process = subprocess.Popen(
            [sys.executable, "-m", "experiments.lab.worker", str(self._output.resolve())],
            cwd=PROJECT,
            env=self._environment(member),
            stdin=subprocess.DEVNULL,
            stdout=member.log,
            stderr=member.log,
            start_new_session=True,  # Ctrl-C is the build's to handle
        )

    def _environment(self, member: _Member) -> dict[str, str]:
        host, port = self._address
        environment = {
            **os.environ,
            "KERASTUNER_TUNER_ID": member.tuner_id,
            "KERASTUNER_ORACLE_IP": host,
            "KERASTUNER_ORACLE_PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }
        if member.gpu is not None:
            environment["CUDA_VISIBLE_DEVICES"] = str(member.gpu)
        return environment


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
