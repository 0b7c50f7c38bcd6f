"""Tests of `rendering.browser.export`, each file read back with the library that it is for."""

import csv
import dataclasses
import io
import json
import math
import sys

import optuna
import pytest
from pyarrow import parquet

from rendering.browser import export
from rendering.browser.model import NOT_ENDED, Attempt, Axis, Trial


@pytest.fixture
def whole(search):
    """A search with a good, a diverged and a waiting trial, and ranges."""
    waiting = Trial(
        "0002", {"cell": "gru", "units": 64, "optimizer": "adam"}, NOT_ENDED, "",
        (Attempt("later", 1, NOT_ENDED),),
    )  # fmt: skip
    axes = {"units": Axis((), 32, 256, log=True), "cell": Axis(("gru", "lstm"))}
    return dataclasses.replace(search, trials=(*search.trials, waiting), axes=axes)


def studies(path):
    """Return the studies of a file, by name, as Optuna and its dashboard open it."""
    if path.read_bytes().startswith(b"SQLite format 3\x00"):
        storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    else:
        backend = optuna.storages.journal.JournalFileBackend(str(path))
        storage = optuna.storages.JournalStorage(backend)
    names = [it.study_name for it in optuna.get_all_study_summaries(storage)]
    return {name: optuna.load_study(study_name=name, storage=storage) for name in names}


@pytest.mark.parametrize("name", ["studies.db", "studies.log"])
def test_optuna_reads_every_trial_back(whole, sizes, tmp_path, name):
    export.write([whole, sizes], "optuna", tmp_path / name)
    found = studies(tmp_path / name)
    assert list(found) == ["cells", "sizes"]
    study = found["cells"]
    assert study.direction.name == "MAXIMIZE"
    assert [it.state.name for it in study.trials] == ["COMPLETE", "FAIL", "RUNNING"]
    assert [it.params for it in study.trials] == [it.values for it in whole.trials]
    best = study.best_trial
    assert best.value == whole.best.mean("validation_accuracy")
    assert best.user_attrs["test_accuracy"] == whole.best.mean("test_accuracy")
    assert best.user_attrs["runs"] == [it.key for it in whole.best.attempts]
    assert study.trials[1].user_attrs["message"] == "loss <not finite> at iteration 500"
    assert best.distributions["units"].log
    assert best.distributions["cell"].choices == ("gru", "lstm")
    assert found["sizes"].best_trial.params["per_class"] is None
    assert list(tmp_path.iterdir()) == [tmp_path / name]


def test_learning_curve_is_the_mean_over_seeds(whole, tmp_path):
    export.write([whole], "optuna", tmp_path / "studies.log")
    course = studies(tmp_path / "studies.log")["cells"].trials[0].intermediate_values
    runs = [it.series["validation_accuracy"] for it in whole.trials[0].attempts]
    steps = whole.trials[0].attempts[0].series["iteration"]
    means = [math.fsum(values) / len(values) for values in zip(*runs, strict=True)]
    assert course == pytest.approx(dict(zip(steps, means, strict=True)))


def test_parquet_has_the_rows_of_the_csv_with_types(whole, sizes, tmp_path):
    export.write([whole, sizes], "parquet", tmp_path / "trials.parquet")
    export.write([whole, sizes], "csv", tmp_path / "trials.csv")
    table = parquet.read_table(tmp_path / "trials.parquet")
    told = list(csv.DictReader(io.StringIO((tmp_path / "trials.csv").read_text())))
    assert table.column_names == list(told[0])
    assert table.num_rows == len(told) == 6
    assert str(table.schema.field("units").type) == "int64"
    assert str(table.schema.field("test_accuracy").type) == "double"
    assert table["per_class"].to_pylist() == [None] * 4 + ["15", "all"]  # a text among them
    assert table["seed"].to_pylist() == [int(row["seed"]) for row in told]


def test_json_is_that_of_the_command(whole, tmp_path):
    export.write([whole], "json", tmp_path / "trials.json")
    (held,) = json.loads((tmp_path / "trials.json").read_text(), parse_constant=pytest.fail)
    assert (held["best"], held["ended"], held["planned"]) == ("0000", 2, 3)
    assert held["axes"]["units"] == {"values": [], "low": 32, "high": 256, "log": True}


def test_strange_names_and_values_come_through(whole, tmp_path):
    values = {
        "<b>'\"\U0001f600" + "x" * 300: "<script>&", "nan": math.nan, "infinite": math.inf,
        "list": "[1, 2]", "yes": True, "none": None, "mixed": 1,
    }  # fmt: skip
    trials = [dataclasses.replace(it, values=values) for it in whole.trials[:2]]
    trials[1] = dataclasses.replace(trials[1], values={**values, "mixed": "one"})
    strange = dataclasses.replace(whole, trials=tuple(trials))
    for kind in export.KINDS:
        export.write([strange], kind, tmp_path / kind)
    params = studies(tmp_path / "optuna")["cells"].trials[0].params
    assert params == {**values, "nan": "not a number", "infinite": "∞"}
    assert parquet.read_table(tmp_path / "parquet")["mixed"].to_pylist() == ["1", "1", "one"]


def test_missing_library_is_named(whole, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ModuleNotFoundError) as raised:
        export.write([whole], "parquet", tmp_path / "trials.parquet")
    assert raised.value.name == "pyarrow"
    assert list(tmp_path.iterdir()) == []
