"""Tests of transforms of images, against loops over single pixels and against SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from experiments.lab.data import transforms
from experiments.lab.data.transforms import (
    TRANSFORMS,
    Channels,
    Hidden,
    Noise,
    Reordered,
    Rotation,
    Shift,
    Square,
    transform_of,
)
from experiments.lab.data.views import View

OPTIONS = {
    "channels": {"channels": 3},
    "shift": {"down": 2, "right": -1},
    "square": {"row": 4, "column": 0, "side": 3},
    "rotate": {"degrees": 30.0},
    "noise": {"deviation": 20.0},
    "hide": {"first": 1, "count": 2},
    "reorder": {"what": "columns"},
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
    made = transform(given_images, np.arange(3), 1)
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


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_quarter_turns_are_those_of_numpy(quarters):
    whole = images(2, 8, 8, channels=2)
    made = Rotation(90.0 * quarters)(whole)
    np.testing.assert_array_equal(made, np.rot90(whole, quarters, axes=(1, 2)))


def test_small_turn_moves_what_is_right_of_the_middle_up():
    dot = np.zeros((1, 9, 9, 1), np.uint8)
    dot[0, 4, 8] = 200
    rows, columns = np.nonzero(Rotation(30.0)(dot)[0, ..., 0])
    assert rows.max() < 4 and columns.min() > 4


def test_noise_of_an_image_follows_from_seed_and_number_alone():
    noise, numbers = Noise(30.0), np.array([4, 9, 2])
    whole = images()
    made = noise(whole, numbers, 1)
    np.testing.assert_array_equal(noise(whole[1:2], numbers[1:2], 1)[0], made[1])
    assert (noise(whole, numbers, 2) != made).any()


def test_noise_has_its_deviation():
    grey = np.full((40, 20, 20, 1), 128, np.uint8)
    apart = Noise(12.0)(grey, np.arange(40), 1).astype(float) - 128
    assert abs(apart.mean()) < 0.5
    assert apart.std() == pytest.approx(12, rel=0.03)


def test_noise_is_part_of_a_view_with_its_seed():
    assert View("mnist", transform={"name": "noise", "deviation": 9.0}, seed=3).seed == 3
    assert View("mnist", transform={"name": "hide", "first": 1, "count": 2}, seed=3).seed is None


@given(first=st.integers(0, 7), count=st.integers(0, 7))
def test_hidden_rows_are_black_and_the_others_as_they_were(first, count):
    whole = images(2)
    made = Hidden(first, count)(whole)
    for row in range(6):
        expected = 0 * whole[:, row] if first <= row < first + count else whole[:, row]
        np.testing.assert_array_equal(made[:, row], expected)


def test_columns_are_what_rows_were():
    whole = images()
    made = Reordered("columns")(whole)
    assert made.shape[1:] == Reordered("columns").shape((6, 7, 1)) == (7, 6, 1)
    for number, row, column in np.ndindex(3, 6, 7):
        assert made[number, column, row] == whole[number, row, column]


def test_rows_of_all_images_are_in_the_same_other_order():
    whole = images(4, 12)
    made = Reordered("rows")(whole)
    places = [
        [next(k for k in range(12) if (one[row] == before[k]).all()) for row in range(12)]
        for one, before in zip(made, whole, strict=True)
    ]
    assert all(place == places[0] for place in places)
    assert sorted(places[0]) == list(range(12)) != places[0]


def test_pixels_of_all_images_are_in_the_same_other_order_and_neighbours_are_apart():
    numbered = np.arange(28 * 28).reshape(1, 28, 28, 1)
    low, high = (
        Reordered("pixels")(part.astype(np.uint8)) for part in (numbered % 256, numbered // 256)
    )
    places = (256 * high.astype(int) + low)[0, ..., 0]
    assert sorted(places.ravel()) == list(range(28 * 28))
    beside = np.abs(np.diff(places, axis=1)) == 1
    assert beside.mean() < 0.02


def test_only_rows_pixels_and_columns_have_an_order():
    with pytest.raises(ValueError, match="not 'digits'"):
        View("mnist", transform={"name": "reorder", "what": "digits"}).shape  # noqa: B018


def test_unknown_transform_is_said_with_those_that_there_are():
    with pytest.raises(
        ValueError, match="no transform named 'blur'; there are channels, shift, sq"
    ):
        transform_of({"name": "blur"})


def test_options_that_a_transform_does_not_take_are_said():
    with pytest.raises(ValueError, match="shift does not take these: {'up': 1}"):
        transform_of({"name": "shift", "up": 1})
