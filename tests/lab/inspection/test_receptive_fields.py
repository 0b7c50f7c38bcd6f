"""Receptive fields against what a network's outputs really depend on."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import subprocess
import sys

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.inspection.receptive_fields import receptive_field


def pixels_that_matter(model, layer):
    """(units..., height, width) bool: a single bright pixel reaches the unit, or does not.

    All weights are 1 and the image is dark, so that nothing can hide a pixel from a maximum.
    """
    for weights in model.weights:
        weights.assign(np.ones(weights.shape))
    height, width = model.input_shape[1:3]
    pixels = np.eye(height * width, dtype=np.float32).reshape(-1, height, width, 1)
    outputs = keras.Model(model.inputs[0], model.get_layer(layer).output)(pixels).numpy()
    return np.moveaxis(
        outputs.reshape(height, width, *outputs.shape[1:]).max(-1) > 0, (0, 1), (-2, -1)
    )


@st.composite
def layers(draw):
    """Layers that fit an odd map of any size, in any order, with gaps, overlaps and dilation."""
    stack = []
    for kind in draw(
        st.lists(st.sampled_from(["conv", "depthwise", "pad", "pool", "relu"]), max_size=4)
    ):
        window = tuple(draw(st.integers(1, 3)) for _ in range(2))
        strides = tuple(draw(st.integers(1, 3)) for _ in range(2))
        padding = draw(st.sampled_from(["same", "valid"]))
        if kind == "conv":
            dilation = draw(st.integers(1, 2)) if set(strides) == {1} else 1
            stack.append((keras.layers.Conv2D, (1, window, strides, padding, None, dilation)))
        elif kind == "depthwise":
            stack.append((keras.layers.DepthwiseConv2D, (window, (1, 1), padding)))
        elif kind == "pool":
            pool = draw(st.sampled_from([keras.layers.MaxPooling2D, keras.layers.AveragePooling2D]))
            stack.append((pool, (window, strides, padding)))
        elif kind == "pad":
            stack.append((keras.layers.ZeroPadding2D, ((strides, window),)))
        else:
            stack.append((keras.layers.ReLU, ()))
    return stack


def built(stack, size):
    """A Sequential of the layers that still fit on the map below, without biases."""
    model = keras.Sequential([keras.Input((*size, 1)), keras.layers.ReLU()])
    for kind, arguments in stack:
        layer = kind(*arguments, **({"use_bias": False} if "Conv" in kind.__name__ else {}))
        window = np.array(getattr(layer, "pool_size", getattr(layer, "kernel_size", (1, 1))))
        reach = (window - 1) * np.array(getattr(layer, "dilation_rate", 1)) + 1
        if (reach <= model.output_shape[1:3]).all():
            model.add(layer)
    model.add(keras.layers.Conv2D(1, 1, use_bias=False, name="top"))
    return model


@settings(max_examples=25, deadline=None, derandomize=True)
@given(layers(), st.tuples(st.integers(5, 11), st.integers(5, 11)))
def test_box_is_the_hull_of_the_pixels_that_reach_the_unit(stack, size):
    model = built(stack, size)
    reached = pixels_that_matter(model, "top")
    field = receptive_field(model, "top")
    assert field.shape == reached.shape[:2]
    for position in np.ndindex(field.shape):
        rows, columns = np.nonzero(reached[position])
        box = field.box(position)
        if not rows.size:  # a unit over padding alone
            assert not np.zeros(size)[box.slices].size
            continue
        assert box == (rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(layers(), st.tuples(st.integers(9, 11), st.integers(9, 11)))
def test_box_is_size_stride_and_offset_cut_to_the_image(stack, size):
    field = receptive_field(built(stack, size), "top")
    for position in np.ndindex(field.shape):
        box = field.box(position)
        first = np.array(field.offset) + np.array(position) * field.stride
        last = first + field.size
        if np.zeros(size)[box.slices].size:
            assert (box[:2] >= first).all() and (box[2:] <= last).all()
        # Away from every border nothing is cut.
        if (first >= 0).all() and (last <= size).all() and unpadded(stack):
            assert box == (*first, *last)


def unpadded(stack):
    return not any("same" in words or kind is keras.layers.ZeroPadding2D for kind, words in stack)


def lenet():
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(6, 5, activation="relu", name="c1"),
            keras.layers.MaxPooling2D(2, name="s2"),
            keras.layers.Conv2D(16, 5, activation="relu", name="c3"),
            keras.layers.MaxPooling2D(2, name="s4"),
            keras.layers.Flatten(name="flat"),
            keras.layers.Dense(10, name="scores"),
        ]
    )


@pytest.mark.parametrize(
    ("layer", "size", "stride", "shape"),
    [("c1", 5, 1, 28), ("s2", 6, 2, 14), ("c3", 14, 2, 10), ("s4", 16, 4, 5)],
)
def test_lenet_has_the_fields_known_for_it(layer, size, stride, shape):
    field = receptive_field(lenet(), layer)
    assert (field.size, field.stride) == ((size, size), (stride, stride))
    assert (field.offset, field.shape) == ((0, 0), (shape, shape))
    assert field.box((1, 2)) == (stride, 2 * stride, stride + size, 2 * stride + size)


def test_padding_lets_the_field_begin_outside_and_the_box_is_cut():
    model = keras.Sequential([keras.Input((7, 7, 1)), keras.layers.Conv2D(1, 5, padding="same")])
    field = receptive_field(model, model.layers[0].name)
    assert field.offset == (-2, -2)
    assert field.box((0, 6)) == (0, 4, 3, 7)
    assert np.zeros((7, 7))[field.box((0, 6)).slices].shape == (3, 3)


@pytest.mark.parametrize("layer", ["flat", "scores"])
def test_dense_layer_sees_what_the_whole_map_below_sees(layer):
    field = receptive_field(lenet(), layer)
    assert field.shape == (1, 1)
    assert field.box() == (0, 0, 32, 32)


def test_pixels_that_no_unit_reads_are_not_in_the_field_of_a_dense_layer():
    layers = [keras.layers.Conv2D(1, 3, strides=2), keras.layers.GlobalMaxPooling2D(name="all")]
    model = keras.Sequential([keras.Input((8, 9, 1)), *layers])
    assert receptive_field(model, "all").box() == (0, 0, 7, 9)


def test_model_for_any_image_size_needs_one():
    convolution = keras.layers.Conv2D(1, 3, strides=2, padding="same", name="conv")
    model = keras.Sequential([keras.Input((None, None, 1)), convolution])
    with pytest.raises(ValueError, match="give image_size"):
        receptive_field(model, "conv")
    assert receptive_field(model, "conv", image_size=(8, 8)).offset == (0, 0)
    assert receptive_field(model, "conv", image_size=(9, 9)).offset == (-1, -1)


def test_unknown_layer_unit_and_kind_are_refused_by_name():
    with pytest.raises(ValueError, match="no layer 'c5'"):
        receptive_field(lenet(), "c5")
    with pytest.raises(IndexError, match="none at .28, 0."):
        receptive_field(lenet(), "c1").box((28, 0))
    enlarged = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.UpSampling2D(name="larger")])
    with pytest.raises(ValueError, match="'larger' .UpSampling2D."):
        receptive_field(enlarged, "larger")


def test_model_that_was_never_built_is_refused():
    with pytest.raises(ValueError, match="not built"):
        receptive_field(keras.Sequential([keras.layers.Conv2D(1, 3, name="conv")]), "conv")


def test_importing_the_module_does_not_import_tensorflow():
    module = "experiments.lab.inspection.receptive_fields"
    code = f"import sys, {module}; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
