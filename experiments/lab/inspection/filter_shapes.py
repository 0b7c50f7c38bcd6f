"""What the filters of a first layer look for, read from their weights by measures, not by eye.

A filter is an array (height, width, channels). Three measures say what kind of pattern it answers
to:

- `colour`: the share of its energy (sum of squared weights) that differs between the channels. The
  rest is the same in all channels and answers to brightness alone.
- `coherence`: how far its brightness changes in a single direction, 0 (in none more than another)
  to 1 (a straight edge or bar), from the structure tensor (Bigün & Granlund 1987); `direction` is
  that of the edge, in degrees anticlockwise from horizontal.
- `coarse`: the share of its energy in spatial frequencies below half the highest that pixels can
  carry.

Random weights have a colour, a coherence and a coarseness too. A filter is therefore only called
one or the other when it lies outside the middle 95 % of filters with random weights of the same
shape. That does not make it learned: training adds sums of image patches to a first layer's weights,
and neighbouring pixels are alike. What training added is held against random sums of patches.
"""

import functools
import itertools

import numpy as np

RANDOM_FILTERS = 4000
SEED = 0
SPECTRUM = 32  # points a side of the spectrum; padding with zeros makes it smooth
COPY = 0.9  # correlation from which two filters count as copies of one another
DIRECTIONS = ("horizontal", "rising diagonal", "vertical", "falling diagonal")


def read(weights: np.ndarray) -> list[dict]:
    """Return a reading of each filter of `weights` (height, width, channels, filters): plain data.

    Besides the measures: `strength` (square root of the energy), and `kind`, `shape` and `scale`,
    words that are empty where the filter is like one with random weights: "colour" or
    "brightness"; the edge's direction; "coarse" or "fine".
    """
    filters = np.moveaxis(weights.astype(np.float64), -1, 0)
    bounds = random_bounds(weights.shape[:3])
    measured = _measures(filters)
    strengths = np.sqrt(_energy(filters))
    readings = []
    for index, strength in enumerate(strengths):
        own = {name: float(values[index]) for name, values in measured.items()}
        words = _words(own, bounds) if strength else dict.fromkeys(("kind", "shape", "scale"), "")
        readings.append({"strength": float(strength), **own, **words})
    return readings


@functools.lru_cache(maxsize=8)
def random_bounds(shape: tuple[int, int, int]) -> dict[str, tuple[float, float]]:
    """Return the middle 95 % of each measure over filters of `shape` with independent weights.

    The weights are uniform, as those of an untrained layer are (Glorot & Bengio 2010).
    """
    filters = np.random.default_rng(SEED).uniform(-1, 1, (RANDOM_FILTERS, *shape))
    measured = _measures(filters)
    return {
        name: tuple(float(bound) for bound in np.quantile(measured[name], [0.025, 0.975]))
        for name in ("colour", "coherence", "coarse")
    }


def patches(images: np.ndarray, size: tuple[int, int], count: int, seed: int = SEED) -> np.ndarray:
    """Return `count` patches of `size` (height, width) from random places of random images, as filters.

    `images` are (n, height, width, channels), in the range that the network takes; the result is
    (height, width, channels, count), float64.
    """
    random = np.random.default_rng(seed)
    windows = np.lib.stride_tricks.sliding_window_view(images, size, axis=(1, 2))
    chosen = (random.integers(length, size=count) for length in windows.shape[:3])
    return np.moveaxis(windows[tuple(chosen)], (0, 1), (3, 2)).astype(np.float64)


def patch_sums(
    images: np.ndarray, size: tuple[int, int], count: int, each: int, seed: int = SEED
) -> np.ndarray:
    """Return sums of `each` random patches times normal numbers: (height, width, channels, count).

    A step of gradient descent adds to a filter the sum of the patches it saw, each times the gradient
    at its output. These have the patches' own smoothness and no more: nothing chose their factors.
    """
    random = np.random.default_rng([seed, 1])
    found = patches(images, size, count * each, seed)
    factors = random.normal(size=(count, each))
    return np.einsum("hwcne,ne->hwcn", found.reshape(*found.shape[:3], count, each), factors)


def copies(weights: np.ndarray) -> list[dict]:
    """Return every pair of filters with the correlation of their weights, the closest pair first.

    `weights` is (height, width, channels, filters). Filters are counted from 0; `relation` is "copies"
    where the correlation is COPY or more, "opposites" where it is -COPY or less, else empty.
    """
    correlations = correlation(weights, weights)
    pairs = [
        {
            "filters": [first, second],
            "correlation": float(correlations[first, second]),
            "relation": _relation(correlations[first, second]),
        }
        for first, second in itertools.combinations(range(weights.shape[-1]), 2)
    ]
    return sorted(pairs, key=lambda pair: -abs(pair["correlation"]))


def _relation(correlated: float) -> str:
    return "copies" if correlated >= COPY else "opposites" if correlated <= -COPY else ""


def correlation(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation of filters of `left` with filters of `right`: (left, right).

    Both are (height, width, channels, filters). A filter of equal weights correlates with nothing:
    0.
    """
    one, two = (_standardized(weights) for weights in (left, right))
    return one @ two.T


def _standardized(weights: np.ndarray) -> np.ndarray:
    flat = weights.reshape(-1, weights.shape[-1]).T.astype(np.float64)
    flat = flat - flat.mean(axis=1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.divide(flat, length, out=np.zeros_like(flat), where=length > 0)


def _measures(filters: np.ndarray) -> dict[str, np.ndarray]:
    """Return the measures of filters (n, height, width, channels): float64 (n,) each."""
    coherence, direction = _edges(filters)
    return {
        "colour": _colour(filters),
        "coherence": coherence,
        "direction": direction,
        "coarse": _coarse(filters),
    }


def _energy(filters: np.ndarray) -> np.ndarray:
    return (filters**2).sum(axis=(1, 2, 3))


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _colour(filters: np.ndarray) -> np.ndarray:
    apart = filters - filters.mean(axis=3, keepdims=True)
    return _share(_energy(apart), _energy(filters))


def _edges(filters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return coherence and direction of the edge, by the structure tensor over all channels."""
    down, across = np.gradient(filters, axis=(1, 2))
    xx, yy, xy = _energy(across), _energy(down), (across * down).sum(axis=(1, 2, 3))
    coherence = _share(np.sqrt((xx - yy) ** 2 + 4 * xy**2), xx + yy)
    # Rows count downwards, so that the angle changes its sign; an edge stands across its gradient.
    steepest = np.degrees(0.5 * np.arctan2(-2 * xy, xx - yy))
    return coherence, (steepest + 90) % 180


def _coarse(filters: np.ndarray) -> np.ndarray:
    spectrum = np.abs(np.fft.fft2(filters, s=(SPECTRUM, SPECTRUM), axes=(1, 2))) ** 2
    frequency = np.fft.fftfreq(SPECTRUM)
    low = np.hypot(frequency[:, None], frequency[None, :]) < 0.25  # the highest is 0.5 a pixel
    return _share(spectrum[:, low].sum(axis=(1, 2)), _energy(filters) * SPECTRUM**2)


def _words(measured: dict[str, float], bounds: dict[str, tuple[float, float]]) -> dict[str, str]:
    """Return what the measures say where they are outside the bounds of random weights."""
    below = {name: measured[name] < low for name, (low, _) in bounds.items()}
    above = {name: measured[name] > high for name, (_, high) in bounds.items()}
    nearest = DIRECTIONS[round(measured["direction"] / 45) % 4]
    return {
        "kind": "colour" if above["colour"] else "brightness" if below["colour"] else "",
        "shape": nearest if above["coherence"] else "",
        "scale": "coarse" if above["coarse"] else "fine" if below["coarse"] else "",
    }
