"""Tests of `rendering.columns`."""

from rendering.columns import aligned
from rendering.wording import duration


def test_columns_begin_at_the_same_place_in_every_line():
    head, first, second = aligned(("name", "time"), [("a", "1 s"), ("longer", "2 s")]).splitlines()
    assert {head.index("time"), first.index("1 s"), second.index("2 s")} == {len("longer") + 2}


def test_narrow_spaces_become_plain_and_no_line_ends_in_spaces():
    text = aligned(("time", "why"), [(duration(90), ""), ("", "never built")])
    assert text == "time        why\n1 min 30 s\n            never built"


def test_table_without_rows_is_its_headings():
    assert aligned(("a", "b"), []) == "a  b"
