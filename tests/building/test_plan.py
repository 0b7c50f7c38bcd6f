"""Tests of `building.plan`: what is stale, and why in words."""

import dataclasses
import shutil

import pytest
from toy import results, sections
from toy.command import PROFILE

from building import plan as planning
from building.plan import FRESH, MISSING, STALE, differences
from experiments.lab.data.views import View
from experiments.lab.profiles import PROFILES
from experiments.lab.store import keys, records
from experiments.lab.store.records import FigureEntry


def conditions(context):
    return {section: state.condition for section, state in planning.make_plan(context).items()}


def reasons(context, section):
    return "; ".join(planning.make_plan(context)[section].reasons)


def test_empty_folder_has_everything_missing(context_of, tmp_path):
    context = context_of(tmp_path)
    assert set(conditions(context).values()) == {MISSING}
    assert reasons(context, "rnn") == "never built"
    assert (
        reasons(context, "optimizers") == "never built; needs learning-rates, which is built first"
    )


def test_undisturbed_build_is_fresh_and_lacks_no_run(context_of, built):
    states = planning.make_plan(context_of(built.output))
    assert {state.condition for state in states.values()} == {FRESH}
    assert all(state.runs == () for state in states.values())


def test_missing_run_makes_stale_what_read_it_and_what_needs_that(context_of, copied):
    key = results.trials(copied)["learning-rates"][0]["run"]
    shutil.rmtree(copied / "runs" / key)
    context = context_of(copied)
    held = conditions(context)
    assert (held["learning-rates"], held["optimizers"], held["rnn"]) == (STALE, STALE, FRESH)
    assert reasons(context, "learning-rates") == "1 training run is missing"
    assert "learning-rates is built anew" in reasons(context, "optimizers")
    states = planning.make_plan(context)
    assert [run.hyperparameters["learning_rate"] for run in states["learning-rates"].runs] == [0.01]


def test_section_is_shown_a_data_set_or_a_view_of_it(context_of, tmp_path):
    splits = context_of(tmp_path).study("rnn").splits
    whole = splits("mnist")
    few = splits(View("mnist", per_class=2, seed=1, transform={"name": "channels", "channels": 3}))
    assert whole.test.images.shape == (300, 28, 28, 1)
    assert few.train.images.shape == (20, 28, 28, 3)
    assert few.test.images.shape == (300, 28, 28, 3)


def test_changed_setting_is_said_with_both_values(context_of, built):
    profile = dataclasses.replace(PROFILE, iterations=48, limit=None)
    context = context_of(built.output, profile=profile)
    assert reasons(context, "dataset") == "iterations was 24, is now 48"


def test_quick_runs_are_never_the_standard_ones(context_of, built):
    standard, quick = context_of(built.output), context_of(built.output, profile=PROFILES["quick"])
    held = {run.key for run in standard.store.runs()}
    for section in ("learning-rates", "rnn", "units"):
        runs = planning.make_plan(quick)[section].runs
        assert runs
        assert not held & {quick.index.key(run) for run in runs}
    assert "profile was standard, is now quick" in reasons(quick, "rnn")


def test_changed_code_names_its_file(context_of, built):
    context = context_of(built.output)
    code = dict(context.code("rnn"))
    name = next(iter(code))
    context._code["rnn"] = {**code, name: "changed"}
    assert reasons(context, "rnn") == f"the code of {name} changed"
    assert conditions(context)["units"] == FRESH


def test_code_edited_during_a_build_leaves_the_record_with_the_code_it_was_made_from(
    context_of, built, monkeypatch
):
    context = context_of(built.output)
    before = planning.inputs(context, "rnn")
    monkeypatch.setattr(keys, "_normalized", lambda tree: "edited")
    assert planning.inputs(context, "rnn") == before


def test_other_data_are_said(context_of, built):
    context = context_of(built.output)
    source = context.sources["mnist"]
    identity = dataclasses.replace(source.identity, fingerprint="e" * 64, label="Other")
    context.sources["mnist"] = dataclasses.replace(source, identity=identity)
    again = dataclasses.replace(context)
    assert "the mnist data differ" in reasons(again, "rnn")
    assert "the mnist data come from elsewhere" in reasons(again, "rnn")
    assert conditions(again)["learning-rates"] == FRESH


def test_record_that_failed_is_tried_again(context_of, copied):
    record = records.read("rnn", copied / "records")
    record.status, record.message = "failed", "ValueError: no"
    records.write(record, copied / "records")
    assert "it failed last time: ValueError: no" in reasons(context_of(copied), "rnn")


def test_damaged_record_is_set_aside_said_and_missing(context_of, copied):
    path = copied / "records" / "rnn.json"
    path.write_bytes(path.read_bytes()[:-30])
    context = context_of(copied)
    assert conditions(context)["rnn"] == MISSING
    (said,) = context.said
    assert "rnn.json is not a record" in said
    assert "to be made again" in said
    assert (next((copied / "records" / "damaged").iterdir()) / "rnn.json").exists()


def test_lost_figure_is_said(context_of, copied):
    record = records.read("rnn", copied / "records")
    record.figures = [FigureEntry("f", "C.", "A.", "figures/rnn-f.svg", "figures/rnn-f.csv")]
    records.write(record, copied / "records")
    assert reasons(context_of(copied), "rnn") == "a figure of it is missing"
    (copied / "figures").mkdir()
    (copied / "figures" / "rnn-f.svg").write_text("<svg/>")
    assert conditions(context_of(copied))["rnn"] == FRESH


def test_lost_search_is_said(context_of, copied):
    (copied / "records" / "searches" / "rnn.json").unlink()
    assert reasons(context_of(copied), "rnn") == "the record of its search is missing"


def test_section_that_cannot_say_what_it_trains_is_not_ready_and_stops_no_other(
    context_of, built, monkeypatch
):
    def broken(study):
        raise ZeroDivisionError("one by none")

    monkeypatch.setattr(sections.MODULES["rnn"], "searches", broken)
    context = context_of(built.output)
    held = conditions(context)
    assert held.pop("rnn") == STALE
    assert set(held.values()) == {FRESH}
    assert "ZeroDivisionError: one by none" in reasons(context, "rnn")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({"setting:seeds": "1"}, {"setting:seeds": "2"}, ["seeds was 1, is now 2"]),
        ({}, {"version:keras": "3"}, ["keras was none, is now 3"]),
        ({"record:rnn": "a"}, {}, ["rnn was built anew"]),
        ({"source:a.py": "1"}, {"source:a.py": "2"}, ["the code of a.py changed"]),
        (
            {"source:a.py": "1"},
            {"source:a.py": "2", "source:b.py": "1"},
            ["the code of a.py and of 1 other file changed"],
        ),
        ({"a": "1"}, {"a": "1"}, []),
    ],
)
def test_differences_are_said_in_words(old, new, words):
    assert list(differences(old, new)) == words
