"""Tests of `building.plan`: what is stale, and why in words."""

import dataclasses
import shutil
from pathlib import Path

import pytest
from toy import results, sections
from toy.command import PROFILE

import experiments
from building import code, printing
from building import plan as planning
from building.plan import DRAW, FRESH, MEASURE, MISSING, PRINT, changed_code, differences
from experiments.lab.data.views import View
from experiments.lab.profiles import PROFILES
from experiments.lab.store import records
from experiments.lab.store.closure import Closure
from rendering.document import partials


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
    assert (held["learning-rates"], held["optimizers"], held["rnn"]) == (MEASURE, MEASURE, FRESH)
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
    held = {run.key for run in standard.held.runs.runs()}
    for section in ("learning-rates", "rnn", "units"):
        runs = planning.make_plan(quick)[section].runs
        assert runs
        assert not held & {quick.index.key(run) for run in runs}
    assert "profile was standard, is now quick" in reasons(quick, "rnn")


def rewritten(output, section, **changes):
    """Store a section's record with some fields changed."""
    record = records.read(section, output / "records")
    for name, value in changes.items():
        setattr(record, name, value)
    records.write(record, output / "records")


def test_changed_code_names_the_definition(context_of, copied):
    record = records.read("rnn", copied / "records")
    definitions = {**record.definitions, "experiments.rnn:measure": "other"}
    rewritten(copied, "rnn", inputs={**record.inputs, "code": "other"}, definitions=definitions)
    context = context_of(copied)
    assert reasons(context, "rnn") == "the code of rnn.measure changed"
    assert conditions(context)["rnn"] == MEASURE
    assert conditions(context)["units"] == FRESH


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
    rewritten(copied, "rnn", status="failed", message="ValueError: no")
    context = context_of(copied)
    assert "it failed last time: ValueError: no" in reasons(context, "rnn")
    assert conditions(context)["rnn"] == MEASURE  # the record before it stands
    (copied / "records" / "rnn.json").unlink()
    assert conditions(context_of(copied))["rnn"] == MISSING


def test_damaged_record_is_said_left_alone_and_missing(context_of, copied):
    path = copied / "records" / "rnn.json"
    path.write_bytes(path.read_bytes()[:-30])
    before = path.read_bytes()
    context = context_of(copied)
    assert conditions(context)["rnn"] == MISSING
    (said,) = context.said
    assert said.startswith("the record of rnn is damaged (rnn.json is no JSON")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Path.unlink, "is missing"),
        (lambda path: path.write_bytes(b""), "is not what was written"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "is not what was written"),
    ],
)
@pytest.mark.parametrize("suffix", ["svg", "csv"])
def test_lost_or_damaged_figure_is_to_be_drawn_and_nothing_is_to_be_measured(
    context_of, copied, damage, said, suffix
):
    part = "deconvnet.strongest"
    figure = copied / "figures" / f"deconvnet-strongest-accuracy.{suffix}"
    kept = figure.read_bytes()
    damage(figure)
    context = context_of(copied)
    held = conditions(context)
    assert held.pop(part) == DRAW
    assert set(held.values()) == {FRESH}
    assert reasons(context, part) == f"figures/{figure.name} {said}"
    figure.write_bytes(kept)
    assert conditions(context_of(copied))[part] == FRESH


def test_section_measured_anew_is_to_be_drawn(context_of, copied):
    rewritten(copied, "rnn", built_at="2000-01-01T00:00:00+00:00")
    context = context_of(copied)
    assert conditions(context)["rnn"] == DRAW
    assert reasons(context, "rnn") == "it was measured anew"


def test_changed_code_of_a_drawing_leaves_the_measurement(context_of, copied, monkeypatch):
    changed = Closure("another key", {"experiments.deconvnet.strongest:draw": "other"})
    monkeypatch.setattr(code, "drawing", lambda section: changed)
    context = context_of(copied)
    assert set(conditions(context).values()) == {DRAW}
    assert "the code of strongest.draw and of" in reasons(context, "deconvnet.strongest")


def test_changed_template_is_to_be_printed_and_no_more(context_of, copied, monkeypatch, tmp_path):
    templates = shutil.copytree(partials.TEMPLATES, tmp_path / "templates")
    monkeypatch.setattr(partials, "TEMPLATES", templates)
    with open(templates / "sections" / "rnn.html", "a") as file:
        file.write("<p>More.</p>")
    held = conditions(context_of(copied))
    assert held.pop("rnn") == PRINT
    assert set(held.values()) == {FRESH}
    assert reasons(context_of(copied), "rnn") == "the template sections/rnn.html changed"


def test_sections_in_another_order_are_to_be_printed_anew(context_of, copied, monkeypatch):
    context, said = context_of(copied), "the sections are others, or in another order"
    assert said not in printing.reasons(context, {}, {})
    turned = tuple(reversed(experiments.names()))
    monkeypatch.setattr(experiments, "names", lambda: turned)
    assert said in printing.reasons(context, {}, {})


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
    assert held.pop("rnn") == MEASURE
    assert set(held.values()) == {FRESH}
    assert "ZeroDivisionError: one by none" in reasons(context, "rnn")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({"setting:seeds": "1"}, {"setting:seeds": "2"}, ["seeds was 1, is now 2"]),
        ({}, {"version:keras": "3"}, ["keras was none, is now 3"]),
        ({"record:rnn": "a"}, {}, ["rnn was built anew"]),
        ({"a": "1"}, {"a": "1"}, []),
    ],
)
def test_differences_are_said_in_words(old, new, words):
    assert list(differences(old, new)) == words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({"a.b:f": "1"}, {"a.b:f": "2"}, "the code of b.f changed"),
        ({"a.b:f": "1"}, {"a.b:f": "2", "a.c:g": "1"}, "the code of b.f and of 1 other changed"),
        ({"a.b:f": "1"}, {"a.b:f": "1"}, "the code changed in its order"),
    ],
)
def test_changed_definitions_are_named(old, new, words):
    assert changed_code(old, new) == words
