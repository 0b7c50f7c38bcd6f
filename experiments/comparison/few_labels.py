"""Both kinds of network trained on few labelled images: which of them makes more of what there is?

A convolution assumes that a pattern means the same wherever it lies, which images bear out, so that it
may have less to learn. Both see the same images, as many of each class, for as many steps.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.comparison import short
from experiments.lab.data.splits import Splits
from experiments.lab.data.views import chosen_images
from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import Claim, made
from experiments.lab.settings import Search, grid
from experiments.lab.store.results import Trial
from experiments.lab.study import Study
from experiments.searches import recurrent as recurrent_search
from rendering import wording
from rendering.figures import vocabulary as figures

CNN, RNN = "few-labels-cnn", "few-labels-rnn"
SIZES = (10, 100, 1000, None)  # images of each class, None is all

Pairs = Mapping[int | None, Sequence[Trial]]  # by images of each class, the trials of CNN and RNN


def searches(study: Study, networks: Mapping[str, Mapping[str, Any]]) -> list[Search]:
    """Return the trainings of both networks on few images; none where the profile has no time.

    `networks` has, for each of `short.SIDES`, what `short.search` takes.
    """
    if not short.made(study):
        return []
    return [
        short.search(study, name, "on few images", networks[side], grid(per_class=SIZES))
        for side, name in zip(short.SIDES, (CNN, RNN), strict=True)
    ]


def measure(
    study: Study, names: Sequence[str], splits: Splits
) -> tuple[dict[str, Any] | None, list[Claim]]:
    """Return how both networks did with each number of images, None where not trained, and claims.

    `names` are what prose calls the networks. Claims hold the CNN against the RNN ("few-SIZE", by
    images of each class or "all"), and what it costs the CNN to have so few against what it costs the
    RNN ("fewer-SIZE": up where it costs the CNN more). A number that leaves nothing out is told as all.
    """
    if not short.made(study):
        return None, []
    counts = _counts(splits.train.labels)
    results = [study.result(name) for name in (CNN, RNN)]
    pairs = {size: [one.find(per_class=size) for one in results] for size in counts}
    claims = [
        *_ahead(pairs, counts, names, splits.test.labels),
        *_costs(pairs, names, splits.test.labels),
    ]
    there = [one.name for one in claims]
    facts = {
        "iterations": short.ITERATIONS,
        "networks": list(names),
        "rows": [
            {
                "images": counts[size],
                "all": size is None,
                "test_accuracy": short.accuracies(trials),
                **{key: _name(key, size, there) for key in ("few", "fewer")},
            }
            for size, trials in pairs.items()
        ],
        "runs": [run.key for trials in pairs.values() for one in trials for run in one.runs],
        "claims": there,
        "out_of_reach": recurrent_search.out_of_reach(claims),
    }
    return facts, claims


def drawing(facts: Mapping[str, Any]) -> figures.Drawing:
    """Draw the accuracy of both networks against the number of images."""
    lines = [
        figures.Line(
            name,
            [row["images"] for row in facts["rows"]],
            [row["test_accuracy"][side][0] for row in facts["rows"]],
            deviation=_deviations(facts["rows"], side),
        )
        for name, side in zip(facts["networks"], short.SIDES, strict=True)
    ]
    caption = (
        f"Test accuracy after {facts['iterations']} iterations against the number of labelled images "
        "that there were to train on."
    )
    panel = figures.Panel("", "training images", "test accuracy", lines, True, log_x=True)
    return figures.curves("few", caption, [panel])


def _counts(labels: np.ndarray) -> dict[int | None, int]:
    """Return how many images there are by images of each class, without sizes that leave none out."""
    counts = {size: len(chosen_images(labels, size, seed=0)) for size in SIZES}
    return {size: n for size, n in counts.items() if size is None or n < len(labels)}


def _ahead(
    pairs: Pairs, counts: Mapping[int | None, int], names: Sequence[str], labels: np.ndarray
) -> list[Claim]:
    together = [
        comparisons.Comparison(
            _named("few", size),
            *trials,
            *(f"{name}, {wording.count(counts[size])} images" for name in names),
        )
        for size, trials in pairs.items()
    ]
    return comparisons.compare_all(together, labels, "few labels")


def _costs(pairs: Pairs, names: Sequence[str], labels: np.ndarray) -> list[Claim]:
    """Hold what few images cost the CNN against what they cost the RNN, by the mean of two and two."""
    ends = (
        f"{names[0]} with all and {names[1]} with few",
        f"{names[0]} with few and {names[1]} with all",
    )
    costs = [
        short.cost(_named("fewer", size), pairs[None], trials, labels, ends)
        for size, trials in pairs.items()
        if size is not None
    ]
    return comparisons.adjusted(made(costs), "costs of few labels")


def _deviations(rows: Sequence[Mapping[str, Any]], side: str) -> list[float] | None:
    found = [row["test_accuracy"][side][1] for row in rows]
    return None if None in found else found


def _named(key: str, size: int | None) -> str:
    return f"{key}-{'all' if size is None else size}"


def _name(key: str, size: int | None, there: Sequence[str]) -> str | None:
    return name if (name := _named(key, size)) in there else None
