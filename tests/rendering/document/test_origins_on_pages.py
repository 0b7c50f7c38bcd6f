"""Pages for a screen say of each value where it comes from; those for paper do not."""

import re

import sample_report

from rendering.document import page
from rendering.document.media import Screen


def test_screen_shows_origins_and_paper_does_not(tmp_path):
    built = sample_report.report(tmp_path)
    folder = sample_report.templates(tmp_path)
    paper = page.render(built, tmp_path, folder)
    screen = page.render(built, tmp_path, folder, Screen())
    path = "rnn/scores/test_accuracy"
    expected = f'<data value="0.6234" data-path="{path}">62.3\u202f%</data>'
    assert f"<p>It reached {expected}" in screen
    assert "<data" not in paper
    assert "<!--claim" not in paper
    assert "<p>It reached 62.3\u202f%" in paper
    assert not re.search("[\ue000-\uf8ff]", screen + paper)
