"""The stand-ins: what they look like, that they repeat, and how they are kept."""

import hashlib

import numpy as np
import pytest
from scipy import ndimage

from experiments.lab.data.splits import DataError
from experiments.lab.data.standins import (
    drawn_scenes,
    drawn_shapes,
    enlarged_digits,
)
from experiments.lab.data.standins import (
    made as standins,
)
from experiments.lab.data.standins.drawn_objects import OBJECTS


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSIGNMENT2_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def few_drawings(monkeypatch):
    monkeypatch.setattr(drawn_scenes, "TRAINING_PER_CLASS", 30)
    monkeypatch.setattr(drawn_scenes, "TEST_PER_CLASS", 10)


@pytest.fixture(scope="module")
def digits():
    return enlarged_digits.build()


@pytest.fixture(scope="module")
def drawings():
    return drawn_scenes.draw(100, seed=5)


def silent(_line):
    """Take a line for the user and drop it."""


def test_drawings_are_colour_pictures_of_ten_kinds(drawings):
    images, labels = drawings

    assert images.shape == (1000, 32, 32, 3)
    assert images.dtype == np.uint8
    assert np.bincount(labels).tolist() == [100] * 10
    assert len(OBJECTS) == 10


def test_same_seed_draws_the_same_bytes_on_any_machine():
    images, _ = drawn_scenes.draw(3, seed=5)

    assert (
        hashlib.sha256(images.tobytes()).hexdigest()
        == "370585572a32d2ade792db508e9987a7d75e3bbd0b4dd4c3db72f163fdfb4ab4"
    )


def test_other_seed_draws_other_pictures():
    images = [drawn_scenes.draw(2, seed)[0] for seed in (1, 2)]

    assert not (images[0] == images[1]).all(axis=(1, 2, 3)).any()


def test_pictures_of_a_kind_beyond_one_batch_are_no_others_again(monkeypatch):
    monkeypatch.setattr(drawn_scenes, "BATCH", 2)
    images, labels = drawn_scenes.draw(5, seed=5)

    assert len({image.tobytes() for image in images}) == len(labels) == 50


def test_training_and_test_pictures_are_each_in_an_order_of_their_own(monkeypatch):
    for name in ("TRAINING_PER_CLASS", "TEST_PER_CLASS"):
        monkeypatch.setattr(drawn_scenes, name, 3)
    arrays = drawn_scenes.build()

    assert not np.array_equal(arrays.y_train, arrays.y_test)
    assert np.array_equal(drawn_scenes.build().y_train, arrays.y_train)


def test_whole_stand_in_has_the_stated_sizes_and_no_picture_twice(monkeypatch):
    drawn = []

    def numbered(per_class, seed):
        drawn.append((per_class, seed))
        return np.zeros((10 * per_class, 1, 1, 1), np.uint8), np.repeat(np.arange(10), per_class)

    monkeypatch.setattr(drawn_scenes, "draw", numbered)
    arrays = drawn_scenes.build()

    assert len(arrays.y_train) == 12_000
    assert len(arrays.y_test) == 2_000
    assert drawn[0][1] != drawn[1][1]
    assert len(np.unique(arrays.group_train)) == 12_000
    assert len(np.unique(arrays.y_train[:200])) == 10


def test_colour_alone_does_not_tell_the_kinds_apart(drawings):
    images, labels = drawings
    colours = images.reshape(len(images), -1, 3).mean(axis=1)
    learned, tried = np.arange(len(labels)) % 2 == 0, np.arange(len(labels)) % 2 == 1
    means = np.stack([colours[learned & (labels == kind)].mean(axis=0) for kind in range(10)])

    distance = ((colours[tried][:, None] - means) ** 2).sum(axis=2)
    share = (distance.argmin(axis=1) == labels[tried]).mean()

    assert share < 0.2


def test_pictures_of_a_kind_vary_in_place_and_light(drawings):
    images, labels = drawings
    for kind in range(10):
        own = images[labels == kind].astype(float)
        assert own.mean(axis=(1, 2, 3)).std() > 10
        assert own.std(axis=0).min() > 20


def test_objects_stand_out_from_their_background(monkeypatch):
    """Without the object an image differs where the pen painted, and nowhere else."""
    covers = []
    for label, (kind, paint) in enumerate(OBJECTS.items()):

        def noted(pen, paint=paint):
            paint(pen)
            covers.append(pen.covered.mean(axis=(1, 2)))

        monkeypatch.setitem(OBJECTS, kind, noted)
        drawn_scenes._draw_kind(label, 20, [1, label, 0])

    shares = np.stack(covers)
    assert shares.shape == (10, 20)
    assert shares.min() > 0.02
    assert (shares.mean(axis=1) > 0.1).all()
    assert shares.max() < 0.9


@pytest.mark.parametrize(
    ("depth", "area"),
    [
        (lambda u, v: drawn_shapes.ellipse(u, v, 0.1, -0.2, 0.6, 0.3), np.pi * 0.6 * 0.3),
        (lambda u, v: drawn_shapes.box(u, v, -0.1, 0.2, 0.5, 0.3), 4 * 0.5 * 0.3),
        (lambda u, v: drawn_shapes.band(u, v, -0.5, 0.5, 0.2, 0.6), 1.0 * (0.2 + 0.6)),
        (
            lambda u, v: drawn_shapes.stroke(u, v, (-0.3, -0.4), (0.3, 0.4), 0.1),
            1.0 * 0.2 + np.pi * 0.1**2,
        ),
        (lambda u, v: drawn_shapes.ring(u, v, 0.0, 0.0, 0.5, 0.1), np.pi * (0.6**2 - 0.4**2)),
    ],
)
def test_shape_covers_the_area_that_geometry_gives(depth, area):
    line = (np.arange(400) + 0.5) / 200 - 1.0
    v, u = np.meshgrid(line, line, indexing="ij")

    assert (depth(u[None], v[None]) > 0).mean() * 4.0 == pytest.approx(area, rel=0.01)


def test_digits_stand_like_mnist_in_28_by_28(digits):
    assert digits.x_train.shape[1:] == (28, 28, 1)
    assert digits.x_train.dtype == np.uint8
    assert 11_500 < len(digits.y_train) < 12_500
    assert 1_700 < len(digits.y_test) < 2_300
    edge = digits.x_train[:, [0, 1, -2, -1]]
    assert edge.mean() < 3
    weight = digits.x_train[..., 0].sum(axis=0, dtype=float)
    place = np.arange(28)
    assert (weight.sum(axis=1) @ place) / weight.sum() == pytest.approx(13.5, abs=0.5)
    assert (weight.sum(axis=0) @ place) / weight.sum() == pytest.approx(13.5, abs=0.5)


def test_variants_have_the_label_of_their_original(digits):
    from sklearn.datasets import load_digits

    np.testing.assert_array_equal(digits.y_train, load_digits().target[digits.group_train])


def test_enlarged_digit_without_variation_shows_its_original():
    """Around its centre of mass, every 2.5th pixel of the image is a pixel of the original."""
    from sklearn.datasets import load_digits

    class Still:
        def random(self, shape):
            return np.full(shape, 0.5)

    originals = load_digits().images[:200] / 16.0
    pictures = enlarged_digits._enlarge(Still(), originals)

    likeness = []
    for original, picture in zip(originals, pictures, strict=True):
        middle = np.array(ndimage.center_of_mass(original))
        down, across = (np.arange(8) - middle[:, None]) * 2.5 + 13.5
        places = np.meshgrid(down, across, indexing="ij")
        seen = ndimage.map_coordinates(picture.astype(float), places, order=1)
        likeness.append(np.corrcoef(seen.ravel(), original.ravel())[0, 1])
    assert np.min(likeness) > 0.85
    assert np.mean(likeness) > 0.93


def test_refining_keeps_what_varies_linearly():
    """Cubic convolution reproduces a plane exactly, away from the border."""
    down, across = np.mgrid[0:8, 0:8].astype(float)
    fine = enlarged_digits._refined((2.0 * down - across)[None])[0]
    place = (np.arange(40) + 0.5) / 4 - 1.5

    expected = 2.0 * place[:, None] - place[None, :]
    np.testing.assert_allclose(fine[12:28, 12:28], expected[12:28, 12:28], atol=1e-12)


def test_variants_of_a_digit_differ(digits):
    own = digits.x_train[digits.group_train == digits.group_train[0]]

    assert len(own) == enlarged_digits.TRAINING_VARIANTS
    assert len(np.unique(own.reshape(len(own), -1), axis=0)) == len(own)


def test_no_test_digit_has_a_twin_in_training(monkeypatch):
    """Originals painted in a grey of their own are traced through the variation."""
    chosen = []
    real = enlarged_digits._variants

    def noted(rng, originals, own, variants):
        chosen.append(set(own.tolist()))
        return real(rng, originals, own, 1)

    monkeypatch.setattr(enlarged_digits, "_variants", noted)
    enlarged_digits.build()

    assert not chosen[0] & chosen[1]
    assert len(chosen[0] | chosen[1]) == 1797


def test_validation_digits_have_no_twins_in_training():
    source = standins.source("mnist", silent)
    splits = source.load()
    arrays = enlarged_digits.build()
    group = {
        image.tobytes(): number
        for image, number in zip(arrays.x_train, arrays.group_train, strict=True)
    }

    train = {group[image.tobytes()] for image in splits.train.images}
    validation = {group[image.tobytes()] for image in splits.validation.images}
    assert not train & validation
    assert 1_150 < len(splits.validation.labels) < 1_300
    assert np.bincount(splits.validation.labels).min() > 90


@pytest.mark.usefixtures("few_drawings")
def test_stand_in_is_called_a_stand_in():
    source = standins.source("cifar10", silent)

    assert source.identity.kind == "stand-in"
    assert source.identity.label == "the drawn stand-in for CIFAR-10"
    assert source.identity.classes[:2] == ("aeroplane", "boat")
    assert source.identity.origin == "drawn by this project"
    assert len(source.load().train.labels) == 270


@pytest.mark.usefixtures("few_drawings")
def test_stand_in_is_made_once_and_found_again(monkeypatch):
    lines = []
    first = standins.source("cifar10", lines.append)
    monkeypatch.setattr(drawn_scenes, "build", lambda: pytest.fail("made again"))

    assert standins.source("cifar10", lines.append) == first
    assert len(lines) == 1


@pytest.mark.usefixtures("few_drawings")
def test_changed_code_makes_the_stand_in_anew(monkeypatch):
    first = standins.source("cifar10", silent)
    monkeypatch.setattr(standins, "_code", lambda _: "changed")
    lines = []

    again = standins.source("cifar10", lines.append)

    assert again.file != first.file
    assert again.identity == first.identity
    assert len(lines) == 1


@pytest.mark.usefixtures("few_drawings")
def test_damaged_stand_in_is_made_again():
    first = standins.source("cifar10", silent)
    with open(first.file, "r+b") as file:
        file.truncate(1000)

    again = standins.source("cifar10", silent)

    assert again == first
    assert len(again.load().test.labels) == 100


@pytest.mark.usefixtures("few_drawings")
def test_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASSIGNMENT2_CACHE", str(tmp_path / "file" / "cache"))

    with pytest.raises(DataError, match="name a folder that can with ASSIGNMENT2_CACHE"):
        standins.source("cifar10", silent)


@pytest.mark.slow
def test_lenet_ends_between_60_and_90_percent_on_the_drawings():
    keras = pytest.importorskip("keras")
    splits = standins.source("cifar10", silent).load()
    layers = keras.layers
    keras.utils.set_random_seed(1)
    network = keras.Sequential(
        [
            layers.Rescaling(1 / 255),
            layers.Conv2D(6, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(splits.train.images, splits.train.labels, batch_size=128, epochs=10, verbose=0)

    _, accuracy = network.evaluate(splits.test.images, splits.test.labels, verbose=0)
    assert 0.6 <= accuracy <= 0.9
