"""Each figure and table says, by itself, what it was made from: small on paper, folded on a screen."""

import re

import pytest
import sample_report

from rendering.document import page, sources
from rendering.document.media import Screen


@pytest.mark.parametrize(
    "seeds, words",
    [
        ((), ""),
        ((0,), "one seed (0)"),
        ((0, 1), "2 seeds (0 and 1)"),
        ((0, 1, 2, 3), "4 seeds (0 to 3)"),
        ((0, 2, 5), "3 seeds (0, 2 and 5)"),
    ],
)
def test_seeds_are_told_in_words(seeds, words):
    assert sources.in_words(seeds) == words


def test_figure_is_of_its_own_runs_and_data_and_a_table_of_all_of_its_section(tmp_path):
    section = sample_report.report(tmp_path).sections[0]
    entry = section.drawn.figures[0]
    figure, table = sources.of_figure(section, entry), sources.of_table(section)
    assert (figure.section, figure.command, figure.name) == ("rnn", "command a", "rnn-curves.csv")
    assert (figure.seeds, figure.data) == ("", "")
    assert (table.seeds, table.data, table.file) == ("", "the stand-in for MNIST", "results.json")


def test_paper_has_it_in_the_caption_and_a_screen_folds_it(tmp_path):
    built, folder = sample_report.report(tmp_path), sample_report.templates(tmp_path)
    paper = page.render(built, tmp_path, folder)
    screen = page.render(built, tmp_path, folder, Screen())
    for caption in re.findall(r"<(?:fig)?caption>.*?</(?:fig)?caption>", paper, re.DOTALL):
        assert ("rnn" in caption) == ("How" not in caption and 'class="source"' in caption)
    shown = re.findall(r'<figure id="(?:figure|table)-rnn-.*?</figure>', screen, re.DOTALL)
    assert len(shown) == 3
    for figure in shown:
        assert figure.count("<summary>Source</summary>") == 1
        assert "<code>command a</code>" in figure
