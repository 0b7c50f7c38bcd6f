"""Time the assignment's trainings side by side, in turns, and print ratios.

    python -m benchmarks.trainings --data-dir DIR [--epochs 1] [--iterations 200] [--rounds 2]
                                   [--against keras torch]

This project against a plain tf.keras script, PyTorch (when it is installed) and the arithmetic floor:
the operations of all trainings over the rate at which this machine multiplies matrices, measured before
and after every contestant.
"""

import argparse
import importlib.util
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.workload import Length, operations
from experiments.lab.store.keys import PROJECT
from experiments.lab.training.devices import processor

OTHERS = ("keras", "torch")
SIZE = 2048  # of the matrices that measure the machine


def main() -> None:
    """Measure and print."""
    options = parser().parse_args()
    length = Length(options.epochs, options.iterations)
    names = ["project", *(name for name in options.against if known(name))]
    times: dict[str, list[float]] = {name: [] for name in names}
    rates = [matrix_rate()]
    for turn in range(options.rounds):
        for name in names if turn % 2 == 0 else reversed(names):
            times[name].append(timed(name, length, options.data_dir))
            rates.append(matrix_rate())
            print(f"round {turn + 1}: {name} {times[name][-1]:.1f} s", flush=True)
    medians = {name: statistics.median(values) for name, values in times.items()}
    report(medians, length, statistics.median(rates))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("--data-dir", required=True, help="folder with mnist.npz and cifar10.npz")
    made.add_argument("--epochs", type=int, default=1)
    made.add_argument("--iterations", type=int, default=200)
    made.add_argument("--rounds", type=int, default=2)
    made.add_argument("--against", nargs="*", choices=OTHERS, default=OTHERS)
    return made


def timed(name: str, length: Length, folder: str) -> float:
    """Return the wall time of a contestant's process, in seconds."""
    command = [sys.executable, "-m", "benchmarks.contestants", name]
    command += [str(length.epochs), str(length.iterations), str(Path(folder).resolve())]
    started = time.perf_counter()
    subprocess.run(command, check=True, cwd=PROJECT, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def matrix_rate() -> float:
    """Return this machine's rate of single-precision matrix products, operations a second."""
    matrix = np.random.default_rng(0).random((SIZE, SIZE), np.float32)
    best = min(_product_seconds(matrix) for _ in range(10))
    return 2 * SIZE**3 / best


def _product_seconds(matrix: np.ndarray) -> float:
    started = time.perf_counter()
    matrix @ matrix
    return time.perf_counter() - started


def report(times: dict[str, float], length: Length, rate: float) -> None:
    """Print the machine, the times and this project's ratio to each."""
    rows = times | {"floor": operations(length) / rate}
    libraries = [name for name in ("tensorflow", "keras", "torch", "numpy") if known(name)]
    print(f"\n{processor()}, {rate / 1e9:.0f} GFLOP/s in matrix products")
    print(", ".join(f"{name} {version(name)}" for name in libraries))
    print(f"{length.epochs} epochs of LeNet-5 x 3, {length.iterations} iterations of cells x 9\n")
    print(f"{'':10}{'seconds':>10}{'project / it':>14}")
    for name, seconds in rows.items():
        print(f"{name:10}{seconds:10.1f}{rows['project'] / seconds:14.2f}")


def known(name: str) -> bool:
    """Return whether a library is installed."""
    return importlib.util.find_spec(name) is not None


if __name__ == "__main__":
    main()
