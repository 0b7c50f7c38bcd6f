"""What measuring and drawing execute lies in the closures that their keys are made from: every section.

The oracle is a trace function, which hears of every call. It knows nothing of imports and names.
"""

import dataclasses

import made
import pytest
from made import BLANK, make_record, make_result, make_splits, make_study
from traced import outside, traced

import experiments
from building import code
from experiments.lab.networks import builders
from experiments.lab.store.runs import RunStore
from experiments.lab.training.sourcecode import strings
from rendering.figures.drawing import Drawing


def network_weights(run, key):
    """Return weights of the network that the settings describe, moved a little from epoch to epoch."""
    start = builders.build(run).get_weights()
    epochs = range(run.length + 1) if run.snapshots else ()
    arrays = {f"weights/{index}": value for index, value in enumerate(start)}
    for epoch in epochs:
        arrays |= {f"epoch{epoch}/{i}": value * (0.5 + epoch) for i, value in enumerate(start)}
    return arrays


# Less of everything that is only counted: the code is the same.
FEWER = {
    "experiments.cells.LOOKED_AT": 40,
    "experiments.cnn_vs_rnn.CHANGED": 40,
    "experiments.comparison.calibration.DRAWS": 20,
    "experiments.deconvnet.control.DRAWS": 1,
    "experiments.deconvnet.control.FILTERS": 4,
    "experiments.deconvnet.control.IMAGES": 4,
    "experiments.deconvnet.evolution.IMAGES": 40,
    "experiments.deconvnet.evolution.RESPONSES": 40,
    "experiments.deconvnet.invariance.MEASURED": 4,
    "experiments.deconvnet.invariance.QUICK_IMAGES": 4,
    "experiments.deconvnet.occlusion.PER_CLASS": 1,
    "experiments.deconvnet.visualization.DRAWS": 100,
    "experiments.descent.within.FITTED": 40,
    "experiments.descent.within.LISTENED": 40,
    "experiments.filters.PATCHES": 10,
    "experiments.filters.SUMS": 10,
    "experiments.lab.evidence.comparisons.RESAMPLES": 199,
}


@pytest.fixture
def fewer(monkeypatch):
    """Let sections look at few images, and draw few samples."""
    for place, count in FEWER.items():
        monkeypatch.setattr(place, count)


def quick(study):
    """Return the study in a profile that looks at few images: the code is the same."""
    return dataclasses.replace(study, profile=dataclasses.replace(study.profile, limit=400))


@pytest.fixture(scope="module")
def study_of(tmp_path_factory):
    """Return the study of a section with made-up results of all searches that it reads."""
    folder = tmp_path_factory.mktemp("runs")
    results, splits = {}, {data: make_splits(data) for data in ("cifar10", "mnist")}

    def add(name):
        section = experiments.module(name).SECTION
        for need in section.needs:
            add(need)
        study = quick(make_study(section, results=results, splits=splits, wide=False))
        for search in experiments.module(name).searches(study):
            if search.name not in results:
                outcomes = [0.4 + 0.02 * index for index, _ in enumerate(search.points)]
                # A run that two searches share has another outcome in each.
                store = RunStore(folder / search.name)
                results[search.name] = make_result(store, search, outcomes)

    def study_of(name, recorded):
        add(name)
        section = experiments.module(name).SECTION
        return quick(make_study(section, results=results, splits=splits, recorded=recorded))

    with pytest.MonkeyPatch.context() as real:
        real.setattr(made, "_weights", network_weights)
        yield study_of


def names_of(study, searches):
    """Return the strings in the settings of all that a section trains and reads."""
    read = [*searches, *(result.search for result in study.read.values())]
    return {name for search in read for name in strings(search)}


@pytest.fixture(scope="module")
def recorded(study_of, tmp_path_factory):
    """The records that other sections need."""
    folder = tmp_path_factory.mktemp("records")
    module = experiments.module("learning-rates")
    findings = module.measure(study_of("learning-rates", {}))
    return {"learning-rates": make_record(module.SECTION, findings, folder=folder)}


@pytest.mark.parametrize("name", experiments.names())
def test_what_measuring_and_drawing_execute_is_in_their_closures(
    name, study_of, recorded, tmp_path, monkeypatch, fewer
):
    if name != "rnn":  # to save an image takes a second each, and the same code for all
        monkeypatch.setattr(Drawing, "image", lambda _: BLANK)
    module, study = experiments.module(name), study_of(name, recorded)
    with traced() as executed:
        searches = module.searches(study)
        findings = module.measure(study)
    reached = code.measuring(name, names_of(study, searches)).reached
    assert outside(executed, reached) == set()
    record = make_record(module.SECTION, findings, folder=tmp_path)
    with traced() as executed:
        drawings = module.draw(record)
        for drawing in drawings:
            drawing.save(tmp_path, name)
    assert outside(executed, code.drawing(name).reached) == set()
    known = {run["key"] for run in record.runs}
    for drawing in drawings:
        assert set(drawing.origin.runs) <= known
        assert set(drawing.origin.data) <= set(record.data) and drawing.origin.data
        assert set(drawing.origin.claims) <= {claim["name"] for claim in record.claims}
    if known and drawings:
        assert any(drawing.origin.runs for drawing in drawings)


@pytest.mark.parametrize("name", experiments.names())
def test_measuring_reaches_nothing_that_draws_or_prints(name):
    """Nor does a local name that a drawing function has too lead there."""
    reached = code.measuring(name, ("lenet5", "recurrent", "adam", "GRU")).reached
    assert not [it for it in reached if it.startswith(("rendering.figures", "rendering.document"))]
