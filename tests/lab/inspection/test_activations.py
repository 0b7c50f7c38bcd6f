"""Tests of `experiments.lab.inspection.activations` against sums over all activations at once."""

import keras
import numpy as np
import pytest

from experiments.lab.inspection import activations, passes


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    layers = [
        keras.Input((9, 8, 3)),
        keras.layers.Conv2D(4, 3, activation="relu", name="conv1"),
        keras.layers.MaxPooling2D(2, name="pool1"),
        keras.layers.Conv2D(5, 2, activation="relu", name="conv2"),
        keras.layers.Flatten(name="flatten"),
        keras.layers.Dense(10, name="logits"),
    ]
    model = keras.Sequential(layers)
    kernel, bias = model.get_layer("conv1").get_weights()
    kernel[..., 2] = 0
    model.get_layer("conv1").set_weights([kernel, bias + np.array([0.2, 0, -1, 0])])
    return model


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (23, 9, 8, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(passes, "BATCH", 10)


def feature_maps(model, images, layer):
    """Return a layer's output by sums over windows, without TensorFlow, for the first layer."""
    kernel, bias = model.get_layer(layer).get_weights()
    windows = np.lib.stride_tricks.sliding_window_view(images / 255, kernel.shape[:2], axis=(1, 2))
    return np.maximum(np.einsum("nhwcyx,yxcf->nhwf", windows, kernel) + bias, 0)


def test_statistics_agree_with_all_activations_at_once(model, images):
    maps = feature_maps(model, images, "conv1")
    found = activations.describe(model, images, ["conv1"])["conv1"]
    assert found.values == 23 * 7 * 6
    assert found.mean == pytest.approx(maps.mean(axis=(0, 1, 2)), rel=1e-4)
    assert found.variance == pytest.approx(maps.var(axis=(0, 1, 2)), rel=1e-3)
    assert found.largest == pytest.approx(maps.max(axis=(0, 1, 2)), rel=1e-4)
    assert found.zeros == pytest.approx((maps == 0).mean(axis=(0, 1, 2)), abs=1e-3)
    assert found.active == pytest.approx((maps > 0).any(axis=(1, 2)).mean(axis=0))


def test_whole_layer_agrees_with_all_filters_at_once(model, images):
    maps = feature_maps(model, images, "conv1")
    found = activations.describe(model, images, ["conv1"])["conv1"]
    assert found.whole_mean == pytest.approx(maps.mean(), rel=1e-4)
    assert found.whole_variance == pytest.approx(maps.var(), rel=1e-3)
    assert found.whole_zeros == pytest.approx((maps == 0).mean(), abs=1e-3)


def test_filter_that_is_never_active_is_dead(model, images):
    found = activations.describe(model, images, ["conv1", "conv2"])
    assert found["conv1"].dead == [2]
    assert found["conv1"].zeros[2] == 1
    assert len(found["conv2"].mean) == 5


def test_histogram_agrees_with_numpy_and_keeps_what_lies_above(model, images):
    maps = feature_maps(model, images, "conv1")
    edges = np.linspace(0, 0.5, 6)
    counts = activations.count(model, images, {"conv1": edges})["conv1"]
    for index, row in enumerate(counts):
        inside = np.minimum(maps[..., index].ravel(), 0.4999)
        assert row == pytest.approx(np.histogram(inside, edges)[0], abs=1)
    assert counts.sum(axis=1).tolist() == [23 * 7 * 6] * 4


def test_size_of_the_batches_changes_nothing(model, images, monkeypatch):
    small = activations.describe(model, images, ["conv2"])["conv2"]
    monkeypatch.setattr(passes, "BATCH", 100)
    whole = activations.describe(model, images, ["conv2"])["conv2"]
    assert small.mean == pytest.approx(whole.mean, rel=1e-5)
    assert small.variance == pytest.approx(whole.variance, rel=1e-4)
    assert small.active.tolist() == whole.active.tolist()


def test_layer_without_feature_maps_is_refused(model, images):
    with pytest.raises(ValueError, match="'flatten' has no feature maps"):
        activations.describe(model, images, ["flatten"])


def test_unknown_layer_is_refused(model, images):
    with pytest.raises(ValueError, match="No such layer: conv9"):
        activations.describe(model, images, ["conv9"])
