"""Both kinds of network trained on images whose rows or pixels are in another order.

Nothing is lost in an order that is the same for all images. A convolution looks at neighbours, which it
takes away; a recurrent cell reads one row after the other, whichever they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.comparison import short
from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import Claim, made
from experiments.lab.settings import Search, grid
from experiments.lab.store.results import Trial
from experiments.lab.study import Study
from experiments.searches import recurrent as recurrent_search
from rendering.figures import vocabulary as figures

CNN, RNN = "order-cnn", "order-rnn"
ORDERS = {
    "": "as they are",
    "columns": "columns first",
    "rows": "rows in a random order",
    "pixels": "pixels in a random order",
}


def searches(study: Study, networks: Mapping[str, Mapping[str, Any]]) -> list[Search]:
    """Return the trainings of both networks with every order; none where the profile has no time.

    `networks` has, for each of `short.SIDES`, what `short.search` takes.
    """
    if not short.made(study):
        return []
    title, points = "with rows or pixels in another order", grid(order=list(ORDERS))
    return [
        short.search(study, name, title, networks[side], points)
        for side, name in zip(short.SIDES, (CNN, RNN), strict=True)
    ]


def measure(
    study: Study, names: Sequence[str], labels: np.ndarray
) -> tuple[dict[str, Any] | None, list[Claim]]:
    """Return how both networks did with each order, None where they were not trained, and claims.

    `names` are what prose calls the networks, `labels` the test images' true classes. Claims hold an
    order against the images as they are ("order-ORDER-NETWORK"), and what it costs the CNN against
    what it costs the RNN ("cost-ORDER": up where it costs the CNN more).
    """
    if not short.made(study):
        return None, []
    trials = [_by_order(study, search) for search in (CNN, RNN)]
    claims = [*_against_plain(trials, names, labels), *_costs(trials, names, labels)]
    made_names = [one.name for one in claims]
    facts = {
        "iterations": short.ITERATIONS,
        "networks": list(names),
        "rows": [
            {
                **_row(order, trials),
                "own": _names(made_names, order, names),
                "more": f"cost-{order}" if f"cost-{order}" in made_names else None,
            }
            for order in ORDERS
        ],
        "runs": [run.key for one in trials for trial in one.values() for run in trial.runs],
        "claims": [name for name in made_names if name.startswith("order-")],
        "out_of_reach": recurrent_search.out_of_reach(claims),
    }
    return facts, claims


def drawing(facts: Mapping[str, Any]) -> figures.Drawing:
    """Draw the accuracy of both networks with each order."""
    series = [
        _series(name, [row["test_accuracy"][side] for row in facts["rows"]])
        for name, side in zip(facts["networks"], short.SIDES, strict=True)
    ]
    return figures.bars(
        "orders",
        f"Test accuracy after {facts['iterations']} iterations on images whose rows or pixels are in "
        "another order, the same for all images.",
        [row["order"] for row in facts["rows"]],
        series,
        "test accuracy",
        percent=True,
    )


def _series(name: str, scores: Sequence[Sequence[float | None]]) -> figures.Series:
    means, spreads = (list(part) for part in zip(*scores, strict=True))
    several = any(spread is not None for spread in spreads)
    return figures.Series(name, means, spreads if several else None)


def _by_order(study: Study, search: str) -> dict[str, Trial]:
    result = study.result(search)
    return {order: result.find(order=order) for order in ORDERS}


def _row(order: str, trials: Sequence[Mapping[str, Trial]]) -> dict[str, Any]:
    return {
        "order": ORDERS[order],
        "test_accuracy": short.accuracies([one[order] for one in trials]),
    }


def _against_plain(
    trials: Sequence[Mapping[str, Trial]], names: Sequence[str], labels: np.ndarray
) -> list[Claim]:
    together = [
        comparisons.Comparison(
            f"order-{order}-{side}",
            one[order],
            one[""],
            f"{name} with {title}",
            f"{name} with images {ORDERS['']}",
        )
        for side, name, one in zip(short.SIDES, names, trials, strict=True)
        for order, title in ORDERS.items()
        if order
    ]
    return comparisons.compare_all(together, labels, "orders")


def _costs(
    trials: Sequence[Mapping[str, Trial]], names: Sequence[str], labels: np.ndarray
) -> list[Claim]:
    """Hold what an order costs the CNN against what it costs the RNN, by the mean of two and two."""
    plain = [one[""] for one in trials]
    ends = (f"{names[0]} before and {names[1]} after", f"{names[0]} after and {names[1]} before")
    costs = [
        short.cost(f"cost-{order}", plain, [one[order] for one in trials], labels, ends)
        for order in filter(None, ORDERS)
    ]
    return comparisons.adjusted(made(costs), "costs of orders")


def _names(made_names: Sequence[str], order: str, names: Sequence[str]) -> dict[str, str]:
    found = {name: f"order-{order}-{side}" for side, name in zip(short.SIDES, names, strict=True)}
    return {name: one for name, one in found.items() if one in made_names}
