"""Where two networks err together, and which images only one of them gets right."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.lab.data.splits import Images
from experiments.lab.evidence.claims import GROUP, Claim, Difference, End, claim
from experiments.lab.store.records import Record
from experiments.lab.store.runs import Run
from rendering.figures import vocabulary as figures

FISHER = "Fisher’s exact test"
SHOWN = 8  # images that only one of the two gets right


def agreement(cnn: np.ndarray, rnn: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return how many images both, one or none of two networks get right.

    `cnn` and `rnn` are predicted classes, `labels` the true ones, int (n,). `expected` is how many
    neither would get right if their mistakes fell independently on the images; `same` counts those of
    them for which both give the same wrong answer.
    """
    right, other = cnn == labels, rnn == labels
    neither = ~right & ~other
    expected = float((~right).sum() * (~other).sum() / len(labels))
    return {
        "both": int((right & other).sum()),
        "only_cnn": int((right & ~other).sum()),
        "only_rnn": int((~right & other).sum()),
        "neither": int(neither.sum()),
        "wrong_cnn": int((~right).sum()),
        "wrong_rnn": int((~other).sum()),
        "expected": expected,
        "times": int(neither.sum()) / expected if expected else None,
        "same": int((neither & (cnn == rnn)).sum()),
        "either": float((right | other).mean()),
    }


def together(
    cnn: np.ndarray, rnn: np.ndarray, labels: np.ndarray, runs: Sequence[Run]
) -> Claim | None:
    """Return whether both networks err on more images than they would if their errors were independent.

    The claim "mistakes" is in images, by Fisher's exact test (1922, Journal of the Royal Statistical
    Society 85); arguments as in `agreement`. None if one of them makes no mistake.
    """
    from scipy.stats import fisher_exact

    found = agreement(cnn, rnn, labels)
    if not found["expected"]:
        return None
    table = [[found["both"], found["only_cnn"]], [found["only_rnn"], found["neither"]]]
    difference = Difference(
        found["neither"], found["expected"], found["neither"] - found["expected"],
        lambda confidence: None, float(fisher_exact(table).pvalue), FISHER, "images", len(labels),
    )  # fmt: skip
    ends = End(GROUP, "both networks", tuple(run.key for run in runs)), End.of_value("chance")
    return claim("mistakes", *ends, "images wrong with both", difference)


def only_one_right(
    probabilities: Sequence[np.ndarray], test: Images, classes: Sequence[str]
) -> tuple[list[list[dict[str, Any]]], dict[str, np.ndarray]]:
    """Return the images that only the first and only the second network gets right, and their arrays.

    The other's surest mistakes come first; `probabilities` are float (n, classes) of each network.
    """
    chosen = [_only(probabilities, test, side) for side in (0, 1)]
    told = [[_told(image, probabilities, test, classes) for image in images] for images in chosen]
    arrays = {
        f"only-{name}": test.images[images]
        for name, images in zip(("cnn", "rnn"), chosen, strict=True)
    }
    return told, arrays


def drawing(record: Record) -> figures.Drawing:
    """Draw the images that only one of the networks gets right."""
    rows, titles = [], []
    for side, name in enumerate(("cnn", "rnn")):
        told: Sequence[Mapping[str, Any]] = record.facts["only"][side]
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
        "Test images that only one of the two networks gets right, with the true class and what the "
        "other network takes it for; the other’s surest mistakes first.",
        rows,
        row_titles=titles,
        largest=14,
    )


def _only(probabilities: Sequence[np.ndarray], test: Images, side: int) -> np.ndarray:
    mine, others = probabilities[side], probabilities[1 - side]
    chosen = np.flatnonzero((mine.argmax(1) == test.labels) & (others.argmax(1) != test.labels))
    return chosen[np.argsort(-others[chosen].max(1), kind="stable")][:SHOWN]


def _told(
    image: int, probabilities: Sequence[np.ndarray], test: Images, classes: Sequence[str]
) -> dict[str, Any]:
    return {
        "image": int(image),
        "true": classes[test.labels[image]],
        "read": [classes[one[image].argmax()] for one in probabilities],
    }
