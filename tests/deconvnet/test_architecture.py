"""Architecture selection: aliasing of known waves, what is seen of a network, and the words."""

import warnings

import made
import numpy as np
import pytest

from experiments.deconvnet import architecture
from experiments.deconvnet.subject import LENET5
from experiments.lab.networks import builders
from experiments.lab.store.runs import RunStore

GOOD = (0.65, 0.5, 0.3)  # twice the filters, filters of 3 × 3, stride 2


@pytest.fixture
def varied(study, tmp_path):
    """Return a function that gives a study whose search ended with these outcomes.

    Every completed run has random weights of its own shape.
    """
    store = RunStore(tmp_path / "runs")

    def varied(outcomes):
        [search] = architecture.searches(study)
        result = made.with_network_weights(store, made.make_result(store, search, outcomes))
        results = {LENET5: study.result(LENET5), architecture.SEARCH: result}
        return made.with_results(study, results)

    return varied


@pytest.fixture
def measured(varied, monkeypatch):
    """Return a function that measures made-up outcomes on few images."""
    monkeypatch.setattr(architecture, "IMAGES", 20)
    monkeypatch.setattr(architecture, "COUNT", 2)

    def measured(outcomes):
        changed = varied(outcomes)
        return architecture.measure(changed)

    return measured


def waves(frequency, size=32):
    """Return maps (1, size, size, 1) of a wave across with this frequency, in cycles a place."""
    wave = np.cos(2 * np.pi * frequency * np.arange(size) + 0.3)
    return np.broadcast_to(wave[None, None, :, None], (1, size, size, 1))


def test_search_varies_the_first_layer_alone_and_does_not_train_the_base_again(study):
    [search] = architecture.searches(study)
    assert len(search.points) == 3
    assert architecture.FIRST not in search.points
    assert search.fixed == {"learning_rate": 1e-3, "optimizer": "adam"}
    for point in search.points:
        [run] = search.runs(point)
        first = builders.build(run).get_layer("conv1")
        assert (first.filters, first.kernel_size[0], first.strides[0]) == tuple(point.values())


def test_point_of_the_base_is_lenet5_as_it_is(study):
    [search] = architecture.searches(study)
    [run] = search.runs(architecture.FIRST)
    [base] = study.result(LENET5).trials[0].runs
    one, two = (builders.build(settings) for settings in (run, base.settings))
    assert [w.shape for w in one.get_weights()] == [w.shape for w in two.get_weights()]


def test_nothing_is_searched_where_no_training_of_the_base_completed(study, tmp_path):
    search = study.result(LENET5).search
    broken = made.make_result(RunStore(tmp_path / "broken"), search, ["diverged"])
    without = made.with_results(study, {LENET5: broken})
    assert architecture.searches(without) == []


@pytest.mark.parametrize(
    ("frequency", "step", "low", "high"),
    [(0.125, 2, 0, 0.01), (0.4, 2, 0.99, 1), (0.125, 4, 0, 0.6), (0.2, 4, 0.99, 1), (0.5, 1, 0, 0)],
)
def test_waves_above_half_the_sampling_rate_are_folded(frequency, step, low, high):
    assert low <= architecture.folded(waves(frequency), step) <= high


def test_map_of_one_value_folds_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert architecture.folded(np.ones((2, 8, 8, 3)), 2) == 0


def test_stride_of_one_folds_nothing_in_the_convolution():
    random = np.random.default_rng(0)
    images = random.random((3, 12, 12, 2)).astype(np.float32)
    kernel = random.normal(size=(3, 3, 2, 4)).astype(np.float32)
    dense = architecture.sampling(images, kernel, np.zeros(4, np.float32), 1)
    strided = architecture.sampling(images, kernel, np.zeros(4, np.float32), 2)
    assert dense["folded_convolution"] == 0
    assert strided["folded_convolution"] > 0.1  # noise has all frequencies
    assert dense["folded"] == dense["folded_pool"] > 0


def test_map_is_dead_only_if_it_is_zero_everywhere():
    maps = np.zeros((4, 2, 2, 3), np.float32)
    maps[..., 0] = 1
    maps[2, 1, 1, 1] = 1
    assert architecture.in_use(maps) == {"dead": 1, "least_active": 0.0}
    assert architecture.in_use(maps[..., :2]) == {"dead": 0, "least_active": 1 / 16}


def test_network_is_seen_with_its_own_sizes(measured):
    findings = measured(GOOD)
    rows = {row["label"]: row["seen"] for row in findings.facts["rows"]}
    assert [one["filters"] for one in rows.values()] == [6, 12, 6, 6]
    assert rows["filters of 3 × 3"]["kernel"] == 3
    assert rows["stride 2"]["stride"] == 2
    assert findings.arrays["filters_1"].shape == (5, 5, 3, 12)
    assert findings.arrays["projections_0"].shape == (8, 14, 14, 3)
    assert findings.arrays["projections_2"].shape == (8, 12, 12, 3)


@pytest.mark.parametrize(
    ("reading", "faults"),
    [
        ({"dead": 0, "copies": 0, "folded": 0.1}, []),
        ({"dead": 1, "copies": 0, "folded": 0.1}, ["dead"]),
        ({"dead": 0, "copies": 2, "folded": 0.1}, ["copies"]),
        ({"dead": 0, "copies": 0, "folded": 0.11}, ["aliased"]),
    ],
)
def test_fault_is_what_was_fixed_beforehand(reading, faults):
    found = architecture.faults(reading, photographs=0.1)
    assert [name for name, there in found.items() if there] == faults


def test_any_fault_calls_for_smaller_filters_and_none_for_nothing(measured, monkeypatch):
    for there, wanted in ((True, "filters of 3 × 3"), (False, None)):
        faults = {"dead": False, "copies": False, "aliased": there}
        monkeypatch.setattr(architecture, "faults", lambda *_, found=faults: found)
        assert measured(GOOD).facts["suggested"] == wanted


def test_choice_is_by_validation_accuracy(measured):
    findings = measured([(0.65, 0.4), (0.5, 0.7), (0.3, 0.3)])
    assert findings.facts["chosen"] == "twice the filters"
    assert findings.scores["chosen_test_accuracy"] == pytest.approx(0.4)


def test_base_is_chosen_where_no_change_is_better(measured):
    assert measured((0.5, 0.5, 0.3)).facts["chosen"] == "LeNet-5"


def test_verdicts_follow_the_accuracies_and_a_diverged_network_has_none(measured):
    findings = measured((0.9, 0.61, "diverged"))
    verdicts = {claim.left.label: claim.verdict for claim in findings.claims}
    assert verdicts == {
        "the network with twice the filters": "better",
        "the network with filters of 3 × 3": "tied",
    }
    assert set(findings.facts["claims"]) == {"twice the filters", "filters of 3 × 3"}
    assert findings.facts["coarser"] is None
    assert measured((0.3, 0.6, 0.6)).claims[0].verdict == "worse"
