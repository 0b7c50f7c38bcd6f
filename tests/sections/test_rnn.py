"""Tests of the section on the plain recurrent network, from made-up results to the printed words."""

import numpy as np
import pytest
from made import make_record, make_result, make_study, render, words

from experiments import rnn as section
from experiments.lab.data.splits import Images
from experiments.lab.store.runs import RunStore
from experiments.searches import recurrent as recurrent_search

PARAMETERS = 128 * (28 + 128 + 1) + 129 * 10


@pytest.fixture
def measured(tmp_path):
    """Return a function that measures a made-up outcome and returns findings and result."""

    def measure(outcome, parameters=PARAMETERS, **options):
        [search] = section.searches(make_study(section.SECTION, **options))
        store = RunStore(tmp_path / "runs")
        result = make_result(store, search, [outcome], [{"parameters": parameters}])
        study = make_study(section.SECTION, results={"rnn": result}, **options)
        return section.measure(study), result

    return measure


def test_search_is_the_assignments_network_and_shares_its_runs_with_the_grid():
    study = make_study(section.SECTION, seeds=2)
    [search] = section.searches(study)
    whole = recurrent_search.grid_search(study)
    [point] = search.points
    assert point == {"cell": "SimpleRNN", "units": 128}
    assert list(search.runs(point)) == list(whole.runs(point))


def test_scores_are_those_of_the_run(measured):
    findings, result = measured(0.96)
    assert findings.scores["test_accuracy"] == result.trials[0].mean("test_accuracy")
    assert findings.scores["validation_accuracy"] == 0.96
    assert findings.facts["errors"] == 8
    assert np.trace(findings.arrays["confusion"]) == 192


def test_mistakes_are_the_surest_wrong_images_first():
    test = Images(np.zeros((4, 28, 28, 1), np.uint8), np.array([0, 1, 2, 3]))
    probabilities = np.full((4, 10), 0.01)
    probabilities[[0, 1, 2, 3], [0, 7, 8, 9]] = [0.99, 0.5, 0.9, 0.7]
    mistakes = section.most_confident_mistakes(test, probabilities)
    assert [mistake["image"] for mistake in mistakes] == [2, 3, 1]
    assert mistakes[0] == {
        "image": 2, "true": 2, "predicted": 8, "probability": 0.9, "of_true": 0.01
    }  # fmt: skip


def test_standard_error_is_that_of_the_test_images(measured, printed):
    findings, _ = measured(0.96)
    assert findings.facts["standard_error"] == pytest.approx((0.96 * 0.04 / 200) ** 0.5)
    assert "comes from the number of test images alone is 1.39 points" in printed(0.96)


def test_diverged_training_stops_the_section_with_its_message(measured):
    with pytest.raises(ValueError, match="not finite at iteration 7"):
        measured("diverged")


def test_network_without_mistakes_has_no_picture_of_them(measured, tmp_path, blank_pictures):
    findings, _ = measured(1.0)
    assert findings.facts["mistakes"] == []
    record = make_record(section.SECTION, findings, folder=tmp_path / "records")
    text = words(render(section, record, tmp_path / "report"))
    assert "reads every test image correctly" in text


def test_class_without_test_images_has_no_accuracy():
    counts = np.zeros((10, 10), int)
    counts[1, 7], counts[1, 1] = 2, 6
    rows = section._by_class(counts, tuple("0123456789"))
    assert rows[0]["accuracy"] is None
    assert (rows[1]["accuracy"], rows[1]["taken_for"], rows[1]["times"]) == (0.75, ["7"], 2)


def test_classes_that_are_taken_for_as_often_are_all_named():
    counts = np.diag([9] * 10)
    counts[8, [4, 6]] = 5
    assert section._by_class(counts, tuple("0123456789"))[8]["taken_for"] == ["4", "6"]


@pytest.mark.parametrize(
    ("times", "shown", "as_often"),
    [
        ([9, 5, 3], 3, 0),
        ([9, 5, 3, 3, 3, 1], 3, 2),
        ([4, 4, 4, 4], 3, 1),
        ([2, 1], 2, 0),
        ([], 0, 0),
    ],
)
def test_confusions_that_are_left_out_though_as_frequent_are_counted(times, shown, as_often):
    counts = np.diag([9] * 10)
    counts[0, 1 : 1 + len(times)] = times
    found = section._confusions(counts, tuple("0123456789"))
    assert [one["times"] for one in found["confusions"]] == times[:3]
    assert (len(found["confusions"]), found["as_often"]) == (shown, as_often)


def test_reading_picture_ends_with_the_whole_image(measured):
    findings, _ = measured(0.9)
    drawing = section._reading(findings.arrays["example"])
    assert [row["caption"] for row in drawing.table][:2] == ["after row 1", "after row 7"]
    assert drawing.table[-1]["mean"] == findings.arrays["example"].mean()
