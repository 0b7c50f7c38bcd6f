"""Two starts of the same network: Keras's initial weights, and small ones under centred images.

Training adds to the weights that a network starts from. Where these are large, pictures of its filters
show them whatever was learned. LeNet-5 is trained a second time, as the chosen one was, but from small
weights and on centred images (`lab/networks/small_start.py`), and of each network it is asked how much of
its start is left in it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import Claim, End, claim, made
from experiments.lab.evidence.differences import correlations, paired
from experiments.lab.settings import Search
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import Run
from experiments.lab.study import Study
from rendering.figures import vocabulary as figures

SEARCH, BASE = "small-start", "learning-rates"
KERAS, SMALL = "keras", "small"
LABELS = {KERAS: "Keras’s start", SMALL: "the small start"}
TITLES = {KERAS: "Keras’s start", SMALL: "small start"}
LAYERS = ("conv1", "conv2", "dense1", "dense2", "logits")
JUDGED = ("conv1", "conv2")  # layers with filters to look at
TILE = 16.0  # millimetres


def searches(study: Study) -> list[Search]:
    """Return the training from the small start; none if there is no network to hold it against."""
    base = study.result(BASE).best_or_none()
    if base is None:
        return []
    return [
        Search(
            SEARCH,
            "LeNet-5 from small weights, on centred images",
            "cifar10",
            "lenet5",
            points=({"start": "small"},),
            fixed=dict(base.hyperparameters),
            snapshots=True,
            **study.training(),
        )
    ]


def measure(
    study: Study, labels: np.ndarray
) -> tuple[dict[str, Any], list[Claim], dict[str, np.ndarray]]:
    """Return what each start leaves, claims, and first filters, (height, width, channels, filters) each.

    `labels` are the test set's true classes. A training that did not complete has its `message` alone.
    """
    base, small = study.result(BASE).best(), study.result(SEARCH).trials[0]
    if not small.completed:
        return {"completed": False, "message": small.runs[0].message}, [], {}
    trials = {KERAS: base, SMALL: small}
    kept = {name: left_of_start(trial.first) for name, trial in trials.items()}
    facts = {
        "completed": True,
        "layers": [
            {"name": layer, **{name: _mean(kept[name][layer]) for name in trials}}
            for layer in LAYERS
        ],
        "deviation": {
            name: [float(kernel.std()) for kernel in trial.first.weights(0)[:4:2]]
            for name, trial in trials.items()
        },
        "test_accuracy": {name: trial.mean("test_accuracy") for name, trial in trials.items()},
        "runs": [trial.first.key for trial in trials.values()],
        "seeds": len(small.runs),
    }
    return facts, claims_of(trials, kept, labels), pictures(trials)


def left_of_start(run: Run) -> dict[str, np.ndarray]:
    """Return the correlation of each unit's weights with those it started from, (units,) by layer.

    NaN for a unit whose weights are constant.
    """
    kernels = zip(LAYERS, run.weights()[::2], run.weights(0)[::2], strict=True)
    return {
        layer: correlations(np.moveaxis(after, -1, 0), np.moveaxis(before, -1, 0))
        for layer, after, before in kernels
    }


def claims_of(
    trials: Mapping[str, Trial], kept: Mapping[str, Mapping[str, np.ndarray]], labels: np.ndarray
) -> list[Claim]:
    """Return whether the small start leaves less of itself, "LAYER-left", and how accuracies compare.

    The former are a family over the filters of JUDGED; those of the two networks have nothing to do
    with one another, so that pairing them by number is as good as any. The latter is "starts".
    """
    ends = [End.of_run(trials[name].first, LABELS[name]) for name in (SMALL, KERAS)]
    left = [
        claim(
            f"{layer}-left", *ends, "correlation",
            paired(kept[SMALL][layer], kept[KERAS][layer], "filters"),
        )
        for layer in JUDGED
    ]  # fmt: skip
    pair = comparisons.Comparison(
        "starts", trials[SMALL], trials[KERAS], LABELS[SMALL], LABELS[KERAS]
    )
    return [
        *comparisons.adjusted(made(left), "left of the start"),
        *comparisons.compare_all([pair], labels, "starts"),
    ]


def pictures(trials: Mapping[str, Trial]) -> dict[str, np.ndarray]:
    """Return the first filters of each network, before and after its training."""
    return {
        f"start/{name}/{when}": trial.first.weights(epoch)[0]
        for name, trial in trials.items()
        for when, epoch in (("before", 0), ("after", None))
    }


def _mean(values: np.ndarray) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def drawing(arrays: Mapping[str, np.ndarray]) -> figures.Drawing:
    """Return the first filters of both networks before and after, a row each."""
    sets = [(name, when) for name in TITLES for when in ("before", "after")]
    rows = [
        [
            figures.Image(image)
            for image in figures.around_grey(np.moveaxis(arrays[f"start/{name}/{when}"], -1, 0))
        ]
        for name, when in sets
    ]
    caption = (
        "The filters of the first convolution before and after training, from Keras’s initial weights "
        "and from small ones on centred images. Each row has its own scale; grey is zero."
    )
    titles = [f"{TITLES[name]}, {when}" for name, when in sets]
    return figures.image_grid("starts", caption, rows, row_titles=titles, largest=TILE)
