"""Control: random weights layer by layer, correlations against NumPy, and the words."""

import numpy as np
import pytest

from experiments.deconvnet import control


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


def test_each_draw_of_random_weights_is_another_and_the_same_every_time(subject):
    first, again, other = (
        control.randomized(subject, ["conv2"], number)[2] for number in (1, 1, 10)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_random_weights_stay_within_glorots_limit_and_differ_by_draw():
    generator = np.random.default_rng(0)
    weights = control.glorot((5, 5, 6, 16), generator)
    limit = np.sqrt(6 / (25 * 6 + 25 * 16))
    assert np.abs(weights).max() <= limit
    assert weights.std() == pytest.approx(limit / np.sqrt(3), rel=0.05)
    assert not np.array_equal(weights, control.glorot((5, 5, 6, 16), generator))


def test_layers_above_the_units_do_not_change_their_projections(findings):
    above = findings.facts["states"][0]
    for rule in control.RULES:
        assert above["rules"][rule]["signed"] == pytest.approx(1)


def test_random_layers_below_change_the_projections(findings):
    for state in findings.facts["states"][1:]:
        assert state["rules"]["deconvnet"]["signed"] < 0.9


def test_every_state_and_rule_has_its_claim_about_the_image(findings):
    claims = {claim.name: claim for claim in findings.claims}
    for state in findings.facts["states"]:
        for name in (rule["elsewhere"] for rule in state["rules"].values()):
            assert (claims[name].unit, claims[name].measure) == ("images", "correlation")
    assert len(claims) == len(findings.facts["states"]) * len(control.RULES) + 1


def claim_about(subject, same, other):
    values = {"absolute": [same[:, None]], "elsewhere": [other[:, None]]}
    return control.elsewhere("conv2 and above-gradient", subject, values)


def test_image_is_said_to_have_a_share_by_what_another_image_gives(subject):
    other = np.random.default_rng(0).normal(0.3, 0.1, 40)
    noise = np.random.default_rng(1).normal(0, 0.05, 40)
    assert claim_about(subject, other + 0.2 + noise, other).verdict == "greater"
    assert claim_about(subject, other - 0.2 + noise, other).verdict == "smaller"
    assert claim_about(subject, other + noise - noise.mean(), other).verdict == "tied"
    assert claim_about(subject, other, other).name == "conv2-and-above-gradient"


def test_image_has_no_claim_where_all_units_but_one_image_are_silent(subject):
    silent = np.array([0.5, np.nan, np.nan])
    assert claim_about(subject, silent, silent) is None
