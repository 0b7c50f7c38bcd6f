"""Ablation, depth and transfer: what is trained, what follows from the outcomes, and the words."""

import dataclasses

import made
import pytest

from experiments.deconvnet import ablation, depth, transfer
from experiments.deconvnet.subject import LENET5
from experiments.lab.networks import builders
from experiments.lab.store.runs import RunStore

GOOD = {
    "ablation": (0.55, 0.5, 0.52, 0.2),  # half, without dense layers, without conv2, without both
    "transfer": (0.8, 0.85, 0.9, 0.9, 0.4, 0.4, 0.4, 0.4),  # pool2, then dense2, by images
    "transfer-scratch": (0.4, 0.6, 0.9, 0.95),
    "transfer-untrained": (0.6, 0.7, 0.38, 0.45),  # pool2, then dense2, on the fewest and on all
    "feature-depth": (0.2, 0.35, 0.5, 0.65, 0.8),
}


@pytest.fixture
def measured(study, tmp_path):
    """Return a function that measures made-up outcomes, by search."""
    store = RunStore(tmp_path / "runs")

    def measured(seeds=1, **changes):
        outcomes = GOOD | {name.replace("_", "-"): value for name, value in changes.items()}
        results = {LENET5: study.result(LENET5)}
        for search in depth.searches(study):
            several = dataclasses.replace(search, seeds=seeds)
            results[search.name] = made.make_result(store, several, outcomes[search.name])
        changed = made.with_results(study, results)
        return depth.measure(changed)

    return measured


def searches(study):
    return {search.name: search for search in depth.searches(study)}


def test_every_point_is_a_network_that_can_be_built(study):
    for search in depth.searches(study):
        for point in search.points:
            for run in search.runs(point):
                assert builders.build(run).output_shape == (None, 10)


def test_kept_layers_are_all_those_that_the_base_has_trained(study, lenet5):
    assert lenet5.hidden == transfer.LAYERS
    for name in ("transfer", "feature-depth"):
        start = searches(study)[name].start_from
        assert start == {"run": lenet5.run.key, "layers": list(lenet5.hidden)}
    assert searches(study)["transfer-scratch"].start_from is None


def test_kept_layers_fit_the_network_that_reads_the_other_data(study, lenet5):
    [run] = searches(study)["transfer"].runs({"features": "dense2", "per_class": 15})
    model = builders.build(run)
    for name in lenet5.hidden:
        shapes = [weights.shape for weights in lenet5.model.get_layer(name).get_weights()]
        assert [weights.shape for weights in model.get_layer(name).get_weights()] == shapes


def test_all_images_are_none_and_no_number(study, measured):
    for name in ("transfer", "transfer-scratch"):
        search = searches(study)[name]
        sizes = {run.view.per_class for point in search.points for run in search.runs(point)}
        assert sizes == {15, 30, 60, None}
    assert "transfer-pool2-all" in {claim.name for claim in measured().claims}


def test_features_begin_with_the_pixels_and_follow_the_network(study, lenet5):
    names = [layer.name for layer in lenet5.model.layers]
    of_network = [name for name in depth.FEATURES if name in names]
    assert depth.FEATURES[0] == "image"
    assert of_network == sorted(of_network, key=names.index)
    assert len(of_network) == len(depth.FEATURES) - 1


def test_whole_network_is_lenet5_as_it_is(study):
    [run] = searches(study)["ablation"].runs(ablation.WHOLE)
    [base] = study.result(LENET5).trials[0].runs
    one, two = (builders.build(settings) for settings in (run, base.settings))
    assert [w.shape for w in one.get_weights()] == [w.shape for w in two.get_weights()]


def test_nothing_is_searched_where_no_training_of_the_base_completed(study, tmp_path):
    search = study.result(LENET5).search
    broken = made.make_result(RunStore(tmp_path / "broken"), search, ["diverged"])
    without = made.with_results(study, {LENET5: broken})
    assert depth.searches(without) == []


def test_every_step_up_is_compared_with_the_layer_below(measured):
    findings = measured()
    claims = {claim.name: claim for claim in findings.claims}
    assert [name for name in claims if name.startswith("layers-")] == [
        "layers-pool1", "layers-pool2", "layers-dense1", "layers-dense2"
    ]  # fmt: skip
    assert claims["layers-pool2"].right.label == "pool1"
    assert {claims[name].verdict for name in findings.facts["layers"]["claims"]} == {"better"}
    assert findings.scores["softmax_dense2"] == pytest.approx(0.8)


def test_changes_are_differences_from_the_whole_network(measured):
    changes = measured().facts["ablation"]["changes"]
    assert changes["no_dense"] == pytest.approx(0.5 - 0.6)
    assert changes["neither"] == pytest.approx(0.2 - 0.6)
    assert changes["added"] == pytest.approx(-0.1 - 0.08)


def test_sum_of_the_changes_is_unknown_if_one_did_not_complete(measured):
    changes = measured(ablation=(0.55, "diverged", 0.52, 0.2)).facts["ablation"]["changes"]
    assert changes["no_dense"] is None
    assert changes["added"] is None


def test_number_of_images_is_no_more_than_a_class_has(measured):
    rows = measured().facts["transfer"]["rows"]
    assert [row["per_class"] for row in rows] == [15, 30, 40, 40]
    assert [row["images"] for row in rows] == [150, 300, 400, 400]
    assert [row["all"] for row in rows] == [False, False, True, True]


def test_kept_layers_are_compared_with_training_from_scratch_on_the_same_images(measured):
    findings = measured()
    claims = {claim.name: claim for claim in findings.claims}
    claim = claims["transfer-pool2-15"]
    assert claim.verdict == "better"
    assert claim.estimate == pytest.approx(0.4)
    names = findings.facts["transfer"]["claims"]
    assert claims[names["pool2"][0]].verdict == "better"
    assert claims[names["dense2"][-1]].verdict == "worse"


def together(findings):
    return {claim.name: claim for claim in findings.claims}.get("ablation-together")


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ((0.55, 0.5, 0.52, 0.2), "worse"),
        ((0.6, 0.4, 0.4, 0.4), "better"),
        ((0.6, 0.5, 0.5, 0.4), "tied"),
    ],
)
def test_removals_that_cost_more_together_are_told_from_those_that_do_not(
    measured, outcomes, verdict
):
    findings = measured(ablation=outcomes)
    changes, claim = findings.facts["ablation"]["changes"], together(findings)
    assert claim.estimate == pytest.approx((changes["neither"] - changes["added"]) / 2)
    assert claim.verdict == verdict


def test_removals_are_not_compared_where_one_did_not_complete(measured):
    findings = measured(ablation=(0.55, "diverged", 0.52, 0.2))
    assert together(findings) is None
    assert findings.facts["ablation"]["together"] is None


def test_control_keeps_the_same_layers_as_they_were_before_training(study, lenet5):
    control = searches(study)["transfer-untrained"]
    trained = searches(study)["transfer"]
    assert control.start_from == {**trained.start_from, "epoch": 0}
    assert control.fixed == trained.fixed
    assert set(map(str, control.points)) < set(map(str, trained.points))


def test_control_is_compared_on_the_same_layers_and_images(measured):
    findings = measured()
    claims = {claim.name: claim for claim in findings.claims}
    found = findings.facts["transfer"]
    claim = claims[found["control"]["pool2"][found["fewest"]]]
    assert (claim.left_value, claim.right_value) == pytest.approx((0.8, 0.6))
    assert claim.verdict == "better"
    assert claims["transfer-untrained-dense2-15"].verdict == "tied"
    assert found["rows"][0]["untrained"]["pool2"]["test_accuracy"][0] == pytest.approx(0.6)
    assert found["rows"][1]["untrained"] == {"pool2": None, "dense2": None}


def test_transfer_without_one_training_has_no_claim_about_it(measured):
    findings = measured(transfer_scratch=("diverged", 0.6, 0.9, 0.95))
    names = findings.facts["transfer"]["claims"]
    assert names["pool2"][0] is None and names["dense2"][0] is None
    assert names["pool2"][1] == "transfer-pool2-30"


def test_several_seeds_give_deviations(measured):
    two_seeds = {
        name: tuple(([one, one + 0.04], [one, one + 0.04]) for one in outcomes)
        for name, outcomes in GOOD.items()
    }
    findings = measured(seeds=2, **two_seeds)
    for row in findings.facts["layers"]["rows"]:
        assert row["test_accuracy"][1] == pytest.approx(0.04 / 2**0.5)
    assert findings.facts["seeds"] == 2


def test_quick_profile_trains_on_the_fewest_and_on_all_images_alone(study):
    quick = dataclasses.replace(study.profile, limit=3000)
    found = searches(dataclasses.replace(study, profile=quick))
    for name in ("transfer", "transfer-scratch"):
        assert {point["per_class"] for point in found[name].points} == set(transfer.QUICK_SIZES)
    assert {point["per_class"] for point in found["transfer-untrained"].points} == {15}
