"""How sure networks are of what they say, and how often they are right when they are that sure.

After Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural networks" (2017), section 2.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from experiments.lab.evidence import comparisons, differences
from experiments.lab.evidence.claims import Claim, Difference, End, claim, made, names_of
from experiments.lab.store.records import Findings
from experiments.lab.store.runs import Run
from rendering.figures import vocabulary as figures

BINS = 15  # of equal width, as in the paper's experiments
DRAWS = 1000  # of every bootstrap, permutation and simulation
LEAST = 10  # images in a bin that is drawn
SEED = 0
EXCHANGED = "permutation test that exchanges two networks’ answers image by image"


class Answers(NamedTuple):
    """How probable a network takes its answers to be, float (n,), and which are right, bool (n,)."""

    confidence: np.ndarray
    right: np.ndarray


def answers(probabilities: np.ndarray, labels: np.ndarray) -> Answers:
    """Return the answers for predicted probabilities, float (n, classes), and true classes, int (n,)."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    return Answers(confidence, probabilities.argmax(axis=1) == labels)


def bins(confidence: np.ndarray) -> np.ndarray:
    """Return the bin of each confidence, int (n,): bin m holds those in (m / BINS, (m + 1) / BINS]."""
    return np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)


def expected_error(given: Answers) -> float:
    """Return the expected calibration error, a fraction (the paper's equation 3).

    It is the mean over bins of the distance between accuracy and mean confidence, weighted by images.
    """
    gaps = np.bincount(bins(given.confidence), given.right - given.confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(given.right))


def measure(runs: Mapping[str, Run], names: Sequence[str], labels: np.ndarray) -> Findings:
    """Return how well two networks are calibrated on the test images of `labels`, and what is borne out.

    `runs` has the two by their short names, `names` what prose calls them. Of the facts, `networks` has
    for each its `error` (a fraction), the one that a perfectly calibrated network as sure of its
    answers would have `by_chance`, its `mean_confidence`, its `accuracy` and the bins of the curve;
    `sure` its claim on confidence against accuracy, and `smaller` that of the two errors.
    """
    given = [answers(run.probabilities(), labels) for run in runs.values()]
    ends = [End.of_run(run, name) for run, name in zip(runs.values(), names, strict=True)]
    claims = comparisons.adjusted(_claims(list(runs), ends, given), "calibration")
    held = {one.name: one for one in claims}
    facts = {
        "bins": BINS,
        "least": LEAST,
        "networks": [
            {**_of_network(one), "label": name} for one, name in zip(given, names, strict=True)
        ],
        "sure": list(names_of({one: held.get(f"sure-{one}") for one in runs}).values()),
        "smaller": "calibration" if "calibration" in held else None,
        "runs": [run.key for run in runs.values()],
        "claims": list(held),
    }
    return Findings(facts=facts, claims=claims)


def drawing(facts: Mapping[str, Any]) -> figures.Drawing:
    """Draw the reliability curves: accuracy against confidence, by bin."""
    lines = [
        figures.Line(one["label"], one["bins"]["confidence"], one["bins"]["accuracy"])
        for one in facts["networks"]
    ]
    diagonal = figures.Line("as sure as right", [0.0, 1.0], [0.0, 1.0])
    panel = figures.Panel("", "confidence", "accuracy", [*lines, diagonal], percent=True)
    return figures.curves(
        "reliability",
        f"Accuracy against mean confidence in {facts['bins']} bins of equal width; bins with fewer than "
        f"{facts['least']} test images are left out.",
        [panel],
        wide=False,
    )


def _of_network(given: Answers) -> dict[str, Any]:
    found = bins(given.confidence)
    counts = np.bincount(found, minlength=BINS)
    drawn = np.flatnonzero(counts >= LEAST)
    means = {
        name: [float(values[found == one].mean()) for one in drawn]
        for name, values in given._asdict().items()
    }
    return {
        "error": expected_error(given),
        "by_chance": _by_chance(given.confidence),
        "mean_confidence": float(given.confidence.mean()),
        "accuracy": float(given.right.mean()),
        "bins": {
            "confidence": means["confidence"],
            "accuracy": means["right"],
            "images": [int(counts[one]) for one in drawn],
        },
    }


def _by_chance(confidence: np.ndarray) -> float:
    """Return the mean error of answers that are right exactly as often as they are sure."""
    random = np.random.default_rng(SEED)
    drawn = [Answers(confidence, random.random(len(confidence)) < confidence) for _ in range(100)]
    return float(np.mean([expected_error(one) for one in drawn]))


def _claims(names: Sequence[str], ends: Sequence[End], given: Sequence[Answers]) -> list[Claim]:
    sure = [
        claim(f"sure-{name}", end, end, "confidence over accuracy", differences.paired(*one))
        for name, end, one in zip(names, ends, given, strict=True)
    ]
    return made([*sure, claim("calibration", *ends, "calibration error", apart(*given))])


def apart(left: Answers, right: Answers) -> Difference:
    """Return how two networks' errors differ on the same images.

    The p-value is a permutation test's: were the networks alike, either answer to an image could be
    either one's. The interval is from a bootstrap over images; few images make any error larger, in
    every draw as in the estimate.
    """
    gaps = [_gaps(one) for one in (left, right)]
    errors = [expected_error(one) for one in (left, right)]
    estimate = errors[0] - errors[1]
    exchanged = _exchanged(*gaps)
    p_value = float((1 + (np.abs(exchanged) >= abs(estimate) - 1e-12).sum()) / (DRAWS + 1))
    found = estimate, comparisons.middle(_resampled(*gaps)), p_value
    return Difference(*errors, *found, EXCHANGED, "images", len(left.right))


def _gaps(given: Answers) -> np.ndarray:
    """Return each image's part in each bin's gap, float (n, BINS)."""
    gaps = np.zeros((len(given.right), BINS))
    gaps[np.arange(len(gaps)), bins(given.confidence)] = given.right - given.confidence
    return gaps


def _exchanged(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the difference of errors for DRAWS random exchanges, float (DRAWS,)."""
    random = np.random.default_rng(SEED)
    exchange = random.integers(0, 2, (DRAWS, len(left)), np.uint8).astype(np.float32)
    moved = exchange @ (right - left).astype(np.float32)
    one, other = left.sum(axis=0) + moved, right.sum(axis=0) - moved
    return (np.abs(one).sum(axis=1) - np.abs(other).sum(axis=1)) / len(left)


def _resampled(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the difference of errors for DRAWS choices of images with replacement, float (DRAWS,)."""
    random, count = np.random.default_rng(SEED), len(left)
    times = random.poisson(1, (DRAWS, count)).astype(np.float32)  # as good as a multinomial
    sums = [times @ gaps.astype(np.float32) for gaps in (left, right)]
    return (np.abs(sums[0]).sum(axis=1) - np.abs(sums[1]).sum(axis=1)) / count
