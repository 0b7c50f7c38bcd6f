"""What changed between two builds, and what may explain it."""

import copy

import page_checks
import pytest

from rendering.comparing import changes, page, table

CLAIM = {"name": "same", "left": {"label": "GRU"}, "right": {"label": "LSTM"}, "verdict": "tied"}
TRIAL = {"search": "rnn", "hyperparameters": {"units": 64}, "seed": 1, "status": "completed"}
IDENTITY = {"kind": "official", "fingerprint": "ab" * 32, "label": "MNIST"}
PART = {"status": "done", "scores": {"lost": 0.5}, "claims": [], "figures": [], "trials": []}
RESULTS = {
    "profile": "quick",
    "environment": {"versions": {"keras": "3.15.1"}},
    "sections": {
        "rnn": {
            "status": "done",
            "settings": {"seeds": 1},
            "data": {"mnist": IDENTITY},
            "environment": {"numpy": "2.4.6"},
            "scores": {"accuracy": 0.5, "maps_lost": 0.5},
            "claims": [CLAIM],
            "figures": [{"file": "figures/rnn-curves.svg"}],
            "trials": [{**TRIAL, "test_accuracy": 0.5}],
            "parts": {"maps": PART},
        }
    },
}


@pytest.fixture
def two():
    """Results twice, the second to change; and its section."""
    new = copy.deepcopy(RESULTS)
    return RESULTS, new, new["sections"]["rnn"]


def only(comparison):
    (section,) = [one for one in comparison.sections if one.changed]
    return section


def test_equal_builds_have_no_change(two):
    found = changes.compare(*two[:2])
    assert not found.changed
    assert table.text(found) == "nothing changed"


def test_number_is_told_with_both_values_and_their_difference(two):
    two[2]["scores"]["accuracy"] = 0.75
    found = changes.compare(*two[:2])
    (change,) = only(found).results
    assert (change.old, change.new, change.difference, change.how) == (0.5, 0.75, 0.25, "changed")
    assert "number accuracy  0.5     0.75   +0.25" in table.text(found)


def test_verdict_trial_and_status_are_told(two):
    two[2]["claims"][0]["verdict"] = "better"
    two[2]["trials"][0].update(test_accuracy=None, status="failed")
    two[2]["status"] = "stale"
    lines = table.text(changes.compare(*two[:2])).splitlines()
    assert lines[1].split() == ["rnn", "status", "done", "stale"]
    assert any(
        "claim same (GRU against LSTM)" in it and "tied" in it and "better" in it for it in lines
    )
    assert any("trial rnn units=64, seed 1" in it and "failed" in it for it in lines)


def test_what_is_in_one_build_alone_is_added_or_removed(two):
    two[2]["scores"]["other"] = two[2]["scores"].pop("accuracy")
    assert {it.name: it.how for it in only(changes.compare(*two[:2])).results} == {
        "other": "added",
        "accuracy": "removed",
    }


def test_part_is_told_once_under_its_own_name(two):
    two[2]["scores"]["maps_lost"] = two[2]["parts"]["maps"]["scores"]["lost"] = 0.75
    assert only(changes.compare(*two[:2])).name == "rnn.maps"


@pytest.mark.parametrize(
    ("place", "name", "value", "said"),
    [
        ("settings", "seeds", 3, "setting seeds"),
        ("environment", "numpy", "3.0", "version numpy"),
        ("data", "mnist", IDENTITY | {"fingerprint": "cd" * 32}, "data mnist fingerprint"),
    ],
)
def test_setting_data_or_version_may_explain_a_result(two, place, name, value, said):
    two[2][place] = {name: value}
    two[2]["scores"]["accuracy"] = 0.75
    assert only(changes.compare(*two[:2])).explained == [said]
    assert f"rnn: may be explained by {said}" in table.text(changes.compare(*two[:2]))


def test_result_that_nothing_seen_explains_says_so(two):
    two[2]["scores"]["accuracy"] = 0.75
    assert f"rnn: {table.UNEXPLAINED}" in table.text(changes.compare(*two[:2]))


def test_other_place_of_the_same_data_is_no_change(two):
    two[2]["data"]["mnist"] = IDENTITY | {"label": "MNIST from elsewhere"}
    assert not changes.compare(*two[:2]).changed


def test_section_that_only_one_build_has_is_told(two):
    two[1]["sections"]["new"] = PART
    section = only(changes.compare(*two[:2]))
    assert (section.name, section.status) == ("new", ("absent", "done"))


def test_many_trials_are_counted_on_a_terminal(two):
    two[2]["trials"] = [{**TRIAL, "seed": seed, "test_accuracy": 0.1} for seed in range(2, 9)]
    text = table.text(changes.compare(*two[:2]))
    assert text.count("trial rnn") == table.FEW
    assert "5\u00a0more trials" in text


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10mm"><title>{}</title></svg>'


def test_page_is_sound_and_has_differing_figures_side_by_side(two, tmp_path):
    for build, word in (("old", "a"), ("new", "b")):
        (tmp_path / build / "figures").mkdir(parents=True)
        (tmp_path / build / "figures" / "rnn-curves.svg").write_text(SVG.format(word))
    two[2]["scores"]["accuracy"] = 0.75
    found = changes.compare(*two[:2])
    pairs = page.figures(found, tmp_path / "old", tmp_path / "new")
    html = page.render(found, pairs, "T <b>", "old & new", "new")
    assert page_checks.problems(html) == []
    assert html.count("<img") == 2
    assert "T &lt;b&gt;: what changed" in html
    assert "<td>+0.25</td>" in html


def test_equal_figures_are_left_out_and_a_missing_one_is_said(two, tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "rnn-curves.svg").write_text(SVG.format("a"))
    found = changes.compare(*two[:2])
    assert page.figures(found, tmp_path, tmp_path) == []
    assert page.figures(found, None, tmp_path) == []
    pairs = page.figures(found, tmp_path / "none", tmp_path)
    assert "There is none before." in page.render(found, pairs, "T", "old", "new")
