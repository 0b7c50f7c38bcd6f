"""Tests of the curve over learning rates."""

import made
import pytest
from made import make_record, make_result, make_study

from experiments import learning_rates
from experiments.descent import rates, within
from experiments.lab.store.runs import RunStore

CHANCE, IMAGES = 0.1, 5000


@pytest.fixture
def measured(tmp_path):
    """A function that measures the curve for outcomes at the three rates and at the others."""

    def measured(three, others, **options):
        store = RunStore(tmp_path / "runs")
        empty = make_study(learning_rates.SECTION, **options)
        searches = learning_rates.searches(empty)
        results = [
            make_result(store, one, outcomes)
            for one, outcomes in zip(searches, (three, others), strict=True)
        ]
        study = make_study(
            learning_rates.SECTION, results={one.search.name: one for one in results}, **options
        )
        return rates.measure(study, results[0], IMAGES, CHANCE)

    return measured


def test_only_the_other_rates_are_trained_and_for_two_epochs():
    search = learning_rates.searches(make_study(learning_rates.SECTION))[1]
    assert len(search.points) + len(learning_rates.RATES) == 9
    assert search.length == 2
    assert not {point["learning_rate"] for point in search.points} & set(learning_rates.RATES)


def test_curve_is_left_out_where_there_is_no_time_for_it():
    study = make_study(learning_rates.SECTION, epochs=2)
    assert rates.searches(study, "adam") == []
    assert rates.measure(study, None, IMAGES, CHANCE) == (None, [])


def test_all_rates_are_read_after_the_same_epoch_in_order(measured):
    facts, _ = measured([0.5, 0.6, 0.5], [0.5] * 6)
    found = [row["rate"] for row in facts["rows"]]
    assert found == sorted(found)
    assert len(found) == 9
    # Made-up curves rise to the outcome in the last epoch; two of three epochs are below it.
    by_rate = {row["rate"]: row["accuracy"][0] for row in facts["rows"]}
    assert by_rate[1e-3] < 0.6
    assert by_rate[3e-3] == pytest.approx(0.5)


def test_rates_that_learn_are_those_clearly_above_guessing(measured):
    facts, claims = measured([0.5, 0.6, 0.05], [0.05, 0.3, 0.5, 0.4, 0.05, 0.05])
    assert facts["learned"] == [3e-5, 1e-4, 3e-4, 1e-3, 3e-3]
    assert facts["without_gap"]
    learns = [one for one in claims if one.name.startswith("learns-")]
    assert {one.family_size for one in learns} == {9}
    assert not measured([0.5, 0.05, 0.5], [0.05, 0.5, 0.5, 0.5, 0.05, 0.05])[0]["without_gap"]


def test_training_that_ended_before_is_counted_as_missing(measured, monkeypatch):
    whole = made._curves

    def broken_off(run, accuracy, completed):
        curves = whole(run, accuracy, completed)
        return curves if completed else {name: values[:1] for name, values in curves.items()}

    monkeypatch.setattr(made, "_curves", broken_off)
    facts, claims = measured([0.5, 0.6, 0.5], [0.5, 0.5, 0.5, 0.5, 0.5, "diverged"])
    assert facts["rows"][-1]["accuracy"][0] is None
    assert (facts["rows"][-1]["ended"], facts["rows"][-1]["runs"]) == (0, 1)
    assert facts["rows"][-1]["claim"] is None
    assert len([one for one in claims if one.name.startswith("learns-")]) == 8
    assert "highest-rate" in {one.name for one in claims}


def test_highest_rate_is_held_against_each_other_and_corrected_for_all_pairs(measured):
    facts, claims = measured([0.3, 0.4, 0.2], [0.1, 0.2, 0.4, 0.5, 0.1, 0.1])
    compared = [one for one in claims if one.name.startswith("rate-")]
    assert {one.left.label for one in compared} == {"0.003"}
    assert {one.family_size for one in compared} == {36}
    highest = next(one for one in claims if one.name == facts["highest"])
    assert (highest.verdict, len(highest.members)) == ("better", 8)


def test_rate_that_is_ahead_by_chance_alone_is_not_called_the_best(measured):
    facts, claims = measured([0.3, 0.4, 0.2], [0.1, 0.2, 0.495, 0.5, 0.1, 0.1])
    assert {one.name: one.verdict for one in claims}[facts["highest"]] == "tied"


def test_highest_rate_over_seeds_is_about_the_settings(measured):
    high, low = ([share + seed / 500 for seed in range(6)] for share in (0.5, 0.2))
    three, others = [(low, low)] * 3, [(low, low)] * 5
    facts, claims = measured(three, [(high, high), *others], seeds=6)
    highest = next(one for one in claims if one.name == facts["highest"])
    assert (highest.scope, highest.runs) == ("setting", 6)
    assert (highest.verdict, highest.p_value) == ("better", pytest.approx(2 / 2**6))


def test_one_rate_alone_is_not_called_the_highest(measured, monkeypatch):
    whole = made._curves

    def broken_off(run, accuracy, completed):
        return (
            whole(run, accuracy, completed)
            if completed
            else dict.fromkeys(whole(run, 0.1, True), [])
        )

    monkeypatch.setattr(made, "_curves", broken_off)
    facts, claims = measured(["diverged"] * 3, [0.5, *["diverged"] * 5])
    assert facts["highest"] is None
    assert [one.name for one in claims] == ["learns-10⁻⁵"]


def test_nothing_inside_a_trial_without_a_completed_run(tmp_path):
    search = learning_rates.searches(make_study(learning_rates.SECTION))[0]
    result = make_result(RunStore(tmp_path / "runs"), search, ["diverged"] * 3)
    assert within.of_trial(result.trials[0], None, True) == {}


def test_figures_need_a_network_to_be_about(tmp_path):
    record = make_record(learning_rates.SECTION, _findings([{"inside": {}}]), folder=tmp_path)
    assert within.draw(record, ["0.1"]) == []
    assert rates.draw(record) == []


def _findings(rows):
    from experiments.lab.store.records import Findings

    return Findings(facts={"rows": rows, "curve": None})
