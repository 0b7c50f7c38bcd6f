"""Feature visualization: the strongest units, how alike their projections are, and the words."""

import dataclasses

import numpy as np
import pytest

from experiments.deconvnet import visualization
from experiments.lab.inspection.deconvnet import Deconvnet, Strongest


@pytest.fixture(scope="module")
def findings(study):
    return visualization.measure(study)


@pytest.fixture(scope="module")
def seen(subject):
    return visualization.look(
        subject, subject.deconvnet, subject.inputs("validation"), visualization.STRONGEST
    )


def test_every_filter_has_its_nine_strongest(subject, seen):
    maps = subject.features(subject.inputs("validation"), ["conv2"])["conv2"]
    maxima = np.sort(maps.max(axis=(1, 2)), axis=0)[::-1][:9]
    np.testing.assert_allclose(seen["conv2"].found.values, maxima.T, rtol=1e-4, atol=1e-5)
    assert [one["number"] for one in seen["conv2"].filters] == list(range(1, 33))


def test_projections_and_patches_are_cut_to_the_receptive_field(findings, seen):
    assert seen["conv1"].projections.shape == (16, 9, 5, 5, 3)
    assert seen["conv3"].patches.shape == (64, 9, 20, 20, 3)
    assert [layer["field"] for layer in findings.facts["layers"]] == [[5, 5], [10, 10], [20, 20]]


def test_first_layers_projection_is_its_filter_times_the_activation(subject, seen):
    """And times two: the pixels were centred, 2 x - 1, on their way in."""
    kernel = subject.weights()[0]
    for index, several in enumerate(seen["conv1"].projections):
        for projection, value in zip(several, seen["conv1"].found.values[index], strict=True):
            np.testing.assert_allclose(projection, 2 * value * kernel[..., index], atol=1e-4)


def test_patches_are_what_the_unit_saw(subject, seen):
    """A first-layer activation is the centred patch times the filter, plus the bias."""
    kernel, bias = subject.weights()[:2]
    first = seen["conv1"]
    alive = next(index for index, one in enumerate(first.filters) if not one["dead"])
    patch, value = first.patches[alive, 0], first.found.values[alive, 0]
    weighed = ((2 * patch - 1) * kernel[..., alive]).sum() + bias[alive]
    assert weighed == pytest.approx(value, abs=1e-4)


def test_drawn_are_the_same_filters_in_every_state(subject, findings):
    layer = findings.facts["layers"][1]
    states = {"start": subject.weights(0), "fresh": subject.fresh(0)}
    images = subject.inputs("validation")
    places = [number - 1 for number in layer["shown"]]
    for name, weights in states.items():
        again = visualization.look(
            subject, Deconvnet(subject.network(weights)), images, visualization.STRONGEST
        )["conv2"]
        for side in ("projections", "patches"):
            kept = findings.arrays[f"conv2/{name}/{side}"]
            assert kept.shape == (4, 3, 10, 10, 3)
            np.testing.assert_allclose(kept, getattr(again, side)[places, :3], atol=1e-5)


def test_shown_filters_go_from_the_most_alike_evenly_down_the_order():
    alike = [0.1, None, 0.9, 0.3, 0.8, 0.5, 0.2, 0.7, 0.6]
    filters = [{"patches_alike": value} for value in alike]
    assert visualization.spread(filters) == [2, 7, 5, 6]
    assert visualization.spread(filters[:3]) == [2, 0]
    assert visualization.spread([filters[1]]) == []


def test_layers_are_summed_up_over_living_filters():
    one = {"number": 1, "dead": False, "projections_alike": 0.2, "patches_alike": 0.4}
    other = {**one, "number": 2, "projections_alike": 0.6, "patches_alike": None}
    dead = {"number": 3, "dead": True, "projections_alike": None, "patches_alike": None}
    found = visualization.summary([one, other, dead])
    assert found == {"dead": [3], "projections": pytest.approx(0.4), "patches": 0.4}
    assert visualization.summary([dead])["patches"] is None


def made_up(projections, patches):
    """Return a layer whose filters have these likenesses."""
    filters = [
        {"projections_alike": one, "patches_alike": other}
        for one, other in zip(projections, patches, strict=True)
    ]
    return visualization.Seen(None, None, None, filters)


def test_agreement_is_told_from_that_of_the_start_and_of_fresh_weights(subject):
    noise = np.random.default_rng(0).normal(0, 0.02, 20)
    level = np.full(20, 0.4)
    trained = {"conv1": made_up(level + 5, level), "conv2": made_up(level, level)}
    start = {
        "conv1": made_up(level, level + noise - 0.2),
        "conv2": made_up(level + 0.2 + noise, level),
    }
    fresh = {"conv1": made_up(level, level), "conv2": made_up(level + noise - 0.2, [None] * 20)}
    claims = visualization.agreements(
        {"trained": trained, "start": start, "fresh": fresh}, subject.run
    )
    assert {one.name: one.verdict for one in claims} == {
        "conv1-patches-start": "greater",
        "conv1-patches-fresh": "tied",
        "conv2-projections-start": "smaller",
        "conv2-projections-fresh": "greater",
        "conv2-patches-start": "tied",
    }
    assert {one.family for one in claims} == {"agreement"}


def test_hierarchy_stands_on_all_projections_above_the_first_layer(findings):
    found = findings.facts["finding"]["expected"]
    assert set(found.values()) == {"greater"}
    assert set(found) == {
        f"{layer}-projections-{state}"
        for layer in ("conv2", "conv3")
        for state in ("start", "fresh")
    }


def test_likeness_is_the_mean_correlation_of_all_pairs():
    several = np.array([[1.0, 2, 3], [2, 4, 6], [3, 2, 1]])
    assert visualization.likeness(several) == pytest.approx((1 - 1 - 1) / 3)
    assert visualization.likeness(np.ones((3, 4))) is None


def test_class_repeated_more_than_by_chance_is_told_from_one_that_is_not(subject):
    labels = np.arange(1000) % 10

    def repeated(times, filters=6, dead=False):
        one = {"dead": dead, "times": times}
        found = Strongest(np.zeros((filters, 9), int), None, None)
        seen = visualization.Seen(found, None, None, [one] * filters)
        return visualization.repeated("conv1", seen, labels, 10, subject.run)

    often = repeated(9)
    assert (often.name, often.verdict, often.left_value) == ("conv1-classes", "greater", 9)
    assert often.right_value == pytest.approx(2.5, abs=0.4)
    assert repeated(9) == often  # the random projections are the same every time
    assert repeated(1).verdict == "smaller"
    assert repeated(round(often.right_value), filters=1).verdict == "tied"
    assert repeated(9, dead=True) is None


def test_projections_are_more_alike_less_alike_or_not_clearly_either(subject):
    noise = np.random.default_rng(0).normal(0, 0.05, 12)

    def alike(projections, patches):
        filters = [
            {"projections_alike": one, "patches_alike": other}
            for one, other in zip(projections, patches, strict=True)
        ]
        return visualization.alike("conv2", filters, subject.run)

    patches = 0.3 + noise - noise.mean()
    level = np.full(12, 0.3)
    assert alike(level + 0.2, patches).verdict == "greater"
    assert alike(level - 0.2, patches).verdict == "smaller"
    assert alike(level, patches).verdict == "tied"
    assert alike([*level[1:], None], patches).count == 11
    assert alike([0.5, None], [0.2, 0.3]) is None


def test_dead_filter_is_counted_and_left_out_of_the_means(study, subject, printed, monkeypatch):
    weights = [array.copy() for array in subject.weights()]
    weights[4][..., 4] = 0
    weights[5][4] = -1
    dead = DeadSubject(subject.run, subject.splits, weights)
    monkeypatch.setattr(visualization.Subject, "of", lambda _: dead)
    findings = visualization.measure(study)
    maps = dead.features(subject.inputs("validation"), ["conv3"])["conv3"]
    expected = sorted({5, *(np.flatnonzero(maps.max(axis=(0, 1, 2)) <= 0) + 1)})
    layer = findings.facts["layers"][2]
    assert layer["states"]["trained"]["dead"] == expected
    [claim] = [one for one in findings.claims if one.name == "conv3-alike"]
    assert claim.count <= 64 - len(expected)
    text = printed(visualization, findings)
    assert f"{len(expected)} of 64 filters of conv3" in text


@dataclasses.dataclass(frozen=True)
class DeadSubject(visualization.Subject):
    """The made-up network with other weights."""

    other: list

    def weights(self, epoch=None):
        return self.other if epoch is None else self.run.weights(epoch)

    @property
    def model(self):
        return self.network(self.other)

    @property
    def deconvnet(self):
        return Deconvnet(self.model)
