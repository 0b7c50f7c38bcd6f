"""A small report that is sound; tests break one thing each."""

import io
from pathlib import Path

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

CLAIM = {
    "name": "same", "measure": "test_accuracy", "verdict": "better", "estimate": 0.012,
    "scope": "networks", "p_value": 0.0004,
}  # fmt: skip
FIGURE = {
    "name": "curves", "caption": "Curves.", "alt": "It rises.", "file": "figures/rnn-curves.svg",
    "table": "figures/rnn-curves.csv",
}  # fmt: skip
SECTION = {
    "scores": {"accuracy": 0.6234, "rate": 2.5e-5},
    "facts": {"rows": [1, 2], "cell": "GRU 64", "0.1": 5},
    "claims": [CLAIM],
    "figures": [FIGURE],
    "trials": [{"search": "recurrent", "trial_id": "0"}],
    "data": {"mnist": {"kind": "official"}},
    "built_at": "2024-02-03T14:05:00+00:00",
    "seconds": 492.3,
    "parts": {},
}
VALUE = '<data value="0.6234" data-path="rnn/scores/accuracy">62.3\u202f%</data>'
SENTENCE = f"It reads {VALUE} of the images in this run."
CLAIMED = "<!--claim rnn/claims/same better-->It is better.<!--/claim-->"
PAGE = """<!DOCTYPE html><html lang="en"><head><title>t</title></head><body>
<h1 class="title">A report</h1>
<section id="answers"><p><a href="#section-rnn">Section 3a</a></p></section>
<section id="section-rnn"><h2>3a Recurrent</h2>
<p>{sentence} {claimed}</p>
<figure id="figure-rnn-curves"><img src="data:," alt="It rises.">
<figcaption>Figure 1 Curves. Made from rnn:
figures/rnn-curves.csv, build_report.py rnn.</figcaption></figure>
</section><section id="references"><ol><li id="reference-zeiler-2013">A work.</li></ol></section>
<div id="appendix"><p>More.</p></div></body></html>
"""
FIGURES = ("rnn-curves.svg", "rnn-curves.csv")


def pdf_of(folder: Path, **left_out: bool) -> bytes:
    """Return a PDF of the page's text that is sound, but for what is left out, by name."""
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    if "bookmark" not in left_out:
        writer.add_outline_item(title="3a Recurrent", page_number=0)
    root = writer.root_object
    writer.add_metadata({"/Title": "" if "title" in left_out else "A report"})
    if "language" not in left_out:
        root[NameObject("/Lang")] = TextStringObject("en")
    root[NameObject("/MarkInfo")] = DictionaryObject(
        {NameObject("/Marked"): BooleanObject("tagged" not in left_out)}
    )
    figure = DictionaryObject({NameObject("/S"): NameObject("/Figure")})
    if "alternative" not in left_out:
        figure[NameObject("/Alt")] = TextStringObject("It rises.")
    if "structure" not in left_out:
        kids = ArrayObject([] if "figure" in left_out else [writer._add_object(figure)])
        tree = DictionaryObject({NameObject("/K"): kids})
        root[NameObject("/StructTreeRoot")] = writer._add_object(tree)
    if "place" in left_out:
        link = DictionaryObject({NameObject("/Dest"): TextStringObject("gone")})
        page[NameObject("/Annots")] = ArrayObject([writer._add_object(link)])
    for path in (folder / "results.json", folder / "figures" / FIGURES[1]):
        if "attachment" not in left_out:
            content = b"other" if "content" in left_out else path.read_bytes()
            writer.add_attachment(path.name, content)
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()
