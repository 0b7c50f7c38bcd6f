"""Task 3b i: do LSTM or GRU cells read handwritten digits better than the plain recurrent cell?

    python build_report.py cells

reads the search over cells and units that the section `units` reads too; where it has not been made, it
is trained first: nine networks, some six minutes on two cores. On MNIST, LSTM and GRU with 128 units
should get 98 to 99 % of the test images right, SimpleRNN 96 to 98 %.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from experiments.lab.data.splits import Images
from experiments.lab.evidence import comparisons
from experiments.lab.evidence.averages import comparable, compare_averages
from experiments.lab.evidence.claims import Claim, made
from experiments.lab.evidence.superlatives import superlative
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import SearchResult
from experiments.lab.store.runs import Run
from experiments.lab.study import Section, Study
from experiments.recurrence import gradients, reading, sizes
from experiments.searches import recurrent as recurrent_search
from experiments.searches.recurrent import ASSIGNED_UNITS, CELLS, UNITS
from rendering.figures import learning_curves
from rendering.figures import vocabulary as figures

SECTION = Section("cells", "3b i", "LSTM and GRU instead of the plain cell", data=("mnist",))

PLAIN, GATED = "SimpleRNN", ("LSTM", "GRU")
LOOKED_AT = 1000  # test images of which gradients and gates are looked at, the first ones
# The claims that the cell with the best validation accuracy is ahead of the others on the test images: at
# the assignment's number of units, and on average over all.
BEST, BEST_AVERAGE = "best-cell", "best-average"
PAIRS = tuple((left, right) for right, left in combinations(CELLS, 2))  # the gated cell on the left


def searches(study: Study) -> list[Search]:
    """Return the search over cells and units."""
    return [recurrent_search.grid_search(study)]


def measure(study: Study) -> Findings:
    """Return what each cell reaches at each number of units, and which differences are borne out.

    Raises ValueError if no network of the assignment's number of units completed its training.
    """
    result = study.result("recurrent")
    test = study.splits("mnist").test
    labels = test.labels
    trials = [result.find(cell=cell, units=units) for units in UNITS for cell in CELLS]
    assigned = [result.find(cell=cell, units=ASSIGNED_UNITS) for cell in CELLS]
    best = result.of(assigned).best()
    single = comparisons.compare_all(_comparisons(result), labels, "cells")
    averaged = comparisons.adjusted(_average_claims(result, labels), "averages of cells")
    averages = _averages(result)
    leading = [
        superlative(
            BEST,
            recurrent_search.trial_label(best),
            single,
            [recurrent_search.trial_label(trial) for trial in assigned if trial is not best],
        ),
        superlative(BEST_AVERAGE, averages["best"], averaged, set(CELLS) - {averages["best"]}),
    ]
    size = sizes.measure(result, labels)
    networks = _networks(result)
    few = Images(test.images[:LOOKED_AT], labels[:LOOKED_AT])
    way_back, read = gradients.measure(networks, few), reading.measure(networks, test)
    rows = [recurrent_search.row(trial) for trial in trials]
    return Findings(
        scores={
            f"{trial.hyperparameters['cell'].lower()}_test_accuracy": trial.mean("test_accuracy")
            for trial in assigned
            if trial.completed
        },
        facts={
            "rows": rows,
            **_settings(study),
            "test_images": len(labels),
            "broken": recurrent_search.broken(trials),
            "best": recurrent_search.row(best),
            "averages": averages,
            "sizes": [_sizes(result, cell) for cell in CELLS],
            "curves": {
                recurrent_search.trial_label(trial): recurrent_search.curves(trial)
                for trial in trials
            },
            "best_claims": {"single": BEST, "averaged": BEST_AVERAGE},
            "single": [claim.name for claim in single],
            "averaged": [claim.name for claim in averaged],
            "gated": _gated_against_plain(single),
            "size": size.facts,
            "gradients": way_back.facts,
            "reading": read.facts,
            "gates": reading.gates(networks, few.images),
            "out_of_reach": {
                "single": recurrent_search.out_of_reach(single),
                "averaged": recurrent_search.out_of_reach(averaged, len(averaged)),
            },
        },
        claims=made([*single, *averaged, *leading, *size.claims, *way_back.claims, *read.claims]),
    )


def _settings(study: Study) -> dict[str, Any]:
    return {
        "units": list(UNITS),
        "cells": list(CELLS),
        "assigned_units": ASSIGNED_UNITS,
        "steps": recurrent_search.STEPS,
        "pixels": recurrent_search.PIXELS,
        "iterations": study.profile.iterations,
        "learning_rate": recurrent_search.LEARNING_RATE,
        "seeds": study.profile.seeds,
    }


def draw(record: Record) -> list[figures.Drawing]:
    """Return the section's figures."""
    facts, rows = record.facts, record.facts["rows"]
    assigned = [row for row in rows if row["units"] == ASSIGNED_UNITS]
    origins = {
        "curves": record.origin(assigned, claims=facts["single"]),
        **{
            name: record.origin(runs=facts[part]["runs"], claims=facts[part]["claims"])
            for name, part in (("gradients", "gradients"), ("rows", "reading"))
        },
    }
    drawings = [
        _curves(facts),
        _cost(rows),
        gradients.drawing(facts["gradients"]),
        reading.drawing(facts["reading"]),
    ]
    every = record.origin(rows)
    return [drawing.drawn_from(origins.get(drawing.name, every)) for drawing in drawings]


def _comparisons(result: SearchResult) -> list[comparisons.Comparison]:
    """Return the comparisons of each two cells at the assignment's number of units."""
    return [
        recurrent_search.comparison(
            claim_name(left, right),
            *(result.find(cell=cell, units=ASSIGNED_UNITS) for cell in (left, right)),
        )
        for left, right in PAIRS
    ]


def _average_claims(result: SearchResult, labels: np.ndarray) -> list[Claim]:
    """Compare each two cells by their mean over all numbers of units, where all completed."""
    claims = []
    for left, right in PAIRS:
        pair = [[result.find(cell=cell, units=units) for units in UNITS] for cell in (left, right)]
        if comparable([*pair[0], *pair[1]]):
            name = f"average-{left}-{right}"
            claims.append(compare_averages(name, *pair, labels, left, right))
    return claims


def claim_name(left: str, right: str) -> str:
    """Return the name of the claim about two cells at the assignment's number of units."""
    return f"{left}-{right}"


def _gated_against_plain(claims: Sequence[Claim]) -> dict[str, str]:
    """Return, by gated cell, the name of its claim against the plain one, where there is one."""
    made = {claim.name for claim in claims}
    names = {cell: claim_name(cell, PLAIN) for cell in GATED}
    return {cell: name for cell, name in names.items() if name in made}


def _averages(result: SearchResult) -> dict[str, Any]:
    """Return each cell's mean accuracies over the numbers of units, and the best by validation."""
    rows = []
    for cell in CELLS:
        trials = [result.find(cell=cell, units=units) for units in UNITS]
        whole = all(trial.completed for trial in trials)
        scores = {
            score: float(np.mean([trial.mean(score) for trial in trials])) if whole else None
            for score in ("validation_accuracy", "test_accuracy")
        }
        rows.append({"cell": cell, **scores})
    known = [row for row in rows if row["validation_accuracy"] is not None]
    best = max(known, key=lambda row: row["validation_accuracy"])["cell"] if known else None
    return {"rows": rows, "best": best}


def _sizes(result: SearchResult, cell: str) -> dict[str, Any]:
    """Return the parts of the formula for the cell's weights, and the count in the built network."""
    trial = result.find(cell=cell, units=ASSIGNED_UNITS)
    counted = recurrent_search.row(trial)["parameters"]
    expected = recurrent_search.network_parameters(cell, ASSIGNED_UNITS, result.search.classes)
    return {
        "cell": cell,
        "sets": recurrent_search.WEIGHT_SETS[cell],
        "biases": recurrent_search.BIASES[cell],
        "cell_parameters": recurrent_search.cell_parameters(cell, ASSIGNED_UNITS),
        "expected": expected,
        "counted": counted,
        "agrees": counted is None or counted == expected,
    }


def _networks(result: SearchResult) -> dict[str, Run]:
    """Return, by cell, a network with the assignment's units: the first that completed."""
    trials = {cell: result.find(cell=cell, units=ASSIGNED_UNITS) for cell in CELLS}
    return {cell: trial.first for cell, trial in trials.items() if trial.completed}


def _curves(facts: dict[str, Any]) -> figures.Drawing:
    held = {cell: facts["curves"][recurrent_search.label(cell, ASSIGNED_UNITS)] for cell in CELLS}
    known = {cell: curves for cell, curves in held.items() if curves is not None}
    return figures.curves(
        "curves",
        f"Loss and error, the share of images read wrongly, of the cells with {ASSIGNED_UNITS} units "
        "in training." + learning_curves.remarks(list(known.values())),
        learning_curves.panels(list(known), list(known.values()), x="iteration", errors=True),
    )


def _cost(rows: Sequence[dict[str, Any]]) -> figures.Drawing:
    """Draw accuracy against the products of an image; a cell without any result is left out."""
    groups = []
    for cell in CELLS:
        known = [row for row in rows if row["cell"] == cell and row["completed"]]
        if known:
            groups.append(
                figures.Points(
                    cell,
                    [row["products"] / 1e6 for row in known],
                    [row["test_accuracy"][0] for row in known],
                    names=[str(row["units"]) for row in known],
                )
            )
    return figures.scatter(
        "cost",
        "Test accuracy against the multiplications by weights for one image; the numbers are the units.",
        groups,
        "millions of products an image",
        "test accuracy",
        percent=True,
    )
