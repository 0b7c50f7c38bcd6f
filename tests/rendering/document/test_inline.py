"""Tests of `rendering.document.inline` and `pixels`: drawings as elements of a page."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import page_checks
import pytest
from PIL import Image

from rendering.document import inline, pixels
from rendering.figures import vocabulary as figures
from rendering.figures.drawing import COLOURS, FONT

NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
HEAD = f'<svg {NAMES} viewBox="0 0 9 9">'


def inlined(body, prefix="d1", alt="a"):
    return str(inline.drawing(f"{HEAD}{body}</svg>".encode(), prefix, alt))


@pytest.fixture(scope="module")
def drawn():
    """The SVG of a heat map, which has lines, letters, images and definitions."""
    values = np.array([[0.1, 0.9], [0.4, 0.5]])
    return figures.heatmap("n", "c", values, ["a & b", "c"], ["x", "<y>"], percent=True).image()


def test_two_drawings_of_one_page_share_no_identifier(drawn):
    both = "".join(inline.drawing(drawn, prefix, "words") for prefix in ("d1", "d2"))
    assert page_checks.problems(f'<html lang="en">{both}</html>') == []
    assert len(re.findall(r'\bid="', both)) > 2


def test_drawing_keeps_its_letters_and_loses_what_a_page_does_not_need(drawn):
    html = str(inline.drawing(drawn, "d1", "words"))
    texts = ElementTree.fromstring(html).itertext()
    assert {"a & b", "<y>", "90.0"} <= set(texts)
    assert "metadata" not in html
    assert len(html) < 0.6 * len(drawn)


def test_letters_within_letters_are_written_once():
    html = inlined('<text x="1">a &lt;\n <tspan x="2">10</tspan><tspan>&amp;</tspan>\n</text>')
    assert html.endswith(
        '<text x="1">a &lt;<tspan x="2">10</tspan><tspan>&amp;</tspan></text></svg>'
    )


def test_words_for_a_drawing_are_escaped():
    assert 'aria-label="&#34;&gt;&lt;b&gt;"' in inlined("", alt='"><b>')


def test_every_colour_that_a_theme_changes_becomes_its_variable():
    for number, colour in enumerate(COLOURS, 1):
        assert f'style="fill:var(--series-{number})"' in inlined(f'<rect style="fill: {colour}"/>')
    assert "stroke:var(--ink)" in inlined('<path d="M 0 0" style="stroke: #222222; fill: none"/>')


def test_letters_on_a_map_stay_as_they_are_and_paper_does_not():
    assert 'style="fill:#ffffff"' in inlined('<text style="fill: #ffffff">9</text>')
    assert "fill:var(--paper)" in inlined('<path d="M 0 0" style="fill: #ffffff"/>')


def test_cells_of_a_map_have_letters_that_no_theme_changes():
    values = np.linspace(0, 1, 9).reshape(3, 3)
    drawn = figures.heatmap("n", "c", values, list("abc"), list("xyz")).image()
    html = str(inline.drawing(drawn, "d1", "a"))
    for value in ("0.0", "1.0"):
        (fill,) = re.findall(rf'fill:([^;"]+)"[^>]*>{re.escape(value)}</text>', html)[:1]
        assert fill.startswith("#")


def test_font_of_figures_is_left_to_the_page_and_others_are_kept():
    ours = f"font: x; font-family: {FONT.decode()}, Verdana"
    assert "font-family" not in inlined(f'<text style="{ours}">a</text>')
    assert "STIX" in inlined('<text style="font-family: STIX">a</text>')


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('<path d="M 0 0" onload="alert(1)"/>', "attribute onload"),
        ("<iframe/>", "element <iframe>"),
        ("<animate/>", "element <animate>"),
        ('<a href="#x"/>', "element <a>"),
    ],
)
def test_what_could_act_in_a_page_is_refused_by_its_name(body, named):
    with pytest.raises(inline.StrangeElement, match=named):
        inlined(body)


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3), (4, 6, 4)])
@pytest.mark.parametrize("times", [1, 5])
def test_image_without_its_repetitions_shows_the_same(shape, times):
    image = np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8)
    large = np.repeat(np.repeat(image, times, axis=0), times, axis=1)
    small = pixels.smallest(as_png(large))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(small))), image)


def test_grey_image_loses_the_channels_that_repeat_it():
    grey = np.random.default_rng(1).integers(0, 255, (32, 32), dtype=np.uint8)
    coloured = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    small = Image.open(io.BytesIO(pixels.smallest(as_png(coloured))))
    assert small.mode == "L"
    assert np.array_equal(np.asarray(small), grey)


def test_image_in_a_drawing_is_put_there_without_repetitions():
    large = np.kron(np.arange(36, dtype=np.uint8).reshape(6, 6), np.ones((40, 40), np.uint8))
    address = "data:image/png;base64," + base64.b64encode(as_png(large)).decode()
    html = inlined(f'<image xlink:href="{address}" width="9" height="9"/>')
    (inner,) = re.findall(r'href="data:image/png;base64,([^"]+)"', html)
    assert Image.open(io.BytesIO(base64.b64decode(inner))).size == (6, 6)


def as_png(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="png")
    return buffer.getvalue()
