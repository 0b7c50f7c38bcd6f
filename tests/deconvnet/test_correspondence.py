"""Correspondence: the measure against SciPy's, the groups and places, and the words."""

import itertools

import numpy as np
import pytest
from scipy.spatial.distance import hamming

from experiments.deconvnet import correspondence
from rendering import marks


@pytest.fixture(scope="module")
def findings(study):
    return correspondence.measure(study)


def test_distance_is_the_mean_hamming_distance_over_all_pairs():
    signs = np.random.default_rng(0).integers(-1, 2, (2, 5, 40)).astype(np.int8)
    pairs = list(itertools.permutations(range(5), 2))
    expected = [np.mean([hamming(group[i], group[j]) for i, j in pairs]) for group in signs]
    np.testing.assert_allclose(correspondence.apart(signs), expected)


def test_equal_signs_are_no_distance_apart_and_opposite_ones_all():
    same = np.ones((1, 5, 8), np.int8)
    assert correspondence.apart(same) == 0
    assert correspondence.apart(np.stack([same[0, :2] * [[1], [-1]]])) == 1


def test_groups_are_of_one_class_or_of_different_ones_and_share_no_image():
    labels = np.arange(200) % 10
    groups = correspondence.grouped(labels)
    one, mixed = (groups[kind] for kind in correspondence.KINDS)
    assert one.shape == mixed.shape == (40, 5)
    assert all(len(set(labels[group])) == 1 for group in one)
    assert all(len(set(labels[group])) == 5 for group in mixed)
    assert len(set(one.ravel())) == len(set(mixed.ravel())) == 200
    assert (labels[mixed[:, 0]] == labels[one[:, 0]]).all()


@pytest.mark.parametrize(
    ("classes", "each", "size", "count"),
    [(2, 50, 2, 10), (3, 50, 3, 10), (4, 9, 4, 2), (10, 3, 3, 1), (10, 2, 2, 1), (2, 3, 2, 1)],
)
def test_groups_are_smaller_where_there_are_fewer_classes_or_images(classes, each, size, count):
    labels = np.arange(classes * each) % classes
    one, mixed = (correspondence.grouped(labels)[kind] for kind in correspondence.KINDS)
    assert one.shape == mixed.shape == (classes * count, size)
    assert all(len(set(labels[group])) == 1 for group in one)
    assert all(len(set(labels[group])) == size for group in mixed)
    assert len(set(one.ravel())) == len(set(mixed.ravel())) == one.size


def test_class_with_a_single_image_is_refused():
    with pytest.raises(ValueError, match="fewer than 2 validation images"):
        correspondence.grouped(np.array([0] * 9 + [1]))


def test_text_tells_the_size_of_the_groups_and_that_of_the_paper_apart(study, told, monkeypatch):
    monkeypatch.setattr(correspondence, "IMAGES", 3)
    text = marks.bare(told(correspondence, correspondence.measure(study)))
    assert "hides the same part in 5 images of dogs" in text
    assert "with groups of 3 images of different classes" in text


def test_typical_map_is_the_one_furthest_above_all_classes():
    strongest = np.random.default_rng(0).normal(0, 0.1, (40, 3))
    labels = np.arange(40) % 2
    strongest[labels == 0, 2] += 5
    strongest[labels == 1, 0] += 1
    strongest[:, 1] = 7  # the strongest, but for all classes alike
    assert correspondence.typical_filters(strongest, labels).tolist() == [2, 0]


def test_feature_hides_where_its_map_is_strongest():
    activations = np.random.default_rng(0).random((4, 5, 100, 3))
    chosen = correspondence.chosen_units("feature", activations, np.array([2, 0]))
    np.testing.assert_array_equal(chosen[:2], activations[:2, ..., 2].argmax(axis=2))
    np.testing.assert_array_equal(chosen[2:], activations[2:, ..., 0].argmax(axis=2))


def test_place_is_one_for_a_group_and_random_places_are_not():
    activations = np.zeros((6, 5, 100, 3))
    place, random = (
        correspondence.chosen_units(way, activations, np.array([0, 1]))
        for way in ("place", "random")
    )
    assert (place == place[:, :1]).all()
    assert len(set(place[:, 0])) > 1
    assert all(len(set(group)) > 1 for group in random)
    again = correspondence.chosen_units("random", activations, np.array([0, 1]))
    np.testing.assert_array_equal(random, again)
    assert not np.array_equal(
        place[:, 0], random.ravel()[: len(place)]
    )  # each has a draw of its own


def test_squares_stand_over_the_middle_of_what_a_unit_sees(subject):
    middles = correspondence.middles_of_units(subject, "conv3")
    field = subject.field("conv3")
    for unit, place in enumerate(np.ndindex(*field.shape)):
        box = field.box(place)
        expected = (box.top + box.bottom - 1) // 2, (box.left + box.right - 1) // 2
        assert tuple(middles[unit]) == expected


def test_features_that_the_square_does_not_reach_do_not_change(subject):
    images = subject.inputs("validation")[:5][None]
    centres = np.full((1, 5, 2), 5)
    signs = correspondence.signs_of_changes(subject, images, centres, ("conv2", "dense1"))
    maps = signs["conv2"].reshape(5, 12, 12, 32)
    assert (maps[:, 5:] == 0).all()  # they see rows from 10 on, the square ends at 9
    assert (maps[:, 0, 0] != 0).any()
    assert signs["dense1"].shape == (1, 5, 64)


def test_network_without_training_has_results_for_every_class_and_layer(findings):
    facts = findings.facts
    assert [one["class"] for one in facts["classes"]][:2] == ["airplane", "automobile"]
    assert len(facts["rows"]) == 6
    assert facts["all_groups"] == 10 * facts["groups"] == 20
    row = next(r for r in facts["rows"] if (r["way"], r["kind"]) == ("random places", "one class"))
    claims = {claim.name: claim for claim in findings.claims}
    assert len(claims) == 10
    assert claims["conv3-place"].right_value == pytest.approx(row["conv3"][0])
    assert (claims["conv3-place"].unit, claims["conv3-place"].count) == ("groups", 20)


def test_same_place_is_nearer_than_random_places_in_a_convolution_of_any_weights(findings):
    [claim] = [claim for claim in findings.claims if claim.name == "conv3-place"]
    assert claim.verdict == "smaller"
    assert findings.scores["place_conv3"] < 0.9


def test_paper_ratios_follow_from_its_table():
    ratios = correspondence.paper_ratios()
    assert ratios["layer5"] == pytest.approx([0.067 / 0.107, 0.079 / 0.107])
    assert ratios["layer7"] == pytest.approx([0.068 / 0.073, 0.069 / 0.073])


def distances(place, feature, groups=20):
    """Return distances of one layer that differ from those of random places by so much, with noise.

    With different classes nothing differs, so that each is also the gain of the class.
    """
    random = np.random.default_rng(0)
    found = {}
    for kind in correspondence.KINDS:
        share = kind == correspondence.KINDS[0]
        for way, less in (("place", place), ("feature", feature), ("random", 0)):
            noise = random.normal(0, 0.01, groups)
            found[way, kind] = {"conv2": 0.5 - share * less + noise - noise.mean()}
    return found


def verdicts(subject, *given, **options):
    claims = correspondence.tests(distances(*given, **options), "conv2", subject.run)
    return {claim.name: claim.verdict for claim in claims}


def test_verdicts_follow_the_distances_and_what_the_class_has_to_do_with_them(subject):
    assert verdicts(subject, 0.2, -0.2) == {
        "conv2-place": "smaller",
        "conv2-place-parts": "greater",
        "conv2-feature": "greater",
        "conv2-feature-parts": "smaller",
    }
    assert set(verdicts(subject, 0, 0).values()) == {"tied"}


def test_single_group_bears_out_nothing(subject):
    assert verdicts(subject, 0.2, 0.2, groups=1) == {}


@pytest.mark.parametrize(("less", "verdict"), [(0.05, "greater"), (0.3, "smaller"), (0.2, "tied")])
def test_effect_is_weaker_where_it_is_nearer_to_random_places(subject, less, verdict):
    lower, upper = distances(0.2, 0.2), distances(less, 0.2)
    both = {key: {"conv2": of["conv2"], "dense1": upper[key]["conv2"]} for key, of in lower.items()}
    claims = {one.name: one for one in correspondence.above(both, ("conv2", "dense1"), subject.run)}
    assert claims["place-upper"].verdict == verdict
    assert claims["feature-upper"].verdict == "tied"
