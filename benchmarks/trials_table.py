"""How long the table of trials takes: of a build's searches, and of keras-tuner's projects.

    python -m benchmarks.trials_table [--output report] [--trials 20 1000 5000] [--rounds 5]

Each command runs in a process of its own, as from a shell; the quickest round counts. Projects are made
up, and written as keras-tuner writes them.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
EPOCHS = 10


class Cost(NamedTuple):
    """Seconds by the clock and of the processor, of the quickest round."""

    clock: float
    processor: float


def main() -> None:
    """Print a line for each command."""
    options = _options()
    commands = {}
    if options.output:
        for which in ("", "recurrent", "recurrent/3"):
            commands[f"--trials {which}"] = ["--output", options.output, "--trials", which]
    with tempfile.TemporaryDirectory() as folder:
        for count in options.trials:
            made = write_project(Path(folder, f"{count}-trials"), count)
            commands[f"a project of {count} trials"] = ["--trials", str(made)]
            told = [
                "--sort",
                "val_accuracy",
                "--filter",
                "units>=128",
                "--top",
                "10",
                "--format",
                "json",
            ]
            commands[f"the same, its best ten as JSON ({count})"] = ["--trials", str(made), *told]
        for name, given in commands.items():
            cost = best_of(options.rounds, given)
            print(f"{name:45} {cost.clock:6.2f} s   processor {cost.processor:6.2f} s")


def best_of(rounds: int, arguments: Sequence[str]) -> Cost:
    """Return the cost of the command's quickest round; RuntimeError if it fails."""
    return Cost(*(min(them) for them in zip(*(run(arguments) for _ in range(rounds)), strict=True)))


def run(arguments: Sequence[str]) -> Cost:
    """Return what the command costs once."""
    before, started = _used(), time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "build_report.py", *arguments],
        cwd=PROJECT, env=os.environ, capture_output=True, text=True,
    )  # fmt: skip
    if ran.returncode:
        raise RuntimeError(ran.stderr)
    return Cost(time.perf_counter() - started, _used() - before)


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_project(folder: Path, count: int) -> Path:
    """Write a project of `count` trials, with three hyper-parameters and ten epochs each; return it."""
    draw = random.Random(1)
    for number in range(count):
        path = folder / f"trial_{number:04d}" / "trial.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(_trial(f"{number:04d}", draw)))
    (folder / "oracle.json").write_text("{}")
    return folder


def _trial(trial_id: str, draw: random.Random) -> dict:
    units, rate = draw.choice((64, 128, 256)), 10 ** draw.uniform(-4, -1)
    values = {"units": units, "rate": rate, "cell": draw.choice(("LSTM", "GRU"))}
    curve = [draw.random() for _ in range(EPOCHS)]
    observed = [{"value": [it], "step": step} for step, it in enumerate(curve)]
    metric = {"direction": "max", "observations": observed}
    return {
        "trial_id": trial_id,
        "hyperparameters": {"space": _space(), "values": values},
        "metrics": {"metrics": {"val_accuracy": metric}},
        "score": max(curve),
        "best_step": curve.index(max(curve)),
        "status": "COMPLETED",
        "message": None,
    }


def _space() -> list[dict]:
    ranged = {"conditions": [], "sampling": "log", "min_value": 1e-4, "max_value": 1e-1}
    return [
        {"class_name": "Float", "config": {"name": "rate", **ranged}},
        _choice("units", [64, 128, 256]),
        _choice("cell", ["LSTM", "GRU"]),
    ]


def _choice(name: str, values: list) -> dict:
    return {"class_name": "Choice", "config": {"name": name, "conditions": [], "values": values}}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", default="", help="the folder of a finished build")
    parser.add_argument("--trials", type=int, nargs="+", default=[20, 1000, 5000])
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
