"""Shapes for drawing many small images at once.

Every shape is given as a *depth*: how far inside the outline a point lies, in the unit of the
coordinates, negative outside. Depths combine like sets (`np.minimum` cuts, `np.maximum` joins),
and a `Pen` turns them into paint with soft edges. Coordinates `u` (to the right) and `v` (down)
are arrays of shape (n, height, width), one plane an image; a shape's measures are numbers or
arrays of shape (n, 1, 1), one value an image, so that all n images are drawn in one pass.

Only additions, products, divisions and roots are taken of whole planes, in double precision:
rounded to bytes, the images come out alike on every machine and with every NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

Measure = float | np.ndarray
"""A number, or one number an image as an array of shape (n, 1, 1)."""


def ellipse(
    u: np.ndarray, v: np.ndarray, x: Measure, y: Measure, rx: Measure, ry: Measure
) -> np.ndarray:
    """Depth in an ellipse around (x, y) with the half axes rx and ry."""
    across, down = (u - x) / rx, (v - y) / ry
    return (1.0 - np.sqrt(across * across + down * down)) * np.minimum(rx, ry)


def box(
    u: np.ndarray, v: np.ndarray, x: Measure, y: Measure, half_x: Measure, half_y: Measure
) -> np.ndarray:
    """Depth in an upright rectangle around (x, y) with the half sides half_x and half_y."""
    return np.minimum(half_x - np.abs(u - x), half_y - np.abs(v - y))


def band(
    u: np.ndarray, v: np.ndarray, top: Measure, bottom: Measure, at_top: Measure, at_bottom: Measure
) -> np.ndarray:
    """Depth in a trapezium around the axis u = 0, with half widths at its top and bottom.

    A half width of zero at one end makes it a triangle.
    """
    half = at_top + (v - top) * ((at_bottom - at_top) / (bottom - top))
    return np.minimum(half - np.abs(u), np.minimum(v - top, bottom - v))


def stroke(
    u: np.ndarray,
    v: np.ndarray,
    start: tuple[Measure, Measure],
    end: tuple[Measure, Measure],
    half: Measure,
) -> np.ndarray:
    """Depth in a line with round ends, from start to end, of half width `half`."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    du, dv = u - start[0], v - start[1]
    share = (du * along_x + dv * along_y) / (along_x * along_x + along_y * along_y)
    share = np.clip(share, 0.0, 1.0)
    du, dv = du - share * along_x, dv - share * along_y
    return half - np.sqrt(du * du + dv * dv)


def ring(
    u: np.ndarray, v: np.ndarray, x: Measure, y: Measure, radius: Measure, half: Measure
) -> np.ndarray:
    """Depth in a ring around (x, y) whose line has the half width `half`."""
    du, dv = u - x, v - y
    return half - np.abs(np.sqrt(du * du + dv * dv) - radius)


def waves(along: np.ndarray) -> np.ndarray:
    """Periodic ramp between -1 and 1 with period 1 (a triangle wave)."""
    return 4.0 * np.abs(along - np.floor(along) - 0.5) - 1.0


@dataclass
class Pen:
    """What draws n images of the same kind of object, each with its own measures and colours.

    Attributes:
        image: float64 (3, n, height, width), red, green and blue between 0 and 1.
        u, v: float64 (n, height, width), coordinates of the object, about -1 to 1.
        soft: (n, 1, 1), width of an edge in those coordinates.
        rng: where the measures come from.
        colours: name to float64 (3, n, 1, 1).
        grain: (n, height, width), factor near 1 that lays a pattern over the `main` colour.
    """

    image: np.ndarray
    u: np.ndarray
    v: np.ndarray
    soft: np.ndarray
    rng: np.random.Generator
    colours: dict[str, np.ndarray]
    grain: np.ndarray | float = 1.0
    covered: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.covered = np.zeros(self.u.shape)

    def vary(self, low: float, high: float) -> np.ndarray:
        """One measure an image, evenly between low and high, of shape (n, 1, 1)."""
        return low + (high - low) * self.rng.random((len(self.u), 1, 1))

    def some(self, share: float) -> np.ndarray:
        """1.0 for about that share of the images and 0.0 for the others, of shape (n, 1, 1)."""
        return (self.rng.random((len(self.u), 1, 1)) < share).astype(float)

    def paint(self, depth: np.ndarray, colour: str, strength: Measure = 1.0) -> None:
        """Lay a colour over all that is inside, with an edge `soft` wide."""
        cover = np.clip(0.5 + depth / self.soft, 0.0, 1.0)
        cover *= strength
        np.maximum(self.covered, cover, out=self.covered)
        for plane, tone in zip(self.image, self.colours[colour], strict=True):
            plane += cover * ((tone * self.grain if colour == "main" else tone) - plane)
