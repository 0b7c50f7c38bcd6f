"""Tests of `building.afresh`: put away once, noted until done, pretended for a dry run."""

from toy import results

from building import plan as planning
from building.afresh import Afresh
from building.commands import sections_to_build


def keys_of(output, section):
    return {row["run"] for row in results.trials(output)[section]}


def stored(output):
    return {path.name for path in (output / "runs").iterdir() if len(path.name) == 24}


def test_runs_of_the_named_section_are_put_away_and_no_others(context_of, copied):
    before = stored(copied)
    Afresh(context_of(copied)).begin(["units"])
    assert before - stored(copied) == keys_of(copied, "units")
    kept = {path.name for path in (copied / "runs" / "replaced").iterdir()}
    assert kept == keys_of(copied, "units")


def test_run_that_a_needed_section_has_too_stays(context_of, copied):
    shared = keys_of(copied, "optimizers") & keys_of(copied, "learning-rates")
    assert shared
    Afresh(context_of(copied)).begin(["optimizers"])
    assert shared <= stored(copied)
    assert not (keys_of(copied, "optimizers") - shared) & stored(copied)


def test_interrupted_build_does_not_begin_again(context_of, copied):
    Afresh(context_of(copied)).begin(["units"])
    context = context_of(copied)
    (key,) = keys_of(copied, "rnn")
    (copied / "runs" / "replaced" / key).rename(copied / "runs" / key)  # trained, then killed
    again = Afresh(context)
    assert again.sections == ["units"]
    again.begin(["units"])
    assert key in stored(copied)


def test_note_is_gone_when_the_sections_are_done(context_of, copied):
    afresh = Afresh(context_of(copied))
    afresh.begin(["units", "rnn"])
    afresh.section_done("units")
    assert Afresh(context_of(copied)).sections == ["rnn"]
    afresh.section_done("rnn")
    assert Afresh(context_of(copied)).sections == []
    assert not (copied / "records" / "afresh.json").exists()


def test_damaged_note_is_no_note(context_of, copied):
    (copied / "records" / "afresh.json").write_text("[")
    assert Afresh(context_of(copied)).sections == []


def test_named_section_takes_with_it_what_shares_its_runs_and_what_needs_it(context_of, copied):
    def wanted(*sections):
        context = context_of(copied, sections=sections)
        afresh = Afresh(context, pretend=True)
        return sections_to_build(context, planning.make_plan(context), afresh)

    assert wanted("units") == ["rnn", "units"]
    assert wanted("learning-rates") == ["learning-rates", "optimizers"]
    assert wanted("optimizers") == ["optimizers"]
    assert wanted("dataset") == ["dataset"]
    assert wanted() == []


def test_pretending_moves_and_notes_nothing(context_of, copied):
    before = stored(copied)
    context = context_of(copied, sections=("units",))
    Afresh(context, pretend=True).begin(["units"])
    assert len(planning.make_plan(context)["units"].runs) == 2
    assert stored(copied) == before
    assert Afresh(context_of(copied)).sections == []
