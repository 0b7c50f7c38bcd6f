"""Feature invariance: the changes themselves, the distances, and the words."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from experiments.deconvnet import invariance
from experiments.lab.profiles import PROFILES


@pytest.fixture(scope="module")
def findings(study):
    with pytest.MonkeyPatch.context() as few:
        few.setattr(invariance, "IMAGES", 30)
        return invariance.measure(study)


def test_quick_build_measures_fewer_images(study, findings, monkeypatch):
    monkeypatch.setattr(invariance, "QUICK_IMAGES", 3)
    quick = dataclasses.replace(study, profile=PROFILES["quick"])
    assert invariance.measure(quick).facts["images"] == 3
    assert findings.facts["images"] == 30


def image():
    return np.random.default_rng(0).random((1, 8, 8, 3)).astype(np.float32)


@pytest.mark.parametrize(("kind", "value"), [("translation", 0), ("scale", 1.0), ("rotation", 0)])
def test_no_change_leaves_the_image_as_it_is(kind, value):
    np.testing.assert_array_equal(invariance.changed(image(), kind, value), image())


def test_translation_moves_down_and_mirrors_at_the_border():
    moved = invariance.changed(image(), "translation", 2)
    np.testing.assert_allclose(moved[:, 2:], image()[:, :-2], atol=1e-6)
    np.testing.assert_allclose(moved[:, 0], image()[:, 2], atol=1e-6)


def test_quarter_turn_is_anticlockwise_and_a_whole_turn_comes_back():
    turned = invariance.changed(image(), "rotation", 90)
    np.testing.assert_allclose(turned[0], np.rot90(image()[0]), atol=1e-5)
    np.testing.assert_allclose(invariance.changed(image(), "rotation", 360), image(), atol=1e-5)


def test_scaling_by_two_shows_the_middle_half_enlarged():
    ramp = np.broadcast_to(np.arange(8.0)[:, None, None], (8, 8, 1))[None].copy()
    scaled = invariance.changed(ramp, "scale", 2)
    np.testing.assert_allclose(scaled[0, :, 4, 0], 3.5 + (np.arange(8) - 3.5) / 2)


def test_spread_is_the_mean_distance_of_all_pairs():
    points = np.array([[0.0, 0], [3, 4], [0, 4]])
    assert invariance.spread(points) == pytest.approx((5 + 4 + 3) / 3)
    assert invariance.spread(points[:1]) == 0


def ramps(count=12):
    """Return smooth images, brighter towards a corner of their own, of different heights."""
    random = np.random.default_rng(1)
    down, across = np.indices((16, 16)) / 15
    slopes = random.uniform(-1, 1, (count, 2, 3))
    images = (
        slopes[:, None, None, 0] * down[..., None] + slopes[:, None, None, 1] * across[..., None]
    )
    return (0.5 + images / 4 + random.uniform(-0.2, 0.2, (count, 1, 1, 1))).astype(np.float32)


def test_sizes_of_all_kinds_do_the_pixels_the_same_damage():
    images = ramps()
    sizes = invariance.equally_damaging(images)
    flat = images.reshape(len(images), -1)
    apart = [np.linalg.norm(a - b) for i, a in enumerate(flat) for b in flat[:i]]

    def damage(kind, size):
        others = invariance.changed(images, kind, size).reshape(len(images), -1)
        return np.linalg.norm(others - flat, axis=1).mean() / np.mean(apart)

    found = np.array([[damage(kind, one) for one in values] for kind, values in sizes.items()])
    assert found[:, 0] == pytest.approx(0, abs=1e-6)
    assert (np.diff(found, axis=1) > 0).all()
    even = np.linspace(0, found.mean(axis=0)[-1], invariance.STEPS + 1)
    assert np.abs(found - even).max() < 0.15 * even[-1]  # sizes are interpolated
    most = min(damage(kind, values[-1]) for kind, values in invariance.SIZES.items())
    assert found[:, -1] == pytest.approx(0.95 * most, rel=0.1)


def test_images_without_a_difference_are_not_changed_at_all():
    assert set(invariance.equally_damaging(np.zeros((3, 8, 8, 3), np.float32))) == set(
        invariance.SIZES
    )


def test_kinds_are_compared_by_the_true_class_of_the_same_images(subject):
    noise = np.random.default_rng(0).normal(0, 0.05, 30)
    at_large = {"translation": 0.6 + noise, "scale": 0.3 + 0 * noise, "rotation": 0.3 - noise}
    claims = invariance.against_unstable(at_large, subject.run)
    assert [one.name for one in claims] == ["translation-rotation", "scale-rotation"]
    assert [one.verdict for one in claims] == ["greater", "tied"]
    assert {one.family for one in claims} == {"kinds"}


def test_distances_are_zero_without_change_and_in_units_of_the_spread(subject, findings):
    kind = findings.facts["kinds"][0]
    at = kind["values"].index(0)
    assert kind["mean"]["first"][at] == pytest.approx(0, abs=1e-6)
    assert kind["mean"]["probability"][at] == pytest.approx(kind["original"], abs=1e-6)
    examples = subject.examples(invariance.SHOWN)
    rest = np.setdiff1d(np.arange(200), examples)[:30]
    images = subject.inputs("test")[np.concatenate([examples, rest])]
    before = subject.features(images, ["dense1"])["dense1"]
    value = kind["small"]["value"]
    assert value == kind["values"][invariance.SMALL] > 0
    after = subject.features(invariance.changed(images, "translation", value), ["dense1"])["dense1"]
    expected = np.linalg.norm(after - before, axis=1)[5:].mean() / invariance.spread(before)
    assert kind["small"]["last"] == pytest.approx(expected, rel=1e-4)


def test_curves_are_of_five_images_of_different_classes(findings):
    assert len(set(findings.facts["shown"])) == invariance.SHOWN
    for kind in findings.facts["kinds"]:
        assert np.shape(kind["probabilities"]) == (5, len(kind["values"]))


def test_every_change_has_its_claims_and_they_have_the_means_of_the_table(findings):
    claims = {claim.name: claim for claim in findings.claims}
    assert len(claims) == 2 * 2 * len(invariance.SIZES) + 2
    for kind in findings.facts["kinds"]:
        one = kind["large"]
        claim = claims[one["claims"]["distances"]]
        assert (claim.left_value, claim.right_value) == pytest.approx((one["first"], one["last"]))
        assert (claim.left.label, claim.right.label) == ("conv1", "dense1")
        assert claims[one["claims"]["probability"]].left_value == pytest.approx(one["probability"])


def verdicts_of(subject, first, last, probability, original):
    """Return the verdicts on distances and probability of made-up images."""
    one = invariance.End.of_run(subject.run, "one")
    followed = SimpleNamespace(ends=(one, one), images=(one, one))
    at = {"first": first, "last": last, "probability": probability}
    found = invariance.tested("rotation-small", followed, at, original)
    return [claim and claim.verdict for claim in found.values()]


def test_verdicts_follow_the_side_that_is_greater(subject):
    noise = np.random.default_rng(0).normal(0, 0.1, 30)
    flat, wave = np.ones(30), noise - noise.mean()
    assert verdicts_of(subject, flat + 0.5 + wave, flat, flat - 0.5 + wave, flat) == [
        "greater", "smaller"
    ]  # fmt: skip
    assert verdicts_of(subject, flat - 0.5 + wave, flat, flat + 0.5 + wave, flat) == [
        "smaller", "greater"
    ]  # fmt: skip
    assert verdicts_of(subject, flat + wave, flat, flat + wave, flat) == ["tied", "tied"]


def test_single_image_bears_out_nothing(subject):
    assert verdicts_of(subject, *[np.ones(1)] * 4) == [None, None]
