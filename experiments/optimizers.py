"""Adam against gradient descent, at one rate for all and each at its own best rate.

Question: which optimizer trains LeNet-5 best on CIFAR-10? (Task 1b ii.)
Command:  python build_report.py optimizers
Time:     nine trainings of ten epochs, half a minute each on one core; three of Adam's four are shared
          with the section on learning rates. With --search wide, as many again as there are trials.
Expect:   at Adam's rate of 1e-3 gradient descent has hardly begun to learn (below 0.35 test accuracy
          on CIFAR-10); at 1e-1 it comes within some points of Adam, and with momentum at 1e-2 closer.
"""

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from experiments.descent import pace
from experiments.descent.against import (
    APART,
    BEST,
    BEST_RATE,
    MARGIN,
    MATCHED,
    OWN,
    SAME,
    adam_against,
    best_of_all,
    changes,
    claim_name,
    halves,
    leader,
    matched,
    of_rates,
    others_apart,
)
from experiments.descent.tried import NAMES, RATES, constants, edges, named, row_of
from experiments.lab.evidence import comparisons, summaries
from experiments.lab.evidence.claims import made
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import Trial
from experiments.lab.study import Section, Study
from experiments.searches import wide as wide_search
from rendering import wording
from rendering.figures import learning_curves
from rendering.figures import vocabulary as figures

SECTION = Section(
    name="optimizers",
    task="1b ii",
    title="LeNet-5: Adam against gradient descent",
    data=("cifar10",),
    needs=("learning-rates",),
)

# What the wide search varies besides: the size of a batch, and the widths of the layers, from about half
# of LeNet-5's to about three times as wide.
WIDE = "wide-lenet5"
SPACE = {
    "optimizer": {"values": tuple(NAMES)},
    "learning_rate": {"low": 1e-4, "high": 1e-1, "log": True},
    "batch_size": {"values": (32, 64, 128, 256)},
    "first_filters": {"low": 4, "high": 20, "log": True, "integer": True},
    "second_filters": {"low": 8, "high": 48, "log": True, "integer": True},
    "dense_units": {"low": 60, "high": 360, "log": True, "integer": True},
}


def searches(study: Study) -> list[Search]:
    """Return the search over optimizers and rates."""
    return [
        Search(
            "optimizers",
            "LeNet-5: optimizers and their learning rates",
            "cifar10",
            "lenet5",
            points=tuple(
                {"learning_rate": rate, "optimizer": optimizer}
                for optimizer, rates in RATES.items()
                for rate in rates
            ),
            snapshots=True,
            **study.training(),
        ),
        *wide_search.searches(
            study,
            Search(
                WIDE,
                "LeNet-5: a wide search",
                "cifar10",
                "lenet5",
                space=SPACE,
                **study.training(),
            ),
        ),
    ]


def measure(study: Study) -> Findings:
    """Return both comparisons, at the rate chosen for Adam and at each optimizer's best."""
    result = study.result("optimizers")
    splits = study.splits("cifar10")
    chosen = study.record("learning-rates").scores["learning_rate"]
    same = {name: result.find(optimizer=name, learning_rate=chosen) for name in RATES}
    own = {name: result.among(optimizer=name).best_or_none() for name in RATES}
    labels = splits.test.labels
    compared = comparisons.compare_all(
        [*adam_against(SAME, same), *adam_against(OWN, own), *others_apart(own)],
        labels,
        "optimizers",
    )
    pace_facts, of_pace = pace.measure(own, len(splits.validation.labels))
    leading = best_of_all(own, compared)
    best = leader(own)
    fixed = constants()
    factor = 1 / (1 - fixed["momentum"])
    like = matched(result, factor, labels)
    rates = of_rates(result, same, own, labels)
    claims = made([*compared, leading, *rates, *halves(same, own, labels), *like, *of_pace])
    names = {claim.name for claim in claims}
    facts = {
        "label": wording.data_name(vars(splits.identity)),
        "rate": chosen,
        "epochs": result.search.length,
        "seeds": result.search.seeds,
        "seeds_needed": comparisons.SEEDS_NEEDED,
        "images": {"train": len(splits.train.labels), "test": len(splits.test.labels)},
        "constants": fixed,
        "factor": factor,
        "margin": MARGIN,
        MATCHED: [one.name for one in like],
        "rates": list(RATES["adam"]),
        "best": row_of(best) if best else None,
        "best_claim": BEST,
        "best_rates": [
            {"name": NAMES[name], "claim": claim_name(BEST_RATE, name)}
            for name, trial in own.items()
            if trial
        ],
        "pace": pace_facts,
        "rows": [row_of(trial) for trial in result.trials],
        SAME: _side(same, names, SAME),
        OWN: {**_side(own, names, OWN), "edges": edges(own)},
        "changes": changes(same, own, names),
        "names": NAMES,
    }
    wide = wide_search.measure(study, WIDE, result, labels)
    return Findings(
        {**_scores(same, own), **wide.scores}, {**facts, **wide.facts}, [*claims, *wide.claims]
    )


def _scores(same: Mapping[str, Trial | None], own: Mapping[str, Trial | None]) -> dict[str, float]:
    """Return the test accuracies of both comparisons and each optimizer's best rate."""
    scores = {
        f"{name}_{side}_test_accuracy": trial.mean("test_accuracy")
        for side, trials in ((SAME, same), (OWN, own))
        for name, trial in trials.items()
        if trial is not None and trial.completed
    }
    rates = {
        f"{name}_learning_rate": float(trial.hyperparameters["learning_rate"])
        for name, trial in own.items()
        if trial is not None
    }
    return {**scores, **rates}


def _side(trials: Mapping[str, Trial | None], made: Set[str], side: str) -> dict[str, Any]:
    """Return what the text and the figure need of one of the two comparisons, as plain data."""
    known = {name: trial for name, trial in trials.items() if trial is not None}
    return {
        "rows": [row_of(trial) for trial in known.values()],
        "none": [NAMES[name] for name, trial in trials.items() if trial is None],
        "labels": [named(trial) for trial in known.values()],
        "curves": [
            {**summaries.learning_curves(trial), "seconds": summaries.seconds(trial)}
            for trial in known.values()
        ],
        "claims": [
            name
            for name in (
                *(claim_name(side, one) for one in trials),
                *({OWN: [APART]}.get(side, [])),
            )
            if name in made
        ],
    }


def draw(record: Record) -> list[figures.Drawing]:
    """Return the curves of both comparisons and the map of accuracy over optimizers and rates."""
    facts = record.facts
    rate = wording.rate(facts["rate"])
    same, own = facts[SAME], facts[OWN]
    return [
        _curves(
            "same-rate", same, f"All optimizers at the rate {rate}, chosen for Adam"
        ).drawn_from(record.origin(same["rows"], claims=same["claims"])),
        _curves(
            "own-rate", own, "Each optimizer at its own best rate, against steps", "iteration"
        ).drawn_from(record.origin(own["rows"], claims=own["claims"])),
        *([_against_seconds(own).drawn_from(record.origin(own["rows"]))] if facts["pace"] else []),
        _map(facts["rows"]).drawn_from(record.origin(facts["rows"])),
        *wide_search.draw(record, "optimizer", NAMES),
    ]


def _curves(name: str, side: Mapping[str, Any], said: str, x: str = "epoch") -> figures.Drawing:
    caption = (
        f"{said}: loss and accuracy after each epoch, on the training images (mean over the "
        "epoch) and on the validation images." + learning_curves.remarks(side["curves"])
    )
    return figures.curves(name, caption, learning_curves.panels(side["labels"], side["curves"], x))


def _against_seconds(own: Mapping[str, Any]) -> figures.Drawing:
    panels = learning_curves.panels(own["labels"], own["curves"], "seconds")[:1]
    caption = (
        "The losses of the same trainings against the seconds that they took here, while others ran "
        "beside them." + learning_curves.remarks(own["curves"])
    )
    return figures.curves("own-seconds", caption, panels, wide=False)


def _map(rows: Sequence[Mapping[str, Any]]) -> figures.Drawing:
    rates = sorted({rate for one in RATES.values() for rate in one})
    values = np.full((len(RATES), len(rates)), np.nan)
    for row in rows:
        accuracy = row["validation_accuracy"][0]
        place = (
            list(RATES).index(row["optimizer"]),
            rates.index(row["hyperparameters"]["learning_rate"]),
        )
        values[place] = np.nan if accuracy is None else accuracy
    return figures.heatmap(
        "rates",
        "Validation accuracy after the last epoch, by optimizer and learning rate. A dash: no "
        "training completed.",
        values,
        [NAMES[name] for name in RATES],
        [wording.rate(rate) for rate in rates],
        column_label="learning rate",
        value_label="validation accuracy",
        percent=True,
    )
