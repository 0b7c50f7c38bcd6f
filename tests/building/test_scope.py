"""Tests of `building.scope`: what is measured, why, what is said of it before and after."""

import shutil

import pytest
from toy import results

from building import plan as planning
from building import scope
from building.afresh import Afresh

PARTS = ["deconvnet", "deconvnet.strongest", "deconvnet.weakest"]


@pytest.fixture
def wanted(context_of, copied):
    """Return what a build of `sections` would measure and why, and what it would say before it."""

    def make(*sections, retrain=False, pretend=True):
        context = context_of(copied, sections=sections, retrain=retrain)
        states = planning.make_plan(context)
        found = scope.sections_to_build(context, states, Afresh(context, pretend))
        return found, scope.told(context, found, states)

    return make


def names(wanted, *sections, **given):
    return list(wanted(*sections, **given)[0])


def test_named_section_takes_with_it_what_needs_it(wanted):
    assert names(wanted, "units") == ["units"]
    assert names(wanted, "learning-rates") == ["learning-rates", "optimizers", *PARTS]
    assert names(wanted, "deconvnet") == PARTS
    assert names(wanted, "deconvnet.weakest") == ["deconvnet.weakest"]
    assert names(wanted, "dataset") == ["dataset"]
    assert names(wanted) == []


def test_section_to_be_trained_again_takes_with_it_what_shares_its_runs_too(wanted):
    assert names(wanted, "units", retrain=True) == ["rnn", "units"]
    assert names(wanted, "optimizers", retrain=True) == ["optimizers"]
    assert names(wanted, "learning-rates", retrain=True) == ["learning-rates", "optimizers", *PARTS]


def test_what_is_taken_along_is_said_with_the_reason(wanted):
    assert wanted("units")[1] == [
        "units: measured again, from the networks that stand; --retrain trains them again"
    ]
    assert wanted("units", retrain=True)[1] == [
        "units: its networks are trained again, and it is measured",
        "rnn is built too: it shares its networks with units",
    ]
    assert wanted("dataset")[1] == ["dataset: measured again"]


def test_parts_are_said_with_their_section(wanted):
    assert wanted("learning-rates")[1][1:] == [
        "optimizers is built too: it needs learning-rates",
        "deconvnet is built too: it needs learning-rates",
    ]


def test_needed_section_that_is_missing_comes_too(wanted, copied):
    (copied / "records" / "learning-rates.json").unlink()
    found, said = wanted("optimizers")
    assert found["learning-rates"] == "optimizers needs it"
    assert "learning-rates is built too: optimizers needs it" in said


def test_section_whose_networks_are_missing_is_not_called_standing(wanted, copied):
    for row in results.trials(copied)["units"]:
        shutil.rmtree(copied / "runs" / row["run"], ignore_errors=True)
    assert wanted("units")[1] == ["units: asked for by name"]


@pytest.mark.parametrize("retrain", [False, True])
def test_same_command_after_an_interruption_measures_and_trains_the_same(wanted, retrain):
    first = names(wanted, "learning-rates", retrain=retrain, pretend=False)
    found, said = wanted("learning-rates", retrain=retrain, pretend=False)
    assert list(found) == first
    assert "optimizers is built too: a build of it was interrupted" in said
    assert names(wanted) == first  # and without the name


def test_training_again_is_not_forgotten_because_a_measuring_was_interrupted(wanted, context_of):
    wanted("units", pretend=False)
    assert names(wanted, "units", retrain=True) == ["rnn", "units"]


def test_what_is_left_out_of_date_is_said(context_of, copied):
    context = context_of(copied)
    assert scope.left_over(context, []) == ""
    for name in ("dataset", "deconvnet", "deconvnet.weakest", "rnn"):
        (copied / "records" / f"{name}.json").unlink()
    command = f"python build_report.py --output {copied}"
    assert scope.left_over(context_of(copied), ["rnn"]) == (
        f"still out of date: dataset, deconvnet; {command} builds what is"
    )


def test_build_by_name_says_at_its_end_what_it_left(here, copied, capsys):
    (copied / "records" / "dataset.json").unlink()
    assert here(copied, "deconvnet.weakest") == 0
    command = f"python build_report.py --output {copied}"
    last = [line for line in capsys.readouterr().err.splitlines() if "out of date" in line]
    assert last == [f"still out of date: dataset; {command} builds what is"]
    assert here(copied) == 0
    assert "out of date" not in capsys.readouterr().err


@pytest.mark.parametrize("others", [["--dry-run"], ["--list"], []])
def test_retrain_without_a_section_is_refused(here, copied, capsys, others):
    with pytest.raises(SystemExit) as left:
        here(copied, "--retrain", *others)
    assert left.value.code == 2
    assert "--retrain goes with a SECTION" in capsys.readouterr().err
