"""What a view may do to images before a network sees them, by name.

A transform takes uint8 images (n, height, width, channels) and returns uint8 images; `shape` says of
which height, width and channels. What is drawn at random for an image must follow from the view's seed
and the image's number alone, so that an image looks the same in every epoch, run and process, and
whatever other images stand beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from experiments.lab.store.registry import Registry

Shape = tuple[int, int, int]  # height, width, channels
GREY = 128  # of 255; in networks' input the middle between black and white


class Transform:
    """What every transform has. One that keeps the shape and draws nothing adds a call alone."""

    draws: ClassVar[bool] = False  # whether it uses the seed

    def shape(self, shape: Shape) -> Shape:
        """Return height, width and channels of what is made of images of `shape`."""
        return shape

    def __call__(self, images: np.ndarray, numbers: np.ndarray, seed: int | None) -> np.ndarray:
        """Return uint8 images (n, *self.shape(...)) for uint8 `images` (n, height, width, channels).

        `numbers`, int (n,), are the images' numbers in their part of the data set.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Channels(Transform):
    """Repeats the one channel of grey images, for a network that reads `channels` of them."""

    channels: int

    def shape(self, shape: Shape) -> Shape:
        """Return the shape with the channels; ValueError for images that are not grey."""
        if shape[2] != 1:
            raise ValueError(
                f"only a grey image's channel can be repeated, not {shape[2]} channels"
            )
        return (*shape[:2], self.channels)

    def __call__(self, images: np.ndarray, *_: Any) -> np.ndarray:
        """Return the images (n, h, w, 1) with their channel repeated: (n, h, w, `channels`)."""
        return np.repeat(images, self.channels, axis=3)


@dataclass(frozen=True)
class Shift(Transform):
    """Moves images by pixels, negative ones up and left; 0 where nothing comes from."""

    down: int = 0
    right: int = 0

    def __call__(self, images: np.ndarray, *_: Any) -> np.ndarray:
        """Return the moved images, of the same shape and dtype."""
        result = np.zeros_like(images)
        to_y, from_y = _slices(self.down, images.shape[1])
        to_x, from_x = _slices(self.right, images.shape[2])
        result[:, to_y, to_x] = images[:, from_y, from_x]
        return result


@dataclass(frozen=True)
class Square(Transform):
    """Hides a part of images under a grey square of `side` pixels about `row` and `column`.

    What of the square falls outside the image is cut off. An even side has one pixel more before its
    middle than behind it.
    """

    row: int
    column: int
    side: int

    def __call__(self, images: np.ndarray, *_: Any) -> np.ndarray:
        """Return copies of uint8 images (n, h, w, c) with the square on them."""
        place = np.array([[self.row, self.column]])
        covered = squares(images.shape[1:3], place, self.side)
        return np.where(covered[..., None], np.uint8(GREY), images)


def squares(size: tuple[int, int], centres: np.ndarray, side: int) -> np.ndarray:
    """Return which pixels of images of `size` (height, width) squares cover: bool (n, height, width).

    `centres` are int (n, 2), the row and column of each square's middle; `side` is in pixels.
    """
    before = side // 2
    rows, columns = (
        (-before <= away) & (away < side - before)
        for away in (np.arange(size[axis]) - centres[:, axis, None] for axis in (0, 1))
    )
    return rows[:, :, None] & columns[:, None, :]


@dataclass(frozen=True)
class Rotation(Transform):
    """Turns images about their middle, counterclockwise, by `degrees`; 0 where nothing comes from."""

    degrees: float

    def __call__(self, images: np.ndarray, *_: Any) -> np.ndarray:
        """Return the turned images, of the same shape and dtype; between pixels it is interpolated."""
        from scipy.ndimage import rotate

        # In float, and rounded at the end: SciPy cuts decimals off where it gives bytes.
        turned = rotate(images.astype(np.float32), self.degrees, (2, 1), reshape=False, order=1)
        return np.clip(np.rint(turned), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Noise(Transform):
    """Adds normal noise of this standard `deviation`, in grey levels of 255, to each pixel by itself."""

    deviation: float

    draws: ClassVar[bool] = True

    def __call__(self, images: np.ndarray, numbers: np.ndarray, seed: int | None) -> np.ndarray:
        """Return the noisy images, cut off at 0 and 255; an image's noise follows from its number."""
        noise = [
            np.random.default_rng([seed, number]).normal(0, self.deviation, images.shape[1:])
            for number in numbers
        ]
        return np.clip(np.rint(images + np.array(noise)), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Hidden(Transform):
    """Makes `count` rows black, from row `first` on, as if nothing had been written there."""

    first: int
    count: int

    def __call__(self, images: np.ndarray, *_: Any) -> np.ndarray:
        """Return copies of the images (n, h, w, c) without those rows."""
        result = images.copy()
        result[:, self.first : self.first + self.count] = 0
        return result


ORDER_SEED = 28  # of the random orders: one of rows and one of pixels, for every image and run


@dataclass(frozen=True)
class Reordered(Transform):
    """Puts rows or pixels of all images in one and the same random order, or columns in place of rows.

    `what` is "rows", "pixels" or "columns". Nothing is lost: the order could be undone.
    """

    what: str

    def shape(self, shape: Shape) -> Shape:
        """Return the shape, with height and width exchanged for columns.

        Raises ValueError for anything but rows, pixels and columns.
        """
        if self.what not in ("rows", "pixels", "columns"):
            raise ValueError(f"only rows, pixels and columns have an order, not {self.what!r}")
        return (shape[1], shape[0], shape[2]) if self.what == "columns" else shape

    def __call__(self, images: np.ndarray, *_: Any) -> np.ndarray:
        """Return the images (n, h, w, c) in the other order."""
        count, height, width, channels = images.shape
        if self.what == "columns":
            return np.ascontiguousarray(images.transpose(0, 2, 1, 3))
        if self.what == "rows":
            return images[:, random_order(height)]
        flat = images.reshape(count, height * width, channels)
        return flat[:, random_order(height * width)].reshape(images.shape)


def random_order(count: int) -> np.ndarray:
    """Return the random order of `count` things, int (count,): the same on every call."""
    # Sorting uniform numbers, not Generator.permutation, whose stream NumPy does not promise.
    return np.argsort(np.random.default_rng(ORDER_SEED).random(count), kind="stable")


def _slices(shift: int, size: int) -> tuple[slice, slice]:
    """Return where pixels go to and come from along an axis; both are empty if none is left."""
    kept = max(0, size - abs(shift))
    to = min(max(shift, 0), size)
    source = min(max(-shift, 0), size)
    return slice(to, to + kept), slice(source, source + kept)


TRANSFORMS = Registry(
    "transform",
    {
        "channels": Channels,
        "shift": Shift,
        "square": Square,
        "rotate": Rotation,
        "noise": Noise,
        "hide": Hidden,
        "reorder": Reordered,
    },
)


def transform_of(plain: Mapping[str, Any]) -> Transform:
    """Return the transform of {"name": NAME, ...options}; ValueError if there is no such one."""
    options = {name: value for name, value in plain.items() if name != "name"}
    try:
        return TRANSFORMS.named(plain["name"])(**options)
    except TypeError as error:
        raise ValueError(f"{plain['name']} does not take these: {options} ({error})") from error
