"""Images with no more pixels than they have values: a screen enlarges them itself."""

import functools
import io
import math

import numpy as np


@functools.lru_cache(maxsize=2048)
def smallest(png: bytes) -> bytes:
    """Return a PNG without the repetitions of rows and columns that it has; itself if that is smaller.

    Figures repeat the pixels of small images, so that readers of a PDF do not blur them; a page says
    `image-rendering: pixelated` instead. Channels that are equal become one, a full alpha none.
    """
    from PIL import Image

    buffer = io.BytesIO()
    pixels = _plain(np.asarray(Image.open(io.BytesIO(png))))
    Image.fromarray(pixels).save(buffer, format="png", optimize=True)
    return min(buffer.getvalue(), png, key=len)


def _plain(pixels: np.ndarray) -> np.ndarray:
    """Return uint8 pixels, (height, width, channels), without repetitions; (height, width) if grey."""
    times = _times(pixels)
    pixels = pixels[::times, ::times]
    if pixels.ndim == 3 and pixels.shape[2] == 4 and (pixels[..., 3] == 255).all():
        pixels = pixels[..., :3]
    if pixels.ndim == 3 and pixels.shape[2] == 3 and (pixels == pixels[..., :1]).all():
        pixels = pixels[..., 0]
    return np.ascontiguousarray(pixels)


def _times(pixels: np.ndarray) -> int:
    """Return how many times each row and each column is repeated."""
    common = math.gcd(*pixels.shape[:2])
    divisors = (times for times in range(common, 0, -1) if common % times == 0)
    return next(times for times in divisors if _repeats(pixels, times))


def _repeats(pixels: np.ndarray, times: int) -> bool:
    few = pixels[::times, ::times]
    return bool((np.repeat(np.repeat(few, times, axis=0), times, axis=1) == pixels).all())
