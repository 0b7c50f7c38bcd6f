"""Tests of `building.afresh`: what counts no longer, noted until done, pretended for a dry run."""

import dataclasses

import pytest
from toy import results

from building import plan as planning
from building.afresh import Afresh
from building.scope import sections_to_build
from experiments.lab.store.runs import RunStore, now


def keys_of(output, section):
    return {row["run"] for row in results.trials(output)[section]}


def counting(context):
    """Return the keys of the stored runs that count."""
    runs = context.held.runs.runs()
    return {run.key for run in runs if context.index.find(run.settings) is not None}


def begun(context, *sections, **given):
    Afresh(context, **given).begin(sections, retrain=sections)
    return counting(context)


def test_runs_of_the_named_section_count_no_longer_and_all_others_do(context_of, copied):
    before = counting(context_of(copied))
    assert before - begun(context_of(copied), "units") == keys_of(copied, "units")


def test_run_that_a_needed_section_has_too_counts(context_of, copied):
    shared = keys_of(copied, "optimizers") & keys_of(copied, "learning-rates")
    assert shared
    left = begun(context_of(copied), "optimizers")
    assert shared <= left
    assert not (keys_of(copied, "optimizers") - shared) & left


def test_interrupted_build_goes_on_with_what_it_has_trained(context_of, copied):
    begun(context_of(copied), "units")
    (key,) = keys_of(copied, "rnn")
    store = RunStore(copied / "runs")
    run = store.read(key)
    store.write(dataclasses.replace(run, finished_at=now()), dict(run.arrays))
    context = context_of(copied)
    again = Afresh(context)
    assert again.sections == ["units"]
    again.begin(["units"], retrain=["units"])
    assert counting(context) & keys_of(copied, "units") == {key}


def test_interrupted_build_goes_on_with_what_was_to_follow(context_of, copied):
    def wanted():
        context = context_of(copied, sections=("learning-rates",), retrain=True)
        return sections_to_build(context, planning.make_plan(context), Afresh(context))

    first = list(wanted())
    assert "optimizers" in first
    assert list(wanted()) == first  # although it is no longer up to date now
    context = context_of(copied)
    afresh = Afresh(context)
    afresh.section_done("learning-rates")
    assert Afresh(context_of(copied)).sections == first[1:]


def test_note_is_gone_when_the_sections_are_done(context_of, copied):
    afresh = Afresh(context_of(copied))
    afresh.begin(["units", "rnn"])
    afresh.section_done("units")
    assert Afresh(context_of(copied)).sections == ["rnn"]
    afresh.section_done("rnn")
    assert Afresh(context_of(copied)).sections == []
    assert not (copied / "records" / "afresh.json").exists()


@pytest.mark.parametrize("content", ["[", "[]", '{"sections": 3}', "[" * 100_000])
def test_damaged_note_is_said_and_no_note(context_of, copied, content):
    (copied / "records" / "afresh.json").write_text(content)
    context = context_of(copied)
    assert Afresh(context).sections == []
    assert "what a stopped build was making afresh is not known any more" in context.said[0]


def test_state_of_a_training_that_did_not_end_is_not_gone_on_with(context_of, copied):
    (key,) = keys_of(copied, "rnn")
    store = RunStore(copied / "runs")
    run = store.read(key)
    begun(context_of(copied), "optimizers")
    store.begin(key, run.settings, run.fingerprint)
    begun(context_of(copied), "rnn", pretend=True)
    assert store.state_folder(key).exists()
    begun(context_of(copied), "rnn")
    assert not store.state_folder(key).exists()
    store.begin(key, run.settings, run.fingerprint)
    begun(context_of(copied), "rnn")  # the same command after a kill
    assert store.state_folder(key).exists()


def test_pretending_notes_nothing(context_of, copied):
    context = context_of(copied, sections=("units",))
    assert not begun(context, "units", pretend=True) & keys_of(copied, "units")
    assert len(planning.make_plan(context)["units"].runs) == 2
    assert Afresh(context_of(copied)).sections == []
