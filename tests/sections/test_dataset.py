"""Tests of the section on the data sets, from arrays to the printed words."""

import dataclasses

import numpy as np
import pytest
from made import draw, make_record, make_splits, make_study, render, words

from experiments import dataset as section
from experiments.lab.data.splits import Images


@pytest.fixture(scope="module")
def findings():
    return section.measure(make_study(section.SECTION))


@pytest.fixture(scope="module")
def drawn(findings, tmp_path_factory):
    """The folder with the section's figures, and their entries: drawn once, words need no more."""
    folder = tmp_path_factory.mktemp("report")
    return folder, draw(section, make_record(section.SECTION, findings), folder)


@pytest.fixture
def printed(drawn, tmp_path):
    """Return a function that gives the section's words for these data."""
    folder, entries = drawn

    def printed(limit=None, **options):
        study = make_study(section.SECTION, **options)
        limited = dataclasses.replace(study.profile, limit=limit)
        findings = section.measure(dataclasses.replace(study, profile=limited))
        kind = options.get("kind", "official")
        record = make_record(section.SECTION, findings, kind=kind, folder=tmp_path)
        return words(render(section, record, folder, entries))

    return printed


def test_nothing_is_trained():
    assert section.searches(make_study(section.SECTION)) == []


def test_sizes_come_from_the_arrays_and_tell_the_sets_apart(findings):
    facts = findings.facts
    assert facts["sizes"] == [
        ["CIFAR-10", "32 × 32 × 3", 3072, 400, 100, 200],
        ["MNIST", "28 × 28 × 1", 784, 400, 100, 200],
    ]
    assert (facts["cifar10"]["padding"], facts["mnist"]["padding"]) == (0, 2)


def test_channels_have_numpys_mean_and_deviation():
    images = make_splits("cifar10").train.images
    counts = section.value_counts(images)
    for index, row in enumerate(section.colours(counts)):
        channel = images[..., index] / 255
        assert row["mean"] == pytest.approx(channel.mean())
        assert row["deviation"] == pytest.approx(channel.std())
    assert counts.sum() == images.size


def test_counting_in_parts_changes_nothing(monkeypatch):
    images = make_splits("cifar10").train.images
    whole = section.value_counts(images)
    monkeypatch.setattr(section, "AT_ONCE", 37)
    assert section.value_counts(images).tolist() == whole.tolist()


def test_histogram_has_numpys_counts(findings):
    images = make_splits("mnist").train.images
    expected, _ = np.histogram(images, bins=section.BINS, range=(0, 256))
    assert findings.arrays["mnist_histogram"].tolist() == [expected.tolist()]


def test_unequal_classes_are_named_with_their_shares(printed):
    splits = make_splits("mnist")
    chosen = np.flatnonzero((splits.train.labels != 5) | (np.arange(400) % 20 == 5))
    train = Images(splits.train.images[chosen], splits.train.labels[chosen])
    text = printed(splits={"mnist": dataclasses.replace(splits, train=train)})
    assert "In MNIST the classes are not equally frequent" in text
    assert "5.3 % are “5”, the rarest class" in text  # 20 of 380


def test_test_picture_that_was_trained_on_is_counted(printed):
    splits = make_splits("mnist")
    test = Images(splits.test.images.copy(), splits.test.labels)
    test.images[3] = splits.train.images[7]
    changed = dataclasses.replace(splits, test=test)
    assert section.repeated(splits) == 0
    assert section.repeated(changed) == 1
    text = printed(splits={"mnist": changed})
    assert "1 test image of MNIST also stands, byte for byte" in text
    assert "No test image of CIFAR-10 stands, byte for byte" in text


def test_examples_are_the_first_of_each_class():
    part = make_splits("cifar10").train
    shown = section.examples(part)
    assert shown.shape == (10, 10, 32, 32, 3)
    assert np.array_equal(shown[4], part.images[part.labels == 4][:10])


def test_class_with_few_pictures_repeats_them():
    part = make_splits("cifar10").train
    few = Images(part.images[:30], part.labels[:30])
    shown = section.examples(few)
    assert np.array_equal(shown[2, 3], shown[2, 0])


def test_share_between_classes_is_one_when_classes_have_one_picture_each():
    flat = np.zeros((40, 28, 28, 1), np.uint8)
    labels = np.arange(40) % 10
    flat[labels < 5] = 255
    part = Images(flat, labels)
    splits = dataclasses.replace(make_splits("mnist"), train=part)
    described = section.describe(splits, section.value_counts(flat), 32)
    assert described["between_share"] == pytest.approx(1)
    assert described["between"] == pytest.approx(0.5)
    assert described["black"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("objects", "digits", "telling", "words"),
    [
        (0.05, 0.4, "digits", "says more about the class in MNIST than in CIFAR-10"),
        (0.4, 0.05, "objects", "says more about the class in CIFAR-10 than in MNIST"),
        (0.4, 0.41, "neither", "says about as much about the class in CIFAR-10 as in MNIST"),
    ],
)
def test_set_whose_pixels_tell_more_of_the_class_is_named(
    printed, monkeypatch, objects, digits, telling, words
):
    assert section.telling(objects, digits) == telling
    monkeypatch.setattr(section, "telling", lambda *_: telling)
    assert words in printed()


def test_chance_is_the_share_of_the_largest_class_of_the_test_set(findings):
    facts = findings.facts
    assert facts["cifar10"]["chance"] == pytest.approx(0.1)
    assert facts["cifar10"]["standard_error"] == pytest.approx(np.sqrt(0.25 / 200))


def test_drawings_show_every_class_and_channel(findings, tmp_path):
    record = make_record(section.SECTION, findings, folder=tmp_path)
    drawings = {drawing.name: drawing for drawing in section.draw(record)}
    assert list(drawings) == ["cifar10-examples", "mnist-examples", "values"]
    assert {row["row"] for row in drawings["cifar10-examples"].table} == set(
        record.facts["cifar10"]["classes"]
    )
    shown = {row["distribution"] for row in drawings["values"].table}
    assert shown == {"red", "green", "blue", "grey"}
