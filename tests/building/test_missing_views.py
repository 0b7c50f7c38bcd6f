"""Tests of `building.views`: what is lost of the searches' views is made again, and said."""

import json
import shutil

import pytest
from toy import results

from building import plan, views


def names(output):
    """Return the files of both views; TensorBoard's have the time and the process in their names."""
    paths = [path for view in views.WHOSE for path in sorted((output / view).rglob("*"))]
    shown = (path.relative_to(output).as_posix() for path in paths)
    return [name.partition(".tfevents.")[0] for name in shown]


def scores(output):
    trials = sorted((output / "tuner").rglob("trial.json"))
    return [json.loads(path.read_text())["score"] for path in trials]


def test_views_removed_by_hand_are_made_again_without_training_and_that_is_said(
    here, copied, capsys
):
    before, held, scored = names(copied), results.found(copied), scores(copied)
    page = (copied / "assignment2.pdf").stat().st_mtime_ns
    shutil.rmtree(copied / "tensorboard")
    shutil.rmtree(copied / "tuner" / "rates")
    shutil.rmtree(copied / "tuner" / "units" / "trial_1")
    assert here(copied, "--list") == 0
    listed = capsys.readouterr().out
    assert "keras-tuner's files of rates and units are not all there" in listed
    assert here(copied, "--dry-run") == 0
    assert "TensorBoard's files of 4 searches are not all there: they" in capsys.readouterr().out
    assert not (copied / "tensorboard").exists()

    assert here(copied) == 0
    said = capsys.readouterr()
    assert "files of rates and units are not all there: they are made again" in said.err
    assert "TensorBoard's files of 4 searches are not all there: they are made" in said.err
    assert "training begins" not in said.out
    assert names(copied) == before
    assert scores(copied) == scored
    assert results.found(copied) == held
    assert (copied / "assignment2.pdf").stat().st_mtime_ns == page
    assert here(copied) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_build_that_has_something_else_to_do_completes_the_views_too(here, copied):
    before = names(copied)
    shutil.rmtree(copied / "tensorboard" / "optimizers")
    (copied / "assignment2.html").unlink()
    assert here(copied) == 0
    assert names(copied) == before


@pytest.mark.parametrize(
    ("lost", "view"),
    [
        ("tuner/rates/oracle.json", views.TUNER),
        ("tuner/rates/trial_0/trial.json", views.TUNER),
        ("tensorboard/rates/1-seed1", views.TENSORBOARD),
    ],
)
def test_each_file_that_a_view_needs_is_missed(context_of, copied, lost, view):
    context = context_of(copied)
    states = plan.make_plan(context)
    assert views.gone(context, states) == {}
    path = copied / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    lacking = views.gone(context, states)
    assert [search.name for search in lacking.pop(view)] == ["rates"]
    assert lacking == {}


def test_search_whose_result_does_not_stand_is_left_to_the_build(context_of, copied):
    shutil.rmtree(copied / "tuner")
    shutil.rmtree(copied / "runs" / results.trials(copied)["optimizers"][1]["run"])
    context = context_of(copied)
    searches = views.gone(context, plan.make_plan(context))[views.TUNER]
    assert [search.name for search in searches] == ["rates", "rnn", "units"]


def test_views_of_searches_that_the_report_no_longer_has_go_with_the_next_build(
    here, copied, capsys
):
    before = names(copied)
    for view in views.WHOSE:
        shutil.copytree(copied / view / "rates", copied / view / "gone")
    (copied / "assignment2.html").unlink()
    assert here(copied) == 0
    assert "searches that the report no longer has: gone\n" in capsys.readouterr().out
    assert names(copied) == before


def test_views_of_a_section_that_fails_stay(here, copied, monkeypatch):
    (copied / "records" / "units.json").unlink()
    before = names(copied)
    monkeypatch.setenv("TOY_FAILS", "units")
    assert here(copied) == 1
    assert names(copied) == before
