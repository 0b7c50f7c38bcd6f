"""Fixtures that the tests of sections share."""

import pytest

from rendering.drawing import Drawing

BLANK = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="100pt" height="50pt" viewBox="0 0 100 50"/>'
)


@pytest.fixture
def blank_pictures(monkeypatch):
    """Save a blank picture for every figure: matplotlib takes a second for each, words do not need it.

    The figures themselves are still drawn, with their captions, texts and tables.
    """
    monkeypatch.setattr(Drawing, "picture", lambda _: BLANK)
