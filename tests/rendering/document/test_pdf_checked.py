"""The PDF that WeasyPrint makes of the sample report, held against the page for a screen."""

import pytest
import sample_report

from rendering.checking import paper
from rendering.checking.reading import read
from rendering.document import page, pdf
from rendering.document.media import Screen


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with both files of the sample report and its numbers."""
    folder = tmp_path_factory.mktemp("paper")
    built, templates = sample_report.report(folder), sample_report.templates(folder)
    (folder / "a.html").write_text(page.render(built, folder, templates, Screen()))
    (folder / "results.json").write_text("{}")
    numbers = [folder / "results.json", *sorted((folder / "figures").glob("*.csv"))]
    pdf.write_pdf(page.render(built, folder, templates), folder / "a.pdf", numbers)
    return folder


def test_report_on_paper_has_no_fault(folder):
    assert list(paper.faults(folder / "a.pdf", read((folder / "a.html").read_text()))) == []


def test_headings_and_tables_that_only_the_screen_has_are_faults(folder):
    html = (folder / "a.html").read_text()
    tables = html.count("<table>")
    more = "".join(f'<h2>More</h2><figure id="table-rnn-{n}"></figure>' for n in range(2))
    found = list(paper.faults(folder / "a.pdf", read(html.replace("</main>", more + "</main>"))))
    structure = f"a.pdf: its structure has {tables} elements Table; the page has {tables + 1}"
    assert found == ["a.pdf: has no bookmark “More”"] * 2 + [structure]


def test_numbers_that_have_changed_since_are_faults(folder):
    (folder / "results.json").write_text('{"a": 1}')
    found = list(paper.faults(folder / "a.pdf", read((folder / "a.html").read_text())))
    assert found == ["a.pdf: results.json is attached, and not as it is in the folder"]
