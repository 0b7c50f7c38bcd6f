"""Hours of an output folder's life at small size: hundreds of builds with all that happens to them.

    PYTHONPATH=.:tests python -m endurance.soak [BUILDS [SEED]]

Builds with random options, of which some are killed, stopped or joined by a second one, while status
commands look on; damages to any file between them; edits of the code that they depend on, in a copy of
the project. A status command between two builds may change no byte, and of two builds that begin at once
one must be turned away. After every ten an undisturbed build must end with the results that its options
and code give in an empty folder. Files, temporary files and memory at the end are told beside those at
the start.
"""

import gc
import hashlib
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from toy import results

import build_report
from endurance import processes
from endurance.processes import Process
from experiments.lab.store.runs import RunStore

# Always said: a folder keeps the options of its last build for commands that name none.
SEEDS = (("--seeds", "1"), ("--seeds", "1"), ("--seeds", "1"), ("--seeds", "2"))
NAMED = ("rnn", "units", "learning-rates", "deconvnet.weakest", "dataset")
STATUS = (("--list",), ("--dry-run",), ("--trials",), ("--trials", "rates"), ("--clean",))
# What the edits change: a constant that every small section's code reaches.
EDITED, PATTERN = "experiments/lab/study.py", re.compile(r"(?m)^MOST_AT_STAKE = (\d+)")
VERSIONS = (500, 501, 502)
# One that comes before the program listens ends it as it would any other.
EXPECTED = (0, 1, 2, 130, 128 + signal.SIGTERM, -signal.SIGTERM, -signal.SIGKILL)


class Soak:
    """The life of one folder. `problems` are what was not as it should be."""

    def __init__(self, place: Path, seed: int) -> None:
        self.place, self.output = place, place / "report"
        self.draw = random.Random(seed)
        self.problems: list[str] = []
        self.happened: Counter[str] = Counter()
        self._known: dict[tuple[int, tuple[str, ...]], Any] = {}
        self.version = VERSIONS[0]

    def start(self, *given: str, name: str = "build", output: Path | None = None) -> Process:
        """Start a command on the folder."""
        line = processes.arguments(self.place, output or self.output, *given)
        return Process(lambda: build_report.main(line), self.place, name)

    def build(self) -> None:
        """One build with random options, and what happens to it and beside it."""
        given = [*self.draw.choice(SEEDS), "--jobs", self.draw.choice("12")]
        if self.draw.random() < 0.15:
            given.insert(0, self.draw.choice(NAMED))
        begun = [self.start(*given)]
        if self.draw.random() < 0.15:
            self.happened["second build at once"] += 1
            begun.append(self.start(*SEEDS[0], name="second"))
        if self.draw.random() < 0.3:
            self.happened["status command meanwhile"] += 1
            begun.append(self.start(*self.draw.choice(STATUS), name="status"))
        self._disturb(begun[0])
        for process in begun:
            self._judge(process.wait())

    def _disturb(self, process: Process) -> None:
        number = self.draw.choice((0, 0, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM))
        if number:
            self.happened[f"build ended by {signal.Signals(number).name}"] += 1
            signal.sigtimedwait([], self.draw.uniform(0, 4))
            process.kill(number)

    def _judge(self, ended: processes.Ended) -> None:
        lines = ended.errors.splitlines()
        if ended.status not in EXPECTED or any("Traceback" in line for line in lines):
            self._problem(f"exit status {ended.status}: {lines[-1:]}")

    def _problem(self, problem: str) -> None:
        self.problems.append(problem)
        print(problem, flush=True)

    def look(self) -> None:
        """Let a status command look at the folder as it stands; not a byte may be another after it."""
        self.happened["status command alone"] += 1
        given, before = self.draw.choice(STATUS), contents(self.output)
        self._judge(self.start(*given, name="status").wait())
        if contents(self.output) != before:
            self._problem(f"{' '.join(given)} changed the folder")

    def race(self) -> None:
        """Let two undisturbed builds that have to train begin at once: one builds, one is turned away."""
        self.happened["two builds from the same moment"] += 1
        begun = [self.start("rnn", "--retrain", *SEEDS[0], name=name) for name in ("one", "two")]
        ended = sorted((process.wait() for process in begun), key=lambda it: it.status)
        turned_away = "another build is running" in ended[1].errors
        if [it.status for it in ended] != [0, 2] or not turned_away:
            self._problem(f"two builds: {[(it.status, it.errors[-200:]) for it in ended]}")

    def damage(self) -> None:
        """Cut, garble, empty or remove any file of the folder, or put it in another's place."""
        files = sorted(path for path in self.output.rglob("*") if path.is_file())
        if not files:
            return
        path, other = self.draw.choice(files), self.draw.choice(files)
        content, how = path.read_bytes(), self.draw.choice(("cut", "flip", "remove", "other"))
        self.happened[f"file damaged: {how}"] += 1
        if how == "remove":
            path.unlink()
        elif how == "other":
            path.write_bytes(other.read_bytes())
        elif how == "cut" or not content:
            path.write_bytes(content[: len(content) // 2])
        else:
            place = self.draw.randrange(len(content))
            path.write_bytes(content[:place] + bytes([content[place] ^ 9]) + content[place + 1 :])

    def edit(self) -> None:
        """Change the code on which all sections depend."""
        self.happened["code edited"] += 1
        self.version = self.draw.choice(VERSIONS)
        path = Path(build_report.__file__).parent / EDITED
        path.write_text(PATTERN.sub(f"MOST_AT_STAKE = {self.version}", path.read_text()))

    def check(self) -> None:
        """Build undisturbed; what is left is what an empty folder would have, and nothing besides."""
        given = self.draw.choice(SEEDS)
        if (ended := self.start(*given).wait()).status != 0:
            self._problem(f"undisturbed: exit status {ended.status}: {ended.errors[-300:]}")
            return
        if places := different(results.found(self.output), self._expected(given)):
            self._problem(f"undisturbed {given}: other results at {', '.join(places[:9])}")
        left = set(processes.temporary_files(self.output)) - self._waiting(int(given[-1]))
        if left:
            self._problem(f"undisturbed: temporary files {sorted(left)}")

    def _waiting(self, seeds: int) -> set[str]:
        """Return the states of trainings that a build with so many seeds does not ask for.

        They stay, so that the build with more that was killed goes on.
        """
        begun = RunStore(self.output / "runs").begun()
        return {f"runs/{key}.partial" for key, run in begun if run and run.settings.seed > seeds}

    def _expected(self, given: tuple[str, ...]) -> Any:  # noqa: ANN401
        if (key := (self.version, given)) not in self._known:
            empty = self.place / "empty"
            shutil.rmtree(empty, ignore_errors=True)
            if (ended := self.start(*given, name="empty", output=empty).wait()).status != 0:
                raise RuntimeError(f"it failed in an empty folder: {ended.errors[-300:]}")
            self._known[key] = results.found(empty)
        return self._known[key]

    def measures(self) -> dict[str, int]:
        """Return what must not grow with the number of builds, once the folder is cleaned."""
        self.start("--clean", "--yes").wait()
        self.start(*SEEDS[0]).wait()
        gc.collect()
        return {
            "files in the folder": sum(path.is_file() for path in self.output.rglob("*")),
            "kilobytes in the folder": sum(
                path.stat().st_size for path in self.output.rglob("*") if path.is_file()
            )
            // 1000,
            "entries of the system's folder of temporary files": len(
                os.listdir(tempfile.gettempdir())
            ),
            "workers that have outlived their builds": orphans(self.output),
            "open files of this process": len(os.listdir("/proc/self/fd")),
            "megabytes that a build has needed at most": resource.getrusage(
                resource.RUSAGE_CHILDREN
            ).ru_maxrss
            // 1000,
        }


def contents(folder: Path) -> dict[str, bytes]:
    """Return the SHA-256 of every file below a folder, and what every link names, by path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[str(path)] = os.fsencode(path.readlink())
        elif path.is_file():
            found[str(path)] = hashlib.sha256(path.read_bytes()).digest()
    return found


def different(one: Any, other: Any, place: str = "") -> list[str]:  # noqa: ANN401
    """Return the places at which two pieces of plain data differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [it for name in one for it in different(one[name], other[name], f"{place}/{name}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [it for index, pair in pairs for it in different(*pair, f"{place}/{index}")]
    return [] if one == other else [place]


def orphans(output: Path) -> int:
    """Return how many workers of builds that have ended are still there, a little later."""
    signal.sigtimedwait([], 15)
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return sum(b"search.worker" in line and bytes(output) in line for line in lines)


def copy_of_the_project(place: Path) -> None:
    """Go on in a copy of the project, whose code can be edited."""
    project, copy = Path(build_report.__file__).parent, place / "project"
    kept = shutil.ignore_patterns(".git", "report", "__pycache__", ".venv")
    shutil.copytree(project, copy, ignore=kept)
    environment = {**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{copy / 'tests'}"}
    os.chdir(copy)
    os.execve(
        sys.executable,
        [sys.executable, "-m", "endurance.soak", *sys.argv[1:], str(place)],
        environment,
    )


def main(builds: int, seed: int) -> int:
    """Build as often as asked, print tables, and return 1 if anything was not as it should be."""
    with processes.warm() as place:
        soak = Soak(place, seed)
        soak.check()
        before = soak.measures()
        for number in range(1, builds + 1):
            soak.build()
            if soak.draw.random() < 0.3:
                soak.look()
            if soak.draw.random() < 0.3:
                soak.damage()
            if soak.draw.random() < 0.04:
                soak.edit()
            if number % 10 == 0:
                soak.check()
                soak.race()
        soak.check()
        after = soak.measures()
    for what, count in {"builds": builds, **dict(sorted(soak.happened.items()))}.items():
        print(f"{what:32} {count:5}")
    for what in before:
        print(f"{what:50} {before[what]:7} {after[what]:7}")
    print(f"{len(soak.problems)} not as they should be")
    return 1 if soak.problems else 0


if __name__ == "__main__":
    if len(sys.argv) > 3:
        code = main(int(sys.argv[1]), int(sys.argv[2]))
        os.chdir("/")
        shutil.rmtree(sys.argv[3], ignore_errors=True)
        sys.exit(code)
    sys.argv[1:] = [*sys.argv[1:], *("500", "1")[len(sys.argv) - 1 :]]
    copy_of_the_project(Path(tempfile.mkdtemp(prefix="soak-")))
