"""The three-layer network and small starts: numbers counted by hand, and how weights are drawn."""

import keras
import numpy as np
import pytest

from experiments.lab.data.views import View
from experiments.lab.networks import builders, operations, small_start, three_layer
from experiments.lab.settings import RunSettings

CIFAR = RunSettings(View("cifar10"), "three-layer", {"learning_rate": 0.1}, seed=1, length=1)
DIGITS = RunSettings(View("mnist"), "three-layer", {}, seed=1, length=1)


def lenet5(data="cifar10", **hyperparameters):
    return RunSettings(View(data), "lenet5", {"start": "small", **hyperparameters}, 1, 1)


def test_three_layer_network_has_the_weights_counted_by_hand():
    convolutions = 5 * 5 * 3 * 16 + 16 + 3 * 3 * 16 * 32 + 32 + 3 * 3 * 32 * 64 + 64
    dense = 2 * 2 * 64 * 64 + 64 + 64 * 10 + 10
    assert builders.build(CIFAR).count_params() == convolutions + dense == 41_450


def test_products_are_those_counted_by_hand():
    convolutions = 28 * 28 * 5 * 5 * 3 * 16 + 12 * 12 * 3 * 3 * 16 * 32 + 4 * 4 * 3 * 3 * 32 * 64
    assert operations.products(CIFAR) == convolutions + 256 * 64 + 64 * 10


@pytest.mark.parametrize("settings", [CIFAR, DIGITS], ids=["cifar10", "mnist"])
def test_counted_layers_have_the_kernels_of_the_built_network(settings):
    model = builders.build(settings)
    kernels = {
        layer.name: int(np.prod(layer.kernel.shape)) for layer in model.layers if layer.weights
    }
    counted = {layer.name: layer.weights for layer in operations.layers(settings)}
    assert counted == kernels


def test_maps_shrink_by_convolutions_without_padding_and_pools_of_two():
    model = builders.build(CIFAR)
    shapes = [model.get_layer(name).output.shape[1:] for name in ("conv1", "conv2", "conv3")]
    assert shapes == [(28, 28, 16), (12, 12, 32), (4, 4, 64)]
    assert model.get_layer("pool3").output.shape[1:] == (2, 2, 64)


@pytest.mark.parametrize("settings", [CIFAR, lenet5()], ids=["three-layer", "lenet5"])
@pytest.mark.parametrize("on_processor", [False, True])
def test_small_start_has_the_deviations_asked_for_and_no_bias(settings, on_processor):
    """Of n normal draws the deviation has a standard error of sd / sqrt(2 n)."""
    keras.utils.set_random_seed(5)
    kernels = builders.build(settings, on_processor).get_weights()[::2]
    for place, kernel in enumerate(kernels):
        wanted = 0.015 if place == 0 else 0.03
        assert abs(kernel.std() - wanted) < 4 * wanted / np.sqrt(2 * kernel.size)
        assert abs(kernel.mean()) < 4 * wanted / np.sqrt(kernel.size)
    assert not any(bias.any() for bias in builders.build(settings).get_weights()[1::2])


@pytest.mark.parametrize("settings", [CIFAR, lenet5()], ids=["three-layer", "lenet5"])
def test_every_layer_and_every_seed_has_a_draw_of_its_own(settings):
    def drawn(seed):
        keras.utils.set_random_seed(seed)
        return [kernel.ravel()[:100] for kernel in builders.build(settings).get_weights()[::2]]

    once, again, other = drawn(1), drawn(1), drawn(2)
    assert all(np.array_equal(*pair) for pair in zip(once, again, strict=True))
    everything = np.stack([*once, *other])
    everything /= everything.std(axis=1, keepdims=True)
    apart = np.corrcoef(everything) - np.eye(len(everything))
    assert np.abs(apart).max() < 0.5


@pytest.mark.parametrize("settings", [CIFAR, lenet5()], ids=["three-layer", "lenet5"])
def test_images_go_in_centred(settings):
    model = builders.build(settings)
    seen = keras.Model(model.inputs[0], model.get_layer("centring").output)
    image = np.zeros((1, 32, 32, 3), np.float32)
    image[0, :, 16:] = 1
    expected = np.where(image == 1, 1.0, -1.0)
    np.testing.assert_allclose(seen(image).numpy(), expected)


def test_lenet5_pads_with_black_before_it_centres():
    model = builders.build(lenet5("mnist"))
    seen = keras.Model(model.inputs[0], model.get_layer("centring").output)
    shown = seen(np.ones((1, 28, 28, 1), np.float32)).numpy()[0, ..., 0]
    assert set(shown[:2].ravel()) == {-1.0}
    assert set(shown[2:30, 2:30].ravel()) == {1.0}


def test_lenet5_without_a_start_is_the_usual_one():
    keras.utils.set_random_seed(1)
    usual = builders.build(lenet5(start=""))
    assert "centring" not in [layer.name for layer in usual.layers]
    limit = np.sqrt(6 / (5 * 5 * 3 + 5 * 5 * 6))  # Glorot and Bengio's uniform draw
    assert usual.get_weights()[0].max() == pytest.approx(limit, rel=0.05)


def test_centring_stays_below_features_of_the_image():
    names = [layer.name for layer in builders.build(lenet5("mnist", features="image")).layers]
    assert names == ["padding", "centring", "flatten", "logits"]


def test_unknown_start_is_said():
    with pytest.raises(ValueError, match="no start 'large'"):
        builders.build(lenet5(start="large"))


def test_units_are_left_out_in_training_alone():
    model = builders.build(CIFAR)
    assert model.get_layer("dropout").rate == three_layer.DROPOUT == 0.2
    images = np.random.default_rng(0).random((64, 32, 32, 3), np.float32)
    hidden = keras.Model(model.inputs[0], model.get_layer("dropout").output)
    model.get_layer("dense1").set_weights([np.zeros((256, 64)), np.ones(64)])
    assert set(np.unique(hidden(images, training=False))) == {1.0}
    trained = hidden(images, training=True).numpy()
    assert (trained == 0).mean() == pytest.approx(0.2, abs=0.03)
    assert set(np.unique(trained)) == {0.0, np.float32(1.25)}


def test_small_start_draws_the_lowest_layer_smaller():
    assert [small_start.weights(first).stddev for first in (True, False)] == [0.015, 0.03]
