"""Which learning rate suits LeNet-5 on CIFAR-10 with Adam.

Question: which of 1e-4, 1e-3 and 1e-2 is best, and by how much? (Task 1b i.)
Command:  python build_report.py learning-rates
Time:     three trainings of ten epochs, half a minute each on one core.
Expect:   on CIFAR-10 1e-3, with 0.58 to 0.66 test accuracy; 1e-4 is slower, 1e-2 unstable.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.lab.evidence import comparisons
from experiments.lab.inspection import layer_table
from experiments.lab.settings import BATCH_SIZE, RunSettings, Search, grid
from experiments.lab.store.records import Claim, Findings, Record
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.study import Section, Study
from rendering import wording
from rendering.figures import learning_curves
from rendering.figures import vocabulary as figures

SECTION = Section(
    name="learning-rates",
    task="1b i",
    title="LeNet-5: three learning rates",
    data=("cifar10",),
)

RATES = (1e-4, 1e-3, 1e-2)  # the assignment's
OPTIMIZER = "adam"
LATE = 2  # epochs at the end by which a network is judged to be learning still
SURE = 2  # standard errors from which a change of accuracy is taken for more than chance


def searches(study: Study) -> list[Search]:
    """Return the search over learning rates."""
    return [
        Search(
            "learning-rates",
            "LeNet-5: learning rates of Adam",
            "cifar10",
            "lenet5",
            points=grid(learning_rate=RATES, optimizer=(OPTIMIZER,)),
            snapshots=True,
            **study.training(),
        )
    ]


def measure(study: Study) -> Findings:
    """Return every rate's scores and curves, the chosen rate, and how it compares with the others."""
    result = study.result("learning-rates")
    splits = study.splits("cifar10")
    best = result.best()
    chance = float(np.bincount(splits.validation.labels).max() / len(splits.validation.labels))
    rows = [
        {
            **comparisons.summary(trial),
            **reading(trial, len(splits.validation.labels), chance),
        }
        for trial in result.trials
    ]
    chosen = result.trials.index(best)
    claims = against_others(result, best, splits.test.labels)
    run = best.first
    facts = {
        "label": wording.data_name(vars(splits.identity)),
        "rows": rows,
        "chosen": rows[chosen],
        "chosen_index": chosen,
        "chosen_run": run.key,
        "comparisons": [claim.name for claim in claims],
        "outstripped": _highest_on_test(rows, best),
        "curves": [comparisons.learning_curves(trial) for trial in result.trials],
        "layers": layers(run.settings),
        "epochs": run.settings.length,
        "seeds": len(best.runs),
        "batch": BATCH_SIZE,
        "channels": splits.train.images.shape[3],
        "rates": list(RATES),
        "tenfold": RATES[1] / RATES[0],
        "at_edge": {0: "smallest", len(RATES) - 1: "largest"}.get(chosen),
        "chance": chance,
        "seeds_needed": comparisons.SEEDS_NEEDED,
        "images": {"train": len(splits.train.labels), "test": len(splits.test.labels)},
    }
    scores = {
        "learning_rate": float(best.hyperparameters["learning_rate"]),
        "validation_accuracy": best.mean("validation_accuracy"),
        "test_accuracy": best.mean("test_accuracy"),
        "parameters": best.parameters,
        "seconds": best.seconds,
    }
    return Findings(scores, facts, claims)


def against_others(result: SearchResult, best: Trial, labels: np.ndarray) -> list[Claim]:
    """Return how the best trial compares with each other one, corrected for their number."""
    pairs = [
        comparisons.Comparison(f"against-{rate(trial)}", best, trial, rate(best), rate(trial))
        for trial in result.trials
        if trial is not best
    ]
    return comparisons.compare_all(pairs, labels)


def rate(trial: Trial) -> str:
    """Return a trial's learning rate in words."""
    return wording.rate(trial.hyperparameters["learning_rate"])


def reading(trial: Trial, images: int, chance: float) -> dict[str, Any]:
    """Return what a trial's curves say, as plain data; empty if no run completed.

    `images` is the number of validation pictures and `chance` the share of their largest class.
    `gap` is the accuracy on training pictures less that on validation pictures in the last epoch;
    `late` the change of validation accuracy over the last LATE epochs; `fall` its largest fall
    from one epoch to the next. `stuck`, `learning` and `unsteady` say whether the network stayed
    at the level of guessing, was still getting better at the end, and fell by more than chance
    explains.
    """
    curves = comparisons.learning_curves(trial)
    accuracy = curves["validation_accuracy"]["mean"]
    if not trial.completed or len(accuracy) < 2:
        return {}
    error = SURE * comparisons.standard_error(accuracy[-1], images)
    late = accuracy[-1] - accuracy[-1 - min(LATE, len(accuracy) - 1)]
    fall = -min(0.0, float(np.diff(accuracy).min()))
    stuck = accuracy[-1] - chance < SURE * comparisons.standard_error(chance, images)
    gap = curves["accuracy"]["mean"][-1] - accuracy[-1]
    return {
        "training_accuracy": curves["accuracy"]["mean"][-1],
        "gap": gap,
        "overfits": gap > error,
        "late": late,
        "late_epochs": min(LATE, len(accuracy) - 1),
        "fall": fall,
        "stuck": stuck,
        "learning": not stuck and late > error,
        "worsening": not stuck and late < -error,
        "unsteady": not stuck and fall > error,
    }


def layers(settings: RunSettings) -> list[list[Any]]:
    """Return name, kind, shape of the output and parameters of each layer of the network."""
    return [
        [
            layer["name"],
            layer["kind"],
            " × ".join(str(size) for size in layer["shape"]),
            layer["weights"],
        ]
        for layer in layer_table.layers(settings)
    ]


def _highest_on_test(rows: Sequence[dict[str, Any]], best: Trial) -> dict[str, Any] | None:
    """Return the row with a higher mean test accuracy than the chosen one, the highest, or None."""
    known = [row for row in rows if row["test_accuracy"][0] is not None]
    highest = max(known, key=lambda row: row["test_accuracy"][0])
    return highest if highest["test_accuracy"][0] > best.mean("test_accuracy") else None


def draw(record: Record) -> list[figures.Drawing]:
    """Return the learning curves."""
    facts = record.facts
    labels = [wording.rate(row["hyperparameters"]["learning_rate"]) for row in facts["rows"]]
    caption = (
        f"LeNet-5 on {facts['label']} with Adam at {len(labels)} learning rates: loss and accuracy "
        "after each epoch, on the training pictures (mean over the epoch) and on the validation "
        "pictures."
    )
    panels = learning_curves.panels(labels, facts["curves"])
    return [figures.curves("curves", caption + learning_curves.remarks(facts["curves"]), panels)]
