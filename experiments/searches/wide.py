"""The wide searches: what Bayesian optimization finds beyond the assignment's grids, and at what cost.

A section that has a grid names a space around it. In a build with wide searches, keras-tuner's
Bayesian optimization (Snoek et al., "Practical Bayesian optimization of machine learning algorithms",
2012) proposes points of that space, and the best of them is compared with the best of the grid. Both
were chosen on the validation images, and are compared on the test images.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.lab.evidence import comparisons, summaries
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.study import Study
from rendering.figures import wide_figures
from rendering.figures.drawing import Drawing

CLAIM = "wide"
# What is varied, in words, and the kind of its column in a table.
VARIED = {
    "learning_rate": ("learning rate", "rate"),
    "optimizer": ("optimizer", "text"),
    "batch_size": ("batch size", "count"),
    "first_filters": ("first filters", "count"),
    "second_filters": ("second filters", "count"),
    "dense_units": ("dense units", "count"),
    "cell": ("cell", "text"),
    "units": ("units", "count"),
    "clipping": ("clipping norm", "number"),
}
SHOWN = 5  # of the best trials, in the table
WIDE_LABEL, GRID_LABEL = "the best network of the wide search", "the grid’s best"


def searches(study: Study, search: Search) -> list[Search]:
    """Return the wide search with the profile's number of trials; nothing if it is not asked for."""
    if not study.profile.wide:
        return []
    trials = study.profile.wide_trials
    return [dataclasses.replace(search, algorithm="bayesian", max_trials=trials)]


def measure(study: Study, name: str, grid: SearchResult, labels: np.ndarray) -> Findings:
    """Return what the wide search `name` found beyond `grid`, under the fact "wide".

    That is None if the search was not asked for. `labels` are the test set's true classes. Without
    a completed trial on either side there is no comparison.
    """
    if not study.profile.wide:
        return Findings(facts={"wide": None})
    wide = study.result(name)
    best = {"wide": wide.best_or_none(), "grid": grid.best_or_none()}
    known = None not in best.values()
    claims = comparisons.compare_all([_comparison(**best)], labels, CLAIM) if known else []
    facts = {
        "rows": [summaries.summary(trial) for trial in wide.ranked()[:SHOWN]],
        "tried": [summaries.summary(trial) for trial in wide.trials],
        "best": {side: summaries.summary(trial) if trial else None for side, trial in best.items()},
        "cost": {"wide": _cost(wide), "grid": _cost(grid)},
        "grid_tried": [summaries.summary(trial) for trial in grid.trials],
        "varied": [_varied(name, values) for name, values in wide.search.space.items()],
        "edges": _edges(wide, best["wide"]) if best["wide"] else [],
        "claims": [claim.name for claim in claims],
    }
    scores = {"wide_test_accuracy": best["wide"].mean("test_accuracy")} if known else {}
    return Findings(scores, {"wide": facts}, claims)


def _comparison(wide: Trial, grid: Trial) -> comparisons.Comparison:
    return comparisons.Comparison(CLAIM, wide, grid, WIDE_LABEL, GRID_LABEL)


def _cost(result: SearchResult) -> dict[str, Any]:
    """Return how many trials and trainings a search took, and how many failed."""
    return {
        "trials": len(result.trials),
        "trainings": len(result.runs),
        "failed": sum(not run.completed for run in result.runs),
    }


def _varied(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the search varied in a hyper-parameter: its choices, or the ends of its range."""
    words, kind = VARIED[name]
    return {
        "name": name,
        "words": words,
        "kind": kind,
        "choices": list(values.get("values", ())),
        "range": [values["low"], values["high"]] if "low" in values else None,
    }


def _edges(result: SearchResult, best: Trial) -> list[str]:
    """Return the ranges at whose end the best trial lies, within a twentieth of their length."""
    return [
        VARIED[name][0]
        for name, values in result.search.space.items()
        if "low" in values and not 0.05 <= _place(values, best.hyperparameters[name]) <= 0.95
    ]


def _place(values: Mapping[str, Any], value: float) -> float:
    """Return where in its range a value lies: 0 at the low end, 1 at the high one."""
    scale = np.log if values["log"] else float
    low, high = scale(values["low"]), scale(values["high"])
    return float((scale(value) - low) / (high - low))


def draw(record: Record, group: str, names: Mapping[str, str]) -> list[Drawing]:
    """Return the figures of the section's wide search; see `wide_figures.drawings`."""
    facts = record.facts["wide"]
    drawings = wide_figures.drawings(facts, group, names)
    if not drawings:
        return []
    origin = record.origin([*facts["tried"], *facts["grid_tried"]], claims=facts["claims"])
    return [drawing.drawn_from(origin) for drawing in drawings]
