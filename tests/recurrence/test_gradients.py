"""Tests of what is made of the gradients' norms by row, and of the first rows."""

import numpy as np
from made import make_run, make_study
from readback import looks

from experiments import cells
from experiments.lab.data.splits import Images
from experiments.lab.store.runs import RunStore
from experiments.recurrence import gradients, reading
from experiments.searches import recurrent as recurrent_search

FEW = Images(np.zeros((400, 28, 28, 1), np.uint8), np.arange(400) % 10)


def runs(tmp_path):
    """Return a made-up run of each cell."""
    store = RunStore(tmp_path / "runs")
    search = recurrent_search.grid_search(make_study(cells.SECTION))
    points = {cell: {"cell": cell, "units": 128} for cell in recurrent_search.CELLS}
    return {cell: make_run(store, next(search.runs(point))) for cell, point in points.items()}


def test_norms_are_relative_to_the_last_rows_and_unknown_where_one_is_zero():
    norms = np.array([[0.01, 0.0, 1.0], [1.0, 1.0, 0.0]])
    found = gradients.relative(norms)
    assert np.allclose(found[0, 0], -2) and found[1, 0] == 0
    assert np.isnan(found[0, 1:]).all()
    assert np.isnan(found[1, 2])


def test_gradients_have_their_claims_by_cell(tmp_path, monkeypatch):
    looks.patch(monkeypatch)
    found = gradients.measure(runs(tmp_path), FEW)
    verdicts = {one.name: one.verdict for one in found.claims}
    assert len(verdicts) == 11
    # The made-up gradients shrink to a hundredth before training and to a tenth after it.
    assert verdicts["first-LSTM-untrained"] == "smaller"
    assert verdicts["training-GRU"] == "greater"
    assert found.facts["kept"] == {"LSTM": "kept-LSTM", "GRU": "kept-GRU"}
    lstm = found.facts["cells"][1]
    assert np.isclose(lstm["untrained"]["first"], 10 ** (-2 * 27 / 28), rtol=0.1)
    assert lstm["trained"]["left"][-1] == 1


def test_first_rows_are_compared_after_all_but_the_last(tmp_path, monkeypatch):
    looks.patch(monkeypatch)
    found = reading.measure(runs(tmp_path), FEW)
    assert [step["after"] for step in found.facts["steps"]] == [7, 14, 21]
    assert found.facts["steps"][0]["claims"] == {"LSTM": "rows-7-LSTM", "GRU": "rows-7-GRU"}
    accuracy = found.facts["cells"][0]["test_accuracy"]
    assert accuracy == sorted(accuracy)


def test_gates_are_named_by_their_cell_and_the_plain_cell_has_none(tmp_path, monkeypatch):
    looks.patch(monkeypatch)
    found = reading.gates(runs(tmp_path), FEW.images)
    labels = [one["label"] for one in found["gates"]]
    assert labels == ["LSTM, input", "LSTM, forget", "LSTM, output", "GRU, update", "GRU, reset"]
    assert found["gates"][0]["untrained"] == {"below": 0.11, "above": 0.12}
