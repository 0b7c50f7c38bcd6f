"""Tests of the list of references against what the templates cite."""

import re

from rendering.document.page import TEMPLATES
from rendering.document.references import REFERENCES


def cited():
    """Return the keys of all works that a template cites."""
    texts = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    return {key for text in texts for key in re.findall(r"""cite\(["']([^"']+)["']""", text)}


def test_every_listed_work_is_cited_somewhere_in_the_report():
    assert not set(REFERENCES) - cited()


def test_every_cited_work_is_listed():
    assert cited() <= set(REFERENCES)
