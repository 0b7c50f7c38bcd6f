"""The benchmarks' arithmetic, against the networks that are trained."""

import re

import numpy as np
import pytest
import tensorflow as tf

from benchmarks import graphs, layers, learning, made_up, pages, trainings, workload
from benchmarks.contestants import settings
from experiments.lab.networks import builders
from experiments.lab.settings import BATCH_SIZE
from experiments.lab.training import devices

LENGTH = workload.Length(epochs=2, iterations=300)


def operations(one):
    """Count the operations of training on one image from the shapes of the network's weights.

    Each weight of a kernel takes part in a multiply-add at every place or time step, forward, for its
    own gradient, and for that by its layer's input, which the layer that sees the image does without.
    """
    model = builders.build(one)
    total = 0
    for layer in model.layers:
        places = int(np.prod(layer.output.shape[1:-1])) if layer.output.ndim == 4 else 1
        if layer.name == "cell":
            places = 28
        for weight in layer.weights:
            if len(weight.shape) > 1 and weight.path.endswith("kernel"):
                sees_image = layer.name == "conv1" or weight.path.endswith("cell/kernel")
                total += 2 * (2 if sees_image else 3) * places * int(np.prod(weight.shape))
    return total


def assert_ratio(printed, numerator, denominator, within):
    """Assert that a ratio of two decimals is that of two times printed to `within` of what they are.

    How far the quotient of rounded times may be off depends on how short they are, so on the machine.
    """
    lowest = (numerator - within) / (denominator + within)
    highest = (numerator + within) / (denominator - within)
    assert lowest - 0.00501 <= printed <= highest + 0.00501


def test_floor_counts_every_multiplication_of_every_training():
    counted = 0
    for one in settings(LENGTH):
        images = one.length * (45_000 if one.unit == "epochs" else BATCH_SIZE)
        counted += images * operations(one)
    assert workload.operations(LENGTH) == counted


def test_learning_is_compared_for_one_setting_of_each_network():
    names = [learning.name(one) for one in learning.chosen(LENGTH, 64)]
    assert sorted(names) == ["GRU, 64", "LSTM, 64", "LeNet-5", "SimpleRNN, 64"]


@pytest.mark.slow
def test_rewriting_is_timed_on_and_off_and_is_off_afterwards():
    (lenet,) = [one for one in settings(LENGTH) if one.hyperparameters["learning_rate"] == 1e-2]
    name, *cells = graphs.row(lenet, rounds=1, steps=2).split()
    times = np.array(cells, float).reshape(2, 3)
    assert name == "LeNet-5"
    assert (times > 0).all()
    for on, off, ratio in times:
        assert_ratio(ratio, off, on, within=0.005)
    options = tf.config.optimizer.get_experimental_options()
    assert not any(options[name] for name in devices.REWRITING)


@pytest.mark.slow
def test_layers_are_timed_in_turns_and_compared():
    (lenet,) = [one for one in settings(LENGTH) if one.hyperparameters["learning_rate"] == 1e-2]
    _, theirs, ours, ratio = layers.row(lenet, rounds=1, steps=2).split()
    assert_ratio(float(ratio), float(ours), float(theirs), within=0.05)


def test_row_of_the_comparison_has_means_and_welchs_interval():
    ours, theirs = np.array([0.50, 0.52, 0.54]), np.array([0.50, 0.51, 0.52])
    cells = learning.row("LeNet-5", ours, theirs).split()
    assert cells[:8] == ["LeNet-5", "52.00", "±", "2.00", "51.00", "±", "1.00", "+1.00"]
    # Welch: standard error of 0.02/√3 and 0.01/√3 together, with 50/17 degrees of freedom.
    half = 3.2188 * np.hypot(2, 1) / np.sqrt(3)
    assert float(cells[8]) == pytest.approx(1 - half, abs=0.01)
    assert float(cells[10]) == pytest.approx(1 + half, abs=0.01)


def test_report_divides_the_projects_time_by_each(capsys):
    trainings.report({"project": 30.0, "keras": 120.0}, LENGTH, workload.operations(LENGTH) / 20)
    rows = {
        line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines() if line
    }
    assert rows["keras"] == ["120.0", "0.25"]
    assert rows["floor"] == ["20.0", "1.50"]


@pytest.mark.slow
def test_pages_are_timed_until_table_plot_and_filter(browser, tmp_path, capsys):
    pages.report(made_up.search(12, 5), tmp_path, browser, rounds=1)
    head, *lines = capsys.readouterr().out.splitlines()
    found = {line[:14].strip(): line[14:].split() for line in lines}
    assert len(re.split(" {2,}", head.strip())) == len(pages.HEADINGS) + 1
    own, optuna = found[pages.OWN], found[pages.OPTUNA]
    assert min(map(float, own)) > 0
    assert [optuna[at] for at in (2, 5, 6)] == ["–"] * 3
    _, _, table, plot, *_ = map(float, own)
    assert table <= plot
