"""Tests of the section on optimizers, from made-up results to the printed words."""

import pytest
from made import make_record, make_result, make_study

from experiments import optimizers as section
from experiments.lab.store.records import Findings
from experiments.lab.store.runs import RunStore

pytestmark = pytest.mark.usefixtures("blank_pictures")

# Adam, gradient descent and momentum at rising rates, as on real data.
USUAL = [0.52, 0.63, 0.3, 0.1, 0.2, 0.42, 0.57, 0.2, 0.42, 0.6, "diverged"]


def with_adam_at_most(outcomes):
    """Return outcomes with Adam's at the largest rate, where it guesses."""
    return [*outcomes[:3], 0.1, *outcomes[3:]]


@pytest.fixture
def measured(tmp_path):
    """Return a function that measures made-up outcomes at the rate chosen for Adam."""
    store = RunStore(tmp_path / "runs")

    def measure(outcomes, chosen=1e-3, **options):
        study = make_study(section.SECTION, **options)
        [search] = section.searches(study)
        result = make_result(store, search, with_adam_at_most(outcomes))
        rates = make_record(section.SECTION, Findings(scores={"learning_rate": chosen}))
        study = make_study(
            section.SECTION,
            results={search.name: result},
            recorded={"learning-rates": rates},
            **options,
        )
        return section.measure(study), result

    return measure


def test_adams_runs_are_those_of_the_section_on_learning_rates():
    from experiments import learning_rates

    study = make_study(section.SECTION, seeds=2)
    [search], rates = section.searches(study), learning_rates.searches(study)[0]
    shared = [run for point in rates.points for run in rates.runs(point)]
    own = [run for point in search.points for run in search.runs(point)]
    assert all(run in own for run in shared)


def test_every_rate_that_may_be_chosen_is_tried_with_every_optimizer():
    from experiments import learning_rates

    for rates in section.RATES.values():
        assert set(learning_rates.RATES) <= set(rates)


def test_same_rate_and_own_rate_are_both_compared_with_adam(measured):
    findings, _ = measured(USUAL)
    names = findings.facts["same"]["claims"] + findings.facts["own"]["claims"]
    assert names == ["same-sgd", "same-momentum", "own-sgd", "own-momentum", "own-apart"]
    by_name = {claim.name: claim for claim in findings.claims}
    assert by_name["same-sgd"].left.label == "Adam at 0.001"
    assert by_name["same-sgd"].right.label == "gradient descent at 0.001"
    assert by_name["own-sgd"].right.label == "gradient descent at 0.1"
    assert by_name["own-sgd"].estimate == pytest.approx(0.06)
    assert {by_name[name].family for name in names} == {"optimizers"}
    assert all("corrected for 5 comparisons" in by_name[name].test for name in names)


def test_every_optimizer_is_tried_at_the_same_rates():
    assert len(set(section.RATES.values())) == 1


def test_best_of_all_is_held_against_both_others_at_their_own_rates(measured):
    findings, _ = measured([0.52, 0.55, 0.3, 0.1, 0.2, 0.42, 0.57, 0.2, 0.42, 0.66, 0.1])
    best = {one.name: one for one in findings.claims}["best-optimizer"]
    assert (best.left.label, best.verdict) == ("momentum at 0.01", "better")
    assert best.members == ("own-momentum", "own-apart")
    assert findings.facts["best"]["optimizer"] == "momentum"


def test_own_rate_is_held_against_every_other_rate_of_its_optimizer(measured):
    by_name = {one.name: one for one in measured(USUAL)[0].claims}
    assert by_name["best-rate-sgd"].members == (
        "rate-gradient descent at 0.0001", "gain-sgd", "rate-gradient descent at 0.01",
    )  # fmt: skip
    assert by_name["best-rate-adam"].verdict == "better"
    assert "best-rate-momentum" not in by_name  # one of its trainings diverged


def test_steps_are_compared_after_the_first_epoch_and_their_cost_is_counted(measured):
    findings, result = measured(USUAL)
    pace = findings.facts["pace"]
    assert pace["claims"] == ["first-sgd", "first-momentum"]
    by_name = {one.name: one for one in findings.claims}
    own = {name: result.among(optimizer=name).best() for name in section.RATES}
    first = {name: one.first.curves["validation_accuracy"][0] for name, one in own.items()}
    for name in ("sgd", "momentum"):
        apart = first["adam"] - first[name]
        assert by_name[f"first-{name}"].estimate == pytest.approx(apart)
    # LeNet-5 on 32 x 32 x 3: 6 filters of 5 x 5 x 3 at 28 x 28 places, 16 of 5 x 5 x 6 at 10 x 10, ...
    products = 28**2 * 6 * 75 + 10**2 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10
    assert pace["products"] == 3 * pace["batch"] * products
    assert [one["each"] for one in pace["updates"]] == [8, 1, 2]


def test_several_seeds_are_compared_after_the_first_epoch_seed_by_seed(measured):
    outcomes = [([one + seed / 1000 for seed in range(6)],) * 2 for one in [*USUAL[:10], 0.1]]
    by_name = {one.name: one for one in measured(outcomes, seeds=6)[0].claims}
    assert (by_name["first-sgd"].unit, by_name["first-sgd"].count) == ("seeds", 6)
    assert by_name["first-sgd"].scope == "setting"


def test_momentum_is_held_against_gradient_descent_at_ten_times_the_rate(measured):
    findings, _ = measured(USUAL)
    names = findings.facts["matched"]
    assert names == ["matched-0.0001", "matched-0.001", "matched-0.01"]
    assert findings.facts["factor"] == pytest.approx(10)
    by_name = {claim.name: claim for claim in findings.claims}
    one = by_name["matched-0.01"]
    assert (one.left.label, one.right.label) == ("momentum at 0.01", "gradient descent at 0.1")
    assert one.estimate == pytest.approx(0.03)
    assert one.margin == section.MARGIN
    assert by_name["matched-0.001"].verdict == "tied"


def test_scores_are_test_accuracies_at_both_rates(measured):
    scores = measured(USUAL)[0].scores
    assert scores["sgd_same_test_accuracy"] == pytest.approx(0.2)
    assert scores["sgd_own_test_accuracy"] == pytest.approx(0.57)
    assert scores["momentum_learning_rate"] == 1e-2


def verdicts(findings):
    return {claim.name: claim.verdict for claim in findings.claims}


def test_own_rate_that_makes_up_most_of_the_lag_is_told_from_one_that_makes_up_part(
    measured, printed
):
    most = verdicts(measured(USUAL)[0])
    assert (most["gain-sgd"], most["half-sgd"]) == ("better", "better")
    outcomes = [*USUAL[:6], 0.30, *USUAL[7:]]
    outcomes[5] = 0.25
    part = verdicts(measured(outcomes)[0])
    assert (part["gain-sgd"], part["half-sgd"]) == ("better", "worse")
    text = printed(outcomes)
    assert "A rate of its own, 0.1, changes the test accuracy of gradient descent by +10.0" in text
    assert "which is no clear difference" not in text


def test_own_rate_that_gains_exactly_half_or_nothing_is_not_said_to_make_up_most(measured, printed):
    outcomes = [*USUAL[:6], 0.415, *USUAL[7:]]
    outcomes[5] = 0.25
    assert verdicts(measured(outcomes)[0])["half-sgd"] == "tied"
    assert (
        "most of that was a matter of the rate" not in printed(outcomes).split("momentum gains")[0]
    )
    nothing = [*USUAL[:5], 0.1, (0.57, 0.2), *USUAL[7:]]
    assert verdicts(measured(nothing)[0])["gain-sgd"] == "tied"
    assert "by 0.0 points, which is no clear difference (" in printed(nothing)


def test_own_rate_that_is_worse_on_the_test_pictures_is_said_to_be(measured, printed):
    outcomes = [*USUAL[:4], (0.2, 0.5), 0.1, (0.57, 0.2), *USUAL[7:]]
    assert verdicts(measured(outcomes)[0])["gain-sgd"] == "worse"
    assert "changes the test accuracy of gradient descent by −30.0 points (95 %" in printed(
        outcomes
    )


def test_rate_of_adam_itself_makes_no_claim_about_a_change(measured):
    outcomes = [0.2, 0.3, 0.1, 0.1, 0.6, 0.42, 0.2, 0.2, 0.42, 0.6, 0.1]
    findings, _ = measured(outcomes)
    assert "gain-sgd" not in verdicts(findings) and "half-sgd" not in verdicts(findings)
    [sgd, _] = findings.facts["changes"]
    assert not sgd["moved"]
    assert sgd["claims"] == {"same": "same-sgd", "gain": None, "half": None}


def test_choice_of_own_rate_does_not_look_at_the_test_set(measured):
    outcomes = [*USUAL[:5], (0.42, 0.7), (0.57, 0.5), *USUAL[7:]]
    findings, _ = measured(outcomes)
    assert findings.scores["sgd_learning_rate"] == 1e-1
    assert findings.scores["sgd_own_test_accuracy"] == pytest.approx(0.5)


def test_other_chosen_rate_moves_the_first_comparison(measured):
    findings, _ = measured(USUAL, chosen=1e-2)
    claims = {claim.name: claim for claim in findings.claims}
    assert claims["same-sgd"].right.label == "gradient descent at 0.01"
    assert claims["same-sgd"].left.label == "Adam at 0.01"
    assert claims["own-sgd"].left.label == "Adam at 0.001"


def test_diverged_trial_is_shown_and_not_compared(measured, printed):
    outcomes = [*USUAL[:4], "diverged", *USUAL[5:]]
    findings, _ = measured(outcomes)
    assert "same-sgd" not in [claim.name for claim in findings.claims]
    assert "sgd_same_test_accuracy" not in findings.scores
    text = printed(outcomes)
    assert "No training with gradient descent at 0.001 completed" in text
    assert "the loss is not finite at iteration 7" in text


def test_optimizer_that_never_completes_is_named(measured, printed):
    outcomes = [*USUAL[:7], *["failed"] * 4]
    findings, _ = measured(outcomes)
    assert findings.facts["own"]["none"] == ["momentum"]
    text = printed(outcomes)
    assert "No training with momentum completed at any rate." in text


def test_constants_are_keras_own():
    assert section.constants() == pytest.approx(
        {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "momentum": 0.9}
    )


def test_heat_map_has_a_place_for_every_trial_and_none_for_what_did_not_complete(
    measured, tmp_path
):
    findings, result = measured(USUAL)
    record = make_record(section.SECTION, findings, results=[result], folder=tmp_path)
    drawings = {drawing.name: drawing for drawing in section.draw(record)}
    assert list(drawings) == ["same-rate", "own-rate", "own-seconds", "rates"]
    cells = {(row["row"], row["learning rate"]): row["value"] for row in drawings["rates"].table}
    assert cells["gradient descent", "0.1"] == pytest.approx(0.57)
    assert cells["Adam", "0.1"] == pytest.approx(0.1)
    assert cells["momentum", "0.1"] != cells["momentum", "0.1"]  # diverged
    assert "momentum –" not in drawings["own-rate"].alt
