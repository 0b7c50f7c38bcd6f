"""Two starts of the same network: what is left of each, and what is drawn."""

import made
import numpy as np
import pytest

from experiments import filters, learning_rates
from experiments.descent import starts
from experiments.lab.store.runs import RunStore


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    search = learning_rates.searches(made.make_study(learning_rates.SECTION))[0]
    return made.make_result(RunStore(tmp_path_factory.mktemp("runs")), search, (0.5, 0.6, 0.3))


@pytest.fixture
def measured(chosen, tmp_path):
    """Return a function that measures with this outcome of the training from the small start."""

    def measured(outcome, weights=None):
        study = made.make_study(filters.SECTION, results={"learning-rates": chosen})
        [search] = starts.searches(study)
        store = RunStore(tmp_path / "small")
        with pytest.MonkeyPatch.context() as patch:
            if weights:
                patch.setattr(made, "_weights", weights)
            small = made.make_result(store, search, [outcome])
        both = {"learning-rates": chosen, "small-start": small}
        return starts.measure(made.with_results(study, both), np.arange(200) % 10)

    return measured


def kept(share):
    """Return how weights are made that keep this share of their start, and otherwise are noise."""

    def weights(run, key):
        random = np.random.default_rng(3)
        shapes = made.SHAPES["lenet5"]
        before = [random.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]
        noise = [random.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]
        after = [
            share * one + np.sqrt(1 - share**2) * other
            for one, other in zip(before, noise, strict=True)
        ]
        return {f"weights/{i}": it for i, it in enumerate(after)} | {
            f"epoch0/{i}": it for i, it in enumerate(before)
        }

    return weights


def test_nothing_is_trained_where_nothing_was_chosen(chosen, tmp_path):
    broken = made.make_result(RunStore(tmp_path), chosen.search, ["diverged"] * 3)
    study = made.make_study(filters.SECTION, results={"learning-rates": broken})
    assert starts.searches(study) == []


def test_left_of_the_start_is_the_correlation_of_each_units_weights(chosen):
    run = chosen.best().first
    found = starts.left_of_start(run)
    assert {layer: len(values) for layer, values in found.items()} == {
        "conv1": 6, "conv2": 16, "dense1": 120, "dense2": 84, "logits": 10,
    }  # fmt: skip
    after, before = run.weights()[2], run.weights(0)[2]
    expected = np.corrcoef(after[..., 5].ravel(), before[..., 5].ravel())[0, 1]
    assert found["conv2"][5] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("share", "verdict"), [(0.1, "smaller"), (0.98, "greater")])
def test_start_of_which_less_is_left_is_told(measured, share, verdict):
    facts, claims, _ = measured(0.65, kept(share))
    held = {one.name: one for one in claims}
    assert held["conv2-left"].verdict == verdict
    assert held["conv2-left"].count == 16
    assert facts["layers"][1]["small"] == pytest.approx(held["conv2-left"].left_value)
    assert facts["layers"][1]["keras"] == pytest.approx(held["conv2-left"].right_value)


def test_accuracies_are_compared_on_the_test_images(measured):
    facts, claims, _ = measured(0.9)
    [claim] = [one for one in claims if one.name == "starts"]
    assert claim.verdict == "better"
    assert (claim.left.label, claim.right.label) == ("the small start", "Keras’s start")
    assert facts["test_accuracy"] == pytest.approx({"keras": 0.6, "small": 0.9})


def test_training_that_did_not_complete_has_its_message_alone(measured):
    facts, claims, pictures = measured("diverged")
    assert not facts["completed"]
    assert "not finite" in facts["message"]
    assert (claims, pictures) == ([], {})


def test_figure_has_the_first_filters_before_and_after_each_on_its_scale(measured):
    _, _, arrays = measured(0.6, kept(0.2))
    drawing = starts.drawing(arrays)
    assert list(dict.fromkeys(row["row"] for row in drawing.table)) == [
        "Keras’s start, before", "Keras’s start, after", "small start, before", "small start, after",
    ]  # fmt: skip
    for row in range(4):
        values = [drawing.table[6 * row + column] for column in range(6)]
        reach = [max(0.5 - one["smallest"], one["largest"] - 0.5) for one in values]
        assert max(reach) == pytest.approx(0.5)


def test_seeds_are_those_of_the_profile(chosen):
    study = made.make_study(filters.SECTION, results={"learning-rates": chosen}, seeds=3)
    [search] = starts.searches(study)
    assert search.seeds == 3
