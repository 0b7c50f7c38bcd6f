"""What trained recurrent networks have read after some of the rows, and how far their gates open."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from experiments.lab.data.splits import Images
from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import Claim, Difference, End, claim
from experiments.lab.store.records import Findings
from experiments.lab.store.runs import Run
from rendering.figures import vocabulary as figures

AFTER = (7, 14, 21, 28)  # rows
PLAIN = "SimpleRNN"
SHUT, OPEN = 0.1, 0.9  # below and above which a gate counts as saturated


def measure(runs: Mapping[str, Run], images: Images) -> Findings:
    """Return the accuracy of each cell's network when it stops reading after some rows.

    `runs` has a trained network of each cell. The claim "rows-K-CELL" holds a gated network
    against the plain one after K rows, on the same images; after all rows they are compared elsewhere.
    """
    right = {cell: _right(run, images) for cell, run in runs.items()}
    claims = comparisons.adjusted(_claims(runs, right), "first rows")
    facts = {
        "after": list(AFTER),
        "images": len(images.labels),
        "cells": [
            {"cell": cell, "test_accuracy": [float(found[rows].mean()) for rows in AFTER]}
            for cell, found in right.items()
        ],
        "steps": [
            {"after": rows, "claims": _of_step(rows, runs, [one.name for one in claims])}
            for rows in AFTER[:-1]
        ],
        "claims": [one.name for one in claims],
        "runs": [run.key for run in runs.values()],
    }
    return Findings(facts=facts, claims=claims)


def gates(runs: Mapping[str, Run], images: np.ndarray) -> dict[str, Any]:
    """Return, for each gate before training and after it, the shares of its values near 0 and 1.

    `images` are uint8 (n, height, width, channels); the values are those of all images, rows and units.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for cell, run in runs.items():
        for state, shares in _saturation(run, cell, images).items():
            for gate, (below, above) in shares.items():
                place = found.setdefault((cell, gate), {"cell": cell, "gate": gate})
                place[state] = {"below": below, "above": above}
    return {
        "shut": SHUT,
        "open": OPEN,
        "images": len(images),
        "gates": [{**one, "label": f"{one['cell']}, {one['gate']}"} for one in found.values()],
    }


def drawing(facts: Mapping[str, Any]) -> figures.Drawing:
    """Draw the accuracy of each cell against the rows that are read."""
    lines = [
        figures.Line(one["cell"], facts["after"], one["test_accuracy"]) for one in facts["cells"]
    ]
    return figures.curves(
        "rows",
        "Test accuracy if the state after some of the rows goes to the last layer.",
        [figures.Panel("", "rows read", "test accuracy", lines, percent=True)],
        wide=False,
    )


def _saturation(
    run: Run, cell: str, images: np.ndarray
) -> dict[str, Mapping[str, tuple[float, float]]]:
    """Return the shares of each gate's values near 0 and near 1, by state and gate."""
    from experiments.lab.inspection.recurrent_states import saturation
    from experiments.lab.networks import builders

    model = builders.untrained(run.settings)
    found = {"untrained": saturation(model, cell, images, SHUT, OPEN)}
    model.set_weights(run.weights())
    return {**found, "trained": saturation(model, cell, images, SHUT, OPEN)}


def _of_step(rows: int, cells: Iterable[str], made: Collection[str]) -> dict[str, str]:
    """Return, by gated cell, the name of its claim after some rows."""
    names = {cell: f"rows-{rows}-{cell}" for cell in cells}
    return {cell: name for cell, name in names.items() if name in made}


def _right(run: Run, images: Images) -> dict[int, np.ndarray]:
    """Return which images are recognised, bool (n,), by the number of rows read."""
    from experiments.lab.inspection.recurrent_states import predictions
    from experiments.lab.networks import builders

    model = builders.restore(run.settings, run.weights())
    found = predictions(model, images.images, AFTER)
    return {rows: predicted == images.labels for rows, predicted in found.items()}


def _claims(runs: Mapping[str, Run], right: Mapping[str, Mapping[int, np.ndarray]]) -> list[Claim]:
    gated = [cell for cell in runs if cell != PLAIN] if PLAIN in runs else []
    return [
        claim(
            f"rows-{rows}-{cell}",
            *(End.of_run(runs[one], f"{one} after {rows} rows") for one in (cell, PLAIN)),
            "test_accuracy",
            _difference(right[cell][rows], right[PLAIN][rows]),
        )
        for rows in AFTER[:-1]
        for cell in gated
    ]


def _difference(left: np.ndarray, right: np.ndarray) -> Difference:
    found = comparisons.networks_apart(left, right)
    means = float(left.mean()), float(right.mean())
    return Difference(*means, *found, comparisons.MCNEMAR, "images", len(left))
