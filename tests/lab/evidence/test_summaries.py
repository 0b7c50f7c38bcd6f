"""Tests of `experiments.lab.evidence.summaries` on runs whose scores and curves are given."""

import math

import numpy as np
import pytest

from experiments.lab.data.views import View
from experiments.lab.evidence import summaries
from experiments.lab.settings import RunSettings
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import COMPLETED, DIVERGED, FAILED, Run

SCORES = (
    *("validation_accuracy", "best_validation_accuracy", "best_iteration"),
    *("test_accuracy", "test_loss"),
)


def trial(courses, statuses=None, scores=None):
    """Return a trial with a run for each course of validation accuracies."""
    runs = []
    for index, course in enumerate(courses):
        curves = {name: list(course) for name in summaries.CURVES}
        curves |= {"iteration": [10 * n for n in range(len(course))]}
        curves |= {"epoch": list(range(len(course)))}
        curves |= {"seconds": [index + 2 * n for n in range(len(course))]}
        runs.append(
            Run(
                f"run{index}",
                RunSettings(View("cifar10"), "lenet5", {"learning_rate": 0.1}, index + 1, 1),
                statuses[index] if statuses else COMPLETED,
                curves,
                dict.fromkeys(SCORES, scores[index] if scores else 0.5),
                *(10, 1.0 + index, 0.1, {}, "2025-03-04T14:05:00+00:00"),
            )
        )
    return Trial("search", "0", {"learning_rate": 0.1}, tuple(runs))


def test_summary_has_scores_over_completed_runs_and_says_what_became_of_the_others():
    statuses = [COMPLETED, DIVERGED, COMPLETED]
    row = summaries.summary(trial([[0.2]] * 3, statuses, [0.6, 0.1, 0.5]))
    assert row["test_accuracy"] == pytest.approx([0.55, 0.1 / np.sqrt(2)])
    assert (row["runs"], row["completed"], row["outcome"]) == (3, 2, "1 of 3 diverged")
    assert (row["seconds"], row["step_seconds"], row["parameters"]) == (2.0, 0.1, 10)
    assert row["hyperparameters"] == {"learning_rate": 0.1}
    assert (row["trial_id"], row["run_keys"]) == ("0", ["run0", "run1", "run2"])
    assert (row["status"], row["message"]) == (DIVERGED, "")
    assert row["best_iteration"] == pytest.approx(0.55)


def test_single_completed_run_has_no_deviation():
    row = summaries.summary(trial([[0.2]]))
    assert (row["test_accuracy"], row["outcome"]) == ([0.5, None], "completed")


def test_summary_of_a_trial_that_never_completed_has_no_scores():
    row = summaries.summary(trial([[0.2]], [DIVERGED]))
    assert row["test_accuracy"] == [None, None]
    assert (row["outcome"], row["best_epoch"]) == ("diverged", None)


def test_best_epoch_is_where_validation_accuracy_peaks():
    assert summaries.summary(trial([[0.2, 0.5, 0.4], [0.2, 0.3, 0.4]]))["best_epoch"] == 1.5


def test_curves_are_means_and_deviations_over_completed_runs():
    statuses = [COMPLETED, COMPLETED, DIVERGED]
    curves = summaries.learning_curves(trial([[0.2, 0.4], [0.4, 0.8], [0.1]], statuses))
    assert curves["validation_accuracy"]["mean"] == pytest.approx([0.3, 0.6])
    assert curves["validation_accuracy"]["deviation"] == pytest.approx(
        [np.std([0.2, 0.4], ddof=1), np.std([0.4, 0.8], ddof=1)]
    )
    assert (curves["epoch"], curves["note"]) == ([0.0, 1.0], "1 of 3 diverged")


def test_curves_go_as_far_as_the_shortest_and_have_no_note_where_all_completed():
    curves = summaries.learning_curves(trial([[0.2, 0.4, 0.5, 0.7], [0.4, 0.8, 0.6]]))
    assert curves["loss"]["mean"] == pytest.approx([0.3, 0.6, 0.55])
    assert curves["loss"]["deviation"] == pytest.approx(np.array([0.2, 0.4, 0.1]) / np.sqrt(2))
    assert (curves["iteration"], curves["note"]) == ([0.0, 10.0, 20.0], "")
    assert curves["guessing"] == pytest.approx(math.log(10))


def test_seconds_are_means_over_completed_runs():
    several = trial(
        [[0.2, 0.4, 0.5], [0.4, 0.8, 0.6], [0.1, 0.1]], [COMPLETED, COMPLETED, DIVERGED]
    )
    assert summaries.seconds(several) == [0.5, 2.5, 4.5]


def test_runs_that_ended_in_different_ways_are_both_named():
    row = summaries.summary(trial([[0.2]] * 3, [COMPLETED, DIVERGED, FAILED]))
    assert row["outcome"] == "2 of 3 diverged or failed"


def test_curves_of_a_diverged_trial_go_as_far_as_it_came():
    curves = summaries.learning_curves(trial([[0.2, math.inf]], [DIVERGED]))
    assert curves["loss"] == {"mean": [0.2, None], "deviation": None}
    assert curves["note"] == "diverged"


def test_trial_that_diverged_before_its_first_point_has_empty_curves():
    curves = summaries.learning_curves(trial([[]], [DIVERGED]))
    assert curves["loss"] == {"mean": [], "deviation": None}
    assert curves["iteration"] == []
