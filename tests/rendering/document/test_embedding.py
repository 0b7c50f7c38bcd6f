"""Tests of `rendering.document.embedding`: what this project draws goes in, and nothing else."""

import os

import pytest

from rendering.document import embedding
from rendering.document.embedding import FigureError, picture
from rendering.figures import vocabulary as figures

HEAD = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">'
SVG = HEAD + '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="9pt">{}</svg>'
PATH = '<path id="p" d="M0 0h9"/>'


@pytest.fixture
def file(tmp_path):
    return tmp_path / "figures" / "rnn-curves.svg"


def written(file, content):
    file.parent.mkdir(exist_ok=True)
    file.write_text(content)
    return file


def test_definitions_that_are_used_once_removed_are_taken(file):
    taken = picture(written(file, SVG.format(f'<defs>{PATH}</defs><use href="#p"/>')))
    assert taken.uri.startswith("data:image/svg+xml;base64,")
    assert taken.width == pytest.approx(25.4)


def test_figures_of_this_project_are_taken(tmp_path):
    points = figures.Series("a", [1.0, 2.0])
    drawn = figures.bars("name", "caption", ["x", "y"], [points], "unit").save(tmp_path, "rnn")
    assert picture(tmp_path / drawn.file).width > 50


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            f'<defs>{PATH}<g id="a"><use href="#p"/><use href="#p"/></g></defs><use href="#a"/>',
            "uses",
        ),
        ('<symbol id="a"><use href="#a"/></symbol>', "uses definitions within definitions"),
        ('<image href="https://example.org/a.png"/>', "refers to what is not in it"),
        ('<image xlink:href="file:///etc/passwd"/>', "refers to what is not in it"),
        ("<script>1</script>", "refers to what is not in it"),
        ("<g/>" * (embedding.MOST_ELEMENTS + 1), "elements"),
        ("x" * (embedding.MOST_BYTES + 1), "MB"),
    ],
)
def test_what_this_project_would_not_draw_is_refused_by_its_name(file, body, why):
    with pytest.raises(FigureError, match=why) as refused:
        picture(written(file, SVG.format(body)))
    assert str(file) in str(refused.value)
    assert refused.value.path == file


def test_entities_are_refused(file):
    entity = '<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG.format("&a;").removeprefix(HEAD)
    with pytest.raises(FigureError, match="declares entities"):
        picture(written(file, entity))


def test_missing_strange_and_unreadable_files_are_told_by_name(file, monkeypatch):
    with pytest.raises(FigureError, match="cannot be read"):
        picture(file)
    with pytest.raises(FigureError, match="neither an SVG with a width nor a PNG"):
        picture(written(file, "<svg>"))
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(FigureError, match="cannot be read"):
        picture(file)
