"""The browser's fixture sees the faults that tests of pages rely on it to see."""

from contextlib import contextmanager

import browser_fixture
import pytest

SOUND = """<!DOCTYPE html><html lang="en"><head><title>t</title></head>
<body><main><h1>Sound</h1>%s</main></body></html>"""


@pytest.fixture
def page_of(visit, tmp_path):
    def page_of(body="", **options):
        (tmp_path / "page.html").write_text(SOUND % body)
        return visit(tmp_path / "page.html", **options)

    return page_of


def test_sound_page_has_no_violation(page_of):
    assert browser_fixture.violations(page_of()) == []


def test_image_without_words_is_a_violation(page_of):
    page = page_of('<img id="bare" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">')
    assert browser_fixture.violations(page) == ["image-alt: #bare"]


def test_wide_page_is_seen_and_the_narrow_one_not(page_of):
    assert browser_fixture.sideways(page_of(width=390)) == 0
    assert browser_fixture.sideways(page_of("<p style='width: 500px'>wide</p>", width=390)) > 100


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<img alt="x" src="https://example.org/x.png">', "read https://example.org/x.png"),
        ("<script>nothing.at.all</script>", "failed: nothing is not defined"),
        ("<script>console.error('no')</script>", "no"),
    ],
)
def test_fault_of_a_page_fails_its_test(browser, tmp_path, body, said):
    visiting = contextmanager(browser_fixture.visit.__wrapped__)(browser)
    (tmp_path / "page.html").write_text(SOUND % body)
    with pytest.raises(AssertionError, match=said), visiting as visit:
        visit(tmp_path / "page.html")
