"""Task 3a: how well does a plain recurrent network read handwritten digits row by row?

    python build_report.py rnn

trains a SimpleRNN of 128 units with Adam at a rate of 0.001 for 3,000 iterations of 128 images: about
15 seconds on one core, and for short trainings at seven settings about as long again. On MNIST it should
get 96 to 98 % of the test images right.
"""

from typing import Any

import numpy as np

from experiments.lab.data.splits import Images
from experiments.lab.evidence import comparisons
from experiments.lab.settings import BATCH_SIZE, Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import Trial
from experiments.lab.study import Section, Study
from experiments.recurrence import settings
from experiments.searches import recurrent as recurrent_search
from rendering import wording
from rendering.figures import learning_curves
from rendering.figures import vocabulary as figures

SECTION = Section("rnn", "3a", "A recurrent network on MNIST", data=("mnist",))

READ_AFTER = (1, 7, 14, 21, 28)  # rows, of the image that shows how an image is read
MISTAKES = 16  # the most confident ones are shown
MISTAKES_A_ROW = 8
CONFUSIONS = 3  # the most frequent ones are named


def searches(study: Study) -> list[Search]:
    """Return the training of the assignment's network, and short ones at other settings."""
    return [recurrent_search.single_search(study), *settings.searches(study)]


def measure(study: Study) -> Findings:
    """Return the scores of the network, its confusions and its most confident mistakes.

    Raises ValueError if its training did not complete.
    """
    trial = study.result("rnn").trials[0]
    run = trial.first
    splits = study.splits("mnist")
    probabilities = run.probabilities()
    mistakes = most_confident_mistakes(splits.test, probabilities)
    classes = splits.identity.classes
    counts = comparisons.confusion(splits.test.labels, probabilities.argmax(1), len(classes))
    row = recurrent_search.row(trial)
    around, claims = settings.measure(study, splits.test.labels)
    return Findings(
        scores=_scores(trial),
        facts={
            "row": row,
            "curves": recurrent_search.curves(trial),
            "broken": recurrent_search.broken([trial]),
            "settings": _settings(study, len(splits.train.labels)),
            "shown_run": run.key,
            "shown_seed": run.settings.seed,
            "shown_accuracy": run.scores["test_accuracy"],
            "standard_error": comparisons.standard_error(
                trial.mean("test_accuracy"), len(splits.test.labels)
            ),
            "around": around,
            "parts": _parts(row["parameters"], len(classes)),
            "test_images": len(splits.test.labels),
            "classes": list(classes),
            "by_class": _by_class(counts, classes),
            **_confusions(counts, classes),
            "errors": int(counts.sum() - np.trace(counts)),
            "mistakes": [_named(mistake, classes) for mistake in mistakes],
        },
        arrays={
            "confusion": counts,
            "mistakes": splits.test.images[[mistake["image"] for mistake in mistakes]],
            "example": splits.test.images[0],
        },
        claims=claims,
    )


def draw(record: Record) -> list[figures.Drawing]:
    """Return the section's figures."""
    facts = record.facts
    drawings = [
        _reading(record.arrays["example"]),
        _curves(facts["curves"], facts["row"]["label"]),
        figures.confusion(
            "confusion",
            "How often each class (row) was taken for which (column), on the test images.",
            record.arrays["confusion"],
            facts["classes"],
            wide=False,
        ),
    ]
    if facts["mistakes"]:
        drawings.append(_mistakes(record.arrays["mistakes"], facts["mistakes"]))
    origins = {"reading": record.origin(runs=()), "curves": record.origin([facts["row"]])}
    shown = record.origin(runs=[facts["shown_run"]])
    return [drawing.drawn_from(origins.get(drawing.name, shown)) for drawing in drawings]


def most_confident_mistakes(test: Images, probabilities: np.ndarray) -> list[dict[str, Any]]:
    """Return the wrongly read images with the highest probability for the wrong class, highest first."""
    predicted = probabilities.argmax(1)
    wrong = np.flatnonzero(predicted != test.labels)
    sure = wrong[np.argsort(-probabilities[wrong].max(1), kind="stable")][:MISTAKES]
    return [
        {
            "image": int(image),
            "true": int(test.labels[image]),
            "predicted": int(predicted[image]),
            "probability": float(probabilities[image].max()),
            "of_true": float(probabilities[image, test.labels[image]]),
        }
        for image in sure
    ]


def _named(mistake: dict[str, Any], classes: tuple[str, ...]) -> dict[str, Any]:
    return {
        **mistake,
        "true": classes[mistake["true"]],
        "predicted": classes[mistake["predicted"]],
    }


def _scores(trial: Trial) -> dict[str, float]:
    names = ("test_accuracy", "test_loss", "validation_accuracy", "best_validation_accuracy")
    row = recurrent_search.row(trial)
    return {
        **{name: trial.mean(name) for name in names},
        "parameters": row["parameters"],
    }


def _settings(study: Study, images: int) -> dict[str, Any]:
    iterations = study.profile.iterations
    return {
        "cell": "SimpleRNN",
        "units": recurrent_search.ASSIGNED_UNITS,
        "optimizer": "Adam",
        "learning_rate": recurrent_search.LEARNING_RATE,
        "iterations": iterations,
        "batch_size": BATCH_SIZE,
        "seen": iterations * BATCH_SIZE,
        "epochs": iterations * BATCH_SIZE / images,
        "training_images": images,
        "rows": recurrent_search.STEPS,
        "pixels": recurrent_search.PIXELS,
        "read_after": list(READ_AFTER),
    }


def _parts(counted: int, classes: int) -> dict[str, Any]:
    """Return where the network's weights are, and whether they add up to what was counted in it."""
    units, pixels = recurrent_search.ASSIGNED_UNITS, recurrent_search.PIXELS
    cell = recurrent_search.cell_parameters("SimpleRNN", units)
    return {
        "input": units * pixels,
        "state": units * units,
        "bias": units,
        "output": (units + 1) * classes,
        "sum": cell + (units + 1) * classes,
        "agrees": cell + (units + 1) * classes == counted,
    }


def _by_class(counts: np.ndarray, classes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return for each class how many of its images are right, and what the others are taken for."""
    rows = []
    for index, name in enumerate(classes):
        wrong = counts[index].copy()
        wrong[index] = 0
        most = int(wrong.max())
        total = int(counts[index].sum())
        rows.append(
            {
                "name": name,
                "images": total,
                "right": int(counts[index, index]),
                "accuracy": float(counts[index, index] / total) if total else None,
                "taken_for": [classes[one] for one in np.flatnonzero(wrong == most)]
                if most
                else [],
                "times": most,
            }
        )
    return rows


def _confusions(counts: np.ndarray, classes: tuple[str, ...]) -> dict[str, Any]:
    """Return the most frequent confusions, and how many others are as frequent as the last of them."""
    wrong = counts - np.diag(np.diag(counts))
    order = np.argsort(-wrong, axis=None, kind="stable")[:CONFUSIONS]
    pairs = [np.unravel_index(place, wrong.shape) for place in order if wrong.flat[place]]
    least = wrong[pairs[-1]] if pairs else 0
    shown = [
        {
            "true": classes[true],
            "predicted": classes[predicted],
            "times": int(wrong[true, predicted]),
        }
        for true, predicted in pairs
    ]
    others = int((wrong == least).sum()) - sum(wrong[pair] == least for pair in pairs)
    return {"confusions": shown, "as_often": int(others) if least else 0}


def _reading(image: np.ndarray) -> figures.Drawing:
    """Show an image as far as it has been read after some of its rows; the rest is grey."""
    stages = []
    for rows in READ_AFTER:
        read = np.full_like(image, 110)
        read[:rows] = image[:rows]
        stages.append(figures.Image(read, f"after row {rows}"))
    return figures.image_grid(
        "reading",
        "A test image as the network reads it, from the top row down; what it has not read yet is grey.",
        [stages],
        wide=False,
        largest=20,
    )


def _curves(curves: dict[str, Any], label: str) -> figures.Drawing:
    return figures.curves(
        "curves",
        "Loss and error, the share of images read wrongly, in training: on training images means since "
        f"the point before, on validation images values at the point.{learning_curves.remarks([curves])}",
        learning_curves.panels([label], [curves], x="iteration", errors=True),
    )


def _mistakes(images: np.ndarray, mistakes: list[dict[str, Any]]) -> figures.Drawing:
    shown = []
    for image, mistake in zip(images, mistakes, strict=True):
        sure = wording.percent(mistake["probability"])
        told = f"{mistake['true']} read as {mistake['predicted']}\n{sure}"
        shown.append(figures.Image(image, told))
    rows = [shown[first : first + MISTAKES_A_ROW] for first in range(0, len(shown), MISTAKES_A_ROW)]
    return figures.image_grid(
        "mistakes",
        "The test images that the network reads wrongly with the greatest confidence: the true and the "
        "predicted class, and the probability that the network gave to its prediction.",
        rows,
        largest=18,
    )
