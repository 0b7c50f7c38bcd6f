"""Tests of `experiments.lab.inspection.filter_shapes` on filters whose shape is known."""

import numpy as np
import pytest

from experiments.lab.inspection import filter_shapes

ROWS, COLUMNS = np.mgrid[-2:3, -2:3].astype(float)


def bank(*filters):
    """Return weights (5, 5, 3, n) of filters (5, 5), the same in each channel, or (5, 5, 3)."""
    return np.stack(
        [f if f.ndim == 3 else np.repeat(f[..., None], 3, axis=2) for f in filters], axis=-1
    )


@pytest.mark.parametrize(
    ("pattern", "direction", "words"),
    [
        (np.sign(COLUMNS), 90, "vertical"),
        (np.sign(ROWS), 0, "horizontal"),
        (np.sign(ROWS + COLUMNS), 45, "rising diagonal"),  # a step along the other diagonal
        (np.sign(ROWS - COLUMNS), 135, "falling diagonal"),
    ],
)
def test_step_has_the_direction_of_its_edge(pattern, direction, words):
    [reading] = filter_shapes.read(bank(pattern))
    assert reading["direction"] == pytest.approx(direction)
    assert reading["coherence"] > 0.9
    assert reading["shape"] == words


def test_same_weights_in_all_channels_answer_to_brightness():
    [reading] = filter_shapes.read(bank(np.sign(COLUMNS)))
    assert reading["colour"] == pytest.approx(0)
    assert reading["kind"] == "brightness"


def test_channels_against_each_other_answer_to_colour():
    blob = np.exp(-(ROWS**2 + COLUMNS**2) / 4)[..., None] * np.array([1.0, -1.0, 0.0])
    [reading] = filter_shapes.read(bank(blob))
    assert reading["colour"] == pytest.approx(1)
    assert (reading["kind"], reading["scale"], reading["shape"]) == ("colour", "coarse", "")


def test_checkerboard_is_fine_and_a_constant_coarse():
    checkers = (-1.0) ** (ROWS + COLUMNS)
    fine, coarse = filter_shapes.read(bank(checkers, np.ones((5, 5))))
    assert (fine["scale"], coarse["scale"]) == ("fine", "coarse")
    assert fine["coarse"] < 0.05 < 0.7 < coarse["coarse"] <= 1


def test_coarse_share_agrees_with_summing_the_spectrum_by_hand():
    pattern = np.random.default_rng(1).normal(size=(5, 5))
    low = total = 0.0
    for v in range(-16, 16):
        for u in range(-16, 16):
            wave = np.exp(-2j * np.pi * (u * COLUMNS + v * ROWS) / 32)
            power = abs((pattern * wave).sum()) ** 2
            total += power
            low += power * ((u / 32) ** 2 + (v / 32) ** 2 < 0.0625)
    [reading] = filter_shapes.read(bank(pattern))
    assert reading["coarse"] == pytest.approx(low / total)


def test_strength_is_the_length_of_the_weights():
    [reading] = filter_shapes.read(bank(np.full((5, 5), 2.0)))
    assert reading["strength"] == pytest.approx(2 * np.sqrt(75))


def test_random_filters_are_called_nothing_but_rarely():
    weights = np.random.default_rng(4).uniform(-0.1, 0.1, (5, 5, 3, 2000))
    readings = filter_shapes.read(weights)
    for word in ("kind", "scale"):
        assert np.mean([reading[word] != "" for reading in readings]) == pytest.approx(
            0.05, abs=0.02
        )
    # Only one side counts for the direction: there is no word for less than random.
    assert np.mean([r["shape"] != "" for r in readings]) == pytest.approx(0.025, abs=0.015)


def test_random_colour_share_has_the_mean_of_its_degrees_of_freedom():
    # Two of three dimensions of a weight's channels are differences between channels.
    low, high = filter_shapes.random_bounds((5, 5, 3))["colour"]
    assert low < 2 / 3 < high
    assert high - low < 0.4


def test_scaling_a_filter_changes_only_its_strength():
    weights = np.random.default_rng(2).normal(size=(5, 5, 3, 1))
    [one], [ten] = filter_shapes.read(weights), filter_shapes.read(10 * weights)
    assert ten.pop("strength") == pytest.approx(10 * one.pop("strength"))
    assert ten == pytest.approx(one)


def test_filter_of_zeros_has_no_shape_and_no_warning():
    with np.errstate(all="raise"):
        [reading] = filter_shapes.read(np.zeros((5, 5, 3, 1)))
    assert (reading["strength"], reading["coherence"], reading["colour"]) == (0, 0, 0)
    assert (reading["kind"], reading["shape"], reading["scale"]) == ("", "", "")


def test_one_channel_has_no_colour_to_answer_to():
    [reading] = filter_shapes.read(np.sign(COLUMNS)[..., None, None])
    assert (reading["kind"], reading["shape"]) == ("", "vertical")


def test_copies_and_opposites_are_found_closest_first():
    random = np.random.default_rng(6)
    first, second = random.normal(size=(2, 5, 5, 3))
    noise = 0.05 * random.normal(size=(5, 5, 3))
    pairs = filter_shapes.copies(np.stack([first, second, 2 * first + noise, -second], axis=-1))
    assert [pair["filters"] for pair in pairs[:2]] == [[1, 3], [0, 2]]
    assert [pair["relation"] for pair in pairs[:3]] == ["opposites", "copies", ""]
    assert len(pairs) == 6


def test_correlation_agrees_with_numpy():
    left, right = np.random.default_rng(7).normal(size=(2, 3, 3, 2, 4))
    expected = np.corrcoef(left.reshape(-1, 4).T, right.reshape(-1, 4).T)[:4, 4:]
    assert filter_shapes.correlation(left, right) == pytest.approx(expected)


def test_equal_weights_correlate_with_nothing():
    ones = np.ones((5, 5, 3, 1))
    assert filter_shapes.correlation(ones, ones).tolist() == [[0.0]]


def test_patches_are_cut_from_the_images():
    images = np.arange(2 * 6 * 7 * 3).reshape(2, 6, 7, 3)
    found = filter_shapes.patches(images, (5, 4), 300)
    assert found.shape == (5, 4, 3, 300)
    every = {
        images[one, row : row + 5, column : column + 4].tobytes()
        for one in range(2)
        for row in range(2)
        for column in range(4)
    }
    assert {found[..., index].astype(int).tobytes() for index in range(300)} == every


def test_sums_of_white_patches_are_like_random_filters_and_of_smooth_ones_are_not():
    random = np.random.default_rng(0)
    white = random.normal(size=(40, 32, 32, 3))
    rows = np.linspace(-1, 1, 32)[:, None, None]
    smooth = random.normal(size=(40, 1, 1, 1)) * rows + np.zeros((40, 32, 32, 3))
    for images, least, most in ((white, 0.0, 0.12), (smooth, 0.9, 1.0)):
        sums = filter_shapes.patch_sums(images, (5, 5), 200, 20)
        coarse = np.mean([one["scale"] == "coarse" for one in filter_shapes.read(sums)])
        assert least <= coarse <= most


def test_a_sum_is_of_its_patches_with_normal_factors():
    images = np.ones((3, 8, 8, 1))
    sums = filter_shapes.patch_sums(images, (5, 5), 4000, 9)
    assert sums.shape == (5, 5, 1, 4000)
    assert np.ptp(sums, axis=(0, 1, 2)).max() < 1e-9
    assert sums[0, 0, 0].std() == pytest.approx(3, rel=0.05)
