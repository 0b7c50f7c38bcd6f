"""Tests of `experiments.lab.networks`: shapes and numbers of weights, counted by hand."""

import keras
import numpy as np
import pytest

from experiments.lab.data.views import View
from experiments.lab.networks import builders, optimizers
from experiments.lab.settings import RunSettings


def settings(network="lenet5", data="cifar10", **hyperparameters):
    return RunSettings(
        View(data), network, {"learning_rate": 0.1, **hyperparameters}, seed=1, length=1
    )


@pytest.mark.parametrize(("data", "count"), [("cifar10", 62_006), ("mnist", 61_706)])
def test_lenet5_has_the_known_number_of_weights(data, count):
    model = builders.build(settings(data=data))
    assert model.count_params() == count
    assert model.output_shape == (None, 10)


@pytest.mark.parametrize("units", [3, 8])
@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("SimpleRNN", lambda u: u * (u + 28 + 1)),
        ("LSTM", lambda u: 4 * u * (u + 28 + 1)),
        ("GRU", lambda u: 3 * u * (u + 28 + 2)),  # Keras's GRU has a second bias
    ],
)
def test_recurrent_network_has_as_many_weights_as_its_equations(cell, count, units):
    model = builders.build(settings("recurrent", "mnist", cell=cell, units=units))
    assert model.count_params() == count(units) + 10 * (units + 1)


def test_recurrent_network_reads_channels_side_by_side():
    model = builders.build(settings("recurrent", "cifar10", cell="SimpleRNN", units=4))
    assert model.get_layer("rows").output.shape == (None, 32, 96)


def test_lenet5_without_layers_goes_from_pictures_to_logits():
    model = builders.build(settings(without="conv2 dense1"))
    names = [layer.name for layer in model.layers]
    assert names == ["conv1", "pool1", "flatten", "dense2", "logits"]


def test_widths_kernels_and_strides_are_as_asked():
    model = builders.build(settings(first_filters=4, first_kernel=7, first_stride=2, dense_units=9))
    first = model.get_layer("conv1")
    assert first.kernel.shape == (7, 7, 3, 4)
    assert first.strides == (2, 2)
    assert model.get_layer("dense1").units == 9


SIZES = {
    "first_filters": (3, "conv1", "filters"),
    "first_kernel": (3, "conv1", "kernel_size"),
    "first_stride": (2, "conv1", "strides"),
    "second_filters": (7, "conv2", "filters"),
    "second_kernel": (3, "conv2", "kernel_size"),
    "dense_units": (11, "dense1", "units"),
    "last_units": (13, "dense2", "units"),
}


@pytest.mark.parametrize("on_processor", [False, True])
@pytest.mark.parametrize("option", SIZES)
def test_each_size_of_lenet5_changes_its_own_layer_alone(option, on_processor):
    value, layer, name = SIZES[option]
    plain, changed = (
        {
            (of, of_layer): getattr(builders.build(made, on_processor).get_layer(of_layer), of)
            for _, of_layer, of in SIZES.values()
        }
        for made in (settings(), settings(**{option: value}))
    )
    differing = {key for key in plain if plain[key] != changed[key]}
    assert differing == {(name, layer)}
    assert changed[name, layer] in (value, (value, value))


@pytest.mark.parametrize("network", ["lenet5", "recurrent"])
def test_layers_for_a_processor_are_taken_where_they_are_asked_for(network):
    sizes = {} if network == "lenet5" else {"cell": "GRU", "units": 3}
    layer = {"lenet5": "conv1", "recurrent": "cell"}[network]
    plain, laid_out = (
        type(builders.build(settings(network, "mnist", **sizes), asked).get_layer(layer))
        for asked in (False, True)
    )
    assert plain.__module__.startswith("keras.")
    assert laid_out.__module__.startswith("experiments.")


@pytest.mark.parametrize(
    ("features", "below"),
    [
        ("image", ["flatten"]),
        ("pool1", ["conv1", "pool1", "flatten"]),
        ("conv2", ["conv1", "pool1", "conv2", "flatten"]),
        ("dense1", ["conv1", "pool1", "conv2", "pool2", "flatten", "dense1"]),
    ],
)
def test_features_of_a_layer_have_the_logits_right_on_top(features, below):
    model = builders.build(settings(features=features))
    assert [layer.name for layer in model.layers] == [*below, "logits"]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (settings("perceptron"), "no network named 'perceptron'"),
        (settings(units=3), "does not take these"),
        (settings(without="conv9"), "no layer conv9"),
        (settings("recurrent", "mnist", cell="Elman", units=3), "no cell named 'Elman'"),
        (settings("recurrent", "mnist", units=3), "does not take these"),
    ],
)
def test_unknown_network_or_hyperparameter_is_said(made, words):
    with pytest.raises(ValueError, match=words):
        builders.build(made)


def test_restored_network_has_the_weights_in_their_order():
    made = settings("recurrent", "mnist", cell="LSTM", units=3)
    weights = [
        np.full(value.shape, place)
        for place, value in enumerate(builders.build(made).get_weights())
    ]
    held = builders.restore(made, weights).get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(held, weights, strict=True))


def test_images_are_scaled_to_one_as_float32():
    made = builders.scaled(np.array([[0, 51, 255]], np.uint8))
    assert made.dtype == np.float32
    assert made.tolist() == [[0.0, np.float32(0.2), 1.0]]


@pytest.mark.parametrize(
    ("name", "kind", "momentum"),
    [
        ("adam", keras.optimizers.Adam, None),
        ("sgd", keras.optimizers.SGD, 0.0),
        ("momentum", keras.optimizers.SGD, 0.9),
    ],
)
def test_optimizers_are_what_their_names_say(name, kind, momentum):
    made = optimizers.optimizer({"optimizer": name, "learning_rate": 0.25, "clipping": 2.0})
    assert isinstance(made, kind)
    assert float(made.learning_rate) == 0.25
    assert made.global_clipnorm == 2.0
    assert getattr(made, "momentum", None) == momentum


def test_unknown_optimizer_is_said():
    with pytest.raises(ValueError, match="no optimizer named 'rprop'"):
        optimizers.optimizer({"optimizer": "rprop", "learning_rate": 0.1})


def test_optimizer_has_no_default():
    with pytest.raises(KeyError, match="optimizer"):
        optimizers.optimizer({"learning_rate": 0.1})


def test_strided_convolution_of_one_pixel_is_refused():
    with pytest.raises(ValueError, match="cannot be trained safely"):
        builders.build(settings(first_kernel=1, first_stride=2))
