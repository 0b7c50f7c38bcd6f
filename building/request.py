"""What the command line asked for."""

import difflib
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from experiments.lab.profiles import PROFILES, Profile

USUAL_OUTPUT = Path("report")
LONGEST = 60  # letters of a wrong name that are looked at


class RequestError(Exception):
    """The request cannot be met; the message says why and what to do, in one line."""


def or_meant(text: str, known: Iterable[str], told: Iterable[str]) -> str:
    """Return what to say of a name that is not `known`: which may be meant, or those to be `told`.

    "Did you mean units?"; a part is also found by its own name, "occlusion".
    """
    names = list(known)
    own = {name.rpartition(".")[2]: name for name in names} | {name: name for name in names}
    near = difflib.get_close_matches(text[:LONGEST], own, n=1)
    return f"Did you mean {own[near[0]]}?" if near else f"There are {', '.join(told)}"


@dataclass(frozen=True)
class Request:
    """A build: `sections` are to be measured again, all that is stale if there are none.

    With `retrain` the networks of these sections are trained again too; `trials` are single trials to be
    trained again, as SEARCH/N.
    `jobs` is the number of training runs at once, None for one on each core or GPU. `strategy` is
    "auto", "single" or "mirrored", `edition` "main" or "full". `data_dir` is a folder with mnist.npz
    and cifar10.npz.
    `options` are those that the output folder keeps for the next command (`remembered`).
    """

    output: Path = USUAL_OUTPUT
    sections: tuple[str, ...] = ()
    retrain: bool = False
    trials: tuple[str, ...] = ()
    profile: Profile = PROFILES["standard"]
    data: str = "auto"
    data_dir: str | None = None
    jobs: int | None = None
    strategy: str = "auto"
    author: str = ""
    course: str = ""
    title: str = ""
    edition: str = "full"
    command: str = "python build_report.py"
    options: Mapping[str, str] = field(default_factory=dict)

    def again(self, *sections: str) -> str:
        """Return the command that builds `sections`, or what is stale, in the same folder.

        As a shell takes it: it can be pasted.
        """
        folder = [] if self.output == USUAL_OUTPUT else ["--output", str(self.output)]
        return shlex.join(["python", "build_report.py", *sections, *folder])
