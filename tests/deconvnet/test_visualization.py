"""Feature visualization: the strongest units, how alike their projections are, and the words."""

import dataclasses

import numpy as np
import pytest

from experiments.deconvnet import visualization


@pytest.fixture(scope="module")
def findings(study):
    return visualization.measure(study)


def test_every_filter_has_its_nine_strongest_with_class_and_activation(subject, findings):
    maps = subject.features(subject.inputs("validation"), ["conv2"])["conv2"]
    maxima = np.sort(maps.max(axis=(1, 2)), axis=0)[::-1][:9]
    layer = findings.facts["layers"][1]
    assert [one["number"] for one in layer["filters"]] == list(range(1, 17))
    for index, one in enumerate(layer["filters"]):
        np.testing.assert_allclose(one["values"], maxima[:, index], rtol=1e-4)
        assert len(one["classes"]) == 9


def test_projections_and_patches_are_cut_to_the_receptive_field(findings):
    assert findings.arrays["conv1_projections"].shape == (6, 9, 5, 5, 3)
    assert findings.arrays["conv2_patches"].shape == (16, 9, 14, 14, 3)
    assert [layer["field"] for layer in findings.facts["layers"]] == [[5, 5], [14, 14]]


def test_first_layers_projection_is_its_filter_times_the_activation(subject, findings):
    kernel = subject.weights()[0]
    for index, one in enumerate(findings.facts["layers"][0]["filters"]):
        projections = findings.arrays["conv1_projections"][index]
        for projection, value in zip(projections, one["values"], strict=True):
            np.testing.assert_allclose(projection, value * kernel[..., index], atol=1e-4)


def test_patches_are_what_the_unit_saw(subject, findings):
    """A first-layer activation is the patch times the filter, plus the bias."""
    kernel, bias = subject.weights()[:2]
    told = findings.facts["layers"][0]["filters"]
    alive = next(index for index, one in enumerate(told) if not one["dead"])
    patch, value = findings.arrays["conv1_patches"][alive, 0], told[alive]["values"][0]
    assert (patch * kernel[..., alive]).sum() + bias[alive] == pytest.approx(value, abs=1e-4)


def test_likeness_is_the_mean_correlation_of_all_pairs():
    several = np.array([[1.0, 2, 3], [2, 4, 6], [3, 2, 1]])
    assert visualization.likeness(several) == pytest.approx((1 - 1 - 1) / 3)
    assert visualization.likeness(np.ones((3, 4))) is None


def test_class_repeated_more_than_by_chance_is_told_from_one_that_is_not(subject):
    labels = np.arange(1000) % 10

    def repeated(times, filters=6, dead=False):
        one = {"dead": dead, "times": times, "classes": ["cat"] * 9}
        return visualization.repeated("conv1", [one] * filters, labels, 10, subject.run)

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


def test_dead_filter_is_named_and_left_out_of_the_means(study, subject, printed, monkeypatch):
    weights = [array.copy() for array in subject.weights()]
    weights[2][..., 4] = 0
    weights[3][4] = -1
    dead = DeadSubject(subject.run, subject.splits, weights)
    monkeypatch.setattr(visualization.Subject, "of", lambda _: dead)
    findings = visualization.measure(study)
    maps = subject.features(subject.inputs("validation"), ["conv2"])["conv2"]
    expected = sorted({5, *(np.flatnonzero(maps.max(axis=(0, 1, 2)) <= 0) + 1)})
    layer = findings.facts["layers"][1]
    assert layer["dead"] == expected
    [claim] = [one for one in findings.claims if one.name == "conv2-alike"]
    assert claim.count <= 16 - len(expected)
    text = printed(visualization, findings)
    assert "Dead, that is not active on any validation image, are" in text
    assert "conv2, 5 dead –" in text


@dataclasses.dataclass(frozen=True)
class DeadSubject(visualization.Subject):
    """The made-up network with other weights."""

    other: list

    def weights(self, epoch=None):
        return self.other

    @property
    def model(self):
        return self.network(self.other)

    @property
    def deconvnet(self):
        from experiments.lab.inspection.deconvnet import Deconvnet

        return Deconvnet(self.model)


def test_many_filters_are_spread_over_figures():
    assert list(visualization.parts("conv2", 16)) == [
        ("conv2-1", range(0, 6)),
        ("conv2-2", range(6, 11)),
        ("conv2-3", range(11, 16)),
    ]
    assert list(visualization.parts("conv1", 6)) == [("conv1", range(6))]
