"""Control: random weights layer by layer, correlations against NumPy, and the words."""

import copy

import numpy as np
import pytest

from experiments.deconvnet import control
from experiments.lab.evidence.differences import correlations, paired


@pytest.fixture(scope="module")
def findings(study):
    with pytest.MonkeyPatch.context() as few:
        few.setattr(control, "IMAGES", 6)
        return control.measure(study)


def test_cascade_goes_from_the_top_down_to_all_layers(subject):
    states = {state["name"]: state["random"] for state in control.cascade(subject)}
    assert states == {
        "above conv2": ["logits", "dense2", "dense1"],
        "conv2 and above": ["logits", "dense2", "dense1", "conv2"],
        "all layers": ["logits", "dense2", "dense1", "conv2", "conv1"],
        "conv1 alone": ["conv1"],
    }


def test_only_the_named_layers_get_random_weights(subject):
    mixed = control.randomized(subject, ["conv2"], 0)
    same = [np.array_equal(a, b) for a, b in zip(mixed, subject.weights(), strict=True)]
    assert same == [True, True, False, False, *[True] * 6]
    assert not mixed[3].any()


def test_random_weights_stay_within_glorots_limit_and_differ_by_draw():
    generator = np.random.default_rng(0)
    weights = control.glorot((5, 5, 6, 16), generator)
    limit = np.sqrt(6 / (25 * 6 + 25 * 16))
    assert np.abs(weights).max() <= limit
    assert weights.std() == pytest.approx(limit / np.sqrt(3), rel=0.05)
    assert not np.array_equal(weights, control.glorot((5, 5, 6, 16), generator))


def test_layers_above_the_units_do_not_change_their_pictures(findings):
    above = findings.facts["states"][0]
    for rule in control.RULES:
        assert above["rules"][rule]["signed"] == pytest.approx(1)


def test_random_layers_below_change_the_pictures(findings):
    for state in findings.facts["states"][1:]:
        assert state["rules"]["deconvnet"]["signed"] < 0.9


def test_correlations_of_rows_are_pearsons():
    random = np.random.default_rng(0)
    left, right = random.normal(size=(2, 5, 3, 4))
    expected = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(left, right, strict=True)]
    np.testing.assert_allclose(correlations(left, right), expected)


def test_constant_row_correlates_with_nothing():
    assert np.isnan(correlations(np.full((1, 7), 0.1), np.arange(7.0)[None])).all()


def test_paired_difference_says_which_side_is_greater():
    random = np.random.default_rng(0)
    right = random.normal(size=50)
    assert paired(right + 1, right + random.normal(0, 0.1, 50))["verdict"] == "greater"
    assert paired(right, right + 1 + random.normal(0, 0.1, 50))["verdict"] == "smaller"
    assert paired(right, right + random.normal(0, 1, 50))["verdict"] == "tied"
    assert paired([1.0, np.nan], [2.0, 3.0])["estimate"] is None


def test_paired_interval_is_that_of_the_t_test_but_for_the_tails():
    from scipy.stats import ttest_rel

    random = np.random.default_rng(1)
    left, right = random.normal(size=(2, 400))
    expected = ttest_rel(left, right).confidence_interval(0.95)
    found = paired(left, right)["interval"]
    np.testing.assert_allclose(found, [expected.low, expected.high], atol=2e-3)


@pytest.mark.parametrize(
    ("correlation", "words"),
    [
        (0.2, "pictures pass the test"),
        (0.7, "pictures fail the test"),
        (None, "the test cannot be done"),
    ],
)
def test_words_follow_what_is_left_with_random_weights(findings, told, correlation, words):
    facts = copy.deepcopy(findings.facts)
    facts["whole"]["rules"]["deconvnet"]["absolute"] = correlation
    facts["source"]["deconvnet"] = control.source(correlation)
    text = told(control, facts)
    assert words in text


def test_all_units_silent_leaves_the_pictures_out(findings, told):
    facts = copy.deepcopy(findings.facts) | {"shown": 0}
    for state in [*facts["states"], facts["whole"]]:
        for rule in state["rules"].values():
            rule |= {"signed": None, "absolute": None, "elsewhere": paired([], [])}
    facts["source"] = dict.fromkeys(control.RULES, "unknown")
    text = told(control, facts)
    assert "all units are silent with random weights" in text


def test_study_prints_its_figures_and_tables(findings, printed):
    text = printed(control, findings)
    assert "Figure 5.1" in text
    assert "Table 5.1" in text
