"""Which learning rate suits LeNet-5 on CIFAR-10 with Adam.

Question: which of 1e-4, 1e-3 and 1e-2 is best, and by how much? (Task 1b i.)
Command:  python build_report.py learning-rates
Time:     three trainings of ten epochs, half a minute each on one core, and six of two epochs.
Expect:   on CIFAR-10 1e-3, with 0.58 to 0.66 test accuracy; 1e-4 is slower, 1e-2 unstable.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from experiments.descent import rates as rate_curve
from experiments.descent import within
from experiments.lab.evidence import comparisons, differences, summaries
from experiments.lab.evidence.claims import Claim, Difference, End, claim, made, names_of
from experiments.lab.evidence.superlatives import superlative
from experiments.lab.inspection import layer_table
from experiments.lab.settings import BATCH_SIZE, RunSettings, Search, grid
from experiments.lab.store.records import Findings, Record
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
LEADING = "best-rate"  # the claim that the chosen rate is ahead of all others on the test images
# What is asked of each rate's course. A claim's name is one of these and the rate: "late-0.001".
GUESSING, GAP, LATE_CHANGE, FALL = "guessing", "gap", "late", "fall"


def searches(study: Study) -> list[Search]:
    """Return the search over learning rates, and the one of the curve around them."""
    return [
        Search(
            "learning-rates",
            "LeNet-5: learning rates of Adam",
            "cifar10",
            "lenet5",
            points=grid(learning_rate=RATES, optimizer=(OPTIMIZER,)),
            snapshots=True,
            **study.training(),
        ),
        *rate_curve.searches(study, OPTIMIZER),
    ]


def measure(study: Study) -> Findings:
    """Return every rate's scores and curves, the chosen rate, and how it compares with the others."""
    result = study.result("learning-rates")
    splits = study.splits("cifar10")
    best = result.best()
    chance = float(np.bincount(splits.validation.labels).max() / len(splits.validation.labels))
    validated = len(splits.validation.labels)
    inside = [within.of_trial(trial, splits, study.quick) for trial in result.trials]
    read = [
        readings(trial, held, validated, chance)
        for trial, held in zip(result.trials, inside, strict=True)
    ]
    rows = [
        {
            **summaries.summary(trial),
            **course(trial, held),
            "claims": names_of(of_trial),
            "inside": held,
        }
        for trial, held, of_trial in zip(result.trials, inside, read, strict=True)
    ]
    curve, of_curve = rate_curve.measure(study, result, validated, chance)
    chosen = result.trials.index(best)
    against = against_others(result, best, splits.test.labels)
    leading = superlative(LEADING, rate(best), against, others_than(result, best))
    run = best.first
    facts = {
        "label": wording.data_name(vars(splits.identity)),
        "rows": rows,
        "chosen": rows[chosen],
        "chosen_index": chosen,
        "chosen_run": run.key,
        "comparisons": [one.name for one in against],
        "leading": LEADING,
        "outstripped": _highest_on_test(rows, best),
        "curve": curve,
        "curves": [summaries.learning_curves(trial) for trial in result.trials],
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
    of_rates = [one for row in read for one in row.values()]
    return Findings(scores, facts, made([*against, leading, *of_rates, *of_curve]))


def against_others(result: SearchResult, best: Trial, labels: np.ndarray) -> list[Claim]:
    """Return how the best trial compares with each other one, corrected for their number."""
    pairs = [
        comparisons.Comparison(f"against-{rate(trial)}", best, trial, rate(best), rate(trial))
        for trial in result.trials
        if trial is not best
    ]
    return comparisons.compare_all(pairs, labels, "against the best rate")


def others_than(result: SearchResult, best: Trial) -> list[str]:
    """Return the labels of all other trials than the best, whether they completed or not."""
    return [rate(trial) for trial in result.trials if trial is not best]


def rate(trial: Trial) -> str:
    """Return a trial's learning rate in words."""
    return wording.rate(trial.hyperparameters["learning_rate"])


def course(trial: Trial, inside: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a trial's course, as plain data; empty if it has no two epochs.

    `gap` is the accuracy on training images, after the last epoch, less that on validation images;
    `late` the change of validation accuracy over the last `late_epochs`; `fall` its largest fall
    from one epoch to the next. All are means over the completed runs.
    """
    if not _has_course(trial):
        return {}
    validation = _validated(trial)
    epochs = min(LATE, len(validation) - 1)
    return {
        "gap": inside["training_accuracy"] - validation[-1],
        "late": validation[-1] - validation[-1 - epochs],
        "late_epochs": epochs,
        "fall": -min(0.0, float(np.diff(validation).min())),
    }


def readings(
    trial: Trial, inside: Mapping[str, Any], images: int, chance: float
) -> dict[str, Claim]:
    """Return what a trial's course says, by GUESSING, GAP, LATE_CHANGE and FALL.

    Against guessing: a network that is not better has not learned. The gap: better on its training
    images is overfitting. Late: better at the end than LATE epochs before is still learning. The
    fall: of all steps from an epoch to the next the one that goes down most; worse is unsteady.
    Empty if there are no two epochs. `inside` is of `within.of_trial`; `images` counts the validation
    images, `chance` is the share of the largest class among them.
    """
    if not _has_course(trial):
        return {}
    validation = _validated(trial)
    last, epochs = validation[-1], min(LATE, len(validation) - 1)
    found = {
        GUESSING: differences.against_share(last, chance, images),
        GAP: differences.accuracies(inside["training_accuracy"], last, inside["fitted"], images),
        LATE_CHANGE: differences.accuracies(last, validation[-1 - epochs], images, images),
    }
    sides = {
        GUESSING: (End.of_trial(trial, "the network"), End.of_value("guessing")),
        GAP: (End.of_trial(trial, "training images"), End.of_trial(trial, "validation images")),
        LATE_CHANGE: (
            End.of_trial(trial, "the last epoch"),
            End.of_trial(trial, "some epochs before"),
        ),
    }
    claims = {
        question: _claim(question, trial, sides[question], difference)
        for question, difference in found.items()
    }
    return {**claims, FALL: _largest_fall(trial, validation, images)}


def _largest_fall(trial: Trial, validation: Sequence[float], count: int) -> Claim:
    """Return the claim about the step that goes down most, corrected for the number of steps."""
    sides = End.of_trial(trial, "an epoch"), End.of_trial(trial, "the epoch before")
    steps = [
        _claim(FALL, trial, sides, differences.accuracies(after, before, count, count))
        for before, after in pairwise(validation)
    ]
    family = f"steps at {rate(trial)}"
    return min(comparisons.adjusted(steps, family), key=lambda step: step.estimate)


def _claim(question: str, trial: Trial, sides: tuple[End, End], difference: Difference) -> Claim:
    measure = "accuracy" if question == GAP else "validation_accuracy"
    runs = len(trial.values("validation_accuracy"))
    return claim(f"{question}-{rate(trial)}", *sides, measure, difference, runs)


def _has_course(trial: Trial) -> bool:
    return trial.mean("validation_accuracy") is not None and len(_validated(trial)) > 1


def _validated(trial: Trial) -> list[float]:
    """Return the accuracies on validation images after each epoch."""
    return summaries.learning_curves(trial)["validation_accuracy"]["mean"]


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
    """Return the learning curves, what happens inside, and the curve over the rates."""
    facts = record.facts
    labels = [wording.rate(row["hyperparameters"]["learning_rate"]) for row in facts["rows"]]
    caption = (
        f"LeNet-5 on {facts['label']} with Adam at {len(labels)} learning rates: loss and accuracy "
        "after each epoch, on the training images (mean over the epoch) and on the validation "
        "images."
    )
    panels = learning_curves.panels(labels, facts["curves"])
    drawing = figures.curves("curves", caption + learning_curves.remarks(facts["curves"]), panels)
    drawing = drawing.drawn_from(record.origin(facts["rows"], claims=facts["comparisons"]))
    return [drawing, *within.draw(record, labels), *rate_curve.draw(record)]
