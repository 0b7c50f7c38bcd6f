"""Tests of `results.json`: its form, and how a section holds its parts."""

import json

import jsonschema
import pytest
from toy import results

from experiments.lab.store.keys import PROJECT

SCHEMA = json.loads((PROJECT / "docs" / "results.schema.json").read_text())


@pytest.fixture
def written(built):
    return json.loads((built.output / "results.json").read_text())


def problems(content):
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(content)]


def test_results_of_a_build_are_as_the_schema_says(written):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert problems(written) == []


def test_results_of_a_build_that_has_only_begun_are_too(here, tmp_path, monkeypatch):
    monkeypatch.setenv("TOY_FAILS", "dataset")
    assert here(tmp_path / "report", "dataset") == 1
    content = json.loads((tmp_path / "report" / "results.json").read_text())
    assert content["sections"]["rnn"]["status"] == "pending"
    assert content["sections"]["dataset"]["status"] == "failed"
    assert problems(content) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), 1),
        (("sections", "rnn", "status"), "fresh"),
        (("sections", "rnn", "scores", "test_accuracy"), "0.5"),
        (("sections", "rnn", "trials", 0, "run"), "none"),
        (("sections", "deconvnet", "figures", 0, "origin"), {}),
        (("sections", "deconvnet", "parts", "strongest", "claims"), [{}]),
        (("data", "mnist", "kind"), "unknown"),
    ],
)
def test_other_values_are_refused(written, path, value):
    place = written
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert problems(written)


def test_section_has_what_its_parts_have_under_their_names(written):
    section = written["sections"]["deconvnet"]
    part = section["parts"]["strongest"]
    assert set(section["parts"]) == {"strongest", "weakest"}
    assert section["scores"]["strongest_test_accuracy"] == part["scores"]["test_accuracy"]
    assert [figure["name"] for figure in part["figures"]] == ["accuracy"]
    assert [figure["name"] for figure in section["figures"]] == ["strongest-accuracy"]
    assert section["figures"][0]["file"] == "figures/deconvnet-strongest-accuracy.svg"
    assert written["sections"]["rnn"]["parts"] == {}


def test_figure_says_what_it_was_drawn_from(written):
    sections = written["sections"]
    (figure,) = sections["deconvnet"]["figures"]
    trained = {row["run"] for row in sections["learning-rates"]["trials"]}
    assert set(figure["origin"]["runs"]) == trained
    assert figure["origin"]["seeds"] == [1]
    assert figure["origin"]["data"] == ["cifar10"]


def test_worst_part_says_where_the_section_stands(here, copied, monkeypatch):
    (copied / "records" / "deconvnet.weakest.json").unlink()
    monkeypatch.setenv("TOY_FAILS", "deconvnet.weakest")
    assert here(copied) == 1
    section = results.found(copied)["sections"]["deconvnet"]
    assert section["status"] == "failed"
    assert section["parts"]["weakest"]["status"] == "failed"
    assert section["parts"]["strongest"]["status"] == "done"
    monkeypatch.delenv("TOY_FAILS")
    assert here(copied) == 0
    assert results.found(copied)["sections"]["deconvnet"]["status"] == "done"
