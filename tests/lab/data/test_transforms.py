"""Tests of transforms of images, against loops over single pixels and against SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from experiments.lab.data import transforms
from experiments.lab.data.transforms import TRANSFORMS, Channels, Shift, Square, transform_of

OPTIONS = {
    "channels": {"channels": 3},
    "shift": {"down": 2, "right": -1},
    "square": {"row": 4, "column": 0, "side": 3},
}


def images(count=3, height=6, width=7, channels=1):
    random = np.random.default_rng(1)
    return random.integers(0, 256, (count, height, width, channels), dtype=np.uint8)


def test_every_transform_of_the_registry_is_tried_here():
    assert set(OPTIONS) == set(TRANSFORMS)


@pytest.mark.parametrize("name", OPTIONS)
def test_images_stay_bytes_have_the_shape_that_is_told_and_are_not_written_to(name):
    given_images = images()
    before = given_images.copy()
    transform = transform_of({"name": name, **OPTIONS[name]})
    made = transform(given_images, np.arange(3), None)
    assert made.dtype == np.uint8
    assert made.shape == (3, *transform.shape((6, 7, 1)))
    np.testing.assert_array_equal(given_images, before)


@given(st.integers(1, 4))
def test_channel_is_repeated(channels):
    grey = images()
    made = Channels(channels)(grey)
    for index in np.ndindex(3, 6, 7, channels):
        assert made[index] == grey[(*index[:3], 0)]


def test_only_grey_images_have_a_channel_to_repeat():
    with pytest.raises(ValueError, match="not 3 channels"):
        Channels(3).shape((32, 32, 3))


@given(down=st.integers(-9, 9), right=st.integers(-9, 9))
def test_shifted_pixels_come_from_the_place_before_or_from_nowhere(down, right):
    whole = images(2, channels=2)
    expected = np.zeros_like(whole)
    for number, row, column, channel in np.ndindex(*whole.shape):
        if 0 <= row - down < 6 and 0 <= column - right < 7:
            expected[number, row, column, channel] = whole[
                number, row - down, column - right, channel
            ]
    np.testing.assert_array_equal(Shift(down, right)(whole), expected)


@given(down=st.integers(-4, 4), right=st.integers(-4, 4))
def test_shifted_images_are_those_of_scipy(down, right):
    expected = ndimage.shift(images(), (0, down, right, 0), order=0)
    np.testing.assert_array_equal(Shift(down, right)(images()), expected)


@given(row=st.integers(-2, 8), column=st.integers(-2, 8), side=st.integers(0, 9))
def test_square_covers_its_pixels_alone(row, column, side):
    whole = images(2, channels=3)
    expected = whole.copy()
    for down in range(row - side // 2, row - side // 2 + side):
        for across in range(column - side // 2, column - side // 2 + side):
            if 0 <= down < 6 and 0 <= across < 7:
                expected[:, down, across] = 128
    np.testing.assert_array_equal(Square(row, column, side)(whole), expected)


def test_each_image_may_have_a_square_of_its_own():
    covered = transforms.squares((5, 5), np.array([[0, 0], [3, 2]]), 3)
    assert [sorted(zip(*np.nonzero(one), strict=True)) for one in covered] == [
        [(0, 0), (0, 1), (1, 0), (1, 1)],
        [(row, column) for row in (2, 3, 4) for column in (1, 2, 3)],
    ]


def test_unknown_transform_is_said_with_those_that_there_are():
    with pytest.raises(
        ValueError, match="no transform named 'blur'; there are channels, shift, sq"
    ):
        transform_of({"name": "blur"})


def test_options_that_a_transform_does_not_take_are_said():
    with pytest.raises(ValueError, match="shift does not take these: {'up': 1}"):
        transform_of({"name": "shift", "up": 1})
