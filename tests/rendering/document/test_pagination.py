"""Figures among paragraphs: the order that is found, against all there are, and pages as they break."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from rendering.document import pagination
from rendering.document.pagination import Block, Page, order, placed

HEIGHT = 100.0


def text(lines, **more):
    return Block(height=5.0 * lines, unit=5.0, **more)


def filled(blocks):
    """Return the shares of the pages left white, of all but the last."""
    page = Page()
    for block in blocks:
        page = placed(page, block, HEIGHT)
    return list(page.blanks)


def test_figure_that_does_not_fit_leaves_the_rest_of_the_page_white():
    assert filled([text(10), Block(60.0)]) == [0.5]


def test_paragraph_fills_the_page_and_goes_on_on_the_next():
    assert filled([text(30)]) == [0.0]
    page = placed(placed(Page(), text(18), HEIGHT), text(6), HEIGHT)
    assert (page.filled, page.blanks) == (20.0, (0.0,))


def test_two_lines_of_a_paragraph_at_least_stand_on_either_page():
    # 19 lines are full, so one line would fit: the paragraph moves as a whole.
    assert placed(placed(Page(), text(19), HEIGHT), text(6), HEIGHT).filled == 30.0
    # Four fit of five: three stay, so that two go over.
    assert placed(placed(Page(), text(16), HEIGHT), text(5), HEIGHT).filled == 10.0


def test_heading_goes_with_what_follows():
    heading = Block(8.0, before=10.0, after=2.0, joined=True)
    assert filled([text(15), heading, Block(40.0)]) == [0.25]
    page = Page()
    for block in (text(15), heading, Block(40.0)):
        page = placed(page, block, HEIGHT)
    assert page.filled == 8.0 + 2.0 + 40.0


def test_margins_of_neighbours_collapse_and_vanish_at_the_top():
    page = placed(
        placed(Page(), Block(20.0, before=5.0, after=4.0), HEIGHT), Block(20.0, 6.0), HEIGHT
    )
    assert page.filled == 20.0 + 6.0 + 20.0


def test_head_of_a_table_stands_on_each_page():
    table = Block(height=10.0 + 20 * 5.0, unit=5.0, head=10.0)
    page = placed(placed(Page(), text(10), HEIGHT), table, HEIGHT)
    # 50 are left: the head and eight rows; twelve rows go over, below the head again.
    assert (page.filled, page.blanks) == (10.0 + 12 * 5.0, (0.0,))


def test_figure_waits_until_text_has_filled_the_page():
    texts = [text(10), text(10), text(10)]
    figure = Block(60.0, first=0, last=3, home=1)
    assert order(texts, [figure], HEIGHT) == [(2, 1.0)]


def test_figure_stays_where_it_was_written_if_it_fits():
    texts = [text(4), text(4), text(4)]
    figures = [Block(20.0, first=0, last=3, home=home) for home in (1, 2)]
    assert order(texts, figures, HEIGHT) == [(1, 1.0), (2, 1.0)]


def test_figure_does_not_leave_its_section():
    texts = [text(10), text(10), text(10)]
    assert order(texts, [Block(60.0, first=1, last=1, home=1)], HEIGHT) == [(1, 1.0)]


def cost_of(places, texts, figures):
    """Return what an order costs, placing block after block."""
    page, moved = Page(), 0.0
    number = 0
    for place in range(len(texts) + 1):
        while number < len(figures) and places[number] == place:
            between = sum(it.height for it in texts[figures[number].home : place])
            early = sum(it.height for it in texts[place : figures[number].home])
            moved += (between + pagination.EARLY * early) / HEIGHT
            page = placed(page, figures[number], HEIGHT)
            number += 1
        if place < len(texts):
            page = placed(page, texts[place], HEIGHT)
    return page.cost + moved


@pytest.mark.parametrize("seed", range(20))
def test_order_found_is_the_cheapest_of_all(seed, monkeypatch):
    monkeypatch.setattr(pagination, "KEPT", 10_000)
    generator = np.random.default_rng(seed)
    texts = [text(int(generator.integers(2, 12))) for _ in range(6)]
    homes = sorted(int(it) for it in generator.integers(0, 7, 3))
    figures = [
        Block(float(generator.integers(20, 70)), first=max(0, it - 2), last=min(6, it + 2), home=it)
        for it in homes
    ]
    ranges = [range(it.first, it.last + 1) for it in figures]
    possible = [it for it in itertools.product(*ranges) if list(it) == sorted(it)]
    cheapest = min(cost_of(it, texts, figures) for it in possible)
    found = [place for place, _ in order(texts, figures, HEIGHT)]
    assert cost_of(found, texts, figures) == pytest.approx(cheapest, abs=0.02)


def test_picture_that_almost_fits_is_made_smaller():
    texts = [text(10), text(4)]
    figure = Block(54.0, first=1, last=1, home=1, picture=50.0)
    # 50 are left: 54 less a tenth of the picture's 50.
    assert order(texts, [figure], HEIGHT) == [(1, 0.9)]
    assert order(texts, [replace(figure, picture=0.0)], HEIGHT) == [(1, 1.0)]
    assert order(texts, [replace(figure, height=60.0)], HEIGHT) == [(1, 1.0)]
