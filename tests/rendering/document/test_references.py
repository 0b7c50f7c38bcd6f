"""Tests of the list of references against what the templates cite."""

import re

from rendering.document.page import TEMPLATES
from rendering.document.references import REFERENCES

LATER = {"bai-2018", "guo-2017"}  # the comparison of CNN and RNN does not rest on them yet


def cited():
    """Return the keys of all works that a template cites."""
    texts = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    return {key for text in texts for key in re.findall(r"""cite\(["']([^"']+)["']""", text)}


def test_every_listed_work_is_cited_somewhere_in_the_report():
    assert set(REFERENCES) - cited() <= LATER


def test_every_cited_work_is_listed():
    assert cited() <= set(REFERENCES)
