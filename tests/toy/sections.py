"""Small sections in the place of the report's own, with searches and dependencies of every kind.

`dataset` trains nothing; `optimizers` needs `learning-rates`; `deconvnet` has two parts that need it
too; `rnn` and `units` share a run; `units` has a wide search. Environment variables, which reach a build
in another process, make something go wrong: TOY_FAILS names a section whose `measure` raises,
TOY_DRAWS_NOT one whose `draw` does, TOY_DIVERGES makes one trial of `learning-rates` diverge.
"""

import os
from types import SimpleNamespace

from experiments.lab.settings import Search, grid
from experiments.lab.store.records import Findings
from experiments.lab.study import Section, Study
from experiments.searches import wide as wide_search

UNITS = (12, 8)


def _fail_if_asked(section: str) -> None:
    if os.environ.get("TOY_FAILS") == section:
        raise RuntimeError(f"{section} was asked to fail\nwith a second line")


def _scores(study: Study, search: str) -> Findings:
    result = study.result(search)
    best = result.best()
    return Findings(
        scores={
            "test_accuracy": best.mean("test_accuracy"),
            "probabilities": float(best.run.probabilities().sum(dtype=float)),
        },
        facts={"best": dict(best.hyperparameters)},
    )


def parts(section: str) -> tuple[str, ...]:
    """Return the names of a small section's parts."""
    return tuple(name for name in MODULES if name.startswith(f"{section}."))


def _bars(record):
    if os.environ.get("TOY_DRAWS_NOT") == record.section:
        raise RuntimeError(f"{record.section} was asked not to be drawn")
    from rendering.figures import vocabulary as figures

    accuracy = figures.Series("", [record.scores["test_accuracy"]])
    drawing = figures.bars("accuracy", "A bar.", ["best"], [accuracy], "accuracy", percent=True)
    return [drawing.drawn_from(record.origin())]


def _module(section, searches, measure, draw=lambda record: []):
    def measured(study):
        _fail_if_asked(section.name)
        return measure(study)

    return SimpleNamespace(SECTION=section, searches=searches, measure=measured, draw=draw)


def _dataset(study):
    labels = study.splits("cifar10").train.labels
    return Findings(
        scores={"images": len(labels)},
        arrays={"labels": labels},
        facts={"classes": list(study.identity("cifar10").classes)},
    )


def _rates(study):
    rates = (0.01, 1e38) if os.environ.get("TOY_DIVERGES") else (0.01, 0.001)
    optimizer = "sgd" if os.environ.get("TOY_DIVERGES") else "adam"
    points = grid(learning_rate=rates, optimizer=(optimizer,))
    common = study.training()
    return [Search("rates", "Rates", "cifar10", "lenet5", points=points, snapshots=True, **common)]


def _optimizers(study):
    rate = study.record("learning-rates").facts["best"]["learning_rate"]
    points = grid(learning_rate=(rate,), optimizer=("adam", "momentum"))
    common = study.training()
    return [
        Search("optimizers", "All", "cifar10", "lenet5", points=points, snapshots=True, **common)
    ]


def _recurrent(study, name, units):
    points = grid(cell=("SimpleRNN",), units=units)
    fixed = {"optimizer": "adam", "learning_rate": 0.01}
    return [
        Search(name, name, "mnist", "recurrent", points=points, fixed=fixed, **study.iterations())
    ]


def _wide(study):
    space = {"units": {"low": 4, "high": 16, "log": True, "integer": True}}
    fixed = {"cell": "SimpleRNN", "optimizer": "adam", "learning_rate": 0.01}
    common = {"space": space, "fixed": fixed, **study.iterations()}
    return wide_search.searches(study, Search("wide", "Wide", "mnist", "recurrent", **common))


MODULES = {
    "dataset": _module(
        Section("dataset", "1a", "Data", ("cifar10", "mnist")), lambda study: [], _dataset
    ),
    "learning-rates": _module(
        Section("learning-rates", "1b i", "Rates", ("cifar10",)),
        _rates,
        lambda study: _scores(study, "rates"),
    ),
    "optimizers": _module(
        Section("optimizers", "1b ii", "Optimizers", ("cifar10",), ("learning-rates",)),
        _optimizers,
        lambda study: _scores(study, "optimizers"),
    ),
    "deconvnet": _module(
        Section("deconvnet", "2", "Parts", ("cifar10",), ("learning-rates",)),
        lambda study: [],
        lambda study: Findings(facts={"network": study.result("rates").best().trial_id}),
    ),
    "deconvnet.strongest": _module(
        Section("deconvnet.strongest", "2", "One part", ("cifar10",), ("learning-rates",)),
        lambda study: [],
        lambda study: _scores(study, "rates"),
        _bars,
    ),
    "deconvnet.weakest": _module(
        Section("deconvnet.weakest", "2", "Another part", ("cifar10",), ("learning-rates",)),
        lambda study: [],
        lambda study: _scores(study, "rates"),
    ),
    "rnn": _module(
        Section("rnn", "3a", "A recurrent network", ("mnist",)),
        lambda study: _recurrent(study, "rnn", UNITS[-1:]),
        lambda study: _scores(study, "rnn"),
    ),
    "units": _module(
        Section("units", "3b ii", "Units", ("mnist",)),
        lambda study: [*_recurrent(study, "units", UNITS), *_wide(study)],
        lambda study: _scores(study, "units"),
    ),
}
