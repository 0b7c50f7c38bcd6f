"""Tests of the feature maps of one image."""

import keras
import numpy as np
import pytest
from made import make_record, make_result, make_splits, make_study, with_network_weights

from experiments import filters, learning_rates
from experiments.descent import one_image
from experiments.lab.networks import builders
from experiments.lab.store.records import Findings
from experiments.lab.store.runs import RunStore


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    store = RunStore(tmp_path_factory.mktemp("runs"))
    [search, *_] = learning_rates.searches(make_study(learning_rates.SECTION))
    result = make_result(store, search, [0.6] * len(search.points))
    return with_network_weights(store, result).trials[0].run


@pytest.fixture(scope="module")
def measured(run):
    splits = make_splits("cifar10")
    return one_image.measure(run, splits.test, splits.identity.classes), splits.test


def test_maps_are_what_keras_gives_out_relative_to_the_strongest(run, measured):
    (facts, arrays), test = measured
    image = test.images[facts["number"] - 1]
    np.testing.assert_array_equal(arrays["image"], image)
    model = builders.restore(run.settings, run.weights())
    part = keras.Model(
        model.inputs[0], [model.get_layer(layer).output for layer in one_image.LAYERS]
    )
    for layer, values in zip(one_image.LAYERS, part(image[None] / np.float32(255)), strict=True):
        expected = 255 * np.moveaxis(values.numpy()[0], -1, 0) / values.numpy().max()
        np.testing.assert_allclose(arrays[f"maps_{layer}"], expected, atol=0.51)
        assert facts["layers"][layer]["zeros"] == pytest.approx((values.numpy() == 0).mean())


def test_image_is_the_first_that_the_network_gets_right(run, measured):
    (facts, _), test = measured
    right = run.probabilities().argmax(1) == test.labels
    assert right[facts["number"] - 1] and not right[: facts["number"] - 1].any()
    assert facts["class"] == facts["read"]


def test_maps_that_are_zero_everywhere_are_counted():
    maps = np.zeros((3, 2, 2), np.float32)
    maps[1, 0, 0] = 2
    assert one_image._about(maps) == {"maps": 3, "size": [2, 2], "silent": 2, "zeros": 11 / 12}
    assert one_image._scaled(maps).max() == 255
    assert not one_image._scaled(0 * maps).any()


def test_every_map_is_drawn_under_its_number(measured):
    (facts, arrays), _ = measured
    record = make_record(filters.SECTION, Findings(facts={"one_image": facts}, arrays=arrays))
    drawing = one_image.drawing(record)
    captions = [row["caption"] for row in drawing.table]
    assert captions == ["", *map(str, range(1, 7)), *map(str, range(1, 17))]
