"""Made-up looks into recurrent networks row by row, which take no network."""

import zlib
from collections.abc import Mapping

import numpy as np
import pytest

from experiments.lab.data.splits import Images
from experiments.lab.store.runs import Run
from experiments.recurrence import gradients, reading

ROWS = 28
GATES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "SimpleRNN": {},
    "LSTM": {"input": (0.11, 0.12), "forget": (0.13, 0.14), "output": (0.15, 0.16)},
    "GRU": {"update": (0.17, 0.18), "reset": (0.19, 0.2)},
}


def patch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sections look at networks that are not there."""
    monkeypatch.setattr(gradients, "_of_run", logarithms)
    monkeypatch.setattr(reading, "_right", right)
    monkeypatch.setattr(reading, "_saturation", saturation)


def logarithms(run: Run, images: Images) -> dict[str, np.ndarray]:
    """Return gradients that shrink by the row, and less so once the network is trained."""
    random, back = _random(run), np.arange(ROWS)[::-1, None] / ROWS
    noise = random.normal(0, 0.3, (2, ROWS, len(images.labels)))
    return {"untrained": back * (noise[0] - 2), "trained": back * (noise[1] - 1)}


def right(run: Run, images: Images) -> dict[int, np.ndarray]:
    """Return which images are recognised, more of them with every row."""
    random = _random(run)
    count = len(images.labels)
    return {rows: random.random(count) < rows / (ROWS + 1) for rows in reading.AFTER}


def saturation(
    run: Run, cell: str, images: np.ndarray
) -> dict[str, Mapping[str, tuple[float, float]]]:
    """Return shares of gates' values, which grow with training."""
    trained = {gate: (below + 0.2, above + 0.3) for gate, (below, above) in GATES[cell].items()}
    return {"untrained": GATES[cell], "trained": trained}


def _random(run: Run) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(repr(run.settings).encode()))
