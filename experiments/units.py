"""Task 3b ii: how many units should a recurrent network have, and does that depend on its cell?

    python build_report.py units

reads the search over cells and units that the section `cells` reads too; where it has not been made, it
is trained first: nine networks, some ten minutes on two cores. With --search wide a second search
varies learning rate and clipping besides. On MNIST more units should help every
cell a little, the step from 128 to 256 less than the one from 64 to 128.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import Claim, made
from experiments.lab.evidence.superlatives import superlative
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.study import Section, Study
from experiments.recurrence import clipping
from experiments.searches import recurrent as recurrent_search
from experiments.searches import wide as wide_search
from experiments.searches.recurrent import CELLS, UNITS
from rendering.figures import learning_curves
from rendering.figures import vocabulary as figures

SECTION = Section("units", "3b ii", "Number of units: 64, 128, 256", data=("mnist",))

# What the wide search varies: the norm to which gradients are clipped over two powers of ten.
WIDE = "wide-recurrent"
SPACE = {
    "cell": {"values": CELLS},
    "units": {"low": 32, "high": 320, "log": True, "integer": True},
    "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
    "clipping": {"low": 0.1, "high": 10.0, "log": True},
}
BEST = "best"  # the claim that the chosen network is ahead of all others on the test images
STEPS = tuple(pairwise(UNITS))  # from one number of units to the next


def searches(study: Study) -> list[Search]:
    """Return the search over cells and units, the clipped network, and the wide search if asked for."""
    wide = Search(
        WIDE,
        "Recurrent cells: a wide search",
        recurrent_search.DATA,
        "recurrent",
        space=SPACE,
        fixed={"optimizer": recurrent_search.OPTIMIZER},
        **study.iterations(),
    )
    grid, clipped = recurrent_search.grid_search(study), clipping.searches(study)
    return [grid, *clipped, *wide_search.searches(study, wide)]


def measure(study: Study) -> Findings:
    """Return for each cell what more units bring and cost, and which gains are borne out.

    Raises ValueError if no network of the search completed its training.
    """
    result = study.result("recurrent")
    labels = study.splits("mnist").test.labels
    best = result.best()
    against = comparisons.compare_all(_comparisons(result, best), labels, "numbers of units")
    claims = {one.name: one for one in against}
    trials = [result.find(cell=cell, units=units) for cell in CELLS for units in UNITS]
    rows = [row for cell in CELLS for row in _rows(result, cell)]
    chosen = [_chosen(result, cell, claims) for cell in CELLS]
    leading = _leading(result, against)
    chosen_labels = [one["best"]["label"] for one in chosen if one["best"]]
    wide = wide_search.measure(study, WIDE, result, labels)
    clipped, of_clipped = clipping.measure(study, result, labels)
    return Findings(
        scores={
            "best_test_accuracy": best.mean("test_accuracy"),
            "best_validation_accuracy": best.mean("validation_accuracy"),
            **wide.scores,
        },
        facts={
            "rows": rows,
            "cells": chosen,
            "bold": [place for place, row in enumerate(rows) if row["label"] in chosen_labels],
            "best": recurrent_search.row(best),
            "best_claim": BEST,
            "units": list(UNITS),
            "iterations": study.profile.iterations,
            "seeds": study.profile.seeds,
            "test_images": len(labels),
            "broken": recurrent_search.broken(trials),
            "curves": {
                recurrent_search.trial_label(trial): recurrent_search.curves(trial)
                for trial in trials
            },
            "steps": [_step(step, claims) for step in STEPS],
            "clipped": clipped,
            **wide.facts,
        },
        claims=[*against, *leading, *of_clipped, *wide.claims],
    )


def draw(record: Record) -> list[figures.Drawing]:
    """Return the section's figures."""
    facts = record.facts
    drawings = [_growth(facts["rows"]), _curves(facts["curves"])]
    claims = [name for step in facts["steps"] for name in step["claims"].values()]
    origin = record.origin(facts["rows"], claims=claims)
    return [
        *(drawing.drawn_from(origin) for drawing in drawings),
        *wide_search.draw(record, "cell", {cell: cell for cell in CELLS}),
    ]


def claim_name(cell: str, step: tuple[int, int]) -> str:
    """Return the name of the claim about a cell's step to more units."""
    return f"{cell}-{step[0]}-{step[1]}"


def best_name(cell: str) -> str:
    """Return the name of the claim that a cell's chosen number of units is ahead of the others."""
    return f"{BEST}-{cell}"


def _comparisons(result: SearchResult, best: Trial) -> list[comparisons.Comparison]:
    """Return all that is compared here: of each cell all numbers of units, and `best` with all networks.

    The larger number of units is on the left. They stand together, so that each pair has one verdict.
    """
    within = [
        recurrent_search.comparison(
            claim_name(cell, (small, large)),
            *(result.find(cell=cell, units=units) for units in (large, small)),
        )
        for cell in CELLS
        for small, large in combinations(UNITS, 2)
    ]
    across = [
        recurrent_search.comparison(f"against-{recurrent_search.trial_label(trial)}", best, trial)
        for trial in result.trials
        if trial.hyperparameters["cell"] != best.hyperparameters["cell"]
    ]
    return [*within, *across]


def _leading(result: SearchResult, claims: Sequence[Claim]) -> list[Claim]:
    """Return, of all and of each cell, the claim that the chosen network is ahead of the others."""
    sets = {BEST: result} | {best_name(cell): result.among(cell=cell) for cell in CELLS}
    leaders = [(name, held, held.best_or_none()) for name, held in sets.items()]
    return made(
        superlative(
            name,
            recurrent_search.trial_label(best),
            claims,
            [recurrent_search.trial_label(trial) for trial in held.trials if trial is not best],
        )
        for name, held, best in leaders
        if best is not None
    )


def _step(step: tuple[int, int], claims: Mapping[str, Claim]) -> dict[str, Any]:
    """Return a step to more units with its claims' names by cell; a cell without a claim is left out."""
    names = {cell: claim_name(cell, step) for cell in CELLS}
    known = {cell: name for cell, name in names.items() if name in claims}
    return {
        "smaller": step[0],
        "larger": step[1],
        "claims": known,
        "out_of_reach": recurrent_search.out_of_reach(claims[name] for name in known.values()),
    }


def _rows(result: SearchResult, cell: str) -> list[dict[str, Any]]:
    """Return a cell's rows by units, each with its growth over the row before (None in the first)."""
    rows = [recurrent_search.row(result.find(cell=cell, units=units)) for units in UNITS]
    for before, row in zip([None, *rows], rows, strict=False):
        row["gain"] = _difference(row, before)
        row["times_parameters"] = _ratio(row, before, "parameters")
        row["times_products"] = _ratio(row, before, "products")
    return rows


def _difference(row: dict[str, Any], before: dict[str, Any] | None) -> float | None:
    here = row["test_accuracy"][0]
    there = before["test_accuracy"][0] if before else None
    return None if here is None or there is None else here - there


def _ratio(row: dict[str, Any], before: dict[str, Any] | None, what: str) -> float | None:
    here, there = row[what], before[what] if before else None
    return here / there if here and there else None


def _chosen(result: SearchResult, cell: str, claims: Mapping[str, Claim]) -> dict[str, Any]:
    """Return the cell's number of units with the highest validation accuracy, None if none completed.

    `claim` names the claim that this is ahead of the others, `whole` says whether all completed.
    """
    trials = [result.find(cell=cell, units=units) for units in UNITS]
    known = [trial for trial in trials if trial.completed]
    best = recurrent_search.row(result.of(known).best()) if known else None
    return {
        "cell": cell,
        "best": best,
        "claim": best_name(cell),
        "whole": len(known) == len(trials),
        "span": _span(cell, trials[0], trials[-1], claims),
    }


def _span(
    cell: str, fewest: Trial, most: Trial, claims: Mapping[str, Claim]
) -> dict[str, Any] | None:
    """Return how a cell grows from the fewest to the most units, None if these were not compared."""
    name = claim_name(cell, (UNITS[0], UNITS[-1]))
    if name not in claims:
        return None
    small, large = recurrent_search.row(fewest), recurrent_search.row(most)
    growth = {key: large[key] / small[key] for key in ("parameters", "products")}
    return {**growth, "claim": name}


def _growth(rows: Sequence[dict[str, Any]]) -> figures.Drawing:
    """Draw accuracy, parameters and products of an image against the number of units."""
    accuracy, parameters, products = {}, {}, {}
    for cell in CELLS:
        own = [row for row in rows if row["cell"] == cell]
        accuracy[cell] = [_known(row["validation_accuracy"][0]) for row in own]
        parameters[cell] = [_known(row["parameters"]) / 1000 for row in own]
        products[cell] = [row["products"] / 1e6 for row in own]
    return figures.curves(
        "growth",
        "What grows with the number of units: validation accuracy, parameters, products of an image.",
        [
            _panel("Accuracy", "validation accuracy", accuracy, percent=True),
            _panel("Parameters", "thousands of parameters", parameters),
            _panel("Products", "millions of products", products),
        ],
        columns=3,
    )


def _panel(
    title: str, y_label: str, values: dict[str, list[float]], percent: bool = False
) -> figures.Panel:
    lines = [figures.Line(cell, UNITS, values[cell]) for cell in CELLS]
    return figures.Panel(title, "units", y_label, lines, percent=percent)


def _known(value: float | None) -> float:
    return np.nan if value is None else value


def _curves(curves: dict[str, dict[str, Any] | None]) -> figures.Drawing:
    panels = []
    for cell in CELLS:
        lines = []
        for units in UNITS:
            held = curves[recurrent_search.label(cell, units)]
            if held is not None:
                score = held["validation_accuracy"]
                lines.append(
                    figures.Line(
                        f"{units} units",
                        held["iteration"],
                        score["mean"],
                        deviation=score["deviation"],
                        # The legend is common to the panels, so a note names its cell.
                        note=f"{cell} {held['note']}" if held["note"] else "",
                    )
                )
        panel = figures.Panel(cell, "iteration", "validation accuracy", lines, percent=True)
        panels.append(learning_curves.of_errors(panel, cell, "validation error"))
    caption = (
        "The share of validation images read wrongly in training, with each number of units, by cell; "
        "all on one scale."
    )
    return figures.curves("curves", caption, panels, columns=3, shared=True)
