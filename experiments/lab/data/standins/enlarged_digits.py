"""Makes the stand-in for MNIST: scikit-learn's handwritten digits, enlarged and varied.

`load_digits` holds 1,797 real digits of 8x8 pixels. They are divided into training and test
originals first; then several variants of each are drawn at 28x28, shifted, turned and stretched a
little. So no test image has a twin in training, and the group numbers let validation be divided
the same way. Like MNIST's, the digits are white on black, fill about 20x20 pixels, and stand
centred by their centre of mass. Measured: LeNet-5 reaches 0.97 on the test images.
"""

from __future__ import annotations

import numpy as np

from experiments.lab.data.files import Arrays

SIZE = 28
SEED = 28
TEST_SHARE = 0.25
TRAINING_VARIANTS = 9
TEST_VARIANTS = 4
SCALE = 2.5
"""Pixels of the image to one of the original: 8 become 20, the box MNIST's digits fill."""

BATCH = 1000


def build() -> Arrays:
    """Make all arrays: about 12,100 training images and 1,800 for testing, in random order."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    originals, labels = digits.images / 16.0, digits.target.astype(np.int64)
    rng = np.random.Generator(np.random.PCG64(SEED))
    for_test = _test_originals(rng, labels)
    train = _variants(rng, originals, np.flatnonzero(~for_test), TRAINING_VARIANTS)
    test = _variants(rng, originals, np.flatnonzero(for_test), TEST_VARIANTS)
    return Arrays(train[0], labels[train[1]], test[0], labels[test[1]], train[1])


def _test_originals(rng: np.random.Generator, labels: np.ndarray) -> np.ndarray:
    """Which originals are for testing: a quarter of each class."""
    chosen = np.zeros(len(labels), dtype=bool)
    for label in range(10):
        members = np.flatnonzero(labels == label)
        order = members[np.argsort(rng.random(len(members)), kind="stable")]
        chosen[order[: round(len(members) * TEST_SHARE)]] = True
    return chosen


def _variants(
    rng: np.random.Generator, originals: np.ndarray, chosen: np.ndarray, variants: int
) -> tuple[np.ndarray, np.ndarray]:
    """Varied images, uint8 (n, 28, 28, 1), and the number of each one's original, int64 (n,)."""
    groups = np.repeat(chosen, variants)
    groups = groups[np.argsort(rng.random(len(groups)), kind="stable")]
    batches = [groups[first : first + BATCH] for first in range(0, len(groups), BATCH)]
    images = [_enlarge(rng, originals[batch]) for batch in batches]
    return np.concatenate(images)[..., None], groups.astype(np.int64)


def _enlarge(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    """Draw digits (n, 8, 8) between 0 and 1 at 28x28, each in a pose of its own, as uint8."""
    fine = _refined(digits)
    down, across = _places(rng, digits)
    shown = _sampled(fine, down, across)
    # A curve with a steep middle gives the blurred strokes the solid body and narrow edge of ink.
    shown = np.clip((shown - 0.28) / 0.5, 0.0, 1.0)
    return np.rint(shown * shown * (3.0 - 2.0 * shown) * 255.0).astype(np.uint8)


def _refined(digits: np.ndarray, factor: int = 4) -> np.ndarray:
    """Digits with a border of one, each pixel `factor`^2 smaller ones, by cubic interpolation."""
    framed = np.pad(digits, ((0, 0), (1, 1), (1, 1)))
    cells = framed.shape[1]
    place = (np.arange(cells * factor) + 0.5) / factor - 0.5
    weights = _cubic(np.abs(place[:, None] - np.arange(cells)))
    return weights @ framed @ weights.T


def _cubic(distance: np.ndarray) -> np.ndarray:
    """Weights of cubic convolution (Keys 1981, a = -1/2) at a distance in pixels."""
    near = (1.5 * distance - 2.5) * distance * distance + 1.0
    far = ((-0.5 * distance + 2.5) * distance - 4.0) * distance + 2.0
    return np.where(distance < 1.0, near, np.where(distance < 2.0, far, 0.0))


def _places(rng: np.random.Generator, digits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where in its original each pixel lies: rows and columns, each (n, 28, 28)."""
    count = len(digits)

    def vary(reach: float) -> np.ndarray:
        return (rng.random((count, 1, 1)) * 2.0 - 1.0) * reach

    mass = digits.sum(axis=(1, 2))[:, None, None]
    line = np.arange(8.0)
    middle_down = (digits.sum(axis=2) * line).sum(axis=1)[:, None, None] / mass
    middle_across = (digits.sum(axis=1) * line).sum(axis=1)[:, None, None] / mass
    pixels = np.arange(SIZE) - (SIZE - 1) / 2
    y, x = pixels[None, :, None] - vary(1.5), pixels[None, None, :] - vary(1.5)
    angle, slant = vary(0.2), vary(0.15)
    tall, wide = SCALE * (1.0 + vary(0.12)), SCALE * (1.0 + vary(0.12))
    cos, sin = np.cos(angle), np.sin(angle)
    down = (cos * y - sin * x) / tall
    across = (cos * x + sin * y) / wide + slant * down
    return middle_down + down, middle_across + across


def _sampled(fine: np.ndarray, down: np.ndarray, across: np.ndarray, factor: int = 4) -> np.ndarray:
    """Values of refined digits at places given in pixels of the original, linearly between."""
    last = fine.shape[1] - 1
    y, x = ((place + 1.5) * factor - 0.5 for place in (down, across))
    y, x = np.clip(y, 0.0, last - 1e-9), np.clip(x, 0.0, last - 1e-9)
    top, left = y.astype(np.int64), x.astype(np.int64)
    y, x = y - top, x - left
    place = (np.arange(len(fine))[:, None, None] * (last + 1) + top) * (last + 1) + left
    flat = fine.reshape(-1)
    upper = flat[place] * (1.0 - x) + flat[place + 1] * x
    lower = flat[place + last + 1] * (1.0 - x) + flat[place + last + 2] * x
    return upper * (1.0 - y) + lower * y
