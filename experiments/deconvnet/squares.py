"""Grey squares that hide a part of an image, for the studies that ask what a part is worth."""

import numpy as np

from experiments.lab.data import transforms

GREY = 0.5  # the middle of the networks' input range
SIDE = 9  # pixels; odd, so that a square has a middle pixel
STEP = 2  # pixels from one square to the next where squares slide over an image


def hide(images: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return copies of the images, each with a grey square on it.

    `images` are float32 (n, height, width, channels) in [0, 1]; `centres` are int (n, 2), the row
    and column of each square's middle. What of a square falls outside the image is cut off.
    """
    covered = transforms.squares(images.shape[1:3], centres, SIDE)
    return np.where(covered[..., None], np.float32(GREY), images)


def slide(image: np.ndarray) -> np.ndarray:
    """Return the image with a square at every STEP-th pixel of every STEP-th row where it fits whole.

    A square that the border cuts hides less than the others, so that what it costs says nothing of its
    place. `image` is (height, width, channels), the result (squares, height, width, channels).
    """
    height, width = image.shape[:2]
    corners = np.indices((height - SIDE + 1, width - SIDE + 1))[:, ::STEP, ::STEP]
    centres = corners.reshape(2, -1).T + SIDE // 2
    return hide(np.broadcast_to(image, (len(centres), *image.shape)), centres)


def sums_under(values: np.ndarray) -> np.ndarray:
    """Return the sum of `values` (height, width) under each of the squares that `slide` lays.

    The result is (rows, columns) with a value for each square, as `grid_of` counts them.
    """
    windows = np.lib.stride_tricks.sliding_window_view(values, (SIDE, SIDE))
    return windows[::STEP, ::STEP].sum(axis=(2, 3))


def grid_of(size: tuple[int, int]) -> tuple[int, int]:
    """Return how many squares `slide` lays down and across an image of `size`."""
    return tuple(-(-(length - SIDE + 1) // STEP) for length in size)
