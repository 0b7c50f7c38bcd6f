"""Made-up looks into networks, row by row and at changed images, which take no network."""

import zlib
from collections.abc import Mapping

import numpy as np
import pytest

from experiments import cnn_vs_rnn
from experiments.comparison import changes
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
    monkeypatch.setattr(changes, "_right", under_changes)
    # A prime number: no share of so few images is that of any run.
    monkeypatch.setattr(cnn_vs_rnn, "CHANGED", 997)


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


def under_changes(run: Run, images: Images) -> dict[str, np.ndarray]:
    """Return which images are read correctly, fewer of them with every step of a change."""
    random, count = _random(run), len(images.labels)
    loss = 0.05 if run.settings.network == "lenet5" else 0.06
    found = {}
    for place, kind in enumerate(changes.KINDS):
        shares = [
            0.95 - loss * abs(at - kind.strengths.index(0)) for at in range(len(kind.strengths))
        ]
        found[kind.name] = np.stack(
            [random.random(count) < share - 0.01 * place * (share < 0.95) for share in shares]
        )
    return found


def _random(run: Run) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(repr(run.settings).encode()))
