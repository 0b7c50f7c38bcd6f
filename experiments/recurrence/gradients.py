"""How much of the loss's gradient reaches the state after each row, before training and after it.

Over many rows the gradient of a recurrent network tends to vanish or to explode (Bengio, Simard &
Frasconi 1994; Pascanu, Mikolov & Bengio 2013). Each image's norms are taken relative to that after the
last row: the loss of a trained network is small for most images, and so are all of their gradients.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.lab.data.splits import Images
from experiments.lab.evidence import comparisons, differences
from experiments.lab.evidence.claims import Claim, End, claim, made
from experiments.lab.store.records import Findings
from experiments.lab.store.runs import Run
from rendering.figures import vocabulary as figures

UNTRAINED, TRAINED = "untrained", "trained"
TITLES = {UNTRAINED: "Before training", TRAINED: "After training"}
SHOWN = (1, 7, 14, 21)  # rows in the table
PLAIN = "SimpleRNN"
MEASURE = "logarithm of the gradient that is left"


def measure(runs: Mapping[str, Run], images: Images) -> Findings:
    """Return what is left of the gradient after each row, by cell, and what is borne out about it.

    `runs` has a trained network of each cell. Of the facts, `cells` has for each cell and each of
    UNTRAINED and TRAINED `left`, the geometric means over images, by row from the first. Claims are
    about these networks, paired by image: "first-CELL-STATE" holds the first row's gradient
    against the last row's, "training-CELL" what is left after training against before, and
    "kept-CELL" a trained gated network against the plain one.
    """
    logarithms = {cell: _of_run(run, images) for cell, run in runs.items()}
    claims = comparisons.adjusted(_claims(runs, logarithms), "gradients by row")
    cells = [_facts(cell, found) for cell, found in logarithms.items()]
    names = [one.name for one in claims]
    facts = {
        "images": len(images.labels),
        "shown": list(SHOWN),
        "cells": cells,
        "kept": {cell: f"kept-{cell}" for cell in runs if f"kept-{cell}" in names},
        "claims": names,
        "runs": [run.key for run in runs.values()],
    }
    return Findings(facts=facts, claims=claims)


def drawing(facts: Mapping[str, Any]) -> figures.Drawing:
    """Draw what is left of the gradient against the row, before training and after it."""
    panels = [
        figures.Panel(
            title,
            "row",
            "gradient left",
            [
                figures.Line(one["cell"], _rows(one[state]["left"]), one[state]["left"])
                for one in facts["cells"]
            ],
            log_y=True,
        )
        for state, title in TITLES.items()
    ]
    return figures.curves(
        "gradients",
        "The norm of the loss’s gradient by the state after each row, relative to that after the last "
        "row: geometric means over test images.",
        panels,
    )


def _rows(values: Sequence[float]) -> list[int]:
    return list(range(1, len(values) + 1))


def _of_run(run: Run, images: Images) -> dict[str, np.ndarray]:
    """Return the logarithms (base 10) of the relative norms, float64 (rows, n), by state."""
    from experiments.lab.inspection.recurrent_states import gradient_norms
    from experiments.lab.networks import builders

    model = builders.untrained(run.settings)
    found = {UNTRAINED: gradient_norms(model, images.images, images.labels)}
    model.set_weights(run.weights())
    found[TRAINED] = gradient_norms(model, images.images, images.labels)
    return {state: relative(norms) for state, norms in found.items()}


def relative(norms: np.ndarray) -> np.ndarray:
    """Return the logarithms of norms, (rows, n), over the last row's; NaN where one of them is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log10(norms) - np.log10(norms[-1])
    return np.where(np.isfinite(found), found, np.nan)


def _facts(cell: str, logarithms: Mapping[str, np.ndarray]) -> dict[str, Any]:
    found: dict[str, Any] = {"cell": cell}
    for state, values in logarithms.items():
        left = [float(value) for value in 10 ** _means(values)]
        rows = [left[row - 1] for row in SHOWN]
        found[state] = {"left": left, "at_rows": rows, "first": left[0]}
    return found


def _means(values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    return np.where(known, values, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)


def _claims(
    runs: Mapping[str, Run], logarithms: Mapping[str, Mapping[str, np.ndarray]]
) -> list[Claim]:
    claims = []
    for cell, run in runs.items():
        first = {state: values[0] for state, values in logarithms[cell].items()}
        for state in TITLES:
            ends = [f"the {end} row of {state} {cell}" for end in ("first", "last")]
            last = np.where(np.isnan(first[state]), np.nan, 0.0)
            claims.append(_claim(f"first-{cell}-{state}", (run, run), ends, first[state], last))
        ends = [f"{cell} after training", f"{cell} before training"]
        sides = first[TRAINED], first[UNTRAINED]
        claims.append(_claim(f"training-{cell}", (run, run), ends, *sides))
        if cell != PLAIN and PLAIN in runs:
            both = first[TRAINED], logarithms[PLAIN][TRAINED][0]
            claims.append(_claim(f"kept-{cell}", (run, runs[PLAIN]), (cell, PLAIN), *both))
    return made(claims)


def _claim(
    name: str, runs: tuple[Run, Run], labels: tuple[str, str], left: np.ndarray, right: np.ndarray
) -> Claim | None:
    ends = [End.of_run(run, label) for run, label in zip(runs, labels, strict=True)]
    return claim(name, *ends, MEASURE, differences.paired(left, right))
