"""Task 3c: how does the recurrent network compare with assignment 1's convolutional one on MNIST?

    python build_report.py cnn-vs-rnn

trains LeNet-5 on the images that the recurrent networks were trained on, as many and in the same order,
which takes a minute on one core. It is set beside the recurrent network of its own size, GRU with 128
units, and by accuracy also beside the best one of the section `units`. On MNIST LeNet-5 should get
98.5 % of the test images right or more.
"""

from typing import Any

import numpy as np

from experiments.comparison import calibration, changes, few_labels, mistakes, orders
from experiments.lab.data.splits import Images
from experiments.lab.evidence import comparisons, summaries
from experiments.lab.evidence.claims import Claim, made
from experiments.lab.inspection import layer_table
from experiments.lab.networks import operations
from experiments.lab.settings import BATCH_SIZE, Search, grid
from experiments.lab.store.drawings import Origin
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import Run
from experiments.lab.study import Section, Study
from experiments.searches import recurrent as recurrent_search
from rendering.figures import learning_curves
from rendering.figures import vocabulary as figures

SECTION = Section(
    "cnn-vs-rnn", "3c", "The convolutional and the recurrent network", data=("mnist",)
)

CNN = "LeNet-5"
EVEN = {"cell": "GRU", "units": 128}  # 61,962 weights; LeNet-5 has 61,706
# Bai, Kolter & Koltun (2018), table 1: test accuracies on MNIST read pixel by pixel, and with the pixels
# in one random order.
REPORTED = (
    {"network": "plain recurrent network", "pixels": 0.215, "permuted": 0.253},
    {"network": "LSTM", "pixels": 0.872, "permuted": 0.857},
    {"network": "GRU", "pixels": 0.962, "permuted": 0.873},
)
CHANGED = 1000  # test images that are changed: enough for a standard error of a point or so


def searches(study: Study) -> list[Search]:
    """Return LeNet-5's training, the search over recurrent networks, and short trainings of both."""
    cnn = Search(
        "cnn-mnist",
        "LeNet-5 on MNIST",
        data="mnist",
        network="lenet5",
        points=grid(learning_rate=[recurrent_search.LEARNING_RATE]),
        fixed={"optimizer": recurrent_search.OPTIMIZER},
        **study.iterations(),
    )
    networks = {
        "cnn": {"label": CNN, "network": "lenet5", "fixed": {}},
        "rnn": {"label": recurrent_search.label(**EVEN), "network": "recurrent", "fixed": EVEN},
    }
    short = [*few_labels.searches(study, networks), *orders.searches(study, networks)]
    return [cnn, recurrent_search.grid_search(study), *short]


def measure(study: Study) -> Findings:
    """Return both networks' scores and cost, how sure they are, and how they take changed images.

    Raises ValueError if LeNet-5 or every recurrent network did not complete its training.
    """
    cnn, (rnn, best) = study.result("cnn-mnist").best(), _opponents(study.result("recurrent"))
    labels = [CNN, recurrent_search.trial_label(rnn)]
    splits, classes = study.splits("mnist"), study.identity("mnist").classes
    test = splits.test
    runs = _shown_runs(cnn, rnn)
    both = dict(zip(("cnn", "rnn"), runs, strict=True))
    probabilities = [run.probabilities() for run in runs]
    predicted = [one.argmax(1) for one in probabilities]
    shared = mistakes.together(*predicted, test.labels, runs)
    only, pictures = mistakes.only_one_right(probabilities, test, classes)
    accuracy = _accuracy_claims(cnn, rnn, best, test.labels)
    sure = calibration.measure(both, labels, test.labels)
    changed = changes.measure(both, labels, _some(test, CHANGED))
    even_labels = [CNN, recurrent_search.label(**EVEN)]
    few_facts, few_claims = few_labels.measure(study, even_labels, splits)
    order_facts, order_claims = orders.measure(study, even_labels, test.labels)
    rows = [_row(cnn, CNN), *(_row(one, recurrent_search.trial_label(one)) for one in (rnn, best))]
    return Findings(
        scores=_scores(cnn, rnn),
        facts={
            "labels": labels,
            "rows": rows if rnn is not best else rows[:2],
            "even": recurrent_search.label(**EVEN) == labels[1],
            "times_products": rows[1]["products"] / rows[0]["products"],
            "settings": _settings(study, rnn),
            "shown_runs": [run.key for run in runs],
            "shown_seed": [run.settings.seed for run in runs],
            "test_images": len(test.labels),
            "agreement": mistakes.agreement(*predicted, test.labels),
            "only": only,
            "classes": list(classes),
            "curves": [summaries.learning_curves(trial) for trial in (cnn, rnn)],
            "layers": [layer_table.with_weights(run.settings) for run in runs],
            "reported": list(REPORTED),
            "calibration": sure.facts,
            "changes": changed.facts,
            "few": few_facts,
            "orders": order_facts,
            "accuracy_claims": [one.name for one in accuracy],
            "out_of_reach": recurrent_search.out_of_reach(accuracy),
        },
        claims=[
            *accuracy,
            *made([shared]),
            *sure.claims,
            *changed.claims,
            *few_claims,
            *order_claims,
        ],
        arrays={
            "confusion-cnn": comparisons.confusion(test.labels, predicted[0], len(classes)),
            "confusion-rnn": comparisons.confusion(test.labels, predicted[1], len(classes)),
            **pictures,
        },
    )


def draw(record: Record) -> list[figures.Drawing]:
    """Return the section's figures."""
    facts, labels = record.facts, record.facts["labels"]
    shifts, others = changes.drawings(facts["changes"], labels)
    reliability = calibration.drawing(facts["calibration"])
    drawings = [_curves(facts), reliability, _confusions(record), shifts, others]
    if facts["few"]:
        drawings.append(few_labels.drawing(facts["few"]))
    if facts["orders"]:
        drawings.append(orders.drawing(facts["orders"]))
    if any(facts["only"]):
        drawings.append(mistakes.drawing(record))
    cnn, rnn = facts["shown_runs"]
    changed = record.origin(runs=[cnn, rnn], claims=facts["changes"]["claims"])
    origins = {
        "curves": record.origin(facts["rows"][:2], claims=facts["accuracy_claims"]),
        "reliability": record.origin(runs=[cnn, rnn], claims=facts["calibration"]["claims"]),
        **{name: _origin(record, facts[name]) for name in ("few", "orders")},
        "shifts": changed,
        "changes": changed,
        "confusion": record.origin(runs=[cnn, rnn]),
    }
    both = record.origin(runs=[cnn, rnn])
    return [drawing.drawn_from(origins.get(drawing.name, both)) for drawing in drawings]


def _origin(record: Record, found: dict[str, Any] | None) -> Origin:
    """Return where the figure of short trainings comes from, that of nothing if there are none."""
    return record.origin(**{name: (found or {}).get(name, []) for name in ("runs", "claims")})


def _opponents(result: SearchResult) -> tuple[Trial, Trial]:
    """Return the recurrent network of LeNet-5's size, and the best on the validation images.

    Where the one of its size did not complete its training, the best stands in for it.
    """
    even, best = result.find(**EVEN), result.best()
    return (even if even.completed else best), best


def _accuracy_claims(cnn: Trial, rnn: Trial, best: Trial, labels: np.ndarray) -> list[Claim]:
    """Hold LeNet-5 against the recurrent network of its size, and against the best one."""
    others = {"cnn-rnn": rnn, **({} if best is rnn else {"cnn-best": best})}
    together = [
        comparisons.Comparison(name, cnn, one, CNN, recurrent_search.trial_label(one))
        for name, one in others.items()
    ]
    return comparisons.compare_all(together, labels, "accuracies")


def _shown_runs(cnn: Trial, rnn: Trial) -> list[Run]:
    """Return a run of each, of the same seed if there is one that both completed."""
    for one in cnn.completed_runs:
        for two in rnn.completed_runs:
            if one.settings.seed == two.settings.seed:
                return [one, two]
    return [cnn.first, rnn.first]


def _scores(cnn: Trial, rnn: Trial) -> dict[str, float]:
    return {
        f"{name}_{score}": trial.mean(score)
        for name, trial in (("cnn", cnn), ("rnn", rnn))
        for score in ("test_accuracy", "validation_accuracy")
    }


def _row(trial: Trial, label: str) -> dict[str, Any]:
    """Return the trial's scores and cost; `products` counts the multiplications for an image."""
    settings = trial.first.settings
    return {
        **recurrent_search.measured(trial),
        "label": label,
        "products": operations.products(settings),
    }


def _settings(study: Study, rnn: Trial) -> dict[str, Any]:
    images = len(study.splits("mnist").train.labels)
    iterations = study.profile.iterations
    return {
        "iterations": iterations,
        "batch_size": BATCH_SIZE,
        "seen": iterations * BATCH_SIZE,
        "training_images": images,
        "learning_rate": recurrent_search.LEARNING_RATE,
        "rows": recurrent_search.STEPS,
        "pixels": recurrent_search.PIXELS,
        "seeds": study.profile.seeds,
        "candidates": len(recurrent_search.CELLS) * len(recurrent_search.UNITS),
        **{name: rnn.hyperparameters[name] for name in ("cell", "units")},
    }


def _some(images: Images, count: int) -> Images:
    """Return at most `count` of the images, evenly spread over the set."""
    chosen = np.unique(np.linspace(0, len(images.labels) - 1, count).astype(int))
    return Images(images.images[chosen], images.labels[chosen])


def _curves(facts: dict[str, Any]) -> figures.Drawing:
    return figures.curves(
        "curves",
        "Loss and error, the share of images read wrongly, of the two networks in training."
        + learning_curves.remarks(facts["curves"]),
        learning_curves.panels(facts["labels"], facts["curves"], x="iteration", errors=True),
    )


def _confusions(record: Record) -> figures.Drawing:
    """Draw what one network takes for what more often than the other."""
    labels = tuple(record.facts["labels"][:2])
    return figures.difference(
        "confusion",
        f"How many images more (+) or fewer (−) {labels[0]} than {labels[1]} takes for another class.",
        (record.arrays["confusion-cnn"], record.arrays["confusion-rnn"]),
        labels,
        record.facts["classes"],
        wide=False,
    )
