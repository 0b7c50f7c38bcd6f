"""Control: random weights layer by layer, correlations against NumPy, and the words."""

import numpy as np
import pytest

from experiments.deconvnet import control, random_weights


def measured(study):
    """Return what few images, and one network with fresh weights, give."""
    with pytest.MonkeyPatch.context() as few:
        few.setattr(control, "IMAGES", 6)
        few.setattr(control, "DRAWS", 1)
        return control.measure(study)


@pytest.fixture(scope="module")
def findings(study):
    return measured(study)


def test_kept_is_the_correlation_of_all_weights_of_a_convolution(subject):
    for index, layer in zip((0, 2, 4), random_weights.kept(subject), strict=True):
        trained, start = (subject.weights(epoch)[index].ravel() for epoch in (None, 0))
        assert layer["correlation"] == pytest.approx(np.corrcoef(trained, start)[0, 1], abs=1e-5)


def test_layers_above_the_units_do_not_change_their_projections(findings):
    above = findings.facts["states"][0]
    for rule in control.RULES:
        assert above["rules"][rule]["signed"] == pytest.approx(1)


def test_random_layers_below_change_the_projections(findings):
    for state in findings.facts["states"][1:-1]:
        assert state["rules"]["deconvnet"]["signed"] < 0.9


def test_every_state_and_rule_has_its_claim_about_the_image(findings):
    claims = {claim.name: claim for claim in findings.claims}
    for state in findings.facts["states"]:
        for name in (rule["elsewhere"] for rule in state["rules"].values()):
            assert (claims[name].unit, claims[name].measure) == ("images", "correlation")
    assert len(claims) == (len(findings.facts["states"]) + 1) * len(control.RULES) + 2


def test_a_network_that_has_not_moved_shows_what_its_start_shows(study, subject, monkeypatch):
    monkeypatch.setattr(type(subject), "weights", lambda self, epoch=None: self.run.weights())
    findings = measured(study)
    claims = {claim.name: claim for claim in findings.claims}
    for rule in control.RULES:
        assert findings.facts["start"]["rules"][rule]["signed"] == pytest.approx(1)
        assert claims[f"start-{rule}"].verdict == "greater"


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


@pytest.mark.parametrize(("near", "verdict"), [(0.1, "greater"), (10.0, "smaller")])
def test_rule_that_is_nearer_to_the_deconvnet_is_told_by_image(subject, near, verdict):
    random = np.random.default_rng(0)
    shape = (8, 2, 6, 6, 1)
    whole = random.normal(size=shape)
    trained = {
        "deconvnet": whole,
        "guided_backpropagation": whole + near * random.normal(size=shape),
        "gradient": whole + random.normal(size=shape),
    }
    found, claim = control.between(subject, trained)
    assert claim.verdict == verdict
    assert (claim.left_value, claim.right_value) == pytest.approx(tuple(found.values()))
