"""Tests of the section on the number of units, from made-up results to the printed words."""

import pytest
from made import make_result, make_splits, make_study

from experiments import cells
from experiments import units as section
from experiments.lab.store.runs import RunStore
from experiments.searches import recurrent as recurrent_search

IMAGES = 2000
GROWING = {64: 0.92, 128: 0.95, 256: 0.98}


@pytest.fixture
def measured(tmp_path):
    """Return a function that measures made-up outcomes by units, with single ones ("GRU_64")."""

    def measure(by_units, seeds=1, **single):
        [search] = section.searches(make_study(section.SECTION, seeds=seeds))
        details = [
            {
                "parameters": recurrent_search.network_parameters(**point),
                "images": IMAGES,
            }
            for point in search.points
        ]
        outcomes = [
            single.get(f"{point['cell']}_{point['units']}", by_units[point["units"]])
            for point in search.points
        ]
        result = make_result(RunStore(tmp_path / "runs"), search, outcomes, details)
        splits = {"mnist": make_splits("mnist", test=IMAGES)}
        study = make_study(
            section.SECTION, results={"recurrent": result}, splits=splits, seeds=seeds
        )
        return section.measure(study), result

    return measure


def test_search_is_the_one_of_the_cells_section():
    study = make_study(section.SECTION)
    assert section.searches(study) == cells.searches(study)


def test_rows_grow_over_the_next_smaller_number_of_units(measured):
    findings, _ = measured(GROWING)
    rows = findings.facts["rows"]
    assert [row["label"] for row in rows[:3]] == ["SimpleRNN 64", "SimpleRNN 128", "SimpleRNN 256"]
    assert rows[0]["gain"] is None and rows[3]["gain"] is None
    assert rows[1]["gain"] == pytest.approx(0.03)
    products = [28 * units * (units + 28) + 10 * units for units in (64, 128)]
    assert [row["products"] for row in rows[:2]] == products
    assert rows[1]["times_products"] == pytest.approx(products[1] / products[0])
    expected = 21_386 / (64 * (28 + 64 + 1) + 65 * 10)
    assert rows[1]["times_parameters"] == pytest.approx(expected)


def test_more_units_that_are_worse_are_said_to_be(measured, printed):
    worse = {"GRU_256": 0.90}
    findings, _ = measured(GROWING, **worse)
    by_cell = {one["cell"]: one for one in findings.facts["cells"]}
    assert (by_cell["GRU"]["best"]["units"], by_cell["LSTM"]["best"]["units"]) == (128, 256)
    text = printed(GROWING, **worse)
    assert "units is borne out for SimpleRNN and LSTM; GRU gets worse" in text
    assert "For GRU, 128 units have the highest validation accuracy" in text
    assert "GRU 128 is better than each of the other 2" in text


def test_choice_looks_at_validation_alone(measured):
    findings, _ = measured({64: (0.97, 0.9), 128: (0.96, 0.98), 256: (0.95, 0.99)})
    assert findings.facts["best"]["units"] == 64
    assert findings.facts["bold"] == [0, 3, 6]


def test_steps_have_their_claims_by_cell(measured):
    findings, _ = measured(GROWING, LSTM_256="diverged", GRU_256=0.90)
    first, second = (step["claims"] for step in findings.facts["steps"])
    assert list(first) == list(recurrent_search.CELLS)
    assert second == {"SimpleRNN": "SimpleRNN-128-256", "GRU": "GRU-128-256"}
    claims = {claim.name: claim for claim in findings.claims}
    assert [claims[name].verdict for name in second.values()] == ["better", "worse"]
    assert claims["GRU-64-128"].left.trial.startswith("recurrent/")
    assert claims["GRU-64-128"].family == "numbers of units"


def test_best_network_is_held_against_every_other_and_each_pair_has_one_verdict(measured):
    findings, _ = measured(GROWING, LSTM_256=(0.99, 0.97))
    claims = {claim.name: claim for claim in findings.claims}
    best = claims[findings.facts["best_claim"]]
    assert (best.left.label, best.verdict, len(best.members)) == ("LSTM 256", "tied", 8)
    assert claims["best-GRU"].members == ("GRU-64-256", "GRU-128-256")
    members = [one for one in findings.claims if not one.members]
    pairs = {frozenset((one.left.label, one.right.label)) for one in members}
    assert len(members) == len(pairs) == 15
    assert {one.family_size for one in members} == {15}
    assert claims["SimpleRNN-64-256"].name == findings.facts["cells"][0]["span"]["claim"]


def test_of_networks_that_did_not_all_complete_none_is_called_the_best(measured):
    findings, _ = measured(GROWING, LSTM_64="diverged")
    names = [claim.name for claim in findings.claims]
    assert "best" not in names and "best-LSTM" not in names
    assert {"best-SimpleRNN", "best-GRU"} < set(names)


def test_diverged_network_leaves_a_hole_and_is_named(measured, printed):
    findings, _ = measured(GROWING, LSTM_256="diverged")
    assert section.claim_name("LSTM", (128, 256)) not in [c.name for c in findings.claims]
    text = printed(GROWING, LSTM_256="diverged")
    assert "LSTM 256: diverged. the loss is not finite at iteration 7" in text
    assert "among those that completed their training" in text
    assert "the gain from 128 to 256 units is borne out for SimpleRNN and GRU (" in text


def test_all_failed_stops_the_section(measured):
    with pytest.raises(ValueError, match="no trial of the search recurrent completed"):
        measured(dict.fromkeys(GROWING, "diverged"))
