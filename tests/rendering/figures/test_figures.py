"""Tests of the chart vocabulary: words, numbers and files of each kind of figure."""

import csv
import io
import math
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rendering.document import embedding
from rendering.figures import learning_curves, lines, sheet
from rendering.figures import vocabulary as figures

random = np.random.default_rng(5)
LINE = figures.Line("Adam", [1, 2, 3], [0.1, 0.25, 0.5])
PICTURE = figures.Image(random.random((4, 6, 3)), "an image")

MADE = {
    "curves": lambda: figures.curves(
        "a", "c", [figures.Panel("Accuracy", "epoch", "accuracy", [LINE], percent=True)]
    ),
    "two panels": lambda: figures.curves(
        "a", "c", [figures.Panel(title, "epoch", "loss", [LINE]) for title in ("One", "Two")]
    ),
    "scatter": lambda: figures.scatter(
        "a", "c", [figures.Points("LSTM", [1, 10], [0.5, 0.75], ["64", "128"])], "size", "accuracy"
    ),
    "bars": lambda: figures.bars(
        "a", "c", ["one", "two"], [figures.Series("s", [0.5, None], [0.1, None])], "accuracy"
    ),
    "heatmap": lambda: figures.heatmap("a", "c", [[1, math.nan]], ["r"], ["c1", "c2"]),
    "confusion": lambda: figures.confusion("a", "c", [[8, 2], [1, 9]], ["cat", "dog"]),
    "difference": lambda: figures.difference(
        "a", "c", ([[8, 2], [1, 9]], [[5, 5], [0, 10]]), ("CNN", "RNN"), ["cat", "dog"]
    ),
    "dots": lambda: figures.dots(
        "a",
        "c",
        {"one": [0.5, 0.75], "two": [1.0, 1.5]},
        [0.625, 1.25],
        ["cat", "dog"],
        "ratio",
        line_at=1.0,
        percent=True,
    ),
    "histograms": lambda: figures.histograms(
        "a", "c", [figures.Histogram("filter 1", [0, 1, 2], {"trained": [3, 1]}, "dead")], "value"
    ),
    "image_grid": lambda: figures.image_grid("a", "c", [[PICTURE, None]], row_titles=["row"]),
    "weights_grid": lambda: figures.weights_grid(
        "a", "c", {"trained": random.normal(size=(3, 3, 3, 2))}
    ),
    "weights_grid of one channel": lambda: figures.weights_grid(
        "a", "c", {"trained": random.normal(size=(3, 3, 1, 2))}
    ),
    "maps": lambda: figures.maps(
        "a",
        "c",
        [figures.MapRow("ship", PICTURE.image, [random.random((4, 6))])],
        [figures.MapColumn("chance", "probability", (0, 1), percent=True)],
    ),
}


def rows(drawing, folder):
    entry = drawing.save(folder, "rnn")
    return list(csv.DictReader(io.StringIO((folder / entry.table).read_text())))


@pytest.mark.parametrize("kind", MADE)
def test_figure_has_words_and_numbers_and_is_a_whole_svg(kind, tmp_path):
    drawing = MADE[kind]()
    entry = drawing.save(tmp_path, "rnn")
    assert entry.file == "figures/rnn-a.svg"
    assert ElementTree.parse(tmp_path / entry.file).getroot().tag.endswith("svg")
    assert len(entry.alt) > 20
    assert rows(drawing, tmp_path)


@pytest.mark.parametrize("kind", ["curves", "confusion", "image_grid"])
def test_same_data_gives_the_same_bytes(kind):
    assert MADE[kind]().image() == MADE[kind]().image()


@pytest.mark.parametrize("kind", ["curves", "image_grid", "histograms"])
def test_figure_is_no_wider_than_the_text(kind, tmp_path):
    entry = MADE[kind]().save(tmp_path, "rnn")
    assert embedding.picture(tmp_path / entry.file).width <= 160.01


def test_raster_figure_is_a_png_of_the_same_width(tmp_path):
    picture = figures.image_grid("a", "c", [[PICTURE]], raster=True)
    entry = picture.save(tmp_path, "rnn")
    assert entry.file.endswith(".png")
    width = picture.canvas.get_figwidth() * 25.4
    assert embedding.picture(tmp_path / entry.file).width == pytest.approx(width, abs=0.1)


def test_alt_text_tells_where_lines_begin_and_end():
    alt = MADE["curves"]().alt.replace("\u202f", " ")
    assert alt == "Accuracy: accuracy against epoch. Adam rises from 10.0 % to 50.0 %."


def test_run_that_diverged_ends_where_its_numbers_end():
    line = figures.Line("0.01", [1, 2, 3], [2.0, math.inf, math.nan], note="diverged at epoch 2")
    drawing = figures.curves("a", "c", [figures.Panel("", "epoch", "loss", [line])])
    assert drawing.alt.endswith("0.01 is 2.00, diverged at epoch 2.")
    assert b"diverged at epoch 2" in drawing.image()


def test_run_without_a_finite_value_is_said():
    line = figures.Line("0.01", [1, 2], [math.nan, None])
    drawing = figures.curves("a", "c", [figures.Panel("", "epoch", "loss", [line])])
    assert "0.01 has no finite value" in drawing.alt
    drawing.image()


def test_labels_of_a_logarithmic_axis_do_not_touch():
    rates = np.array([1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1])
    assert lines.tick_labels(rates) == [
        "1e-05",
        "",
        "0.0001",
        "",
        "0.001",
        "",
        "0.01",
        "0.03",
        "0.1",
    ]
    assert lines.tick_labels(np.array([15, 30, 60, 6180])) == ["15", "30", "60", "6180"]
    assert lines.tick_labels(np.array([3.0])) == ["3"]


def test_logarithmic_axis_is_labelled_at_the_values_measured():
    line = figures.Line("scratch", [15, 45, 4500], [0.1, 0.2, 0.3])
    panel = figures.Panel("", "images", "accuracy", [line], percent=True, log_x=True)
    (axes,) = figures.curves("a", "c", [panel]).canvas.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["15", "45", "4500"]
    assert not len(axes.get_xticks(minor=True))


def test_training_and_validation_of_a_setting_share_a_colour():
    dashed = figures.Line("Adam", [1, 2], [1.0, 0.5], dashed=True)
    solid = figures.Line("Adam", [1, 2], [1.1, 0.6])
    other = figures.Line("SGD", [1, 2], [1.2, 0.7])
    axes = figures.curves(
        "a", "c", [figures.Panel("", "epoch", "loss", [dashed, solid, other])]
    ).canvas.axes[0]
    first, second, *_, third = (
        line.get_color() for line in axes.lines if len(line.get_xdata()) > 1
    )
    assert first == second != third


@given(st.lists(st.floats(0, 1), max_size=7), st.floats(0.01, 0.3))
def test_labels_are_spread_apart_in_their_order(places, gap):
    moved = lines.spread(places, gap)
    by_place = [moved[index] for index in sorted(range(len(places)), key=places.__getitem__)]
    assert all(b - a >= gap - 1e-9 for a, b in zip(by_place, by_place[1:], strict=False))
    assert sum(moved) == pytest.approx(sum(places), abs=1e-6)


def test_labels_that_have_room_stay():
    assert lines.spread([0.9, 0.1], 0.2) == [0.9, 0.1]


def test_missing_bar_is_named():
    drawing = MADE["bars"]()
    assert "two no result" in drawing.alt
    assert b"no result" in drawing.image()


def test_confusion_names_the_most_frequent_error_first():
    alt = MADE["confusion"]().alt
    assert "85.0\u202f% of 20\u00a0images on the diagonal" in alt
    assert "cat taken for dog (2) and dog taken for cat (1)" in alt


def test_confusion_colours_errors_alone_and_counts_what_is_correct():
    drawing = MADE["confusion"]()
    (picture,) = drawing.canvas.axes[0].images
    cells = np.ma.filled(picture.get_array(), np.nan)
    np.testing.assert_allclose(cells, [[math.nan, 0.2], [0.1, math.nan]])
    assert {text.get_text() for text in drawing.canvas.axes[0].texts} == {"8", "2", "1", "9"}


def test_difference_is_of_the_errors_of_the_first_less_those_of_the_second():
    drawing = MADE["difference"]()
    written = {text.get_position(): text.get_text() for text in drawing.canvas.axes[0].texts}
    assert written == {(1, 0): "\u22123", (0, 1): "+1"}
    assert "errors of CNN less those of RNN, \u22122 in all" in drawing.alt
    assert "1 more, dog taken for cat and 3 fewer, cat taken for dog" in drawing.alt


def test_dots_tell_mean_and_ends_of_each_group(tmp_path):
    drawing = MADE["dots"]()
    assert "one: mean 62.5\u202f%, from 50.0\u202f% (cat) to 75.0\u202f% (dog)." in drawing.alt
    table = rows(drawing, tmp_path)
    assert table[2] == {"group": "one", "of": "mean", "ratio": "0.625"}


def test_panels_with_one_scale_show_all_of_their_lines():
    panels = [
        figures.Panel(title, "step", "error", [figures.Line("a", [1, 2], y)], log_y=True)
        for title, y in (("One", [0.5, 0.2]), ("Two", [0.4, 0.01]), ("Three", [0.9, 0.3]))
    ]
    axes = figures.curves("a", "c", panels, columns=3, shared=True).canvas.axes
    for one in axes:
        low, high = one.get_ylim()
        assert low < 0.01
        assert high > 0.9


def test_errors_are_what_is_missing_to_all():
    panel = figures.Panel(
        "Accuracy", "step", "accuracy", [figures.Line("a", [1, 2, 3], [0.9, None, 1.0])]
    )
    errors = learning_curves.of_errors(panel, "Error", "error")
    first, second, third = errors.lines[0].y
    assert (first, third) == pytest.approx((0.1, 0.0))
    assert second is None
    assert errors.log_y and errors.y_label == "error"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("errors", "scale"), [([0.0, 0.0], "linear"), ([0.1, 0.0], "log")])
def test_errors_that_are_all_zero_stand_on_a_plain_axis(errors, scale):
    panel = figures.Panel("Error", "step", "error", [figures.Line("a", [1, 2], errors)], log_y=True)
    drawing = figures.curves("errors", "Errors.", [panel])
    assert drawing.canvas.axes[0].get_yscale() == scale
    drawing.canvas.savefig(io.BytesIO(), format="svg")


def test_table_has_the_numbers_drawn(tmp_path):
    table = rows(MADE["confusion"](), tmp_path)
    assert {"true class": "cat", "predicted class": "dog", "images": "2"} in table
    assert [row["value"] for row in rows(MADE["curves"](), tmp_path)] == ["0.1", "0.25", "0.5"]


def test_table_says_training_or_validation_only_where_both_are_drawn(tmp_path):
    solid = figures.Line("a", [1, 2], [0.1, 0.2])
    dashed = figures.Line("a", [1, 2], [0.3, 0.4], dashed=True)

    def kinds(lines):
        panel = figures.Panel("", "pixels", "test accuracy", lines)
        return [row.get("kind") for row in rows(figures.curves("a", "c", [panel]), tmp_path)]

    assert kinds([solid]) == [None] * 2
    assert kinds([solid, dashed]) == ["validation"] * 2 + ["training"] * 2


def test_weights_of_a_channel_keep_their_place(tmp_path):
    weights = np.arange(2 * 2 * 3 * 2, dtype=float).reshape(2, 2, 3, 2)
    table = rows(figures.weights_grid("a", "c", {"trained": weights}), tmp_path)
    found = [
        row
        for row in table
        if (row["filter"], row["channel"], row["row"], row["column"]) == ("2", "blue", "1", "0")
    ]
    assert [float(row["weight"]) for row in found] == [weights[1, 0, 2, 1]]


def test_sets_of_weights_stand_side_by_side_with_their_titles():
    sets = {name: random.normal(size=(3, 3, 1, 2)) for name in ("trained", "untrained")}
    axes = figures.weights_grid("a", "c", sets).canvas.axes[0]
    lefts = [image.get_extent()[0] for image in axes.images[:4]]
    assert lefts == sorted(lefts)
    assert len({image.get_extent()[3] for image in axes.images[:4]}) == 1
    places = {text.get_text(): text.get_position()[0] for text in axes.texts}
    assert lefts[0] < places["trained"] < lefts[2] < places["untrained"]


def test_float_picture_is_shown_on_the_scale_given():
    shown = sheet.shown(np.array([[-1.0, 0.0], [0.5, 2.0]]), (-1.0, 1.0))
    assert shown[..., 0].tolist() == [[0, 128], [191, 255]]


def test_integer_picture_is_shown_as_it_is():
    image = random.integers(0, 256, (3, 3, 3), dtype=np.uint8)
    assert (sheet.shown(image, (0, 1)) == image).all()


def test_stretched_picture_reaches_from_black_to_white():
    shown = sheet.shown(np.array([[3.0, 5.0]]), None)
    assert shown[0, :, 0].tolist() == [0, 255]


def test_picture_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="one or three channels"):
        sheet.shown(np.zeros((4, 4, 2)), None)


def test_mosaic_keeps_every_pixel_and_leaves_paper_between():
    images = [np.full((2, 2), value) for value in (0.1, 0.2, 0.3)]
    whole = figures.mosaic(images, columns=2)
    assert whole.shape == (5, 5)
    assert whole[:2, :2].max() == 0.1
    assert whole[3:, :2].min() == 0.3
    assert (whole[2] == 1).all()
    assert (whole[3:, 3:] == 1).all()


def test_pixels_are_enlarged_whole_and_not_smoothed():
    canvas = figures.image_grid("a", "c", [[PICTURE]]).canvas
    pixels = canvas.axes[0].images[0].get_array()
    times = pixels.shape[0] // 4
    assert pixels.shape == (4 * times, 6 * times, 3)
    assert (pixels[::times, ::times] == sheet.shown(PICTURE.image, (0, 1))).all()


def test_all_letters_have_a_family_to_fall_back_on():
    families = re.findall(rb"font-family: ([^;\"]*)", MADE["bars"]().image())
    assert set(families) == {
        b"'Report Sans', 'DejaVu Sans', 'Source Sans 3', 'Source Sans Pro', Arial, sans-serif"
    }


def test_drawing_ignores_the_users_own_style():
    import matplotlib

    plain = MADE["bars"]().image()
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red", "lines.linewidth": 9}):
        assert MADE["bars"]().image() == plain


def test_importing_the_vocabulary_imports_neither_matplotlib_nor_tensorflow():
    modules = "rendering.figures.vocabulary, rendering.document.pdf, rendering.browser.page"
    code = f"import {modules}, rendering.document.page, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"matplotlib", "tensorflow", "weasyprint", "rich", "scipy"} & set(loaded)


def test_drawing_needs_no_pyplot():
    code = (
        "from rendering.figures import vocabulary as f, drawing; import sys;"
        "f.curves('a', 'c', [f.Panel('', 'x', 'y', [f.Line('l', [1, 2], [1, 2])])]).image();"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


@pytest.mark.parametrize("values", [[0.956, 0.984], [0.1, 0.6], [0.5, 0.5], [math.nan, math.nan]])
def test_colour_bar_repeats_no_label(values):
    canvas = figures.heatmap("a", "c", [values], ["r"], ["c1", "c2"], percent=True).canvas
    canvas.draw_without_rendering()
    labels = [label.get_text() for label in canvas.axes[1].get_yticklabels()]
    assert len(labels) == len(set(labels)) > 0


def test_axis_of_whole_numbers_has_no_fractions():
    line = figures.Line("a", range(1, 21), np.linspace(0, 1, 20))
    canvas = figures.curves("a", "c", [figures.Panel("", "trial", "accuracy", [line])]).canvas
    canvas.draw_without_rendering()
    assert all(float(tick).is_integer() for tick in canvas.axes[0].get_xticks())


@pytest.mark.parametrize(("classes", "named"), [(10, 10), (25, 25), (100, 25)])
def test_confusion_matrix_names_as_many_classes_as_have_room(classes, named):
    names = [str(number) for number in range(classes)]
    drawing = figures.confusion("c", "C.", np.eye(classes, dtype=int), names)
    axes = drawing.canvas.axes[0]
    assert len(axes.get_xticklabels()) == len(axes.get_yticklabels()) == named
    assert len(axes.texts) == (classes if named == classes else 0)


def test_signed_values_are_drawn_around_grey():
    values = np.array([-2.0, 0.0, 1.0])
    assert figures.around_grey(values).tolist() == [0.0, 0.5, 0.75]
    assert figures.around_grey(values, 4.0).tolist() == [0.25, 0.5, 0.625]
    assert figures.around_grey(np.zeros(2)).tolist() == [0.5, 0.5]
