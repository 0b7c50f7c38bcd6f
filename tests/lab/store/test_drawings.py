"""Tests of `experiments.lab.store.drawings`: what was drawn, and from what."""

import json

import pytest

from experiments.lab.store import drawings
from experiments.lab.store.drawings import Drawn, FigureEntry, Origin

ORIGIN = Origin(("a" * 24, "b" * 24), ("mnist",), (1, 2), ("better",))
ENTRY = FigureEntry("f", "Caption.", "Alt.", "figures/u-f.svg", "figures/u-f.csv", False, ORIGIN)
DRAWN = Drawn("units", {"record": "1", "code": "2"}, (ENTRY,), {"m:draw": "3"})


def test_drawings_are_read_as_they_were_written(tmp_path):
    written = drawings.write(DRAWN, tmp_path)
    held = drawings.read("units", tmp_path)
    assert held == DRAWN
    assert held.figure("f").origin == ORIGIN
    assert held.digest == written.digest != ""


def test_figure_that_was_not_drawn_is_an_error():
    with pytest.raises(KeyError, match="units drew no figure named 'g'"):
        DRAWN.figure("g")


def test_part_never_drawn_or_damaged_has_nothing(tmp_path):
    assert drawings.read("units", tmp_path) is None
    drawings.write(DRAWN, tmp_path)
    path = tmp_path / "units.json"
    plain = json.loads(path.read_text())
    plain["figures"][0]["caption"] = "Another."
    path.write_text(json.dumps(plain))
    assert drawings.read("units", tmp_path) is None
