"""What holds of the images that are trained and measured on, however the options are combined."""

import functools
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.lab.data import transforms
from experiments.lab.data.files import Arrays, fingerprint
from experiments.lab.data.splits import LEAST_LIMITED, Identity, Images, Source, Splits, divide
from experiments.lab.data.views import View, apply

PARTS = ("train", "validation", "test")
TEST = 150
TRANSFORMS = (
    None,
    {"name": "channels", "channels": 3},
    {"name": "shift", "right": 2},
    {"name": "square", "row": 0, "column": 7, "side": 3},
)


class Options(NamedTuple):
    """A combination: training images of each class, images of a group, and what a build asks for."""

    of_class: int
    group: int | None
    limit: int | None
    per_class: int | None
    transform: dict | None
    seed: int


options = st.builds(
    Options,
    of_class=st.integers(12, 60),
    group=st.sampled_from([None, 1, 4, 9]),
    limit=st.one_of(st.none(), st.integers(10, 700)),
    per_class=st.one_of(st.none(), st.integers(1, 40)),
    transform=st.sampled_from(TRANSFORMS),
    seed=st.integers(0, 11),
)


@functools.cache
def arrays(of_class: int, group: int | None, test: int = TEST) -> Arrays:
    """Return arrays whose images, (1, 9, 1), each begin with a number of their own."""
    count = 10 * of_class
    pixels = np.zeros((count + test, 1, 9, 1), np.uint8)
    numbers = np.arange(count + test, dtype=np.uint32)
    pixels[:, 0, :4, 0] = numbers.view(np.uint8).reshape(-1, 4)
    labels = np.arange(count) % 10
    # The members of a group have one label and stand far apart in the file.
    groups = None if group is None else labels + 10 * (np.arange(count) // 10 // group)
    return Arrays(pixels[:count], labels, pixels[count:], np.arange(test) % 10, groups)


def shown(given: Options, **changes) -> Splits:
    given = given._replace(**changes)
    identity = Identity("mnist", "stand-in", "toy", "0" * 64, tuple("0123456789"), "here")
    whole = divide(identity, arrays(given.of_class, given.group), given.limit)
    return apply(View("mnist", given.per_class, given.transform, given.seed), whole)


def numbers(part: Images, transform: dict | None = None) -> np.ndarray:
    """Return the images' own numbers, from where a transform has left them."""
    first = transform["right"] if transform and transform["name"] == "shift" else 0
    pixels = np.ascontiguousarray(part.images[:, 0, first : first + 4, 0])
    return pixels.reshape(-1).view(np.uint32)


@given(options)
def test_no_image_is_in_two_parts_and_all_keep_their_labels(given):
    splits = shown(given)
    found = [numbers(getattr(splits, name), given.transform).tolist() for name in PARTS]
    together = sum(found, [])
    assert len(set(together)) == len(together)
    assert max(found[0] + found[1]) < 10 * given.of_class <= min(found[2])
    for name, own in zip(PARTS, found, strict=True):
        labels = arrays(given.of_class, given.group)
        every = np.concatenate([labels.y_train, labels.y_test])
        np.testing.assert_array_equal(getattr(splits, name).labels, every[own])


@given(options.filter(lambda given: given.group))
def test_no_group_is_in_training_and_validation(given):
    splits = shown(given)
    groups = arrays(given.of_class, given.group).group_train
    trained, validated = (
        set(groups[numbers(part, given.transform)]) for part in (splits.train, splits.validation)
    )
    assert not trained & validated


@given(options)
def test_limit_and_images_a_class_are_kept_and_balanced(given):
    whole = shown(given, limit=None, per_class=None)
    few = shown(given, per_class=None)
    most = {"train": given.limit, **dict.fromkeys(PARTS[1:], _fifth(given.limit))}
    for name in PARTS:
        size = len(getattr(whole, name).labels)
        part = getattr(few, name).labels
        assert len(part) == min(size, most[name] or size)
        proportion = np.bincount(getattr(whole, name).labels) * len(part) / size
        assert np.abs(np.bincount(part, minlength=10) - proportion).max() <= 1
    of_class = np.bincount(few.train.labels)
    chosen = shown(given)
    wanted = np.minimum(of_class, given.per_class or max(of_class))
    assert np.bincount(chosen.train.labels).tolist() == wanted.tolist()
    assert len(chosen.validation.labels) == len(few.validation.labels)
    assert len(chosen.test.labels) == len(few.test.labels)


def _fifth(limit):
    return limit and max(limit // 5, LEAST_LIMITED)


@given(options)
def test_less_is_a_part_of_more_and_of_the_same_part(given):
    for fewer in ({"limit": None}, {"per_class": None}, {"limit": None, "per_class": None}):
        if fewer == {"limit": None} and given.per_class:
            continue  # of other images a seed chooses others
        one, other = shown(given), shown(given, **fewer)
        for name in PARTS:
            less, more = (numbers(getattr(it, name), given.transform) for it in (one, other))
            assert set(less) <= set(more), (name, fewer)


@given(options)
def test_transform_changes_the_images_and_neither_choice_nor_order(given):
    plain, changed = shown(given, transform=None), shown(given)
    for name in PARTS:
        one, other = getattr(plain, name), getattr(changed, name)
        np.testing.assert_array_equal(one.labels, other.labels)
        expected = one.images
        if given.transform:
            transform = transforms.transform_of(given.transform)
            expected = transform(one.images, np.arange(len(one.labels)), given.seed)
        np.testing.assert_array_equal(other.images, expected)


@given(options, st.integers(1, 12))
def test_same_seed_shows_the_same_images_and_another_seed_others(given, more):
    first, again, other = shown(given), shown(given), shown(given, seed=given.seed + more)
    for name in PARTS:
        np.testing.assert_array_equal(getattr(first, name).images, getattr(again, name).images)
    assert np.array_equal(first.validation.images, other.validation.images)
    assert np.array_equal(first.test.images, other.test.images)
    there_are = np.bincount(shown(given, per_class=None).train.labels).min()
    if given.per_class is None:
        assert np.array_equal(first.train.images, other.train.images)
    elif given.per_class < there_are - 1:  # or both may choose the same by chance
        assert not np.array_equal(first.train.images, other.train.images)


@pytest.mark.parametrize("limit", [None, 200])
def test_loaded_stand_in_keeps_its_groups_apart_and_the_limit(limit, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (760, 28, 28), dtype=np.uint8)
    numbered = np.arange(600)
    held = {
        "x_train": pixels[:600],
        "y_train": numbered % 10,
        "x_test": pixels[600:],
        "y_test": np.arange(160) % 10,
        "group_train": numbered % 10 + 10 * (numbered // 10 // 6),
    }
    np.savez(tmp_path / "mnist.npz", **held)
    images = {name: held[name][..., None] for name in ("x_train", "x_test")}
    mark = fingerprint(Arrays(**{**held, **images}))
    identity = Identity("mnist", "stand-in", "toy", mark, tuple("0123456789"), "here")
    splits = Source(identity, str(tmp_path / "mnist.npz")).load(limit)
    group_of = {
        image.tobytes(): group
        for image, group in zip(pixels, held["group_train"].tolist(), strict=False)
    }
    trained, validated = (
        {group_of[image.tobytes()] for image in part.images}
        for part in (splits.train, splits.validation)
    )
    assert not trained & validated
    assert len(splits.train.labels) == (limit or 540)
    assert len(splits.test.labels) == (LEAST_LIMITED if limit else 160)
