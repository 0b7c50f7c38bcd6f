"""Tests of the section on learning rates, from made-up results to the printed words."""

import dataclasses

import pytest
from made import make_inside, make_record, make_result, make_splits, make_study

from experiments import learning_rates as section
from experiments.lab.store.runs import RunStore

pytestmark = pytest.mark.usefixtures("blank_pictures")

GOOD = (0.55, 0.63, 0.3)  # at 1e-4, 1e-3 and 1e-2, as on real data
OTHERS = (0.1, 0.2, 0.5, 0.4, 0.1, 0.1)  # at the rates around them


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


@pytest.fixture(autouse=True)
def nothing_inside(monkeypatch):
    """Make up what is in the networks: tests/descent looks into real ones."""
    monkeypatch.setattr(section.within, "of_trial", make_inside)


@pytest.fixture
def measured(store):
    """Return a function that measures made-up outcomes and returns findings and result."""

    def measure(outcomes, others=OTHERS, **options):
        searches = section.searches(make_study(section.SECTION, **options))
        given = zip(searches, (outcomes, others), strict=False)
        results = {one.name: make_result(store, one, outcome) for one, outcome in given}
        study = make_study(section.SECTION, results=results, **options)
        return section.measure(study), results["learning-rates"]

    return measure


def test_search_tries_the_three_rates_with_adam_and_keeps_every_epoch():
    search = section.searches(make_study(section.SECTION, seeds=2))[0]
    assert [point["learning_rate"] for point in search.points] == [1e-4, 1e-3, 1e-2]
    assert {point["optimizer"] for point in search.points} == {"adam"}
    assert (search.snapshots, search.seeds, search.length) == (True, 2, 3)


def test_best_on_validation_is_chosen_and_reported_by_its_test_accuracy(measured):
    findings, result = measured(GOOD)
    assert findings.scores["learning_rate"] == 1e-3
    assert findings.scores["test_accuracy"] == pytest.approx(0.63)
    assert findings.facts["chosen_run"] == result.trials[1].run.key
    assert findings.facts["comparisons"] == ["against-0.0001", "against-0.01"]


def test_choice_does_not_look_at_the_test_set(measured, printed):
    outcomes = [(0.55, 0.55), (0.63, 0.6), (0.5, 0.7)]
    findings, _ = measured(outcomes)
    assert findings.scores["learning_rate"] == 1e-3
    assert findings.facts["outstripped"]["hyperparameters"]["learning_rate"] == 1e-2
    text = printed(outcomes)
    assert (
        "On the test images 0.01 ends higher, at 70.0 %, a clear difference. The choice stays"
        in text
    )


def test_layers_and_their_parameters_come_from_the_network(measured):
    findings, _ = measured(GOOD)
    rows = {row[0]: row[1:] for row in findings.facts["layers"]}
    assert rows["conv1"] == ["Conv2D", "28 × 28 × 6", 5 * 5 * 3 * 6 + 6]
    assert rows["dense1"] == ["Dense", "120", 400 * 120 + 120]
    assert sum(row[-1] for row in rows.values()) == 62_006


def test_diverged_rate_is_shown_and_left_out_of_the_comparison(measured, printed, tmp_path):
    outcomes = (0.55, 0.63, "diverged")
    findings, _ = measured(outcomes)
    assert findings.facts["comparisons"] == ["against-0.0001"]
    names = {
        claim.name for claim in findings.claims if not claim.name.startswith(("learns-", "rate-"))
    }
    assert not any(name.endswith("-0.01") for name in names)
    text = printed(outcomes)
    assert "The training did not complete: the loss is not finite at iteration 7." in text
    assert "At 0.01 no training completed" in text
    record = make_record(section.SECTION, findings, folder=tmp_path / "records")
    assert section.draw(record)[0].alt.endswith(", diverged.")


def test_no_completed_trial_stops_the_section_with_its_name(measured):
    with pytest.raises(ValueError, match="no trial of the search learning-rates completed"):
        measured(["diverged"] * 3)


def test_several_seeds_give_deviations_and_say_how_many_are_needed(measured, printed):
    outcomes = [
        ((0.54, 0.56, 0.55), (0.54, 0.56, 0.55)),
        ((0.63, 0.62, 0.64), (0.63, 0.62, 0.64)),
        ((0.3, None, 0.32), (0.3, None, 0.32)),
    ]
    findings, _ = measured(outcomes, seeds=3)
    claims = {claim.name: claim for claim in findings.claims}
    assert {claims[name].verdict for name in findings.facts["comparisons"]} == {"tied"}
    assert findings.facts["curves"][0]["loss"]["deviation"] is not None
    text = printed(outcomes, seeds=3)
    assert "63.0 ± 1.0 %" in text
    assert "Of 3 trainings, 2 completed" in text
    assert "1 of 3 diverged" in text
    assert "with fewer than 6 seeds no difference can pass it" in text


INSIDE = {"training_accuracy": 0.6, "fitted": 5000}


def with_course(store, rising):
    """Return a trial whose validation accuracies are `rising`."""
    search = section.searches(make_study(section.SECTION, epochs=len(rising)))[0]
    trial = make_result(store, search, GOOD).trials[0]
    curves = {"validation_accuracy": list(rising)}
    run = dataclasses.replace(trial.run, curves={**trial.run.curves, **curves})
    return dataclasses.replace(trial, runs=(run,))


def verdicts(store, rising, training=None, images=1000):
    """Return the verdicts on that course with so many validation images of ten classes."""
    inside = {"training_accuracy": rising[-1] if training is None else training, "fitted": 5000}
    found = section.readings(with_course(store, rising), inside, images, 0.1)
    return {question: claim.verdict for question, claim in found.items()}


def test_rising_course_is_read_as_still_learning(store):
    found = verdicts(store, [0.2, 0.3, 0.4, 0.5])
    assert (found["late"], found["guessing"]) == ("better", "better")
    assert found["fall"] != "worse"
    course = section.course(with_course(store, [0.2, 0.3, 0.4, 0.5]), INSIDE)
    assert (course["late"], course["fall"]) == (pytest.approx(0.2), 0)


def test_falling_course_is_read_as_worsening(store):
    assert verdicts(store, [0.5, 0.6, 0.5, 0.4])["late"] == "worse"


def test_course_that_falls_is_read_as_unsteady(store):
    rising = [0.2, 0.5, 0.3, 0.5, 0.5]
    claim = section.readings(with_course(store, rising), INSIDE, 1000, 0.1)["fall"]
    assert (claim.verdict, claim.estimate) == ("worse", pytest.approx(-0.2))
    assert (claim.left_value, claim.right_value) == (0.3, 0.5)
    assert (claim.family, claim.family_size) == ("steps at 0.0001", 4)
    assert section.course(with_course(store, rising), INSIDE)["fall"] == pytest.approx(0.2)


def test_fall_is_held_against_all_the_steps_it_was_picked_from(store):
    fall = [0.50, 0.455]
    assert verdicts(store, fall)["fall"] == "worse"
    assert verdicts(store, [0.5] * 9 + fall)["fall"] == "tied"


def test_course_at_the_level_of_guessing_is_read_as_stuck(store):
    assert verdicts(store, [0.1, 0.098, 0.1, 0.105])["guessing"] == "tied"
    assert verdicts(store, [0.1, 0.08, 0.07, 0.06])["guessing"] == "worse"


def test_small_changes_are_not_read_as_anything(store):
    found = verdicts(store, [0.4, 0.6, 0.601, 0.6, 0.602])
    assert (found["late"], found["gap"], found["fall"]) == ("tied", "tied", "tied")


def test_gap_is_read_by_the_side_that_is_higher(store):
    rising = [0.4, 0.5, 0.5]
    assert verdicts(store, rising, 0.6)["gap"] == "better"
    assert verdicts(store, rising, 0.4)["gap"] == "worse"
    assert verdicts(store, rising, 0.51)["gap"] == "tied"


def test_single_epoch_has_no_course(store, printed):
    trial = with_course(store, [0.4])
    assert section.course(trial, INSIDE) == {}
    assert section.readings(trial, INSIDE, 9, 0.1) == {}
    assert "One epoch is too short to show a trend" in printed(GOOD, epochs=1)


def test_drawing_needs_the_record_alone(measured, tmp_path):
    findings, result = measured(GOOD)
    record = make_record(section.SECTION, findings, results=[result], folder=tmp_path)
    drawing = section.draw(record)[0]
    rows = [row for row in drawing.table if row["panel"] == "Accuracy"]
    assert {row["line"] for row in rows} == {"0.0001", "0.001", "0.01"}
    assert {row["kind"] for row in rows} == {"training", "validation"}
    assert rows[-1]["value"] == pytest.approx(0.3)
    assert make_splits("cifar10").identity.label in drawing.caption
