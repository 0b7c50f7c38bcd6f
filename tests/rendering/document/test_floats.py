"""Figures move among the paragraphs of their section so that pages are full."""

import base64

import pytest
import weasyprint

from rendering import fonts
from rendering.document import floats

PICTURE = base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="10"><rect width="9" height="9"/></svg>'
).decode()
STYLE = """
@page { size: 400px 300px; margin: 0 }
body, p, h3 { margin: 0; font: 10px/10px "DejaVu Sans"; orphans: 2; widows: 2 }
h3 { break-after: avoid }
figure { margin: 0; break-inside: avoid }
img { display: block; height: 200px }
"""


def paragraph(name, lines):
    return f'<p id="{name}">' + "<br>".join(["Word"] * lines) + "</p>"


def figure(name, height=200):
    picture = f"data:image/svg+xml;base64,{PICTURE}"
    return f'<figure id="{name}"><img style="height: {height}px" src="{picture}" alt=""></figure>'


def laid_out(*blocks):
    body = f'<main><div class="part"><section>{"".join(blocks)}</section></div></main>'
    page = weasyprint.HTML(string=f"<style>{STYLE}</style>{body}")
    return page, rendered(page)


def rendered(page):
    """Return the pages, in a font that is there on a machine without fonts too."""
    known = weasyprint.text.fonts.FontConfiguration()
    faces = weasyprint.CSS(string=fonts.lending(), font_config=known)
    return page.render(stylesheets=[faces], font_config=known)


def names(page):
    return [element.get("id") for element in page.etree_element.iter() if element.get("id")]


def test_figure_moves_behind_the_paragraph_that_fills_the_page():
    page, document = laid_out(
        paragraph("a", 15), figure("f"), paragraph("b", 16), paragraph("c", 5)
    )
    assert len(document.pages) == 3
    assert floats.settle(page.etree_element, document.pages)
    assert names(page) == ["a", "b", "f", "c"]
    assert len(rendered(page).pages) == 2


def test_pages_are_saved():
    blocks = []
    for number in range(4):
        blocks += [paragraph(f"a{number}", 15), figure(f"f{number}"), paragraph(f"b{number}", 15)]
    page, document = laid_out(*blocks)
    floats.settle(page.etree_element, document.pages)
    assert len(rendered(page).pages) < len(document.pages)
    assert [name for name in names(page) if name[0] == "f"] == ["f0", "f1", "f2", "f3"]


def test_nothing_moves_where_all_fits():
    page, document = laid_out(paragraph("a", 3), figure("f", 50), paragraph("b", 3))
    before = names(page)
    assert not floats.settle(page.etree_element, document.pages)
    assert names(page) == before


def test_figure_does_not_leave_its_section():
    first = paragraph("a", 15) + figure("f") + "</section><section>" + paragraph("b", 16)
    page, document = laid_out(first)
    assert not floats.settle(page.etree_element, document.pages)


@pytest.mark.parametrize("between", ["", paragraph("b", 1)])
def test_heading_is_left_with_something_below_it(between):
    heading = "<h3 id='h'>heading</h3>"
    rest = "<h3 id='i'>next</h3>" + paragraph("c", 14) + paragraph("d", 20)
    page, document = laid_out(paragraph("a", 12), heading, figure("f"), between, rest)
    floats.settle(page.etree_element, document.pages)
    order = names(page)
    assert order[order.index("h") + 1] != "i"


def test_figure_is_not_moved_to_just_below_a_heading():
    page, document = laid_out(
        "<h3 id='h'>heading</h3>", paragraph("a", 20), figure("f"), paragraph("b", 3)
    )
    floats.settle(page.etree_element, document.pages)
    assert names(page)[1] == "a"


def test_picture_that_almost_fits_is_scaled():
    made = figure("f").replace(
        "height: 200px", "width: var(--width); --width: 80.0mm; height: auto"
    )
    page, document = laid_out(paragraph("a", 28), made, paragraph("b", 3))
    picture = page.etree_element.find(".//img")
    assert len(document.pages) == 2
    assert not floats.settle(page.etree_element, document.pages)
    page, document = laid_out(paragraph("a", 27), made, paragraph("b", 3))
    picture = page.etree_element.find(".//img")
    assert floats.settle(page.etree_element, document.pages)
    assert "--width: 76.0mm" in picture.get("style")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>The sum is</p>", '<p class="formula">x + y</p>'),
        ("<p>There are three:</p>", "<ul><li>one</li></ul>"),
        ('<p class="formula">x + y</p>', "<p>where x is a number.</p>"),
    ],
)
def test_figure_does_not_come_between_the_parts_of_a_sentence(before, after):
    page, document = laid_out(
        paragraph("a", 14), figure("f"), paragraph("b", 13), before, after, paragraph("c", 20)
    )
    assert floats.settle(page.etree_element, document.pages)
    blocks = list(page.etree_element.iter("section"))[0]
    place = [it.get("id") for it in blocks].index("f")
    assert "".join(blocks[place + 1].itertext()) not in after


def test_note_in_the_margin_takes_no_room():
    note = '<p id="n" style="position: absolute; left: 0; height: 90px">note</p>'
    page, document = laid_out(paragraph("a", 10), note, figure("f"), paragraph("b", 16))
    assert not floats.settle(page.etree_element, document.pages)
