"""Fixtures that the tests of sections share."""

import pytest
from made import make_record, render, words


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
