"""How full pages are, of made-up heights and content streams, and of a PDF that WeasyPrint laid out."""

import pytest
from pypdf import PdfReader

from rendering.checking import fill, paper
from rendering.document import pdf

HEAD, FOOT = 800.0, 30.0
FULL = [HEAD, 760.0, 400.0, 60.0, FOOT]


def page(lowest):
    return [HEAD, 760.0, lowest, FOOT]


@pytest.mark.parametrize("lowest, share", [(60.0, 1.0), (410.0, 0.5), (200.0, 0.8), (760.0, 0.0)])
def test_page_is_as_full_as_it_reaches_down(lowest, share):
    assert fill.fullness([FULL, FULL, page(lowest), FULL])[2] == pytest.approx(share)


def test_page_with_nothing_but_its_head_and_number_is_empty():
    assert fill.fullness([FULL, FULL, [HEAD, FOOT], []])[2:] == [0.0, 0.0]


def test_one_line_that_hangs_below_the_text_changes_no_other_page():
    hanging = [[HEAD, 760.0, 40.0, FOOT]]
    assert fill.fullness([FULL] * 19 + hanging)[0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    "content, found",
    [
        (b"BT\n1 0 0 1 50 700 Tm\nET", [700.0]),
        (b"1 0 0 -1 0 842 cm\nq\n2 0 0 2 0 0 cm\n1 0 0 -1 5 100 Tm\nQ\n1 0 0 1 5 2 Tm", [642.0, 840.0]),
        (b"q\n10 0 0 20 5 300 cm\n/i Do\nQ", [300.0, 320.0]),
        (b"/Artifact\nBMC\n1 0 0 1 5 7 Tm\nEMC\n/P\n<</MCID 1>>\nBDC\n1 0 0 1 5 8 Tm\nEMC", [8.0]),
        (b"5 5 m\n9 9 l\nS", []),
    ],
)  # fmt: skip
def test_heights_are_those_of_text_and_images_on_the_page(content, found):
    assert list(fill.heights(content)) == pytest.approx(found)


WORDS = """<html lang="en"><head><title>t</title><style>
@page {{
  size: A4; margin: 30mm; @top-left {{ content: "head" }} @bottom-left {{ content: counter(page) }}
}}
div, p {{ break-before: page }} h1 {{ margin: 0 }}
</style></head><body>{}</body></html>"""
LINES = "line<br>" * 34


def test_page_that_is_not_its_part_s_last_has_to_be_full(tmp_path):
    half = "line<br>" * 12
    parts = [
        "<div><h1>Title</h1>one</div>",
        f"<div><h1>A</h1>{LINES}</div><p>{half}</p><p>{LINES}</p><p>{half}</p>",
        f"<div><h1>B</h1>{LINES}</div><p>{half}</p>",
    ]
    pdf.write_pdf(WORDS.format("".join(parts)), tmp_path / "a.pdf")
    [(number, share)] = fill.loose_pages(PdfReader(tmp_path / "a.pdf"))
    said = f"a.pdf: page 3 is {int(100 * share)} % full, less than 80 %"
    assert list(paper.notes(tmp_path / "a.pdf")) == [said]
    assert number == 3
    assert share == pytest.approx(12 / 35, abs=0.05)
