"""The course of a curve is told as it is drawn."""

import numpy as np
import pytest

from rendering.figures.courses import course


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([1, 2, 3], "rises from 1 to 3"),
        ([3, 2, 1], "falls from 3 to 1"),
        ([2, 2, 2], "stays at 2"),
        ([2, 2.001, 1.999], "stays at 2"),
        ([1, 9, 2], "rises from 1 to 9 at 20, then falls to 2"),
        ([5, 1, 4], "falls from 5 to 1 at 20, then rises to 4"),
        ([1, 9, 1], "rises from 1 to 9 at 20, then falls to 1"),
        ([0, 10, 9.5], "rises from 0 to 9.5"),  # the way back is too short to be a turn
        ([1, 2], "rises from 1 to 2"),
    ],
)
def test_course_is_told(y, said):
    x = 10.0 * np.arange(1, len(y) + 1)
    assert course(x, np.array(y, dtype=float), "{:.3g}".format) == said


def test_single_point_has_no_course():
    with pytest.raises(ValueError, match="two points"):
        course(np.array([1.0]), np.array([1.0]), str)
