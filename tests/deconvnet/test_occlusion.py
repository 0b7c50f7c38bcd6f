"""Occlusion sensitivity: the maps against a network asked by hand, the effects, and the words."""

import keras
import numpy as np
import pytest

from experiments.deconvnet import occlusion, squares


@pytest.fixture(scope="module")
def findings(study):
    with pytest.MonkeyPatch.context() as few:
        few.setattr(occlusion, "PER_CLASS", 1)
        return occlusion.measure(study)


def made_maps(projected, activity, probability):
    """Return maps of images of which only these three matter."""
    count = len(projected)
    return occlusion.Maps(
        np.zeros(count, int), np.zeros((count, 4, 4, 3)), projected, activity, probability,
        np.zeros(projected.shape, int), np.ones(count),
    )  # fmt: skip


def test_recognised_images_come_one_class_after_another():
    labels = np.array([0, 0, 1, 1, 1, 2])
    predicted = np.array([0, 0, 0, 1, 1, 1])
    found = occlusion.recognised(np.eye(3)[predicted], labels)
    assert found.tolist() == [0, 3, 1, 4]


def test_no_more_images_of_a_class_are_measured_than_is_said():
    labels = np.repeat([0, 1], [9, 3])
    found = occlusion.recognised(np.eye(2)[labels], labels)
    assert np.bincount(labels[found]).tolist() == [occlusion.PER_CLASS, 3]


def test_network_that_recognises_nothing_is_refused():
    with pytest.raises(ValueError, match="recognises no test image"):
        occlusion.recognised(np.eye(2)[[1, 1]], np.array([0, 0]))


def test_maps_are_what_the_network_says_of_each_hidden_image(subject):
    images, labels = subject.inputs("test")[:2], subject.splits.test.labels[:2]
    maps = occlusion.occlude(subject, images, labels)
    row, column = 5, 9
    hidden = images[1:].copy()
    top, left = row * squares.STEP, column * squares.STEP
    hidden[:, top : top + squares.SIDE, left : left + squares.SIDE] = squares.GREY
    layers = keras.Model(
        subject.model.inputs[0],
        [subject.model.get_layer("conv3").output, keras.ops.softmax(subject.model.outputs[0])],
    )
    before, _ = (values.numpy()[0] for values in layers(images[1:]))
    after, probabilities = (values.numpy()[0] for values in layers(hidden))
    number = before.max(axis=(0, 1)).argmax()
    assert maps.filters[1] == number
    share = after[..., number].sum() / before[..., number].sum()
    assert maps.activity[1, row, column] == pytest.approx(share, rel=1e-4)
    assert maps.probability[1, row, column] == pytest.approx(probabilities[labels[1]], rel=1e-4)
    assert maps.predicted[1, row, column] == probabilities.argmax()


def test_projection_of_a_map_is_the_sum_over_its_units(subject):
    image = subject.inputs("test")[:1]
    units = [np.array([[row, column]]) for row in range(10) for column in range(10)]
    expected = sum(subject.deconvnet.project(image, "conv2", 3, unit)[0] for unit in units)
    found = occlusion.project(subject, image, "conv2", np.array([3]), (10, 10))[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_strong_places_are_the_asked_share_even_among_equals():
    assert occlusion.strongest(np.zeros((8, 8))).sum() == 16
    assert (
        occlusion.strongest(np.arange(16.0).reshape(4, 4)).ravel().tolist()
        == [False] * 12 + [True] * 4
    )


def test_effect_is_the_loss_at_strong_places_less_that_elsewhere(subject):
    strong = np.random.default_rng(0).random((12, 8, 8))
    places = np.stack([occlusion.strongest(one) for one in strong])
    maps = made_maps(strong, 1 - 0.5 * places, 1 - 0.25 * places)
    effects = occlusion.effects_of(maps, subject.run)
    assert effects["activity"].estimate == pytest.approx(0.5)
    assert effects["probability"].estimate == pytest.approx(0.25)
    assert effects["activity"].verdict == effects["activity-control"].verdict == "greater"
    gained = occlusion.effects_of(
        made_maps(strong, 1 + 0.5 * places, 1 + 0.1 * places), subject.run
    )
    assert {gained[name].verdict for name in ("activity", "probability")} == {"smaller"}


def test_single_image_bears_out_nothing(subject):
    one = np.random.default_rng(0).random((1, 8, 8))
    assert set(occlusion.effects_of(made_maps(one, one, one), subject.run).values()) == {None}


def test_scores_are_the_losses_of_activity_and_probability(findings):
    claims = {claim.name: claim for claim in findings.claims}
    assert list(claims) == list(occlusion.SIDES)
    assert findings.scores == {
        f"{name}_lost": claims[name].estimate for name in ("activity", "probability")
    }


def test_projection_that_is_the_same_for_all_images_passes_no_control(subject):
    strong = np.broadcast_to(np.random.default_rng(0).random((8, 8)), (12, 8, 8))
    loss = 0.5 * np.stack([occlusion.strongest(one) for one in strong])
    noise = np.random.default_rng(1).normal(0, 0.01, strong.shape)
    maps = made_maps(strong, 1 - loss + noise, np.ones(strong.shape))
    effects = occlusion.effects_of(maps, subject.run)
    assert effects["activity"].verdict == "greater"
    assert effects["activity-control"].verdict == "tied"
    assert effects["activity-control"].estimate == pytest.approx(0, abs=1e-9)


def test_map_that_is_silent_loses_nothing(subject):
    black = occlusion._share(np.zeros((1, 4, 4)), np.zeros((1, 1, 1)))
    assert (black == 1).all()


def test_classes_that_take_over_get_their_colours():
    one = {"label": 3, "others": [[5, "dog"], [7, "horse"], [1, "automobile"], [9, "truck"]]}
    image, said = occlusion._coloured(np.array([[3, 5, 7, 1, 9]]), one)
    assert image[0].tolist() == [
        list(occlusion.TRUE), *map(list, occlusion.COLOURS.values()), list(occlusion.REMAINING)
    ]  # fmt: skip
    assert said == "blue: dog\norange: horse\ngreen: automobile"
