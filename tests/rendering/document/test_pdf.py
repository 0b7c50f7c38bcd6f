"""Tests of the PDF: pages, bookmarks, fonts and what it must not read."""

import builtins
import itertools
import os
import re
import signal
import sys
import zlib

import pytest
import sample_report
from page import validate_pdf

from building import signals
from rendering import fonts
from rendering.document import embedding, letters, page, pdf
from rendering.figures import vocabulary as figures

WORDS = '<html lang="en"><head><title>t</title></head><body><h1>One</h1>{}</body></html>'


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The PDF of the sample report."""
    folder = tmp_path_factory.mktemp("pdf")
    html = page.render(sample_report.report(folder), folder, sample_report.templates(folder))
    pdf.write_pdf(html, folder / "a.pdf")
    return (folder / "a.pdf").read_bytes()


def objects(content):
    """Return the file's text with its compressed streams in the clear."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL)
    clear = []
    for stream in streams:
        try:
            clear.append(zlib.decompress(stream))
        except zlib.error:
            clear.append(stream)
    return content + b"\n".join(clear)


def bookmarks(content):
    titles = re.findall(
        rb"/Title (\(.*?\)|<[0-9a-f]*>)\s*/(?:Parent|Dest|Count|A)", objects(content)
    )
    return [text for text in map(_text, titles) if text != "Assignment 2"]  # the file's own title


def _text(title):
    if title.startswith(b"<"):
        return bytes.fromhex(title[1:-1].decode()).decode("utf-16")
    return title[1:-1].decode()


def test_every_part_section_and_heading_is_a_bookmark(made):
    assert bookmarks(made) == [
        "Answers",
        "Contents",
        "Task 3 An RNN on MNIST",
        "3a A recurrent <network>",
        "Images & more",
        "3b ii Units",
        "3b i Cells",
        "Conclusion",
        "Limits",
        "How this report was made",
        "How differences are judged",
        "References",
        "Appendix",
        "Provenance",
        "Figures and tables",
    ]


def test_same_page_gives_the_same_bytes(tmp_path, monkeypatch):
    # Fonts that fontTools cuts carry the second in which they were cut.
    clock = itertools.count(1_000_000_000, 10)
    monkeypatch.setattr("time.time", lambda: next(clock))
    line = figures.Line("a", [1, 2], [1, 2])
    panel = figures.Panel("", "epoch", "loss", [line])
    file = figures.curves("a", "c", [panel]).save(tmp_path, "rnn").file
    source = embedding.picture(tmp_path / file).uri
    for name in ("a.pdf", "b.pdf"):
        pdf.write_pdf(WORDS.format(f'<img src="{source}" alt="a">'), tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_document_is_accessible_by_pdf_ua(tmp_path):
    html = page.render(sample_report.report(tmp_path), tmp_path, sample_report.templates(tmp_path))
    data = tmp_path / "rnn-curves.csv"
    data.write_text("epoch,loss\n1,0.5\n")
    pdf.write_pdf(html, tmp_path / "a.pdf", attached=[data])
    checked = validate_pdf(tmp_path / "a.pdf", profile="ua1")
    assert [failure.message for failure in checked.failures] == []
    assert checked.is_compliant


def test_picture_without_words_stops_the_pdf(tmp_path):
    drawn = figures.bars("a", "c", ["x"], [figures.Series("s", [1.0])], "y").image()
    picture = embedding.data_uri(drawn, "image/svg+xml")
    with pytest.raises(pdf.PdfError, match="no required alt"):
        pdf.write_pdf(WORDS.format(f'<img src="{picture}">'), tmp_path / "a.pdf")


def test_checker_of_pdf_ua_sees_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "VARIANT", None)
    pdf.write_pdf(WORDS.format("a"), tmp_path / "a.pdf")
    assert not validate_pdf(tmp_path / "a.pdf", profile="ua1").is_compliant


def test_link_with_elements_in_it_is_one_area(tmp_path):
    body = '<p><a href="#a"><span>Task 1</span> <b>x</b></a></p><h2 id="a">a</h2>'
    pdf.write_pdf(WORDS.format(body), tmp_path / "a.pdf")
    (annotations,) = re.findall(rb"/Annots \[([^]]*)\]", objects((tmp_path / "a.pdf").read_bytes()))
    assert annotations.count(b" R") == 1


def test_attached_files_belong_to_the_document_and_have_its_date(tmp_path):
    data = tmp_path / "results.json"
    made = '<meta name="dcterms.created" content="2026-01-02T03:04:05+00:00"></head>'
    contents = []
    for seconds in (1_000_000_000, 1_100_000_000):
        data.write_text('{"format": 1}')
        os.utime(data, (seconds, seconds))
        pdf.write_pdf(WORDS.replace("</head>", made), tmp_path / "a.pdf", attached=[data])
        contents.append((tmp_path / "a.pdf").read_bytes())
    assert contents[0] == contents[1]
    whole = objects(contents[0])
    assert b"/AFRelationship /Data" in whole
    assert re.search(rb"/AF \[\d+ 0 R\]", whole)
    assert b"D:20260102030405Z" in whole
    assert b'{"format": 1}' in whole


def test_fonts_are_those_of_the_package(made):
    names = set(re.findall(rb"/BaseFont /\w+\+([\w-]+)", objects(made)))
    families = [face.family for face in fonts.FACES] + list(fonts.LENDING)
    assert all(
        name.startswith(tuple(it.replace(" ", "-").encode() for it in families)) for name in names
    )
    assert {b"Report-Serif", b"Report-Sans", b"Report-Sans-Bold"} <= names


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/hostname",
        "http://127.0.0.1:9/a.png",
        "https://example.org/a.png",
        "ftp://a/b.png",
    ],
)
def test_nothing_outside_the_page_is_read(tmp_path, address):
    with pytest.raises(pdf.PdfError, match="nothing but itself"):
        pdf.write_pdf(WORDS.format(f'<img src="{address}" alt="a">'), tmp_path / "a.pdf")
    assert not (tmp_path / "a.pdf").exists()


def test_redirect_or_other_scheme_in_a_style_is_not_followed(tmp_path):
    html = WORDS.format("<style>body { background: url('http://127.0.0.1:9/a.png') }</style>")
    with pytest.raises(pdf.PdfError, match="nothing but itself"):
        pdf.write_pdf(html, tmp_path / "a.pdf")


def test_style_that_is_not_understood_stops_the_pdf(tmp_path):
    with pytest.raises(pdf.PdfError, match="nonsense"):
        pdf.write_pdf(WORDS.format("<style>p { nonsense: 1 }</style><p>a"), tmp_path / "a.pdf")


def test_missing_pango_is_told_from_other_faults_and_in_no_words_of_weasyprint(
    tmp_path, monkeypatch, capsys
):
    original = builtins.__import__

    def without_pango(name, *args, **kwargs):
        if name.startswith("weasyprint"):
            print("WeasyPrint could not import some external libraries.")
            raise OSError("cannot load library 'libpango-1.0-0'")
        return original(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_pango)
    with pytest.raises(pdf.PangoMissing, match="cannot load library 'libpango-1.0-0'"):
        pdf.write_pdf(WORDS, tmp_path / "a.pdf")
    assert capsys.readouterr().out == ""


def test_figures_stay_text_that_can_be_searched(made):
    # Letters of "accuracy" in a figure's font are drawn as text, not as outlines.
    assert objects(made).count(b" Tf") > 20


def test_letters_that_no_font_has_are_a_sign_with_a_note_and_no_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(letters, "_in_the_system", lambda letter: False)
    name = "\ud55c\uae00 \U0001f468\u200d\U0001f52c Mu\u00f1oz"
    body = f"<p>{name}</p>{pdf.NOTE_HERE}"
    missing = pdf.write_pdf(WORDS.format(body), tmp_path / "a.pdf")
    assert missing == sorted({"\ud55c", "\uae00", "\U0001f468", "\U0001f52c"})
    told = letters.names(missing)
    assert told == (
        "HANGUL SYLLABLE GEUL (U+AE00), HANGUL SYLLABLE HAN (U+D55C), MAN (U+1F468) and 1 more"
    )


def test_page_in_which_every_letter_has_a_font_is_left_as_it_is():
    html = WORDS.format("<p>caf\u00e9 \u03b1 95\u202f% \u2212</p>" + pdf.NOTE_HERE)
    assert letters.without_missing(html, fonts.available()) == (html, [])


def test_head_keeps_letters_that_no_font_has(monkeypatch):
    monkeypatch.setattr(letters, "_in_the_system", lambda letter: False)
    html = '<head><meta content="\ud55c"></head><body><p>\ud55c\u200d</p></body>'
    shown, missing = letters.without_missing(html, fonts.available())
    assert shown == '<head><meta content="\ud55c"></head><body><p>\u25a1</p></body>'
    assert missing == ["\ud55c"]


def test_letter_that_a_font_of_the_system_has_is_kept(monkeypatch):
    monkeypatch.setattr(letters, "_in_the_system", lambda letter: letter == "\ud55c")
    html = "<body>\ud55c\uae00</body>"
    assert letters.without_missing(html, fonts.available())[0] == "<body>\ud55c\u25a1</body>"


def test_no_message_holds_the_content_of_a_picture(tmp_path):
    broken = embedding.data_uri(b"<svg " + b"x" * 5000, "image/svg+xml")
    with pytest.raises(pdf.PdfError) as refused:
        pdf.write_pdf(WORDS.format(f'<img alt="a" src="{broken}">'), tmp_path / "a.pdf")
    assert "base64" not in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption_while_a_picture_is_drawn_is_not_swallowed(
    tmp_path, monkeypatch, request, number
):
    from weasyprint.svg import SVG

    def interrupted(*_, **__):
        os.kill(os.getpid(), number)

    monkeypatch.setattr(SVG, "draw", interrupted)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
    picture = embedding.data_uri(svg, "image/svg+xml")
    # Where the tests run in the background, the shell has had Ctrl-C ignored.
    at_first = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, at_first))
    before = signal.getsignal(number)
    expected = KeyboardInterrupt if number == signal.SIGINT else signals.Stopped
    with pytest.raises(expected), signals.heard():
        pdf.write_pdf(WORDS.format(f'<img alt="a" src="{picture}">'), tmp_path / "a.pdf")
    assert signal.getsignal(number) == before
    assert not (tmp_path / "a.pdf").exists()


def test_machine_without_harfbuzz_subset_has_its_pdf_too(monkeypatch, tmp_path):
    import weasyprint.pdf.fonts as of_weasyprint

    monkeypatch.setattr(of_weasyprint, "harfbuzz_subset", None)
    pdf.write_pdf(WORDS.format("two"), tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
