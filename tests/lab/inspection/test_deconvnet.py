"""The deconvnet against automatic differentiation with other ReLU gradients, and by hand."""

import functools
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.inspection.deconvnet import RULES, Deconvnet, UnsupportedLayerError
from experiments.lab.inspection.receptive_fields import receptive_field
from experiments.lab.networks.three_layer import three_layer

few = settings(max_examples=6, deadline=None, derandomize=True)
many = settings(few, max_examples=40)


# The oracle is the same network in plain TensorFlow, with ReLUs whose gradient masks by the sign of
# the backward signal, of the forward input, or of both. The rest is TensorFlow's own gradient.
# Convolution is a matrix product of patches: that shares no kernel with the transposed convolution
# under test, and it spares the tape the gradient of the filters, which it would compute unasked and
# which, with oneDNN, writes past its memory for a 1x1 kernel with a stride (TensorFlow 2.21).


@tf.custom_gradient
def relu_masked_by_signal(x):
    return tf.nn.relu(x), lambda signal: tf.where(signal > 0, signal, 0.0)


@tf.custom_gradient
def relu_masked_by_both(x):
    return tf.nn.relu(x), lambda signal: tf.where((signal > 0) & (x > 0), signal, 0.0)


ORACLES = dict(zip(RULES, (relu_masked_by_signal, tf.nn.relu, relu_masked_by_both), strict=True))


def convolved(maps, kernel, strides, padding):
    """The convolution (n, h, w, filters) of maps with a kernel, patch by patch."""
    height, width, channels, filters = kernel.shape
    sizes, steps = (1, height, width, 1), (1, *strides, 1)
    patches = tf.image.extract_patches(maps, sizes, steps, (1, 1, 1, 1), padding)
    products = tf.reshape(patches, (-1, height * width * channels)) @ kernel.reshape(-1, filters)
    return tf.reshape(products, (*patches.shape[:3], filters))


def backpropagated(network, images, layer, filters, positions, rule):
    """The projection of one unit for each image, by automatic differentiation."""
    pixels = tf.constant(images, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        maps = network.feature_maps(pixels, ORACLES[rule])[layer]
    alone = np.zeros(maps.shape, np.float32)
    for image, (unit, place) in enumerate(zip(filters, positions, strict=True)):
        alone[image, *place, unit] = maps[image, *place, unit]
    return tape.gradient(maps, pixels, output_gradients=tf.constant(alone)).numpy()


class Network:
    """A random linear network, as a Keras model and in plain TensorFlow."""

    def __init__(self, shape, blocks, functional, weights):
        self.shape, self.blocks, self.functional = shape, blocks, functional
        self.weights = weights

    def __repr__(self):
        return f"Network({self.shape}, {[(kind.__name__, given) for kind, given in self.blocks]})"

    @functools.cached_property
    def model(self):
        inputs = outputs = keras.Input(self.shape)
        layers = [kind(**options) for kind, options in self.blocks]
        for layer in layers:
            outputs = layer(outputs)
        model = keras.Model(inputs, outputs)
        if not self.functional:
            model = keras.Sequential([inputs, *layers])
        model.set_weights([self.weights(array.shape) for array in model.get_weights()])
        return model

    def feature_maps(self, maps, relu):
        """From each convolution's name to its feature map, after a ReLU that follows at once."""
        features, newest = {}, None
        for layer, (kind, options) in zip(
            self.model.layers[-len(self.blocks) :], self.blocks, strict=True
        ):
            window = (
                (options["strides"], options["padding"].upper()) if "strides" in options else ()
            )
            if kind is keras.layers.Conv2D:
                kernel, bias = layer.get_weights()
                maps, newest = convolved(maps, kernel, *window) + bias, layer.name
                maps = relu(maps) if options["activation"] else maps
            elif kind is keras.layers.MaxPooling2D:
                maps, newest = tf.nn.max_pool2d(maps, options["pool_size"], *window), None
            elif kind is keras.layers.Rescaling:
                maps, newest = maps * options["scale"] + options["offset"], None
            elif kind is keras.layers.ZeroPadding2D:
                maps, newest = tf.pad(maps, [(0, 0), *options["padding"], (0, 0)]), None
            else:
                maps = relu(maps)
            if newest:
                features[newest] = maps
        return features


def weights_of(rng, ties):
    """Small whole numbers make equal maxima and exact zeros; others make neither."""
    if ties:
        return lambda shape: rng.integers(-1, 2, shape).astype(np.float32)
    return lambda shape: rng.normal(size=shape).astype(np.float32)


@st.composite
def windows(draw, size):
    """The options of a window that fits a map of `size`, and the size of the map it makes."""
    window, strides = (np.array([draw(st.integers(1, 3)) for _ in range(2)]) for _ in range(2))
    strides = np.minimum(strides, 2)
    padding = "valid" if (window <= size).all() and draw(st.booleans()) else "same"
    room = size - window + 1 if padding == "valid" else size
    return (
        tuple(window.tolist()),
        {"strides": strides.tolist(), "padding": padding},
        -(-room // strides),
    )


@st.composite
def networks(draw, relus=True):
    """A network of at least two convolutions and something between them, and images for it."""
    shape = (draw(st.integers(7, 13)), draw(st.integers(7, 13)), draw(st.integers(1, 3)))
    size, blocks = np.array(shape[:2]), []
    if draw(st.booleans()):
        scale = draw(st.sampled_from([1 / 255, 2.0, [0.5, -1.0, 2.0][: shape[2]]]))
        blocks.append((keras.layers.Rescaling, {"scale": scale, "offset": 0.5}))
    if draw(st.booleans()):
        padding = ((0, 1), (2, 1))
        blocks.append((keras.layers.ZeroPadding2D, {"padding": padding}))
        size = size + np.sum(padding, axis=1)
    rectifiers = [
        (keras.layers.ReLU, {}),
        (keras.layers.Activation, {"activation": "relu"}),
    ]
    kinds = st.sampled_from(["conv", "pool", *(["relu"] if relus else [])])
    for kind in ["conv", *draw(st.lists(kinds, min_size=1, max_size=3)), "conv"]:
        if kind == "relu":
            blocks.append(draw(st.sampled_from(rectifiers)))
            continue
        window, options, size = draw(windows(size))
        if kind == "conv":
            options["activation"] = draw(st.sampled_from(["relu", None])) if relus else None
            options |= {"filters": draw(st.integers(1, 4)), "kernel_size": window}
            blocks.append((keras.layers.Conv2D, options))
        else:
            blocks.append((keras.layers.MaxPooling2D, options | {"pool_size": window}))
    rng, ties = np.random.default_rng(draw(st.integers(0, 999))), draw(st.booleans())
    network = Network(shape, blocks, draw(st.booleans()), weights_of(rng, ties))
    return network, weights_of(rng, ties)((draw(st.integers(1, 4)), *shape)), rng


def assert_same_projections(projections, expected):
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(projections / scale, expected / scale, rtol=0, atol=1e-5)


def some_units(deconvnet, images, layer, rng, several=1):
    """For each image `several` filters and places: every other one the strongest of its map."""
    maps = deconvnet.features(images, layer)
    filters = rng.integers(maps.shape[3], size=(len(images), several))
    positions = rng.integers(maps.shape[1:3], size=(len(images), several, 2))
    for image, unit in np.ndindex(filters.shape):
        if unit % 2 == 0:
            one = maps[image, ..., filters[image, unit]]
            positions[image, unit] = np.unravel_index(one.argmax(), one.shape)
    return filters, positions


@few
@given(networks(), st.integers(1, 3), st.integers(1, 5))
def test_random_network_gives_the_projection_of_masked_backpropagation(drawn, several, batch):
    holds_against_backpropagation(drawn, several, batch)


@pytest.mark.slow
@many
@given(networks(), st.integers(1, 3), st.integers(1, 5))
def test_many_random_networks_give_the_projection_of_masked_backpropagation(drawn, several, batch):
    holds_against_backpropagation(drawn, several, batch)


def holds_against_backpropagation(drawn, several, batch):
    network, images, rng = drawn
    deconvnet = Deconvnet(network.model, batch=batch)
    for layer in deconvnet.layers:
        filters, positions = some_units(deconvnet, images, layer, rng, several)
        repeated, alone = (
            np.repeat(images, several, axis=0),
            (filters.ravel(), positions.reshape(-1, 2)),
        )
        for rule in RULES:
            projections = deconvnet.project(images, layer, filters, positions, rule)
            assert projections.shape == (len(images), several, *network.shape)
            expected = backpropagated(network, repeated, layer, *alone, rule)
            assert_same_projections(projections.reshape(expected.shape), expected)


def three_layer_maps(model, images, relu):
    """The maps of the report's own three-layer network, in plain TensorFlow, by layer."""
    maps, found = 2 * images - 1, {}
    for name in ("conv1", "conv2", "conv3"):
        kernel, bias = model.get_layer(name).get_weights()
        found[name] = relu(convolved(maps, kernel, (1, 1), "VALID") + bias)
        maps = tf.nn.max_pool2d(found[name], 2, 2, "VALID")
    return found


class Built:
    """A network of the report in the face that `backpropagated` asks for."""

    def __init__(self, model):
        self.model = model

    def feature_maps(self, images, relu):
        return three_layer_maps(self.model, images, relu)


@pytest.mark.parametrize("layer", ["conv1", "conv2", "conv3"])
@pytest.mark.parametrize("rule", RULES)
def test_three_layer_network_gives_the_projection_of_masked_backpropagation(layer, rule):
    keras.utils.set_random_seed(2)
    model = three_layer((32, 32, 3))
    rng = np.random.default_rng(3)
    for weight in model.weights:  # large enough that no signal dies on its way down
        weight.assign(rng.normal(0, 0.2, weight.shape))
    images = rng.random((3, 32, 32, 3)).astype(np.float32)
    deconvnet = Deconvnet(model)
    filters, positions = (part[:, 0] for part in some_units(deconvnet, images, layer, rng))
    projections = deconvnet.project(images, layer, filters, positions, rule)
    expected = backpropagated(Built(model), images, layer, filters, positions, rule)
    assert projections.any()
    assert_same_projections(projections, expected)


@few
@given(networks(relus=False))
def test_network_without_rectification_gives_the_gradient(drawn):
    network, images, rng = drawn
    deconvnet = Deconvnet(network.model)
    layer = deconvnet.layers[-1]
    filters, positions = (part[:, 0] for part in some_units(deconvnet, images, layer, rng))
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        maps = network.feature_maps(pixels, tf.nn.relu)[layer]
        half_squares = sum(
            maps[image, *place, unit] ** 2 / 2
            for image, (unit, place) in enumerate(zip(filters, positions, strict=True))
        )
    expected = tape.gradient(half_squares, pixels).numpy()
    for rule in ("deconvnet", "gradient"):
        projections = deconvnet.project(images, layer, filters, positions, rule)
        assert_same_projections(projections, expected)


@few
@given(networks())
def test_projection_lies_in_the_receptive_field(drawn):
    network, images, rng = drawn
    deconvnet = Deconvnet(network.model)
    for layer in deconvnet.layers:
        filters, positions = (part[:, 0] for part in some_units(deconvnet, images, layer, rng))
        projections = deconvnet.project(images, layer, filters, positions)
        field = receptive_field(network.model, layer)
        for projection, position in zip(projections, positions, strict=True):
            projection[field.box(position).slices] = 0
            assert not projection.any()


def hand_computed_model():
    """Two 1x1 filters (x and -x), a pool, and one 2x2 filter over both."""
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Conv2D(2, 1, activation="relu", name="signs"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(1, 2, activation="relu", name="top"),
        ]
    )
    top = np.array([[[1, 1], [-1, 0]], [[2, -1], [1, 1]]], np.float32)[..., None]
    signs = np.array([[[[1, -1]]]], np.float32)
    model.set_weights([signs, np.zeros(2), top, np.ones(1)])
    return model


# The maps hold the positive and the negative part of x. Pooled: [[4, 3], [1, 2]] from (1, 1),
# (0, 2), (3, 1) and, of two equals, (2, 2); and [[2, 1], [5, 0]] from (0, 1), (1, 3), (2, 0) and,
# of four zeros, (2, 2). The unit: 4 - 3 + 2 + 2 + 2 - 5 and a bias of 1, which is 3. Its filter
# sends down [[3, -3], [6, 3]] and [[3, 0], [-3, 3]] to those places. In the last, (2, 2), the
# negative part is 0: the gradient stops there, the deconvnet does not, and 3 - 3 cancels.
HAND_IMAGE = [[1, -2, 3, 0], [0, 4, 0, -1], [-5, 0, 2, 2], [0, 1, 2, 0]]
HAND_PICTURES = {
    "deconvnet": [[0, -3, 0, 0], [0, 3, 0, 0], [0, 0, 0, 0], [0, 6, 0, 0]],
    "gradient": [[0, -3, -3, 0], [0, 3, 0, 0], [3, 0, 3, 0], [0, 6, 0, 0]],
    "guided_backpropagation": [[0, -3, 0, 0], [0, 3, 0, 0], [0, 0, 3, 0], [0, 6, 0, 0]],
}


@pytest.mark.parametrize("rule", RULES)
def test_four_by_four_case_gives_the_projection_computed_by_hand(rule):
    image = np.array(HAND_IMAGE, np.float32)[None, ..., None]
    projection = Deconvnet(hand_computed_model()).project(image, "top", 0, rule=rule)
    np.testing.assert_array_equal(projection[0, ..., 0], HAND_PICTURES[rule])


def small_model(*between, size=9):
    keras.utils.set_random_seed(0)  # before the layers: they draw their seeds when they are made
    layers = [
        keras.Input((size, size, 2)),
        keras.layers.Conv2D(3, 3, activation="relu", name="first"),
        *between,
        keras.layers.Conv2D(2, 3, padding="same", activation="relu", name="second"),
        keras.layers.Flatten(),
        keras.layers.Dense(2),
    ]
    return keras.Sequential(layers)


def small_images(count=7, size=9):
    return np.random.default_rng(1).integers(0, 3, (count, size, size, 2)).astype(np.uint8)


def test_equal_maxima_in_overlapping_pools_add_up_at_the_first():
    model = keras.Sequential(
        [
            keras.Input((1, 5, 1)),
            keras.layers.MaxPooling2D((1, 3), strides=(1, 2)),
            keras.layers.Conv2D(1, (1, 2), name="sum"),
        ]
    )
    model.set_weights([np.ones((1, 2, 1, 1)), np.zeros(1)])
    image = np.array([0, 0, 1, 1, 1], np.float32).reshape(1, 1, 5, 1)
    projection = Deconvnet(model).project(image, "sum", 0)
    np.testing.assert_array_equal(projection.ravel(), [0, 0, 4, 0, 0])


def test_features_are_those_of_the_model_after_the_relu():
    model, images = small_model(keras.layers.MaxPooling2D(2)), small_images()
    deconvnet = Deconvnet(model, batch=3)
    assert deconvnet.layers == ("first", "second")
    for layer in deconvnet.layers:
        expected = keras.Model(model.inputs[0], model.get_layer(layer).output)(images).numpy()
        np.testing.assert_allclose(deconvnet.features(images, layer), expected, atol=1e-6)


def test_relu_right_above_a_convolution_belongs_to_its_features():
    model = keras.Sequential([keras.Input((5, 5, 1)), keras.layers.Conv2D(4, 3, name="plain")])
    images = np.random.default_rng(0).normal(size=(2, 5, 5, 1))
    unrectified = Deconvnet(model).features(images, "plain")
    model.add(keras.layers.ReLU())
    assert unrectified.min() < 0
    np.testing.assert_array_equal(
        Deconvnet(model).features(images, "plain"), np.maximum(unrectified, 0)
    )


def test_strongest_without_positions_is_the_first_maximum_of_the_map():
    deconvnet, images = Deconvnet(small_model()), small_images()
    maps = deconvnet.features(images, "second")[..., 1]
    places = [np.unravel_index(one.argmax(), one.shape) for one in maps]
    np.testing.assert_array_equal(
        deconvnet.project(images, "second", 1),
        deconvnet.project(images, "second", np.full(7, 1), np.array(places)),
    )


@pytest.mark.parametrize("rule", RULES)
def test_projection_in_a_batch_is_that_of_the_image_alone(rule):
    model = small_model(keras.layers.MaxPooling2D(3, strides=2))
    model.get_layer("second").bias.assign(np.ones(2))  # so that its units are active
    images, filters = small_images(), np.tile([0, 1], (7, 1))
    together = Deconvnet(model).project(images, "second", filters, rule=rule)
    alone = Deconvnet(model, batch=1)
    for projection, image in zip(together, images, strict=True):
        for unit in (0, 1):
            expected = alone.project(image[None], "second", unit, rule=rule)[0]
            assert_same_projections(projection[unit], expected)
    assert together.any()


class CountedReads:
    """Images that are read in slices alone, as a memory map should be."""

    def __init__(self, images):
        self.images, self.longest = images, 0

    def __len__(self):
        return len(self.images)

    def __getitem__(self, part):
        self.longest = max(self.longest, part.stop - part.start)
        return self.images[part]


@pytest.mark.parametrize("batch", [1, 3, 7, 100])
def test_strongest_are_those_of_a_full_sort(batch):
    rng = np.random.default_rng(2)
    model = small_model(keras.layers.MaxPooling2D(2))
    model.set_weights([weights_of(rng, ties=True)(array.shape) for array in model.get_weights()])
    images = CountedReads(small_images(12))
    deconvnet = Deconvnet(model, batch=batch)
    for layer, found in deconvnet.strongest(images, count=5).items():
        maps = deconvnet.features(images.images, layer)
        maxima = maps.max(axis=(1, 2))
        order = np.argsort(-maxima, axis=0, kind="stable")[:5].T
        np.testing.assert_array_equal(found.images, order)
        np.testing.assert_array_equal(found.values, np.take_along_axis(maxima.T, order, axis=1))
        for unit, row in enumerate(found.images):
            flat = maps[row, ..., unit].reshape(5, -1).argmax(axis=1)
            expected = np.stack(np.unravel_index(flat, maps.shape[1:3]), axis=-1)
            np.testing.assert_array_equal(found.positions[unit], expected)
    assert images.longest <= batch


def test_fewer_images_than_asked_gives_all_of_them():
    found = Deconvnet(small_model()).strongest(small_images(2), count=9)["first"]
    assert found.images.shape == (3, 2)
    assert found.positions.shape == (3, 2, 2)


def test_new_weights_in_the_model_are_used_at_once():
    model, images = small_model(), small_images()
    deconvnet = Deconvnet(model)
    before = deconvnet.strongest(images)["second"].values
    model.set_weights([2 * array for array in model.get_weights()])
    np.testing.assert_allclose(deconvnet.strongest(images)["second"].values, 4 * before, rtol=1e-5)


def test_inactive_unit_has_an_empty_projection():
    model = small_model()
    model.get_layer("first").set_weights([np.zeros((3, 3, 2, 3)), -np.ones(3)])
    assert not Deconvnet(model).project(small_images(), "first", 0).any()


def test_nested_model_is_opened():
    inner, images = small_model(keras.layers.MaxPooling2D(2)), small_images()
    inputs = keras.Input((9, 9, 2))
    outer = keras.Model(inputs, keras.layers.Softmax()(inner(inputs)))
    np.testing.assert_array_equal(
        Deconvnet(outer).project(images, "second", 1), Deconvnet(inner).project(images, "second", 1)
    )


OBSTACLES = [
    keras.layers.BatchNormalization(name="obstacle"),
    keras.layers.AveragePooling2D(2, name="obstacle"),
    keras.layers.LeakyReLU(name="obstacle"),
    keras.layers.ReLU(max_value=6, name="obstacle"),
    keras.layers.Activation("tanh", name="obstacle"),
    keras.layers.Conv2D(2, 2, activation="tanh", name="obstacle"),
    keras.layers.Conv2D(2, 2, dilation_rate=2, name="obstacle"),
    keras.layers.Conv2D(3, 2, groups=3, name="obstacle"),
]


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=lambda layer: type(layer).__name__)
def test_layer_that_cannot_be_undone_is_refused_by_name(obstacle):
    deconvnet = Deconvnet(small_model(obstacle))
    assert deconvnet.layers == ("first",)
    assert deconvnet.project(small_images(), "first", 0).any()
    with pytest.raises(UnsupportedLayerError, match=f"'obstacle' .{type(obstacle).__name__}"):
        deconvnet.project(small_images(), "second", 0)


def test_model_without_a_convolution_that_can_be_projected_is_refused():
    inputs = keras.Input((9, 9, 2))
    with pytest.raises(UnsupportedLayerError, match="'flatten_first'"):
        Deconvnet(keras.Sequential([inputs, keras.layers.Flatten(name="flatten_first")]))
    with pytest.raises(ValueError, match="no convolutional layer"):
        Deconvnet(keras.Sequential([inputs, keras.layers.ReLU()]))


def test_model_that_is_not_linear_is_refused_by_name():
    inputs = keras.Input((9, 9, 2))
    maps = keras.layers.Conv2D(2, 3, padding="same")(inputs)
    joined = keras.layers.Add(name="junction")([inputs, maps])
    with pytest.raises(ValueError, match="'junction' has 2 inputs"):
        Deconvnet(keras.Model(inputs, joined))
    with pytest.raises(ValueError, match="one known output"):
        Deconvnet(keras.Model(inputs, [maps, joined]))


@pytest.mark.parametrize(
    ("request_", "error", "words"),
    [
        ({"layer": "third"}, ValueError, "there are first, second"),
        ({"rule": "sideways"}, ValueError, "unknown rule 'sideways'"),
        ({"filters": 3}, IndexError, "0 to 2"),
        ({"filters": np.zeros(6, int)}, ValueError, "filters must be integers"),
        ({"filters": np.zeros(7)}, ValueError, "filters must be integers"),
        ({"positions": np.zeros((7, 1), int)}, ValueError, "positions must be integers"),
        ({"positions": np.full((7, 2), 7)}, IndexError, "7 rows and 7 columns"),
        ({"images": small_images(0)}, ValueError, "no images"),
    ],
)
def test_request_that_cannot_be_met_is_refused(request_, error, words):
    request = {"images": small_images(), "layer": "first", "filters": 0, **request_}
    with pytest.raises(error, match=words):
        Deconvnet(small_model()).project(**request)
