"""Tests of views: which images they show, with what shape, and what they are as plain data."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import data

from experiments.lab.data import transforms, views
from experiments.lab.data.splits import Images
from experiments.lab.data.views import View, apply, chosen_images
from experiments.lab.store.registry import Registry

COLOURED = {"name": "channels", "channels": 3}
PARTS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def mnist():
    return data.splits("mnist")


@dataclasses.dataclass(frozen=True)
class Brightened(transforms.Transform):
    """Adds a random number to each image: something that is drawn."""

    draws = True

    def __call__(self, images, numbers, seed):
        added = [np.random.default_rng([seed, number]).integers(1, 9) for number in numbers]
        return images // 2 + np.array(added, np.uint8)[:, None, None, None]


@pytest.fixture
def brightened(monkeypatch):
    registry = Registry("transform", {**transforms.TRANSFORMS, "brightened": Brightened})
    monkeypatch.setattr(transforms, "TRANSFORMS", registry)
    monkeypatch.setattr(views, "TRANSFORMS", registry)
    return {"name": "brightened"}


def test_plain_view_shows_the_images_as_they_are(mnist):
    shown = apply(View("mnist"), mnist)
    for part in PARTS:
        np.testing.assert_array_equal(getattr(shown, part).images, getattr(mnist, part).images)
        np.testing.assert_array_equal(getattr(shown, part).labels, getattr(mnist, part).labels)
    assert shown.identity == mnist.identity


def test_all_parts_are_transformed_to_the_shape_of_the_view(mnist):
    view = View("mnist", transform=COLOURED)
    shown = apply(view, mnist)
    for part in PARTS:
        images = getattr(shown, part).images
        assert images.shape[1:] == view.shape == (28, 28, 3)
        assert images.dtype == np.uint8
        np.testing.assert_array_equal(images[..., :1], getattr(mnist, part).images)


def test_training_images_alone_are_fewer(mnist):
    shown = apply(View("mnist", per_class=3, seed=1), mnist)
    assert np.bincount(shown.train.labels).tolist() == [3] * 10
    assert shown.validation is mnist.validation
    assert shown.test is mnist.test
    known = dict(pairs(mnist.train))
    assert all(known[image] == label for image, label in pairs(shown.train))


def pairs(part: Images):
    """Return each image's bytes with its label."""
    return [
        (image.tobytes(), int(label)) for image, label in zip(part.images, part.labels, strict=True)
    ]


def test_seed_decides_which_images_are_chosen(mnist):
    shown = [apply(View("mnist", per_class=3, seed=seed), mnist) for seed in (1, 1, 2)]
    first, again, other = (splits.train.images for splits in shown)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@given(
    labels=st.lists(st.integers(0, 9), min_size=1, max_size=60).map(np.array),
    per_class=st.integers(1, 9),
    seed=st.integers(0, 99),
)
def test_so_many_images_of_each_class_are_chosen_once_and_in_order(labels, per_class, seed):
    chosen = chosen_images(labels, per_class, seed).tolist()
    assert chosen == sorted(set(chosen))
    wanted = [min(per_class, labels.tolist().count(label)) for label in range(10)]
    assert [labels[chosen].tolist().count(label) for label in range(10)] == wanted


def test_choice_is_the_one_that_stored_networks_were_trained_on():
    labels = np.arange(40) % 10
    assert chosen_images(labels, 1, 3).tolist() == [5, 6, 10, 11, 12, 13, 18, 24, 27, 29]
    assert chosen_images(labels, 2, 3)[:10].tolist() == [1, 4, 5, 7, 9, 10, 13, 17, 18, 19]


def test_random_transform_follows_from_seed_and_image_alone(brightened, mnist):
    whole = apply(View("mnist", transform=brightened, seed=5), mnist)
    few = apply(View("mnist", per_class=2, transform=brightened, seed=5), mnist)
    other = apply(View("mnist", transform=brightened, seed=6), mnist)
    chosen = chosen_images(mnist.train.labels, 2, 5)
    np.testing.assert_array_equal(few.train.images, whole.train.images[chosen])
    np.testing.assert_array_equal(few.test.images, whole.test.images)
    assert not np.array_equal(other.test.images, whole.test.images)


def test_seed_is_left_out_where_nothing_is_drawn(brightened):
    assert View("mnist", seed=3) == View("mnist")
    assert View("mnist", transform=COLOURED, seed=3).seed is None
    assert View("mnist", per_class=5, seed=3).seed == 3
    assert View("mnist", transform=brightened, seed=3).seed == 3


def test_view_that_draws_without_a_seed_shows_nothing(mnist):
    with pytest.raises(ValueError, match="has no seed"):
        apply(View("mnist", per_class=5), mnist)


def test_view_of_other_data_is_refused(mnist):
    with pytest.raises(ValueError, match="a view of cifar10 does not show mnist"):
        apply(View("cifar10"), mnist)


def test_shapes_are_those_of_the_data_sets():
    assert (View("mnist").shape, View("cifar10").shape) == ((28, 28, 1), (32, 32, 3))


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (View("imagenet"), "no data set named 'imagenet'"),
        (View("mnist", transform={"name": "blur"}), "no transform named 'blur'"),
        (View("cifar10", transform=COLOURED), "only a grey image"),
    ],
)
def test_view_that_cannot_be_has_no_shape(view, words):
    with pytest.raises(ValueError, match=words):
        _ = view.shape


def test_view_survives_json():
    view = View("mnist", per_class=4, transform=COLOURED, seed=2)
    assert View.from_json(json.loads(json.dumps(view.to_json()))) == view


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_number_of_classes_comes_back_from_plain_data_and_only_an_unusual_one_is_in_it(classes):
    view = View("mnist", classes=classes)
    assert View.from_json(view.to_json()) == view
    assert ("classes" in view.to_json()) == (classes != 10)
