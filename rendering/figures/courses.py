"""The course of a curve in words, for a reader who cannot see it."""

from collections.abc import Callable

import numpy as np

TURN = 0.1  # of the curve's span: by how much it must go back to have turned


def course(x: np.ndarray, y: np.ndarray, tell: Callable[[float], str]) -> str:
    """Return how a curve goes: "rises from 9 % to 62 %", "falls from … to … at 3, then rises to …".

    `x` and `y` are finite and at least two each, in order; `tell` gives a value in words. Of several
    turns the one that goes furthest beyond both ends is told. Raises ValueError for fewer points.
    """
    if len(y) < 2:
        raise ValueError("a course has two points at least")
    first, last = tell(y[0]), tell(y[-1])
    turn = _turn(y)
    if turn is not None and tell(y[turn]) not in (first, last):
        way, back = ("rises", "falls") if y[turn] > y[0] else ("falls", "rises")
        return f"{way} from {first} to {tell(y[turn])} at {x[turn]:g}, then {back} to {last}"
    if first == last:
        return f"stays at {first}"
    return f"{'rises' if y[-1] > y[0] else 'falls'} from {first} to {last}"


def _turn(y: np.ndarray) -> int | None:
    """Return where a curve is furthest beyond both its ends, None if that is no clear turn."""
    low, high = min(y[0], y[-1]), max(y[0], y[-1])
    beyond = np.maximum(y - high, low - y)
    place, span = int(np.argmax(beyond)), float(np.ptp(y))
    return place if span > 0 and beyond[place] > TURN * span else None
