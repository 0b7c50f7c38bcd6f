"""Tests of reading a recurrent network row by row, against Keras's layers and finite differences."""

import keras
import numpy as np
import pytest

from experiments.lab.data.views import View
from experiments.lab.inspection import recurrent_states
from experiments.lab.networks import builders
from experiments.lab.settings import RunSettings

CELLS = ["SimpleRNN", "LSTM", "GRU"]


def network(cell, units=5):
    """Return a small network with random weights, biases among them."""
    settings = RunSettings(View("mnist"), "recurrent", {"cell": cell, "units": units}, 1, 1)
    model = builders.build(settings)
    random = np.random.default_rng(3)
    model.set_weights([random.normal(0, 0.15, it.shape) for it in model.get_weights()])
    return model


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (9, 28, 28, 1), dtype=np.uint8)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(recurrent_states, "BATCH", 4)


def all_states(model, cell, images):
    """Return what Keras's own layer gives out after every row: float32 (n, rows, units)."""
    layer = getattr(keras.layers, cell)(5, return_sequences=True)
    layer.build((None, 28, 28))
    layer.set_weights(model.get_layer("cell").get_weights())
    return layer(builders.scaled(images)[..., 0]).numpy()


@pytest.mark.parametrize("cell", CELLS)
def test_predictions_after_some_rows_are_those_of_keras_states(cell, images):
    model = network(cell)
    states = all_states(model, cell, images)
    kernel, bias = model.get_layer("logits").get_weights()
    found = recurrent_states.predictions(model, images, [1, 7, 28])
    for rows, predicted in found.items():
        logits = states[:, rows - 1] @ kernel + bias
        assert np.array_equal(predicted, logits.argmax(axis=1)), rows
    whole = model(builders.scaled(images)).numpy().argmax(axis=1)
    assert np.array_equal(found[28], whole)


def steps_of(cell, weights):
    """Return a step of a cell in float64, state to state, by the published equations."""
    kernel, recurrent, bias = (np.asarray(it, np.float64) for it in weights)

    def logistic(x):
        return 1 / (1 + np.exp(-x))

    def simple(x, h, _):
        return np.tanh(x @ kernel + h @ recurrent + bias), None

    def lstm(x, h, c):
        i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
        c = logistic(f) * c + logistic(i) * np.tanh(g)
        return logistic(o) * np.tanh(c), c

    def gru(x, h, _):
        given = np.split(x @ kernel + bias[0], 3, axis=-1)
        kept = np.split(h @ recurrent + bias[1], 3, axis=-1)
        z, r = logistic(given[0] + kept[0]), logistic(given[1] + kept[1])
        return z * h + (1 - z) * np.tanh(given[2] + r * kept[2]), None

    return {"SimpleRNN": simple, "LSTM": lstm, "GRU": gru}[cell]


def loss_from(step, rows, h, c, last, label):
    for row in rows:
        h, c = step(row, h, c)
    logits = h @ last[0] + last[1]
    return np.log(np.exp(logits).sum()) - logits[label]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("row", [1, 20, 27, 28])
def test_gradient_norms_are_those_of_finite_differences(cell, row, images):
    model = network(cell)
    labels = np.arange(9) % 10
    norms = recurrent_states.gradient_norms(model, images, labels)
    assert norms.shape == (28, 9)
    *weights, kernel, bias = model.get_weights()
    step, last, number = steps_of(cell, weights), (kernel, bias), 6
    rows = images[number, ..., 0] / 255
    h, c = np.zeros(5), np.zeros(5)
    for one in rows[:row]:
        h, c = step(one, h, c)
    gradient = []
    for state in (h, c) if cell == "LSTM" else (h,):
        for unit in range(5):
            ends, size = [], 1e-5
            for move in (size, -size):
                state[unit] += move
                ends.append(loss_from(step, rows[row:], h, c, last, labels[number]))
                state[unit] -= move
            gradient.append((ends[0] - ends[1]) / (2 * size))
    assert norms[row - 1, number] == pytest.approx(np.linalg.norm(gradient), rel=1e-3)


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_gates_take_keras_states_from_row_to_row(cell, images):
    model = network(cell)
    rows = builders.scaled(images)[..., 0]
    found = recurrent_states.gates(model, cell, rows)
    states = np.moveaxis(all_states(model, cell, images), 1, 0)
    kernel, recurrent, bias = model.get_layer("cell").get_weights()
    before = np.concatenate([np.zeros_like(states[:1]), states[:-1]])
    steps = np.moveaxis(rows, 1, 0)
    if cell == "GRU":
        z, r = found["update"], found["reset"]
        given = steps @ kernel[:, 10:] + bias[0, 10:]
        kept = before @ recurrent[:, 10:] + bias[1, 10:]
        after = z * before + (1 - z) * np.tanh(given + r * kept)
    else:
        fresh = np.tanh(steps @ kernel[:, 10:15] + before @ recurrent[:, 10:15] + bias[10:15])
        memory = np.zeros_like(states[0])
        after = []
        for i, f, o, g in zip(*(found[it] for it in ("input", "forget", "output")), fresh,
                              strict=True):  # fmt: skip
            memory = f * memory + i * g
            after.append(o * np.tanh(memory))
    np.testing.assert_allclose(after, states, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_saturation_counts_the_values_of_all_batches(cell, images):
    model = network(cell)
    found = recurrent_states.saturation(model, cell, images, 0.3, 0.6)
    values = recurrent_states.gates(model, cell, builders.scaled(images)[..., 0])
    assert list(found) == list(recurrent_states.GATES[cell])
    for name, shares in found.items():
        assert shares.below == pytest.approx((values[name] < 0.3).mean())
        assert shares.above == pytest.approx((values[name] > 0.6).mean())
