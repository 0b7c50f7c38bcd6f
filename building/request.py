"""What the command line asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from experiments.lab.profiles import PROFILES, Profile


class RequestError(Exception):
    """The request cannot be met; the message says why and what to do, in one line."""


@dataclass(frozen=True)
class Request:
    """A build: `sections` are to be measured again, all that is stale if there are none.

    With `retrain` the networks of these sections are trained again too.
    `jobs` is the number of training runs at once, None for one on each core or GPU. `strategy` is
    "auto", "single" or "mirrored". `data_dir` is a folder with mnist.npz and cifar10.npz.
    `options` are those that the output folder keeps for the next command (`remembered`).
    """

    output: Path = Path("report")
    sections: tuple[str, ...] = ()
    retrain: bool = False
    profile: Profile = PROFILES["standard"]
    data: str = "auto"
    data_dir: str | None = None
    jobs: int | None = None
    strategy: str = "auto"
    author: str = ""
    course: str = ""
    title: str = ""
    command: str = "python build_report.py"
    options: Mapping[str, str] = field(default_factory=dict)
