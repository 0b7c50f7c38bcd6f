"""Tests of the report's fonts: what is cut, how it is named, and who finds it."""

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from rendering import fonts

REGULAR = fonts.Face(fonts.SERIF)


def opened(content):
    return TTFont(io.BytesIO(content))


@pytest.mark.parametrize("face", fonts.FACES)
def test_face_is_static_and_has_a_name_of_its_own(face):
    font = opened(fonts.cut(face))
    names = [record.toUnicode() for record in font["name"].names if record.nameID in (1, 4, 6, 16)]
    assert "fvar" not in font
    assert font["OS/2"].usWeightClass == face.weight
    assert not [name for name in names if "Source" in name]


def test_bold_and_regular_are_different_cuts():
    regular, bold = (opened(fonts.cut(fonts.Face(fonts.SANS, weight))) for weight in (400, 700))
    assert bold["hmtx"]["m"][0] > regular["hmtx"]["m"][0]


def test_serif_has_small_capitals_and_figures_of_four_kinds():
    features = opened(fonts.cut(REGULAR))["GSUB"].table.FeatureList.FeatureRecord
    assert {"smcp", "c2sc", "onum", "lnum", "pnum", "tnum"} <= {it.FeatureTag for it in features}


def test_cut_has_the_letters_asked_for_and_no_others():
    assert set(opened(fonts.cut(REGULAR, frozenset(map(ord, "Ab \u4e2d")))).getBestCmap()) == set(
        map(ord, "Ab ")
    )


def test_same_face_is_cut_to_the_same_bytes():
    first = fonts.cut(REGULAR)
    fonts.cut.cache_clear()
    assert fonts.cut(REGULAR) == first


def test_style_sheet_for_letters_is_packed_and_small():
    sheet = fonts.style_sheet("report")
    assert sheet.count("@font-face") == sheet.count("font/woff2") == len(fonts.FACES)
    assert len(sheet) < 40_000


def test_letters_of_the_report_are_available():
    assert set("Aé 95\u202f% − ⁻² ≤ → ∈ αμσ ’“”") <= fonts.available()
    assert "\ud55c" not in fonts.available()


def test_matplotlib_finds_every_face():
    from matplotlib import font_manager

    fonts.for_matplotlib()
    for face in fonts.FACES:
        style = "italic" if face.italic else "normal"
        wanted = font_manager.FontProperties(family=face.family, style=style, weight=face.weight)
        found = font_manager.fontManager.findfont(wanted, fallback_to_default=False)
        assert Path(found).read_bytes() == fonts.cut(face)


def test_damaged_file_in_the_cache_is_written_again(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSIGNMENT2_CACHE", str(tmp_path))
    path = fonts.file(REGULAR)
    path.write_bytes(b"damaged")
    assert fonts.file(REGULAR).read_bytes() == fonts.cut(REGULAR)


def test_cache_that_cannot_be_written_gives_way_to_a_temporary_folder(tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("a file where the cache's folder should be")
    monkeypatch.setenv("ASSIGNMENT2_CACHE", str(tmp_path / "taken"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert fonts.file(REGULAR).read_bytes() == fonts.cut(REGULAR)


def test_lines_of_figures_stand_as_close_as_they_are_laid_out_for():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from rendering.figures.drawing import style
    from rendering.figures.sheet import LINE

    with style():
        figure = Figure(dpi=300)
        text = figure.text(0.5, 0.5, "high\nlow\nbig", fontsize=7.5, linespacing=1.1)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        height = text.get_window_extent(canvas.get_renderer()).height
    assert height / 300 * 25.4 <= 3 * LINE
