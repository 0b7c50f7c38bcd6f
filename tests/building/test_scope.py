"""Tests of `building.scope`: what is measured, why, what is said of it before and after."""

import shutil

import pytest
from toy import results

from building import plan as planning
from building import scope
from building.afresh import Afresh
from building.request import RequestError

PARTS = ["deconvnet", "deconvnet.strongest", "deconvnet.weakest"]


@pytest.fixture
def wanted(context_of, copied):
    """Return what a build of `sections` would measure and why, and what it would say before it."""

    def make(*names, retrain=False, pretend=True):
        trials = tuple(it for it in names if "/" in it)
        sections = tuple(it for it in names if "/" not in it)
        context = context_of(copied, sections=sections, trials=trials, retrain=retrain)
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


def test_trial_to_be_trained_again_takes_with_it_what_has_its_run(wanted):
    found, said = wanted("units/1", retrain=True)  # which is the run of "rnn" too
    assert found == {
        "rnn": "it uses a network of units/1, which is trained again",
        "units": "trial units/1 is trained again",
    }
    assert said[0] == "units/1: trained again, and what uses it is measured again"
    assert names(wanted, "units/00", retrain=True) == ["units"]
    assert names(wanted, "optimizers/1", retrain=True) == ["optimizers"]


def test_trial_does_not_train_the_others_of_its_section(wanted, context_of, copied):
    wanted("units/0", retrain=True, pretend=False)
    context = context_of(copied)
    Afresh(context)
    states = planning.make_plan(context)
    assert [run.hyperparameters["units"] for run in states["units"].runs] == [
        results.trials(copied)["units"][0]["hyperparameters"]["units"]
    ]


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


def test_training_a_trial_again_goes_on_after_an_interruption(wanted, context_of, copied):
    first = names(wanted, "units/0", retrain=True, pretend=False)
    again = Afresh(context_of(copied))
    assert (again.sections, again.retrained) == (first, ["units/0"])
    assert names(wanted, "units/0", retrain=True, pretend=False) == first
    assert names(wanted) == first


@pytest.mark.parametrize(
    ("trial", "said"),
    [("units/9", "units has no trial 9"), ("unit/0", "Did you mean units"), ("wide/0", "no search")],
)  # fmt: skip
def test_trial_that_is_not_there_is_refused_in_a_line(context_of, copied, trial, said):
    context = context_of(copied, trials=(trial,), retrain=True)
    with pytest.raises(RequestError, match=said) as raised:
        scope.check_trials(context, planning.make_plan(context))
    assert "\n" not in str(raised.value)


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
