"""Tests of the section on LSTM and GRU, from made-up results to the printed words."""

import pytest
from made import make_result, make_splits, make_study
from readback import looks

from experiments import cells as section
from experiments.lab.store.runs import RunStore
from experiments.recurrence import sizes
from experiments.searches import recurrent as recurrent_search

IMAGES = 2000  # test images: enough for a gap of two points to be clear
GOOD = {"SimpleRNN": 0.95, "LSTM": 0.985, "GRU": 0.982}


def outcomes_of(search, by_cell, **single):
    """Return an outcome for each point: the cell's, or that of a single one ("GRU_64")."""
    return [
        single.get(f"{point['cell']}_{point['units']}", by_cell[point["cell"]])
        for point in search.points
    ]


def details_of(search):
    return [
        {
            "parameters": recurrent_search.network_parameters(**point),
            "step_seconds": 0.001 + point["units"] / 1e5,
            "images": IMAGES,
        }
        for point in search.points
    ]


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Return a function that measures made-up outcomes and returns findings and result."""

    def measure(by_cell, seeds=1, details=None, **single):
        [search] = section.searches(make_study(section.SECTION, seeds=seeds))
        store = RunStore(tmp_path / "runs")
        outcomes = outcomes_of(search, by_cell, **single)
        result = make_result(store, search, outcomes, details or details_of(search))
        splits = {"mnist": make_splits("mnist", test=IMAGES)}
        study = make_study(
            section.SECTION, results={"recurrent": result}, splits=splits, seeds=seeds
        )
        looks.patch(monkeypatch)
        return section.measure(study), result

    return measure


def test_search_has_the_longest_training_first():
    [search] = section.searches(make_study(section.SECTION))
    names = [recurrent_search.label(**point) for point in search.points]
    assert names[:2] == ["LSTM 256", "GRU 256"]
    assert names[-1] == "SimpleRNN 64"
    assert len(set(names)) == 9


@pytest.mark.parametrize("cell", recurrent_search.CELLS)
def test_formula_counts_the_weights_of_the_built_network(cell):
    from experiments.lab.networks.recurrent import recurrent

    model = recurrent((28, 28, 1), cell=cell, units=6)
    assert recurrent_search.cell_parameters(cell, 6) == model.get_layer("cell").count_params()
    assert recurrent_search.network_parameters(cell, 6) == model.count_params()


def test_best_cell_is_chosen_on_validation_not_on_test(measured):
    findings, _ = measured({"SimpleRNN": 0.95, "LSTM": (0.97, 0.99), "GRU": (0.98, 0.96)})
    assert findings.facts["best"]["cell"] == "GRU"
    assert findings.facts["averages"]["best"] == "GRU"


def test_best_cell_is_held_against_both_others_whichever_side_it_stands_on(measured):
    findings, _ = measured({"SimpleRNN": 0.99, "LSTM": 0.95, "GRU": 0.94})
    claims = {claim.name: claim for claim in findings.claims}
    for name, label in (("best-cell", "SimpleRNN 128"), ("best-average", "SimpleRNN")):
        assert (claims[name].left.label, claims[name].verdict) == (label, "better")
        assert len(claims[name].members) == 2


def test_of_cells_that_did_not_all_complete_none_is_called_the_best(measured):
    findings, _ = measured(GOOD, GRU_128="failed")
    assert not {"best-cell", "best-average"} & {claim.name for claim in findings.claims}


@pytest.mark.parametrize(("lstm", "verdict"), [(0.985, "better"), (0.95, "tied"), (0.90, "worse")])
def test_gated_cells_have_their_claims_against_the_plain_one(measured, lstm, verdict):
    findings, _ = measured({**GOOD, "LSTM": lstm})
    names = findings.facts["gated"]
    assert names == {"LSTM": "LSTM-SimpleRNN", "GRU": "GRU-SimpleRNN"}
    claims = {claim.name: claim for claim in findings.claims}
    assert claims[names["LSTM"]].verdict == verdict
    assert claims["average-LSTM-SimpleRNN"].left.kind == "group"
    assert len(claims["average-LSTM-SimpleRNN"].left.runs) == 3


def test_gated_cell_that_did_not_complete_has_no_claim(measured):
    assert measured(GOOD, GRU_128="failed")[0].facts["gated"] == {"LSTM": "LSTM-SimpleRNN"}


def test_gated_networks_are_held_against_plain_ones_of_nearly_their_weights(measured, printed):
    findings, _ = measured(GOOD)
    pairs = findings.facts["size"]["pairs"]
    assert [(pair["gated"], pair["plain"]) for pair in pairs] == [
        ("LSTM 64", "SimpleRNN 128"), ("LSTM 128", "SimpleRNN 256"),
        ("GRU 64", "SimpleRNN 128"), ("GRU 128", "SimpleRNN 256"),
    ]  # fmt: skip
    assert (pairs[2]["gated_weights"], pairs[2]["plain_weights"]) == (18_698, 21_386)
    families = {claim.family for claim in findings.claims if claim.name.startswith("size-")}
    assert families == {"nearly equal weights"}
    assert "every gated network that could be compared is better" in printed(GOOD)


def test_plain_network_that_falls_with_more_units_is_held_against_the_smaller(measured, printed):
    assert measured(GOOD)[0].facts["size"]["fallen"] == []
    findings, _ = measured(GOOD, SimpleRNN_256=0.90)
    assert findings.facts["size"]["fallen"] == ["fallen-SimpleRNN-256"]
    [claim] = [one for one in findings.claims if one.name == "fallen-SimpleRNN-256"]
    assert (claim.left.label, claim.verdict) == ("SimpleRNN 256", "worse")
    said = "may tell more about training than about gates"
    assert said in printed(GOOD, SimpleRNN_256=0.90)
    assert said not in printed(GOOD)


def test_counterparts_are_those_of_the_number_of_classes():
    apart = {classes: sizes.pairs(classes) for classes in (2, 10, 100)}
    for classes, pairs in apart.items():
        for gated, plain in pairs:
            one, two = (recurrent_search.network_parameters(*it, classes) for it in (gated, plain))
            assert max(one / two, two / one) <= sizes.NEAR
    assert len(apart[100]) != len(apart[10])


def test_diverged_network_is_named_and_left_out_of_averages(measured, printed):
    findings, _ = measured(GOOD, GRU_256="diverged")
    assert [row["test_accuracy"] for row in findings.facts["averages"]["rows"]][2] is None
    assert findings.facts["averaged"] == ["average-LSTM-SimpleRNN"]
    text = printed(GOOD, GRU_256="diverged")
    assert "GRU 256: diverged. the loss is not finite at iteration 7" in text
    assert "and – for GRU" in text


def test_failed_network_has_no_curves_and_no_times(measured, printed):
    failed = {"GRU_128": "failed"}
    findings, _ = measured(GOOD, **failed)
    assert findings.facts["single"] == ["LSTM-SimpleRNN"]
    assert findings.facts["rows"][5]["seconds"] is None
    assert "GRU 128: failed. out of memory" in printed(GOOD, **failed)


def test_all_of_the_assigned_size_failed_stops_the_section(measured):
    single = {f"{cell}_128": "diverged" for cell in GOOD}
    with pytest.raises(
        ValueError, match="no trial of the search recurrent with units 128 completed"
    ):
        measured(GOOD, **single)
