"""A fault at every change that a build makes to a file of its folder, one build for each.

    PYTHONPATH=.:tests python -m endurance.faults [EVERY]

The build measures, draws and prints what has been trained; a training writes a run of its own. With
EVERY only each EVERY-th moment is tried. For each moment and kind (`faulty`): the build ends as it should
(killed; or one line that names the folder, exit status 2), and the same command, undisturbed, ends with
the results of an undisturbed build and without temporary files.
"""

import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from faulty import KINDS, faults
from toy import data, results

import build_report
from endurance import processes
from experiments.lab.store.files import StorageError, remove_partials
from experiments.lab.store.runs import RunIndex, RunStore

DEAD = 77  # the exit status of a process that a fault has killed
UNUSABLE = 2


class Campaign:
    """Undisturbed and faulty processes in one folder. `problems` are what was not as it should be.

    `work(folder)` is what a process does; it returns an exit status. `found(folder)` is what it leaves,
    times aside. `lay_out(folder)` prepares the folder anew for each.
    """

    def __init__(
        self,
        place: Path,
        work: Callable[[Path], int],
        found: Callable[[Path], Any],
        lay_out: Callable[[Path], None],
    ) -> None:
        self.place, self.output = place, place / "report"
        self._work, self._found, self._lay_out = work, found, lay_out
        self.problems: list[str] = []
        self.tried: Counter[str] = Counter()
        self._prepare()
        ended = self._undisturbed()
        if ended.status != 0:
            raise RuntimeError(f"it failed undisturbed: {ended.said} {ended.errors}")
        self._expected = found(self.output)

    def _prepare(self) -> None:
        shutil.rmtree(self.output, ignore_errors=True)
        self._lay_out(self.output)

    def _undisturbed(self) -> processes.Ended:
        return processes.forked(lambda: self._work(self.output), self.place)

    def _faulty(self, moment: int, kind: str) -> processes.Ended:
        def work() -> int:
            with faults.at(self.output, moment, kind, die=lambda: os._exit(DEAD)):
                status = self._work(self.output)
            sys.stderr.write(f"\nchanges: {faults.seen}\n")
            return status

        return processes.forked(work, self.place)

    def all_moments(self, every: int) -> None:
        """Try every kind of fault at every moment, or at each `every`-th."""
        for kind in KINDS:
            self._prepare()
            changes = int(self._faulty(10**9, kind).errors.rpartition("changes: ")[2])
            for moment in range(1, changes + 1, every):
                self._prepare()
                for problem in self._wrong(kind, self._faulty(moment, kind)):
                    self.problems.append(f"{kind} at {moment}: {problem}")
                    print(self.problems[-1], flush=True)
                self.tried[kind] += 1

    def _wrong(self, kind: str, ended: processes.Ended) -> Iterator[str]:
        lines = [line for line in ended.errors.splitlines() if line and "changes: " not in line]
        if kind == "full":
            if ended.status != UNUSABLE:
                yield f"exit status {ended.status}: {lines[-1:]}"
            elif len(lines) != 1 or str(self.output) not in lines[0]:
                yield f"not one line that names the folder: {lines}"
        elif ended.status != DEAD:
            yield f"exit status {ended.status}, not killed: {lines[-1:]}"
        again = self._undisturbed()
        if again.status != 0:
            yield f"then exit status {again.status}: {again.errors.splitlines()[-1:]}"
        elif self._found(self.output) != self._expected:
            yield "then other results"
        if left := processes.temporary_files(self.output):
            yield f"then temporary files: {left}"


def of_a_build(place: Path) -> Campaign:
    """Return the campaign over a build that measures, draws and prints what has been trained."""

    def work(output: Path) -> int:
        return build_report.main(processes.arguments(place, output, "--jobs", "2"))

    base = place / "base"
    if processes.forked(lambda: work(base), place).status != 0:
        raise RuntimeError("the undisturbed build failed")

    def lay_out(output: Path) -> None:
        shutil.copytree(base, output)
        for path in (found for name in PRINTED for found in output.glob(name)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return Campaign(place, work, results.found, lay_out)


def of_a_training(place: Path) -> Campaign:
    """Return the campaign over a training, with its states and snapshots, as a worker stores it."""
    from experiments.lab.data.views import View
    from experiments.lab.search.worker import train_and_store
    from experiments.lab.settings import RunSettings

    chosen = {"optimizer": "adam", "learning_rate": 0.01}
    settings = RunSettings(View("cifar10"), "lenet5", chosen, seed=1, length=2, snapshots=True)

    def index(output: Path) -> RunIndex:
        store = RunStore(output / "runs", say=lambda line: None)
        return RunIndex(store, {"cifar10": "0" * 64}, lambda _: "", {}, build="")

    def work(output: Path) -> int:
        RunStore(output / "runs").sweep()
        remove_partials(output)
        try:
            if index(output).find(settings) is None:
                whole = data.splits("cifar10", training=128)
                train_and_store(settings, whole, index(output), lambda *_: None)
        except StorageError as error:
            print(error, file=sys.stderr)
            return UNUSABLE
        return 0

    def found(output: Path) -> Any:  # noqa: ANN401
        run = index(output).find(settings)
        curves = {name: values for name, values in run.curves.items() if name != "seconds"}
        return curves, run.scores, {name: it.tobytes() for name, it in run.arrays.items()}

    return Campaign(place, work, found, lambda output: output.mkdir())


# What a build has to make again, by name: the trainings are done, or one is not.
PRINTED = ("records/*.json", "records/*.npz", "records/figures", "figures", "*.html", "*.pdf")


def main(every: int) -> int:
    """Try all faults, print a table, and return 1 if anything was not as it should be."""
    problems = 0
    with processes.warm() as place:
        for title, campaign_of in (("build", of_a_build), ("training", of_a_training)):
            campaign = campaign_of(place)
            campaign.all_moments(every)
            for kind, count in campaign.tried.items():
                print(f"{title:9} {kind:7} {count:4} processes")
            problems += len(campaign.problems)
    print(f"{problems} not as they should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
