"""Every file that a stage reads is something that it is known to depend on.

The oracle is what the process opens while it measures, draws and prints. A dependency that is left out of
the inputs leaves something stale "fresh".
"""

import dataclasses

import pytest
from opened import opened
from toy import results, sections

import experiments
from building import plan as planning
from building import printing
from building.display import Display
from building.writer import Writer
from experiments.lab.store.held import Held
from experiments.lab.store.runs import now
from rendering.document import partials


def below(files, folder):
    """Return the parts of the paths of those files that are in the folder."""
    return {path.relative_to(folder).parts for path in files if path.is_relative_to(folder)}


def names_of_read(files, output):
    """Return what the files of an output folder are called among the inputs of a record."""
    for kind, name, *_ in (parts for parts in below(files, output) if len(parts) > 1):
        if kind == "runs":
            yield f"run:{name}"
        elif kind == "records" and name not in ("figures", "searches", "failures"):
            yield f"record:{name.rpartition('.')[0] or name}"


@pytest.fixture
def spied(small, monkeypatch):
    """Return what every section's `measure` opened, by section."""
    seen = {}
    for name, module in sections.MODULES.items():

        def measured(study, name=name, real=module.measure):
            with opened() as seen[name]:
                return real(study)

        monkeypatch.setattr(module, "measure", measured)
    return seen


def test_runs_records_and_data_that_a_section_reads_are_inputs_of_its_record(
    here, spied, copied, toy_data
):
    for path in (copied / "records").glob("*.*"):
        path.unlink()
    assert here(copied) == 0
    held = Held(copied)
    for name in experiments.names():
        inputs = dict(held.record(name).inputs)
        for need in sections.MODULES[name].SECTION.needs:  # which are known through their record
            assert f"record:{need}" in inputs
            inputs |= held.record(need).inputs
        assert set(names_of_read(spied[name], copied)) <= set(inputs), name
        read = {parts[0].removesuffix(".npz") for parts in below(spied[name], toy_data)}
        assert {f"data:{data}" for data in read} <= set(inputs), name
    # The oracle sees something: each kind at least once.
    assert below(spied["dataset"], toy_data)
    assert any(parts[0] == "runs" for parts in below(spied["rnn"], copied))


def test_whatever_a_section_needs_makes_it_stale_though_it_trains_nothing(context_of, copied):
    """The parts of the deconvnet read no search of their own."""
    before = planning.make_plan(context_of(copied))
    record = Held(copied).record("learning-rates")
    record.scores["test_accuracy"] = 0.123
    Held(copied).keep_record(record)
    after = planning.make_plan(context_of(copied))
    needing = {
        it for it in experiments.names() if "learning-rates" in sections.MODULES[it].SECTION.needs
    }
    assert {name for name in after if not after[name].measured} == needing
    assert all(state.measured for state in before.values())


def test_files_that_printing_reads_are_inputs_of_the_page(context_of, copied):
    context = context_of(copied)
    writer = Writer(context, planning.make_plan(context), Display())
    with opened() as files:
        writer.write_all(final=True)
    inputs = printing.inputs(context_of(copied))
    for parts in below(files, partials.TEMPLATES):
        assert f"template:{'/'.join(parts)}" in inputs
    for name in names_of_read(files, copied):
        if name.startswith("record:"):
            known = name.removeprefix("record:") in experiments.names()
            assert not known or name in inputs
        else:  # a run that the trials page shows: an input of the record of some section
            records = map(Held(copied).record, experiments.names())
            assert any(name in record.inputs for record in records), name
    assert ("browser", "page.html") in [tuple(it) for it in below(files, partials.TEMPLATES)]


def test_figure_that_is_drawn_anew_makes_the_page_stale(context_of, copied):
    held = Held(copied)
    before = printing.inputs(context_of(copied))
    drawn = next(it for it in map(held.drawn, experiments.names()) if it.figures)
    entry = dataclasses.replace(drawn.figures[0], alt="something else")
    held.keep_drawn(dataclasses.replace(drawn, figures=(entry, *drawn.figures[1:])))
    after = printing.inputs(context_of(copied))
    assert {name for name in after if after[name] != before.get(name)} == {f"drawn:{drawn.section}"}


def test_every_template_is_an_input_of_the_page(context_of, copied):
    inputs = printing.inputs(context_of(copied))
    files = [path for path in partials.TEMPLATES.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert f"template:{path.relative_to(partials.TEMPLATES).as_posix()}" in inputs


@pytest.mark.parametrize("name", ["author", "profile", "seeds", "epochs", "iterations", "limit"])
def test_every_setting_is_an_input_of_the_page(context_of, copied, name):
    assert f"setting:{name}" in printing.inputs(context_of(copied))


def test_run_that_is_trained_again_makes_what_read_it_stale(context_of, copied):
    row, *_ = results.trials(copied)["rnn"]
    store = Held(copied).runs
    run, arrays = store.read(row["run"]), dict(store.read(row["run"]).arrays)
    store.write(dataclasses.replace(run, finished_at=now()), arrays)
    states = planning.make_plan(context_of(copied))
    assert [name for name in states if not states[name].measured] == ["rnn", "units"]


@pytest.mark.parametrize(
    ("library", "condition"), [("matplotlib", planning.DRAW), ("scipy", planning.MEASURE)]
)
def test_another_version_of_what_a_stage_uses_makes_it_stale(
    context_of, copied, monkeypatch, library, condition
):
    real = planning.library_version
    monkeypatch.setattr(
        planning, "library_version", lambda name: "0" if name == library else real(name)
    )
    states = planning.make_plan(context_of(copied))
    assert {state.condition for state in states.values()} == {condition}
    assert any(f"{library} was" in reason for state in states.values() for reason in state.reasons)
