"""Two small sections, stand-ins for the report's own in tests of how a build goes."""

from types import SimpleNamespace

from experiments.lab.records import Findings
from experiments.lab.settings import Search, grid
from experiments.lab.study import Section


def _searches(study):
    rates = grid(learning_rate=(0.01, 0.001), optimizer=("adam",))
    return [
        Search("rates", "Rates", "cifar10", "lenet5", points=rates, snapshots=True, **study.training())
    ]


def _measure(study):
    result = study.result("rates")
    best = result.best()
    return Findings(
        scores={"validation_accuracy": best.mean("validation_accuracy")},
        facts={"learning_rate": best.hyperparameters["learning_rate"]},
    )


def _more_searches(study):
    rate = study.record("learning-rates").facts["learning_rate"]
    points = grid(learning_rate=(rate,), optimizer=("adam", "sgd"))
    return [
        Search("more", "More", "cifar10", "lenet5", points=points, snapshots=True, **study.training())
    ]


def _more_measure(study):
    return Findings(scores={"trials": len(study.result("more").trials)})


FIRST = SimpleNamespace(
    SECTION=Section("learning-rates", "1b i", "Learning rates", ("cifar10",)),
    searches=_searches,
    measure=_measure,
    draw=lambda record: [],
)
SECOND = SimpleNamespace(
    SECTION=Section("optimizers", "1b ii", "Optimizers", ("cifar10",), ("learning-rates",)),
    searches=_more_searches,
    measure=_more_measure,
    draw=lambda record: [],
)
MODULES = {"learning-rates": FIRST, "optimizers": SECOND}
