"""Feature evolution: epochs shown, when a layer settles, and the words."""

import numpy as np
import pytest

from experiments.deconvnet import evolution


@pytest.fixture(scope="module")
def findings(study):
    return evolution.measure(study)


def test_shown_epochs_lie_ever_wider_apart_and_hold_both_ends():
    assert evolution.chosen(list(range(11))) == [0, 1, 2, 3, 6, 10]
    assert evolution.chosen([0, 1]) == [0, 1]
    assert evolution.chosen([0, 1, 2]) == [0, 1, 2]


def test_curves_end_at_one_and_begin_where_the_weights_say(subject, findings):
    layer = findings.facts["layers"][1]
    start, end = (subject.weights(epoch)[2] for epoch in (0, subject.epochs[-1]))
    expected = np.mean(
        [np.corrcoef(start[..., f].ravel(), end[..., f].ravel())[0, 1] for f in range(32)]
    )
    assert layer["weights"][0] == pytest.approx(expected)
    assert layer["weights"][-1] == pytest.approx(1)
    assert [layer["name"] for layer in findings.facts["layers"]] == [
        "conv1", "conv2", "conv3", "dense1", "logits",
    ]  # fmt: skip


def test_responses_are_correlated_unit_by_unit(subject, findings):
    images = subject.inputs("validation")[: findings.facts["responses"]]
    before, after = (
        subject.network(subject.weights(epoch))(images).numpy() for epoch in (1, subject.epochs[-1])
    )
    expected = np.mean([np.corrcoef(before[:, u], after[:, u])[0, 1] for u in range(10)])
    assert findings.facts["layers"][-1]["responses"][1] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("curve", "settled"),
    [
        ([0.1, 0.95, 0.97, 1], 1),
        ([0.1, 0.95, 0.8, 1], 3),
        ([0.95, 0.95, 0.95, 1], 0),
        ([None, None, None, None], None),
        ([0.1, None, 0.95, 1], 2),
    ],
)
def test_layer_settles_where_its_curve_stays_up(curve, settled):
    assert evolution.settled([0, 1, 2, 3], curve) == settled


def test_jumps_count_filters_whose_strongest_image_changed():
    assert evolution.jumps(np.array([[1, 2], [1, 3], [4, 5]])) == [0.5, 1.0]


def test_drawn_filters_are_few_and_evenly_apart():
    assert evolution.drawn(64) == [0, 8, 16, 24, 32, 40, 48, 56]
    assert evolution.drawn(16) == [0, 2, 4, 6, 8, 10, 12, 14]
    assert evolution.drawn(5) == [0, 1, 2, 3, 4]


def test_projections_at_the_last_epoch_are_the_trained_networks(subject, findings):
    images = subject.inputs("train")[: findings.facts["images"]]
    model = subject.network(subject.weights(subject.epochs[-1]))
    from experiments.lab.inspection.deconvnet import Deconvnet

    deconvnet = Deconvnet(model)
    found = deconvnet.strongest(images, 1)["conv2"]
    whole = deconvnet.project(
        images[found.images[:, 0]], "conv2", np.arange(32), found.positions[:, 0]
    )
    box = subject.field("conv2").box(tuple(found.positions[3, 0]))
    np.testing.assert_allclose(findings.arrays["conv2"][-1, 3], whole[3][box.slices], atol=1e-5)


def test_unit_settles_where_its_own_curve_stays_up():
    nan = np.nan
    alike = np.array(
        [[0.1, 0.95, nan, nan], [0.95, 0.8, 0.95, nan], [0.97, 0.95, 1, nan], [1, 1, 1, nan]]
    )
    assert evolution.settled_units([0, 1, 2, 3], alike).tolist() == [1, 2, 1]
    assert evolution.settled_units([0, 2, 5], np.ones((3, 1))).tolist() == [0]


def test_units_of_a_layer_settle_on_average_when_the_record_says(subject, findings):
    alike = []
    images = subject.inputs("validation")[: findings.facts["responses"]]
    end = subject.network(subject.weights(subject.epochs[-1]))(images).numpy()
    for epoch in subject.epochs:
        now = subject.network(subject.weights(epoch))(images).numpy()
        alike.append([np.corrcoef(now[:, u], end[:, u])[0, 1] for u in range(10)])
    units = evolution.settled_units(subject.epochs, np.array(alike))
    assert findings.facts["layers"][-1]["units"] == {"count": 10, "settled": units.mean()}


@pytest.mark.parametrize(
    ("lower", "upper", "verdict"),
    [
        ([1, 1, 2], [5, 6, 6], "greater"),
        ([5, 6, 6], [1, 1, 2], "smaller"),
        ([1, 9], [2, 8], "tied"),
    ],
)
def test_layer_settles_later_if_its_units_do(subject, lower, upper, verdict):
    units = {"conv1": np.array(lower), "conv2": np.array(upper)}
    [claim] = evolution.order(units, [("conv1", "conv2")], subject.run)
    assert (claim.name, claim.verdict) == ("conv2-after-conv1", verdict)


def test_layer_with_one_active_unit_is_in_no_order(subject):
    units = {"conv1": np.array([1.0]), "conv2": np.array([2.0, 3.0])}
    assert evolution.order(units, [("conv1", "conv2")], subject.run) == []
