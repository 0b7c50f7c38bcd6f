"""Tests of `experiments.lab.evidence.comparisons` against sums done by hand and by brute force."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from experiments.lab.data.views import View
from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import Claim, End
from experiments.lab.settings import RunSettings
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import COMPLETED, DIVERGED, Run, RunStore

LABELS = np.arange(60) % 10
SCORES = (
    *("validation_accuracy", "best_validation_accuracy", "best_iteration"),
    *("test_accuracy", "test_loss"),
)


def trial(store, name, rights, statuses=None):
    """Return a trial whose runs, with seeds from 1, get the images `rights[seed - 1]` right."""
    runs = []
    for index, right in enumerate(rights):
        predictions = np.where(right, LABELS, (LABELS + 1) % 10)
        settings = RunSettings(View("cifar10"), "lenet5", {"learning_rate": 0.1}, index + 1, 1)
        status = statuses[index] if statuses else COMPLETED
        run = Run(
            f"{name}{index}", settings, status, {}, dict.fromkeys(SCORES, float(np.mean(right))),
            10, 1.0, 0.1, {}, "2025-03-04T14:05:00+00:00",
        )  # fmt: skip
        arrays = {"probabilities": np.eye(10, dtype=np.float32)[predictions]}
        runs.append(store.write(run, arrays))
    return Trial("search", name, {"learning_rate": 0.1}, tuple(runs))


def right(*wrong):
    """Return which of the 60 images are right when those in `wrong` are not."""
    return ~np.isin(np.arange(60), wrong)


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path)


def compare(left, right):
    return comparisons.compare("a-b", left, right, LABELS, "A", "B")


def test_one_seed_each_gives_the_exact_binomial_tail_of_the_discordant_images(store):
    left = trial(store, "left", [right(0)])
    other = trial(store, "right", [right(*range(1, 10))])
    claim = compare(left, other)
    # One image of ten against nine: 2 (C(10,0) + C(10,1)) / 2^10.
    assert claim.p_value == pytest.approx(2 * 11 / 1024)
    assert claim.estimate == pytest.approx(8 / 60)
    assert (claim.verdict, claim.test, claim.runs) == ("better", comparisons.MCNEMAR, 1)
    assert (claim.left, claim.measure) == (
        End("network", "A", ("left0",), "search/left"),
        "test_accuracy",
    )
    assert claim.right == End("network", "B", ("right0",), "search/right")
    assert (claim.left_value, claim.right_value) == pytest.approx((59 / 60, 51 / 60))
    assert (claim.scope, claim.unit, claim.count) == ("networks", "images", 60)


def test_sides_exchanged_turn_the_verdict_and_the_interval_round(store):
    left = trial(store, "left", [right(0)])
    other = trial(store, "right", [right(*range(1, 10))])
    there, back = compare(left, other), compare(other, left)
    assert back.verdict == "worse"
    assert back.estimate == -there.estimate
    assert back.p_value == there.p_value
    assert back.interval == pytest.approx((-there.interval[1], -there.interval[0]), abs=1.5 / 60)


def test_few_discordant_images_give_a_tie_however_they_fall(store):
    claim = compare(trial(store, "left", [right()]), trial(store, "right", [right(0, 1, 2, 3, 4)]))
    assert claim.p_value == pytest.approx(2 / 32)
    assert claim.verdict == "tied"


def test_a_network_against_itself_ties_with_no_discordant_image(store):
    one = trial(store, "one", [right(3)])
    claim = compare(one, one)
    assert (claim.estimate, claim.interval, claim.p_value) == (0, (0, 0), 1.0)
    assert claim.verdict == "tied"


def test_interval_over_images_agrees_with_resampling_images_one_by_one():
    random = np.random.default_rng(5)
    left, other = random.random(400) < 0.7, random.random(400) < 0.6
    estimate, within, _ = comparisons.networks_apart(left, other)
    interval = within(0.95)
    differences = left.astype(int) - other.astype(int)
    drawn = differences[random.integers(0, 400, (4000, 400))].mean(axis=1)
    assert estimate == pytest.approx(differences.mean())
    assert interval == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.005)


def test_sign_flip_test_agrees_with_every_sign_written_out():
    differences = np.array([0.012, 0.004, -0.003, 0.009, 0.011, 0.002, 0.006])
    flipped = [
        np.mean(differences * signs)
        for signs in itertools.product((1, -1), repeat=len(differences))
    ]
    # Twice the share of sign patterns at least as large as the one seen.
    expected = 2 * np.mean(np.array(flipped) >= differences.mean() - 1e-12)
    estimate, within, p_value = comparisons.seeds_apart(differences)
    assert p_value == pytest.approx(expected)
    assert estimate == pytest.approx(differences.mean())
    low, high = within(0.95)
    assert low < estimate < high


@pytest.mark.parametrize(("seeds", "verdict"), [(5, "tied"), (6, "better")])
def test_six_seeds_are_the_fewest_that_bear_out_a_difference(store, seeds, verdict):
    left = trial(store, "left", [right(seed) for seed in range(seeds)])
    other = trial(store, "right", [right(*range(10 + seed)) for seed in range(seeds)])
    claim = compare(left, other)
    assert claim.p_value == pytest.approx(2 / 2**seeds)
    assert (claim.verdict, claim.runs, claim.test) == (verdict, seeds, comparisons.SIGN_FLIP)
    assert (claim.scope, claim.unit, claim.count) == ("setting", "seeds", seeds)
    assert (claim.left.kind, len(claim.left.runs)) == ("trial", seeds)


def test_equal_differences_give_no_interval(store):
    left = trial(store, "left", [right(), right()])
    other = trial(store, "right", [right(0, 1), right(2, 3)])
    claim = compare(left, other)
    assert claim.interval is None
    assert claim.estimate == pytest.approx(2 / 60)
    assert claim.verdict == "tied"


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_interval_over_seeds_is_students(confidence):
    differences = np.array([0.01, 0.013, 0.002, -0.004, 0.008, 0.02])
    _, within, _ = comparisons.seeds_apart(differences)
    reach = stats.t.isf((1 - confidence) / 2, 5) * differences.std(ddof=1) / np.sqrt(6)
    assert within(confidence) == pytest.approx(
        (differences.mean() - reach, differences.mean() + reach)
    )


def test_differences_without_spread_have_no_interval():
    assert comparisons.seeds_apart(np.array([0.01, 0.01, 0.01]))[1](0.95) is None


def test_only_seeds_that_both_completed_are_paired(store):
    statuses = [COMPLETED, DIVERGED, COMPLETED]
    left = trial(store, "left", [right(), right(), right()], statuses)
    other = trial(store, "right", [right(0), right(1), right(2)])
    claim = compare(left, other)
    assert (claim.runs, claim.scope, claim.count) == (2, "setting", 2)
    assert (claim.left_value, claim.right_value) == pytest.approx((1, 59 / 60))
    assert compare(other, left).runs == 2
    assert compare(left, other).right.runs == ("right0", "right2")


def test_no_seed_in_common_is_refused(store):
    left = trial(store, "left", [right()], [DIVERGED])
    other = trial(store, "right", [right()])
    with pytest.raises(ValueError, match="A and B have no completed seed in common"):
        compare(left, other)


def test_predictions_for_other_images_are_refused(store):
    one = trial(store, "one", [right()])
    with pytest.raises(ValueError, match="60 predictions for 50 test images"):
        comparisons.compare("a-b", one, one, LABELS[:50], "A", "B")


def test_one_run_each_cannot_be_compared_without_predictions(store):
    one = trial(store, "one", [right()])
    with pytest.raises(ValueError, match="only test predictions are kept"):
        comparisons.compare("a-b", one, one, LABELS, "A", "B", measure="validation_accuracy")


def test_holm_multiplies_by_what_is_left_and_never_falls():
    # By hand: 0.01·3, then max(0.03, 0.02·2), then max(0.04, 0.03·1).
    assert comparisons.holm([0.03, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert comparisons.holm([0.6, 0.9]) == [1.0, 1.0]
    assert comparisons.holm([]) == []


def claimed(name, left, right, *rest):
    return Claim(
        name, End.of_value(left), End.of_value(right), "test_accuracy", *rest, within=lambda _: None
    )


def test_correction_takes_back_a_verdict_that_does_not_hold():
    claims = [
        claimed("a", "A", "B", "better", 0.01, None, comparisons.MCNEMAR, 0.001),
        claimed("b", "A", "C", "worse", -0.01, None, comparisons.MCNEMAR, 0.03),
        claimed("c", "A", "D", "worse", -0.02, None, comparisons.MCNEMAR, 0.04),
    ]
    corrected = comparisons.adjusted(claims, "pairs")
    assert [claim.p_value for claim in corrected] == pytest.approx([0.003, 0.06, 0.06])
    assert [claim.verdict for claim in corrected] == ["better", "tied", "tied"]
    assert corrected[0].test == "McNemar’s exact test, corrected for 3 comparisons"


def test_a_single_claim_needs_no_correction():
    claim = claimed("a", "A", "B", "better", 0.01, None, comparisons.MCNEMAR, 0.04)
    assert comparisons.adjusted([claim], "pairs") == [claim]


def test_signs_flipped_together_agree_with_the_definition_written_out():
    differences = np.random.default_rng(8).normal([0.02, 0.0, 0.008], 0.01, (6, 3))
    means = lambda signs: np.abs((differences.T * signs).mean(axis=1))  # noqa: E731
    sizes = np.sqrt((differences**2).mean(axis=0))
    observed = means(1) / sizes
    expected, largest = {}, 0.0
    left = sorted(range(3), key=lambda index: -observed[index])
    while left:
        patterns = itertools.product((1, -1), repeat=6)
        beaten = [
            (means(signs) / sizes)[left].max() >= observed[left[0]] - 1e-9 for signs in patterns
        ]
        largest = max(largest, np.mean(beaten))
        expected[left.pop(0)] = largest
    found = comparisons.flipped_together(differences)
    assert found == pytest.approx([expected[index] for index in range(3)])


def test_one_comparison_flipped_alone_is_the_plain_test():
    differences = np.array([0.012, 0.004, -0.003, 0.009, 0.011, 0.002])
    [p_value] = comparisons.flipped_together(differences[:, None])
    assert p_value == pytest.approx(comparisons.seeds_apart(differences)[2])


def test_signs_flipped_together_seldom_claim_what_is_not_there():
    random = np.random.default_rng(12)
    noise = random.normal(0, 0.01, (400, 8, 4)) + random.normal(0, 0.01, (400, 8, 1))
    false = [min(comparisons.flipped_together(one)) < 0.05 for one in noise]
    assert np.mean(false) < 0.08  # at most 0.05, and three standard errors


def test_up_to_thirteen_seeds_all_signs_are_flipped():
    certain = np.linspace(1.0, 2.0, 13)
    assert comparisons.seeds_apart(certain)[2] == pytest.approx(2 / 2**13)
    assert comparisons.flipped_together(certain[:, None]) == [2 / 2**13]


def test_many_seeds_are_flipped_at_random():
    differences = np.random.default_rng(2).normal(0.01, 0.01, (20, 2))
    found = comparisons.flipped_together(differences)
    assert all(1 / 10_000 <= p_value < 0.05 for p_value in found)


def test_no_difference_at_all_is_no_claim():
    assert comparisons.flipped_together(np.zeros((6, 2))) == [1.0, 1.0]


def together(store, seeds, statuses=None):
    """Return two comparisons of one trial with two clearly worse ones."""
    best = trial(store, "best", [right(seed) for seed in range(seeds)])
    others = [
        trial(store, name, [right(*range(more + seed)) for seed in range(seeds)], given)
        for name, more, given in (("some", 10, None), ("more", 20, statuses))
    ]
    return [
        comparisons.Comparison(name, best, other, "best", name)
        for name, other in zip(("some", "more"), others, strict=True)
    ]


def test_six_seeds_bear_out_several_differences_at_once(store):
    claims = comparisons.compare_all(together(store, 6), LABELS, "pairs")
    assert [claim.verdict for claim in claims] == ["better", "better"]
    assert [claim.p_value for claim in claims] == pytest.approx([2 / 64, 2 / 64])
    assert claims[0].test == f"{comparisons.SIGN_FLIP}, corrected for 2 comparisons"
    assert {(claim.family, claim.family_size) for claim in claims} == {("pairs", 2)}
    assert {claim.left.label for claim in claims} == {"best"}
    assert [claim.right.label for claim in claims] == ["some", "more"]


def test_comparisons_over_different_seeds_are_corrected_by_holm(store):
    statuses = [COMPLETED] * 5 + [DIVERGED]
    claims = comparisons.compare_all(together(store, 6, statuses), LABELS, "pairs")
    assert [claim.runs for claim in claims] == [6, 5]
    assert [claim.p_value for claim in claims] == pytest.approx([2 * 2 / 64, 2 / 32])


def test_single_runs_compared_together_are_corrected_by_holm(store):
    pairs = together(store, 1)
    single = [compare(one.left, one.right).p_value for one in pairs]
    claims = comparisons.compare_all(pairs, LABELS, "pairs")
    assert [claim.p_value for claim in claims] == pytest.approx(comparisons.holm(single))
    assert "McNemar" in claims[0].test
    assert {claim.family for claim in claims} == {"pairs"}


def test_two_seeds_are_flipped_together(store):
    claims = comparisons.compare_all(together(store, 2), LABELS, "pairs")
    assert [claim.p_value for claim in claims] == pytest.approx([2 / 4, 2 / 4])


def test_what_cannot_be_compared_is_left_out(store):
    claims = comparisons.compare_all(together(store, 1, [DIVERGED]), LABELS, "pairs")
    assert [claim.name for claim in claims] == ["some"]
    assert (claims[0].family, claims[0].family_size) == ("", 1)
    assert comparisons.compare_all([], LABELS, "pairs") == []


def test_confusion_counts_true_classes_in_rows():
    counts = comparisons.confusion(np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 0, 0]), 3)
    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [2, 0, 0]]


def test_standard_error_is_the_spread_of_simulated_accuracies():
    accuracies = np.random.default_rng(3).binomial(500, 0.62, 20_000) / 500
    assert comparisons.standard_error(0.62, 500) == pytest.approx(accuracies.std(), rel=0.03)
    assert math.isclose(comparisons.standard_error(0.5, 100), 0.05)


def test_importing_loads_neither_scipy_nor_tensorflow():
    code = (
        "import sys, experiments.lab.evidence.comparisons, experiments.lab.evidence.differences;"
        "print(any(name in sys.modules for name in ('scipy', 'tensorflow', 'matplotlib')))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == "False"
