"""Grey squares: where they lie, and what they hide."""

import numpy as np
from scipy.ndimage import uniform_filter

from experiments.deconvnet import squares


def images(count=2):
    return np.random.default_rng(0).random((count, 32, 32, 3)).astype(np.float32)


def test_square_is_grey_and_leaves_the_rest_alone():
    half = squares.SIDE // 2
    hidden = squares.hide(images(), np.array([[10, 12], [20, 5]]))
    expected = images()
    expected[0, 10 - half : 11 + half, 12 - half : 13 + half] = squares.GREY
    expected[1, 20 - half : 21 + half, 5 - half : 6 + half] = squares.GREY
    np.testing.assert_array_equal(hidden, expected)


def test_square_over_a_corner_is_cut_off():
    hidden = squares.hide(images(1), np.array([[0, 31]]))
    side = squares.SIDE // 2 + 1
    assert (hidden != images(1)).any(axis=3).sum() == side**2
    assert (hidden[0, :side, -side:] == squares.GREY).all()


def test_squares_slide_row_by_row_wherever_one_fits_whole():
    slid = squares.slide(images(1)[0])
    rows, columns = squares.grid_of((32, 32))
    assert len(slid) == rows * columns == len(range(0, 32 - squares.SIDE + 1, squares.STEP)) ** 2
    hidden = (slid == squares.GREY).all(axis=3).sum(axis=(1, 2))
    assert set(hidden) == {squares.SIDE**2}
    place = np.array([[squares.STEP, 3 * squares.STEP]]) + squares.SIDE // 2
    np.testing.assert_array_equal(slid[columns + 3], squares.hide(images(1), place)[0])


def test_sums_are_those_of_the_pixels_under_each_square():
    values = images(1)[0, ..., 0]
    means = uniform_filter(values.astype(float), squares.SIDE, mode="constant")
    half = squares.SIDE // 2
    whole = (means * squares.SIDE**2)[half:-half, half:-half]
    expected = whole[:: squares.STEP, :: squares.STEP]
    np.testing.assert_allclose(squares.sums_under(values), expected, rtol=1e-5)
