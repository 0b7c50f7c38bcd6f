"""Tests of the section on filters and activations, from made-up networks to the printed words."""

import dataclasses

import numpy as np
import pytest
from made import draw, make_record, make_result, make_study, render, words

from experiments import filters as section
from experiments import learning_rates
from experiments.lab.inspection import filter_shapes
from experiments.lab.store.runs import Run, RunStore

OUTCOMES = (0.55, 0.63, 0.3)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    store = RunStore(tmp_path_factory.mktemp("runs"))
    search = learning_rates.searches(make_study(learning_rates.SECTION))[0]
    return make_result(store, search, OUTCOMES)


@pytest.fixture(scope="module")
def small(result, tmp_path_factory):
    [search] = section.searches(make_study(section.SECTION, results={"learning-rates": result}))
    return make_result(RunStore(tmp_path_factory.mktemp("small")), search, [0.65])


def study_of(result, small, **options):
    results = {"learning-rates": result, "small-start": small}
    return make_study(section.SECTION, results=results, **options)


@pytest.fixture(scope="module")
def findings(result, small):
    return section.measure(study_of(result, small))


@pytest.fixture(scope="module")
def drawn(findings, tmp_path_factory):
    """The folder with the section's figures, and their entries: drawn once, words need no more."""
    folder = tmp_path_factory.mktemp("report")
    return folder, draw(section, make_record(section.SECTION, findings), folder)


@pytest.fixture
def printed(drawn, tmp_path):
    """Return a function that gives the section's words for these findings."""
    folder, entries = drawn

    def printed(findings, kind="official"):
        record = make_record(section.SECTION, findings, kind=kind, folder=tmp_path)
        return words(render(section, record, folder, entries))

    return printed


def changed(findings, **facts):
    return dataclasses.replace(findings, facts={**findings.facts, **facts})


def test_the_same_network_is_trained_from_a_small_start_alone(result, small):
    [search] = section.searches(study_of(result, small))
    best = result.best()
    assert search.points == ({"start": "small"},)
    assert search.fixed == best.hyperparameters
    [run] = search.runs(search.points[0])
    assert (run.network, run.length) == ("lenet5", best.first.settings.length)


def test_network_is_the_one_with_the_best_validation_accuracy(findings, result):
    assert findings.facts["learning_rate"] == 1e-3
    run = result.trials[1].run
    assert np.array_equal(findings.arrays["kernel_trained"], run.weights()[0])
    assert np.array_equal(findings.arrays["kernel_untrained"], run.weights(0)[0])


def test_every_filter_is_read_before_and_after(findings):
    assert [one["number"] for one in findings.facts["filters"]] == [1, 2, 3, 4, 5, 6]
    kernels = {state: findings.arrays[f"kernel_{state}"] for state in section.STATES}
    for index, one in enumerate(findings.facts["filters"]):
        after, before = (kernels[state][..., index].ravel() for state in section.STATES)
        assert one["start"] == pytest.approx(np.corrcoef(after, before)[0, 1], abs=1e-5)
        assert one["growth"] == pytest.approx(np.linalg.norm(after) / np.linalg.norm(before))


def test_layer_that_did_not_move_is_told_as_such(findings, printed):
    kernel = findings.arrays["kernel_trained"]
    moved = section.moved({"trained": kernel, "untrained": kernel})
    assert moved == pytest.approx({"change": 0, "growth": 1, "correlation": 1, "still": True})
    text = printed(changed(findings, moved=moved))
    assert "The filters are still close to where they started" in text


def test_pattern_that_training_added_is_found_under_the_random_start(findings, printed):
    start = np.random.default_rng(3).uniform(-0.2, 0.2, (5, 5, 3, 6)).astype(np.float32)
    step = 0.05 * np.sign(np.arange(5) - 2)[None, :, None, None]
    kernels = {"trained": start + step, "untrained": start, "added": start + step - start}
    readings = section.filters(kernels)
    assert {one["added"]["words"] for one in readings} == {"brightness, vertical edge, coarse"}
    assert section.counted(kernels["added"])["random"] == 0
    counts = {name: section.counted(kernel) for name, kernel in kernels.items()}
    assert counts["trained"]["random"] > 0
    text = printed(changed(findings, counts=counts))
    assert "Of these 6 additions, none answer to colour" in text


def test_filters_that_are_sums_of_patches_are_told_from_edges(result):
    run, random = result.best().first, np.random.default_rng(0)
    noise = random.integers(0, 256, (60, 16, 16, 3)).astype(np.uint8)
    _, sums = section.null_of(noise, (5, 5))
    like = filter_shapes.patch_sums(noise / 255, (5, 5), 6, section.PATCHES, seed=9)
    edges = np.sign(np.arange(5) - 2.0)[None, :, None, None] * np.ones((5, 1, 3, 6))
    claims = section.against_sums({"trained": like, "added": edges}, sums, run)
    verdicts = {claim.name: claim.verdict for claim in claims}
    assert verdicts["trained-coherence"] == verdicts["trained-coarse"] == "tied"
    assert verdicts["added-coherence"] == verdicts["added-coarse"] == "greater"


def test_smooth_images_make_sums_that_are_called_coarse():
    ramps = np.broadcast_to(np.arange(0, 240, 8, np.uint8)[:, None, None], (9, 30, 30, 3))
    null, readings = section.null_of(ramps, (5, 5))
    assert null["sums"]["coarse"] == null["patches"]["coarse"] == 1
    assert len(readings) == null["count"]


def test_words_of_a_filter_follow_its_reading():
    reading = {"kind": "colour", "shape": "rising diagonal", "scale": "coarse"}
    assert section.words(reading) == "colour, rising diagonal edge, coarse"
    assert section.words({"kind": "", "shape": "", "scale": "fine"}) == "fine"
    assert section.words({"kind": "", "shape": "", "scale": ""}) == "like random"


def test_counts_of_words_agree_with_the_readings(findings):
    words_of = [one["words"] for one in findings.facts["filters"]]
    counts = findings.facts["counts"]["trained"]
    assert counts["random"] == words_of.count("like random")
    assert counts["colour"] == sum(one.startswith("colour") for one in words_of)
    assert counts["edge"] == sum("edge" in one for one in words_of)


def test_copies_are_named_by_their_numbers(findings, printed):
    kernel = findings.arrays["kernel_trained"].copy()
    kernel[..., 4] = 3 * kernel[..., 1]
    kernel[..., 5] = -kernel[..., 2]
    pairs = section._pairs(kernel)
    assert sorted(pair["filters"] for pair in pairs["copies"]) == [[2, 5], [3, 6]]
    text = printed(changed(findings, **pairs))
    assert "2 and 5 are near-copies (correlation 1.00)" in text
    assert "3 and 6 are near-opposites (correlation −1.00)" in text


def test_activations_are_measured_on_the_whole_test_set_in_both_states(findings):
    for layer, count, places in (("conv1", 6, 28 * 28), ("conv2", 16, 10 * 10)):
        for state in section.STATES:
            described = findings.facts["layers"][layer][state]
            histogram = findings.arrays[f"histogram_{layer}_{state}"]
            assert histogram.shape == (count, section.BINS)
            assert histogram.sum(axis=1).tolist() == [200 * places] * count
            shares = [one["zeros"] for one in described["filters"]]
            assert described["zeros"] == pytest.approx(np.mean(shares))
            zeros = np.round(np.array(shares) * 200 * places)
            assert (histogram[:, 0] >= zeros).all()


def test_what_training_changed_is_judged_by_image(findings):
    claims = {claim.name: claim for claim in findings.claims}
    for layer in section.LAYERS:
        states = findings.facts["layers"][layer]
        for score in ("mean", "zeros"):
            claim = claims[f"{layer}-{score}"]
            assert claim.left_value == pytest.approx(states["trained"][score])
            assert claim.right_value == pytest.approx(states["untrained"][score])
            assert (claim.unit, claim.family) == ("images", "activations")


def test_dead_filter_is_named(result, small, printed):
    trial = result.trials[1]
    weights = trial.run.weights()
    weights[0][..., 3] = 0
    weights[1][3] = -1

    class Changed(Run):
        def weights(self, epoch=None):
            return weights if epoch is None else trial.run.weights(epoch)

    changed_trial = dataclasses.replace(trial, runs=(Changed(**vars(trial.run)),))
    best = dataclasses.replace(result, trials=(changed_trial,))
    findings = section.measure(study_of(best, small))
    assert 4 in findings.facts["dead"]["conv1"]
    dead = {"conv1": [4], "conv2": [2, 7]}
    text = printed(changed(findings, dead=dead))
    assert "Dead after training: filter 4 of conv1; filters 2 and 7 of conv2." in text


def test_drawings_come_from_the_record_alone(findings, tmp_path):
    record = make_record(section.SECTION, findings, folder=tmp_path)
    drawings = {drawing.name: drawing for drawing in section.draw(record)}
    assert list(drawings) == [
        "weights", "added", "added-channels", "maps", "histograms-conv1", "histograms-conv2", "starts",
    ]  # fmt: skip
    assert len(drawings["weights"].table) == 2 * 6 * 75
    titles = {row["histogram"] for row in drawings["histograms-conv2"].table}
    assert len(titles) == 16
