"""Tests of forward passes in batches, against a whole model called once."""

import numpy as np
import pytest

from experiments.lab.data.views import View
from experiments.lab.inspection import passes
from experiments.lab.inspection.passes import Pass
from experiments.lab.networks import builders
from experiments.lab.settings import RunSettings

LENET = RunSettings(View("mnist"), "lenet5", {}, 1, 1)


@pytest.fixture(scope="module")
def model():
    return builders.build(LENET)


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (20, 28, 28, 1), dtype=np.uint8)


def test_batches_of_any_size_give_what_the_whole_model_gives(model, images, monkeypatch):
    monkeypatch.setattr(passes, "BATCH", 7)
    found = Pass(model, ["conv2", "dense2", "logits"])(images)
    assert found["conv2"].shape == (20, 10, 10, 16)
    assert found["dense2"].shape == (20, 84)
    assert (found["dense2"] >= 0).all()
    expected = model(images.astype(np.float32) / np.float32(255)).numpy()
    np.testing.assert_allclose(found["logits"], expected, atol=1e-5)


def test_images_as_bytes_and_as_the_network_takes_them_give_the_same(model, images):
    forward = Pass(model, ["logits"])
    scaled = builders.scaled(images)
    np.testing.assert_array_equal(forward(images)["logits"], forward(scaled)["logits"])


def test_no_batch_is_larger_than_allowed(model, images, monkeypatch):
    monkeypatch.setattr(passes, "BATCH", 8)
    sizes = [len(batch["pool1"]) for batch in Pass(model, ["pool1"]).batches(images)]
    assert sizes == [8, 8, 4]


def test_weights_set_into_the_model_later_count(images):
    model = builders.build(LENET)
    forward = Pass(model, ["logits"])
    before = forward(images)["logits"]
    model.set_weights([np.zeros_like(array) for array in model.get_weights()])
    assert before.any()
    assert not forward(images)["logits"].any()


def test_unknown_layer_is_refused(model):
    with pytest.raises(ValueError, match="conv9"):
        Pass(model, ["conv9"])
