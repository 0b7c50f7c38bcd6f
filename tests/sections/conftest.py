"""Fixtures that the tests of sections share."""

import pytest
from made import make_record, render, words

from rendering.drawing import Drawing

BLANK = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="100pt" height="50pt" viewBox="0 0 100 50"/>'
)


@pytest.fixture
def blank_pictures(monkeypatch):
    """Save a blank picture for every figure: matplotlib takes a second for each, words do not need it.

    The figures themselves are still drawn, with their captions, texts and tables.
    """
    monkeypatch.setattr(Drawing, "picture", lambda _: BLANK)


@pytest.fixture
def printed(request, measured, tmp_path, blank_pictures):
    """Return a function that gives a section's words for what its module's `measured` is given."""
    section = request.module.section

    def printed(*outcomes, **options):
        findings, results = measured(*outcomes, **options)
        record = make_record(
            section.SECTION,
            findings,
            results=results if isinstance(results, list) else [results],
            kind=options.get("kind", "official"),
            folder=tmp_path / "records",
        )
        return words(render(section, record, tmp_path / "report"))

    return printed
