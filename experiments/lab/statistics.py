"""Statistics of the comparisons: which differences the numbers bear out, and which they do not.

One seed each, and a comparison is about *two trained networks*: would the one still be ahead on
other test images? McNemar's exact test on the images that only one of the two gets right, and a
paired bootstrap over images, answer that. Several seeds, and the comparison is about the *setting*:
would it still be ahead with other initial weights and another order of the images? The differences
are then paired by seed, with a sign-flip permutation test and a BCa bootstrap interval over seeds.
Where several comparisons stand together, Holm's method corrects their p-values.

`summary` and `learning_curves` give a trial's scores and curves over its seeds as plain data.
"""

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from experiments.lab.records import Claim
from experiments.lab.results import Trial
from experiments.lab.runs import COMPLETED, Run

LEVEL = 0.05  # a p-value below it counts as a difference
CONFIDENCE = 0.95
RESAMPLES = 9999  # of every bootstrap; up to 13 seeds the permutation test counts all sign flips
SEED = 0
SEEDS_NEEDED = 6  # the fewest whose sign-flip test can give p < LEVEL: 2 / 2**6 = 0.031

CURVES = ("loss", "accuracy", "validation_loss", "validation_accuracy")

MCNEMAR = "McNemar's exact test"
SIGN_FLIP = "sign-flip permutation test over seeds"


def compare(
    name: str,
    left: Trial,
    right: Trial,
    labels: np.ndarray,
    left_label: str,
    right_label: str,
    measure: str = "test_accuracy",
) -> Claim:
    """Return the claim that compares `left` with `right`, paired by the seeds both completed.

    With one such seed the claim is about two trained networks, with more about the setting; see the
    module's description. The verdict is "tied" unless p < .05. A sign-flip test of n seeds has no
    p-value below 2/2ⁿ, so that at least six seeds are needed for any other verdict about a setting.

    Args:
        labels: the test set's true classes, int (images,).
        measure: a score of `Run.scores`; with a single seed only "test_accuracy", for which
            predictions are kept.

    Raises:
        ValueError: no seed was completed by both, or the predictions do not belong to `labels`.
    """
    pairs = _pairs(left, right)
    if not pairs:
        raise ValueError(f"{left_label} and {right_label} have no completed seed in common")
    if len(pairs) > 1:
        differences = np.array([one.scores[measure] - two.scores[measure] for one, two in pairs])
        estimate, interval, p_value = seeds_apart(differences)
        test = SIGN_FLIP
    elif measure == "test_accuracy":
        one, two = (_correct(run, labels) for run in pairs[0])
        estimate, interval, p_value = networks_apart(one, two)
        test = MCNEMAR
    else:
        raise ValueError(
            f"one run each cannot be compared by {measure}: only test predictions are kept"
        )
    verdict = _verdict(estimate, p_value)
    return Claim(
        name,
        left_label,
        right_label,
        measure,
        verdict,
        estimate,
        interval,
        test,
        p_value,
        len(pairs),
    )


def comparable(left: Trial, right: Trial) -> bool:
    """Return whether the trials have a seed that both completed, as `compare` needs."""
    return bool(_pairs(left, right))


def networks_apart(left: np.ndarray, right: np.ndarray) -> tuple[float, tuple[float, float], float]:
    """Compare two networks by which of the same images each gets right, bool (images,).

    Returns the difference of their accuracies, its 95 % interval from a paired bootstrap over
    images, and the two-sided p-value of McNemar's test (1947, Psychometrika 12) in its exact form:
    if the networks are equally good, an image that only one of them gets right is as likely to be
    the one's as the other's.
    """
    from scipy.stats import binomtest

    count = len(left)
    left_only, right_only = int((left & ~right).sum()), int((~left & right).sum())
    discordant = left_only + right_only
    p_value = float(binomtest(left_only, discordant).pvalue) if discordant else 1.0
    # Drawing images with replacement is drawing how many of each of the three kinds come up.
    kinds = np.array([left_only, right_only, count - discordant]) / count
    drawn = np.random.default_rng(SEED).multinomial(count, kinds, size=RESAMPLES)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile((drawn[:, 0] - drawn[:, 1]) / count, [tail, 1 - tail])
    return (left_only - right_only) / count, (float(low), float(high)), p_value


def seeds_apart(
    differences: np.ndarray,
) -> tuple[float, tuple[float, float] | None, float]:
    """Judge two settings by their differences for the same seeds, float (seeds,).

    Returns the mean difference, its 95 % BCa bootstrap interval (Efron 1987; None with fewer than
    three distinct differences, for which it is not defined), and the two-sided p-value of the
    permutation test that flips the differences' signs.
    """
    from scipy.stats import permutation_test

    tested = permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        n_resamples=RESAMPLES,
        rng=np.random.default_rng(SEED),
    )
    return float(differences.mean()), _bca(differences), float(tested.pvalue)


def _bca(differences: np.ndarray) -> tuple[float, float] | None:
    if len(np.unique(differences)) < 3:
        return None
    from scipy.stats import bootstrap

    result = bootstrap(
        (differences,),
        np.mean,
        confidence_level=CONFIDENCE,
        n_resamples=RESAMPLES,
        method="BCa",
        rng=np.random.default_rng(SEED),
    )
    low, high = float(result.confidence_interval.low), float(result.confidence_interval.high)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def adjusted(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims with p-values and verdicts corrected for standing together (Holm).

    A single claim is returned as it is.
    """
    if len(claims) < 2:
        return list(claims)
    corrected = holm([claim.p_value for claim in claims])
    return [
        dataclasses.replace(
            claim,
            p_value=p_value,
            verdict=_verdict(claim.estimate, p_value),
            test=f"{claim.test}, corrected for {len(claims)} comparisons",
        )
        for claim, p_value in zip(claims, corrected, strict=True)
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values corrected by Holm's step-down method, in the same order.

    The smallest of m is multiplied by m, the next by m - 1 and so on; none may come out below a
    smaller one, or above 1 (Holm 1979, Scandinavian Journal of Statistics 6).
    """
    corrected = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected


def confusion(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Return how often each true class was taken for which, int (classes, classes).

    The rows are the true classes, the columns the predicted ones.
    """
    flat = np.bincount(np.asarray(labels) * classes + predictions, minlength=classes * classes)
    return flat.reshape(classes, classes)


def standard_error(accuracy: float, count: int) -> float:
    """Return the standard error of an accuracy that was measured on `count` independent images."""
    return math.sqrt(accuracy * (1 - accuracy) / count)


def summary(trial: Trial) -> dict[str, Any]:
    """Return a trial's row of a table, as plain data.

    Scores are pairs of mean and standard deviation over the completed runs, None for what there is
    not. `outcome` says in words what became of the runs; `seconds` and `step_seconds` are means.
    """
    completed = [run for run in trial.runs if run.status == COMPLETED]
    scores = ("validation_accuracy", "best_validation_accuracy", "test_accuracy", "test_loss")
    return {
        "hyperparameters": dict(trial.hyperparameters),
        "trial_id": trial.trial_id,
        "status": trial.status,
        "message": trial.message,
        "outcome": _outcome(trial),
        "runs": len(trial.runs),
        "completed": len(completed),
        **{score: [trial.mean(score), trial.deviation(score)] for score in scores},
        "best_iteration": trial.mean("best_iteration"),
        "best_epoch": _best_epoch(completed),
        "parameters": trial.parameters,
        "seconds": trial.seconds,
        "step_seconds": trial.step_seconds,
    }


def learning_curves(trial: Trial) -> dict[str, Any]:
    """Return a trial's curves, means over its completed runs, as plain data.

    `iteration` and `epoch` are lists; each of CURVES maps `mean` and `deviation` (None for
    a single run) to lists of the same length. If no run completed, the curves are the first run's,
    as far as it came, with None for a value that is not finite. `note` says what did not complete.
    """
    completed = [run for run in trial.runs if run.status == COMPLETED]
    shown = completed or [trial.run]
    points = min(len(run.curves["iteration"]) for run in shown)
    curves: dict[str, Any] = {
        name: _plain(shown[0].curves[name][:points]) for name in ("iteration", "epoch")
    }
    for name in CURVES:
        values = np.array([run.curves[name][:points] for run in shown], float)
        several = len(shown) > 1
        curves[name] = {
            "mean": _plain(values.mean(axis=0)),
            "deviation": _plain(values.std(axis=0, ddof=1)) if several else None,
        }
    return {**curves, "note": "" if trial.status == COMPLETED else _outcome(trial)}


def _best_epoch(runs: Sequence[Run]) -> float | None:
    """Return the mean epoch of the highest validation accuracy."""
    if not runs:
        return None
    places = [int(np.argmax(run.curves["validation_accuracy"])) for run in runs]
    return float(np.mean([run.curves["epoch"][at] for run, at in zip(runs, places, strict=True)]))


def _outcome(trial: Trial) -> str:
    """Return "completed", "diverged", or what became of some of several runs."""
    broken = [run.status for run in trial.runs if run.status != COMPLETED]
    if not broken:
        return COMPLETED
    words = " or ".join(dict.fromkeys(broken))
    return (
        words if len(broken) == len(trial.runs) else f"{len(broken)} of {len(trial.runs)} {words}"
    )


def _plain(values: Iterable[float]) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]


def _verdict(estimate: float, p_value: float) -> str:
    if p_value >= LEVEL or estimate == 0:
        return "tied"
    return "better" if estimate > 0 else "worse"


def _pairs(left: Trial, right: Trial) -> list[tuple[Run, Run]]:
    """Return the completed runs of the seeds that both have, in the order of `left`."""
    others = {run.settings.seed: run for run in right.runs if run.status == COMPLETED}
    return [
        (run, others[run.settings.seed])
        for run in left.runs
        if run.status == COMPLETED and run.settings.seed in others
    ]


def _correct(run: Run, labels: np.ndarray) -> np.ndarray:
    predictions = run.probabilities().argmax(axis=1)
    if predictions.shape != np.shape(labels):
        raise ValueError(
            f"run {run.key} has {len(predictions)} predictions for {len(labels)} test images"
        )
    return predictions == labels
