"""Tests of `building.writer`: what it leaves, and when the report is current."""

import json
import shutil
import time

import pytest
from toy import command, results, sections

from building import checks, commands, printing, trial_browser
from building import plan as planning
from building.context import stored_searches
from building.display import Display
from building.writer import Writer
from experiments.lab.store import records, sealed
from rendering.document import page, pdf


@pytest.fixture
def writer_of():
    def make(context):
        return Writer(context, planning.make_plan(context), Display())

    return make


def unprinted(context):
    return commands.to_print(context, planning.make_plan(context))


def test_results_are_those_of_the_records_in_plain_numbers(writer_of, context_of, copied):
    writer_of(context_of(copied)).write_all(final=True)
    held = json.loads((copied / "results.json").read_text())
    assert set(held) == {"format", "profile", "data", "environment", "sections"}
    for section, found in held["sections"].items():
        record = records.read(section, copied / "records")
        assert found["status"] == "done"
        if not found["parts"]:
            assert found["scores"] == record.scores
            assert found["facts"] == record.facts
            assert found["trials"] == record.trials
    assert held["data"]["mnist"]["kind"] == "unverified"


def test_stale_section_is_marked_so_in_results_and_report(writer_of, context_of, copied):
    (copied / "records" / "searches" / "rnn.json").unlink()
    writer_of(context_of(copied)).write_all(final=True)
    assert results.found(copied)["sections"]["rnn"]["status"] == "stale"
    assert (
        "5 rnn: stale the record of its search is missing"
        in (copied / "assignment2.html").read_text()
    )


def test_pending_section_has_no_numbers(writer_of, context_of, tmp_path):
    writer_of(context_of(tmp_path)).write_all(final=True)
    held = results.found(tmp_path)["sections"]["rnn"]
    assert held["status"] == "pending"
    assert not any(held[part] for part in ("scores", "facts", "claims", "figures", "trials"))
    assert "5 rnn: pending never built" in (tmp_path / "assignment2.html").read_text()


def shown_trials(output):
    text = (output / "trials.html").read_text()
    return json.loads(text.partition('id="trials">')[2].partition("</script>")[0])


def test_trial_browser_has_searches_under_way_only_while_the_build_goes_on(
    writer_of, context_of, copied
):
    (copied / "records" / "searches" / "units.json").unlink()
    (trial, *_) = (copied / "tuner" / "units").glob("trial_*/trial.json")
    held = json.loads(trial.read_text())
    for row in results.trials(copied)["units"][int(held["trial_id"]) :][:1]:
        shutil.rmtree(copied / "runs" / row["run"])
    trial.write_text(json.dumps(held | {"status": "RUNNING", "score": None}))
    writer = writer_of(context_of(copied))
    writer.write_all(final=False)
    found = shown_trials(copied)
    (units,) = (it for it in found["searches"] if it["name"] == "units")
    assert found["building"] is True
    assert (units["ended"], units["planned"]) == (1, 2)
    assert units["retrain"].startswith("python build_report.py units/N --retrain")
    writer.write_all(final=True)
    found = shown_trials(copied)
    assert found["building"] is False
    assert "units" not in [it["name"] for it in found["searches"]]


def test_trial_browser_is_written_anew_when_trials_have_ended_and_it_is_time(
    writer_of, context_of, copied, monkeypatch
):
    clock, ended, written = [0.0], [0], []
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(Display, "ended", property(lambda display: ended[0]))
    monkeypatch.setattr(trial_browser, "write", lambda *_, building, **__: written.append(clock[0]))
    writer = writer_of(context_of(copied))
    for second, trials in ((0, 0), (1, 1), (16, 1), (17, 2), (40, 2), (41, 2), (60, 2)):
        clock[0], ended[0] = float(second), trials
        writer.trials_moved_on()
    assert written == [0.0, 16.0, 40.0]


def test_page_is_current_until_something_that_it_shows_changes(context_of, copied):
    assert unprinted(context_of(copied)) == []
    assert unprinted(context_of(copied, author="Somebody"))
    assert unprinted(context_of(copied, edition="main"))
    (copied / "trials.csv").unlink()
    assert unprinted(context_of(copied))


def test_page_is_not_current_after_a_record_or_with_a_damaged_note(context_of, copied):
    record = records.read("rnn", copied / "records")
    record.built_at = "2000-01-01T00:00:00+00:00"
    records.write(record, copied / "records")
    assert unprinted(context_of(copied))
    (copied / "records" / "page.json").write_text("{")
    assert unprinted(context_of(copied))


def test_missing_pango_is_a_problem_that_names_the_packages_and_the_page_is_there(
    writer_of, context_of, copied, monkeypatch
):
    def missing(*_, **__):
        raise pdf.PangoMissing

    monkeypatch.setattr(pdf, "write_pdf", missing)
    (copied / "assignment2.html").unlink()
    writer = writer_of(context_of(copied))
    for _ in range(2):
        writer.write_all(final=True)
    (problem,) = writer.problems
    assert problem.startswith("no PDF: Pango is not installed; ")
    assert checks.remedy() in problem
    assert (copied / "assignment2.html").exists()


def test_section_that_cannot_be_printed_is_marked_until_it_can(
    writer_of, context_of, copied, monkeypatch
):
    def unprintable(report, output, **_):
        shown = [view for view in report.sections if view.name == "rnn" and view.shown]
        if shown:
            raise page.PageError("no value", "rnn")
        return command.page(report, output)

    writer = writer_of(context_of(copied))
    with monkeypatch.context() as patched:
        patched.setattr(page, "render", unprintable)
        writer.write_all(final=True)
    assert writer.unprintable == {"rnn": "section rnn: no value"}
    assert "5 rnn: failed" in (copied / "assignment2.html").read_text()
    writer.write_all(final=True)
    assert writer.unprintable == {}
    assert "5 rnn: fresh" in (copied / "assignment2.html").read_text()


def test_figure_that_cannot_be_used_is_drawn_again_once(writer_of, context_of, copied, monkeypatch):
    part, figure = "deconvnet.strongest", copied / "figures" / "deconvnet-strongest-accuracy.svg"
    whole = figure.read_bytes()

    def strict(report, output, **_):
        shown = any(view.name == part and view.shown for view in report.all)
        if shown and figure.read_bytes() != whole:
            raise page.PageError("it is garbled", part, figure)
        return command.page(report, output)

    writer = writer_of(context_of(copied))
    monkeypatch.setattr(page, "render", strict)
    figure.write_bytes(b"garbled")
    writer.write_all(final=True)
    assert figure.read_bytes() == whole
    assert (writer.unprintable, writer.problems) == ({}, [])
    whole = b"another, so that drawing it again does not help"
    writer = writer_of(context_of(copied))
    writer.write_all(final=True)
    assert writer.unprintable == {part: f"section {part}: it is garbled"}


def test_searches_are_listed_in_the_order_of_their_sections(context_of, built):
    found = stored_searches(context_of(built.output))
    assert [result.search.name for result in found] == ["rates", "optimizers", "rnn", "units"]


@pytest.mark.parametrize(
    ("running", "left", "spent", "made"),
    [
        (100.0, 100.0, 1.0, True),
        (10.0, 100.0, 0.0, False),  # early
        (100.0, 30.0, 1.0, False),  # the last one is near
        (100.0, None, 1.0, False),  # nothing is left to train
        (100.0, 100.0, 9.0, False),  # the report has had its share of the time
    ],
)
def test_a_pdf_before_the_last_is_made_where_it_is_of_use(
    running, left, spent, made, writer_of, context_of, copied, monkeypatch
):
    written = []
    monkeypatch.setattr(pdf, "write_pdf", lambda *_, **__: written.append(True))
    monkeypatch.setattr(Display, "seconds_left", lambda _: left)
    writer = writer_of(context_of(copied))
    writer._started, writer._spent = time.monotonic() - running, spent
    writer.write_all(final=False)
    assert bool(written) == made
    writer.write_all(final=True)
    assert len(written) == made + 1


def test_figures_that_cannot_be_drawn_leave_the_measurement_and_are_drawn_later(
    here, copied, capsys, monkeypatch
):
    part = "deconvnet.strongest"
    (copied / "records" / f"{part}.json").unlink()
    monkeypatch.setenv("TOY_DRAWS_NOT", part)
    assert here(copied) == 1
    assert f"{part}: not drawn: RuntimeError: {part} was asked not to be drawn" in (
        capsys.readouterr().out
    )
    page = (copied / "assignment2.html").read_text()
    assert f"4 {part}: failed its figures could not be drawn: RuntimeError" in page
    held = json.loads((copied / "results.json").read_text())["sections"]["deconvnet"]["parts"]
    assert held["strongest"]["status"] == "done"
    assert held["strongest"]["figures"] == []  # not those of the record before
    monkeypatch.delenv("TOY_DRAWS_NOT")
    before = (copied / "records" / f"{part}.json").read_bytes()
    assert here(copied) == 0
    assert (copied / "records" / f"{part}.json").read_bytes() == before
    held = json.loads((copied / "results.json").read_text())["sections"]["deconvnet"]["parts"]
    assert [figure["name"] for figure in held["strongest"]["figures"]] == ["accuracy"]


def test_page_that_calls_a_section_stale_is_written_again_when_it_no_longer_is(
    writer_of, context_of, copied
):
    path = copied / "records" / "searches" / "rnn.json"
    kept = path.read_bytes()
    path.unlink()
    writer_of(context_of(copied)).write_all(final=True)
    path.write_bytes(kept)
    assert unprinted(context_of(copied)) == ["rnn is no longer stale"]


@pytest.mark.parametrize("old", ["matplotlib", "jinja2"])
def test_page_is_written_again_with_another_version_of_what_writes_it(context_of, copied, old):
    note = copied / "records" / "page.json"
    content, _ = sealed.read(note, printing.FORMAT)
    content["inputs"][f"version:{old}"] = "0"
    del content["digest"]
    sealed.write(note, content, printing.FORMAT)
    assert unprinted(context_of(copied)) == [f"the version of {old} is another"]


def test_file_of_a_figure_that_is_no_longer_drawn_is_removed(here, copied, monkeypatch):
    part = "deconvnet.strongest"
    figures = copied / "figures"
    assert len(list(figures.iterdir())) == 2
    (copied / "records" / f"{part}.json").unlink()
    monkeypatch.setattr(sections.MODULES[part], "draw", lambda record: [])
    assert here(copied) == 0
    assert list(figures.iterdir()) == []


def test_page_with_a_section_that_could_not_be_printed_is_never_up_to_date(
    writer_of, context_of, copied, monkeypatch
):
    def unprintable(report, output, **_):
        if any(view.name == "rnn" and view.shown for view in report.sections):
            raise page.PageError("no value", "rnn")
        return command.page(report, output)

    with monkeypatch.context() as patched:
        patched.setattr(page, "render", unprintable)
        writer_of(context_of(copied)).write_all(final=True)
    assert unprinted(context_of(copied)) == ["never printed"]
    writer_of(context_of(copied)).write_all(final=True)
    assert unprinted(context_of(copied)) == []
