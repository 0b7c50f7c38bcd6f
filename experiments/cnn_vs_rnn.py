"""Task 3c: how does the recurrent network compare with assignment 1's convolutional one on MNIST?

    python build_report.py cnn-vs-rnn

trains LeNet-5 on the images that the recurrent networks were trained on, as many and in the same order,
which takes a minute on one core, and sets it beside the best recurrent network of the section `units`.
On MNIST LeNet-5 should get 98.5 % of the test images right or more.
"""

from typing import Any

import numpy as np

from experiments.lab.data.splits import Images
from experiments.lab.evidence import comparisons, summaries
from experiments.lab.inspection import layer_table, shifted_images
from experiments.lab.networks import operations
from experiments.lab.settings import BATCH_SIZE, Search, grid
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import Run
from experiments.lab.study import Section, Study
from experiments.searches import recurrent as recurrent_search
from rendering.figures import learning_curves
from rendering.figures import vocabulary as figures

SECTION = Section(
    "cnn-vs-rnn", "3c", "The convolutional and the recurrent network", data=("mnist",)
)

CNN = "LeNet-5"
SHOWN = 8  # images that only one of the two reads rightly
SHIFTED = 2000  # test images that are shifted: enough for a standard error below a point


def searches(study: Study) -> list[Search]:
    """Return LeNet-5's training and the search over recurrent networks."""
    cnn = Search(
        "cnn-mnist",
        "LeNet-5 on MNIST",
        data="mnist",
        network="lenet5",
        points=grid(learning_rate=[recurrent_search.LEARNING_RATE]),
        fixed={"optimizer": recurrent_search.OPTIMIZER},
        **study.iterations(),
    )
    return [cnn, recurrent_search.grid_search(study)]


def measure(study: Study) -> Findings:
    """Return both networks' scores and cost, and where their mistakes agree and differ.

    Raises ValueError if LeNet-5 or every recurrent network did not complete its training.
    """
    cnn, rnn = study.result("cnn-mnist").best(), study.result("recurrent").best()
    labels = [CNN, recurrent_search.trial_label(rnn)]
    test, classes = study.splits("mnist").test, study.identity("mnist").classes
    runs = _shown_runs(cnn, rnn)
    probabilities = [run.probabilities() for run in runs]
    predicted = [one.argmax(1) for one in probabilities]
    only = [_only_other_right(probabilities, test, side) for side in (0, 1)]
    comparable = comparisons.comparable(cnn, rnn)
    shifts = shifted_images.study(
        dict(zip(("cnn", "rnn"), runs, strict=True)), labels, _some(test, SHIFTED)
    )
    return Findings(
        scores=_scores(cnn, rnn),
        facts={
            "labels": labels,
            "rows": [_row(trial, label) for trial, label in zip((cnn, rnn), labels, strict=True)],
            "settings": _settings(study, rnn),
            "shown_runs": [run.key for run in runs],
            "shown_seed": [run.settings.seed for run in runs],
            "test_images": len(test.labels),
            "agreement": _agreement(*predicted, test.labels),
            "only": [
                [_picture(image, probabilities, test, classes) for image in images]
                for images in only
            ],
            "classes": list(classes),
            "curves": [summaries.learning_curves(trial) for trial in (cnn, rnn)],
            "layers": [layer_table.with_weights(run.settings) for run in runs],
            "shifts": shifts.facts,
            "comparable": comparable,
        },
        claims=[
            *(
                [comparisons.compare("cnn-rnn", cnn, rnn, test.labels, *labels)]
                if comparable
                else ()
            ),
            *shifts.claims,
        ],
        arrays={
            "confusion-cnn": comparisons.confusion(test.labels, predicted[0], len(classes)),
            "confusion-rnn": comparisons.confusion(test.labels, predicted[1], len(classes)),
            "only-cnn": test.images[only[0]],
            "only-rnn": test.images[only[1]],
        },
    )


def draw(record: Record) -> list[figures.Drawing]:
    """Return the section's figures."""
    facts, labels = record.facts, record.facts["labels"]
    drawings = [_curves(facts), *_confusions(record), _shift_curves(facts["shifts"], labels)]
    if any(facts["only"]):
        drawings.append(_only_one_right(record))
    cnn, rnn = facts["shown_runs"]
    origins = {
        "curves": record.origin(facts["rows"], claims=["cnn-rnn"] if facts["comparable"] else []),
        "confusion-cnn": record.origin(runs=[cnn]),
        "confusion-rnn": record.origin(runs=[rnn]),
    }
    both = record.origin(runs=[cnn, rnn])
    return [drawing.drawn_from(origins.get(drawing.name, both)) for drawing in drawings]


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


def _agreement(cnn: np.ndarray, rnn: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return how many images both, one or none of two networks get right.

    `expected` is how many neither would if their mistakes fell independently on the images; `same`
    counts those of them for which both give the same wrong answer.
    """
    right, other = cnn == labels, rnn == labels
    neither = ~right & ~other
    expected = float((~right).sum() * (~other).sum() / len(labels))
    return {
        "both": int((right & other).sum()),
        "only_cnn": int((right & ~other).sum()),
        "only_rnn": int((~right & other).sum()),
        "neither": int(neither.sum()),
        "expected": expected,
        "times": int(neither.sum()) / expected if expected else None,
        "same": int((neither & (cnn == rnn)).sum()),
        "either": float((right | other).mean()),
    }


def _only_other_right(probabilities: list[np.ndarray], test: Images, side: int) -> np.ndarray:
    """Return the images that only network `side` gets right, the other's surest mistakes first."""
    mine, others = probabilities[side], probabilities[1 - side]
    chosen = np.flatnonzero((mine.argmax(1) == test.labels) & (others.argmax(1) != test.labels))
    return chosen[np.argsort(-others[chosen].max(1), kind="stable")][:SHOWN]


def _picture(
    image: int, probabilities: list[np.ndarray], test: Images, classes: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "image": int(image),
        "true": classes[test.labels[image]],
        "read": [classes[one[image].argmax()] for one in probabilities],
    }


def _some(images: Images, count: int) -> Images:
    """Return at most `count` of the images, evenly spread over the set."""
    chosen = np.unique(np.linspace(0, len(images.labels) - 1, count).astype(int))
    return Images(images.images[chosen], images.labels[chosen])


def _curves(facts: dict[str, Any]) -> figures.Drawing:
    return figures.curves(
        "curves",
        "Loss and accuracy of the two networks in training, against the iterations."
        + learning_curves.remarks(facts["curves"]),
        learning_curves.panels(facts["labels"], facts["curves"], x="iteration"),
    )


def _confusions(record: Record) -> list[figures.Drawing]:
    """Draw the confusion matrix of each network."""
    drawings = []
    for name, label in zip(("cnn", "rnn"), record.facts["labels"], strict=True):
        caption = f"{label}: how often each digit (row) was taken for which (column)."
        counts, classes = record.arrays[f"confusion-{name}"], record.facts["classes"]
        drawings.append(
            figures.confusion(f"confusion-{name}", caption, counts, classes, wide=False)
        )
    return drawings


def _only_one_right(record: Record) -> figures.Drawing:
    rows, titles = [], []
    for side, name in enumerate(("cnn", "rnn")):
        told = record.facts["only"][side]
        if told:
            titles.append(f"only {record.facts['labels'][side]} right")
            rows.append(
                [
                    figures.Image(image, f"{one['true']}, not {one['read'][1 - side]}")
                    for image, one in zip(record.arrays[f"only-{name}"], told, strict=True)
                ]
            )
    return figures.image_grid(
        "only",
        "Test images that only one of the two networks reads rightly, with the true digit and what "
        "the other network takes it for; the other’s surest mistakes first.",
        rows,
        row_titles=titles,
        largest=14,
    )


def _shift_curves(shifts: dict[str, Any], labels: list[str]) -> figures.Drawing:
    panels = [
        figures.Panel(
            title,
            "pixels",
            "test accuracy",
            [
                figures.Line(label, shifts["pixels"], one[direction])
                for label, one in zip(labels, shifts["accuracy"], strict=True)
            ],
            percent=True,
        )
        for direction, title in (
            ("down", "Shifted down (−: up)"),
            ("right", "Shifted right (−: left)"),
        )
    ]
    return figures.curves(
        "shifts", "Test accuracy on shifted images; neither network was trained on any.", panels
    )
