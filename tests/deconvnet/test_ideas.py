"""One activation followed down: against the deconvnet, against a loop, and by hand."""

import numpy as np
import pytest
from made import make_record

from experiments.deconvnet import ideas
from experiments.deconvnet.ideas import UPPER


@pytest.fixture(scope="module")
def findings(study):
    return ideas.measure(study)


def test_sum_over_the_maps_is_the_deconvnets_image(subject, findings):
    facts = findings.facts
    images = subject.inputs("validation")
    found = subject.deconvnet.strongest(images, 1)[UPPER]
    chosen = facts["filter"] - 1
    place = found.positions[chosen]
    assert place[0].tolist() == [facts["row"] - 1, facts["column"] - 1]
    image = subject.deconvnet.project(
        images[found.images[chosen]], UPPER, np.array([chosen]), place
    )[0]
    box = subject.field(UPPER).box(tuple(place[0]))
    np.testing.assert_allclose(findings.arrays["whole"], image[box.slices], atol=1e-5)
    assert np.abs(image).max() > 1e-3


def test_chosen_activation_is_the_largest_of_all(subject, findings):
    maps = subject.features(subject.inputs("validation"), [UPPER])[UPPER]
    assert findings.facts["value"] == pytest.approx(float(maps.max()), rel=1e-5)


def test_switches_mark_the_first_maximum_of_every_window():
    maps = np.array([[1, 3, 0, 0], [2, 3, 0, 0], [5, 1, 0, 7], [5, 1, 8, 0]], float)[..., None]
    marked = ideas.switches_of(maps, 2)[..., 0]
    assert np.argwhere(marked).tolist() == [[0, 1], [0, 2], [2, 0], [3, 2]]


def test_transposed_convolution_lays_filters_down_at_every_value():
    signal = np.zeros((2, 2, 1))
    signal[0, 0], signal[1, 1] = 2, 1
    kernel = np.arange(4.0).reshape(2, 2, 1, 1)
    expected = [[0, 2, 0], [4, 6, 1], [0, 2, 3]]
    assert ideas.transposed(signal, kernel)[..., 0, 0].tolist() == expected


def test_rectifying_takes_away_the_share_of_negative_energy():
    steps = {"unpooled": np.array([3.0, -4.0]), "rectified": np.array([3.0, 0.0])}
    assert ideas.removed(steps) == pytest.approx(16 / 25)
    assert ideas.removed({name: np.zeros(2) for name in steps}) == 0


def test_silent_network_gives_a_grey_image_and_no_error(findings):
    steps = ideas.descend(
        0.0, np.zeros((4, 4, 2)), np.ones((2, 2, 2)), np.ones((3, 3, 3, 2)), pool=2
    )
    assert steps["pixels"].shape == (6, 6, 3, 2)
    assert not steps["pixels"].any()


def test_text_says_which_layers_are_convolutional_and_where_numbers_come_from(findings, printed):
    text = printed(ideas, findings)
    assert "Its first layers are convolutional" in text
    assert "Its last layers are fully connected" in text
    assert "conv1, conv2 and conv3 are convolutional, the layers above them fully connected" in text
    assert f"With filter {findings.facts['filter']}".lower() in text.lower()
    assert "as reported" in text


def test_figure_has_a_row_for_every_step(findings, subject):
    record = make_record(ideas.SECTION, findings)
    [drawing] = ideas.draw(record)
    rows = list(dict.fromkeys(row["row"] for row in drawing.table))
    assert rows[1:] == ["switches", "1 filter", "2 unpool", "3 rectify", "4 filter"]
    assert len(drawing.table) == 6 * ideas.SHOWN + 2


def test_drawn_maps_are_those_with_the_most_energy_in_their_order():
    signal = np.zeros((2, 2, 8))
    signal[0, 0] = [1, 0, -9, 3, 2, 5, 4, 6]
    assert ideas.strongest_maps(signal).tolist() == [2, 3, 4, 5, 6, 7]
