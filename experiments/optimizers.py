"""Adam against gradient descent, at one rate for all and each at its own best rate.

Question: which optimizer trains LeNet-5 best on CIFAR-10? (Task 1b ii.)
Command:  python build_report.py optimizers
Time:     eight trainings of ten epochs, half a minute each on one core; Adam's three are shared
          with the section on learning rates. With --search wide, as many again as there are trials.
Expect:   at Adam's rate of 1e-3 gradient descent has hardly begun to learn (below 0.35 test accuracy
          on CIFAR-10); at 1e-1 it comes within some points of Adam, and with momentum at 1e-2 closer.
"""

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from experiments.lab.evidence import averages, comparisons, summaries
from experiments.lab.evidence.claims import Claim, equivalent
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import SearchResult, Trial
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

# Adam's are those of the section on learning rates. The others get 1e-1 besides: their steps are the
# gradient's length times the rate, which is small for this network, Adam's are about the rate itself.
RATES = {
    "adam": (1e-4, 1e-3, 1e-2),
    "sgd": (1e-4, 1e-3, 1e-2, 1e-1),
    "momentum": (1e-4, 1e-3, 1e-2, 1e-1),
}
NAMES = {"adam": "Adam", "sgd": "gradient descent", "momentum": "momentum"}
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
SAME, OWN = "same", "own"  # the two comparisons: one rate for all, and each at its own best
# What a rate of its own brings an optimizer: anything at all, and more than half of its lag on Adam.
GAIN, HALF = "gain", "half"
# Momentum against gradient descent with steps as long; equivalent within this test accuracy.
MATCHED, MARGIN = "matched", 0.02


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
        [*adam_against(SAME, same), *adam_against(OWN, own)], labels, "against Adam"
    )
    fixed = constants()
    factor = 1 / (1 - fixed["momentum"])
    like = matched(result, factor, labels)
    claims = [*compared, *gains(same, own, labels), *halves(same, own, labels), *like]
    made = {claim.name for claim in claims}
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
        "tried": [{"name": NAMES[name], "rates": list(rates)} for name, rates in RATES.items()],
        "rows": [row_of(trial) for trial in result.trials],
        SAME: _side(same, made, SAME),
        OWN: {**_side(own, made, OWN), "edges": _edges(own)},
        "changes": changes(same, own, made),
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


def adam_against(side: str, trials: Mapping[str, Trial | None]) -> list[comparisons.Comparison]:
    """Return the comparisons of Adam with each other optimizer that has a trial."""
    adam = trials["adam"]
    return [
        comparisons.Comparison(claim_name(side, name), adam, trial, named(adam), named(trial))
        for name, trial in trials.items()
        if name != "adam" and adam and trial
    ]


def named(trial: Trial) -> str:
    """Return a trial in words: "Adam at 0.001"."""
    settings = trial.hyperparameters
    return f"{NAMES[settings['optimizer']]} at {wording.rate(settings['learning_rate'])}"


def claim_name(question: str, optimizer: str) -> str:
    """Return the name of the claim that answers a question about an optimizer: "same-sgd"."""
    return f"{question}-{optimizer}"


def _side(trials: Mapping[str, Trial | None], made: Set[str], side: str) -> dict[str, Any]:
    """Return what the text and the figure need of one of the two comparisons, as plain data."""
    known = {name: trial for name, trial in trials.items() if trial is not None}
    return {
        "rows": [row_of(trial) for trial in known.values()],
        "none": [NAMES[name] for name, trial in trials.items() if trial is None],
        "labels": [named(trial) for trial in known.values()],
        "curves": [summaries.learning_curves(trial) for trial in known.values()],
        "claims": [name for one in trials if (name := claim_name(side, one)) in made],
    }


def row_of(trial: Trial) -> dict[str, Any]:
    """Return a trial's row, with its optimizer and the optimizer's name in words."""
    optimizer = trial.hyperparameters["optimizer"]
    return {"optimizer": optimizer, "name": NAMES[optimizer], **summaries.summary(trial)}


def gains(
    same: Mapping[str, Trial | None], own: Mapping[str, Trial | None], labels: np.ndarray
) -> list[Claim]:
    """Return how each optimizer at its own best rate compares with itself at Adam's."""
    pairs = [
        comparisons.Comparison(
            claim_name(GAIN, name), own[name], same[name], named(own[name]), named(same[name])
        )
        for name in _moved(same, own)
    ]
    return comparisons.compare_all(pairs, labels, "gains by a rate of its own")


def halves(
    same: Mapping[str, Trial | None], own: Mapping[str, Trial | None], labels: np.ndarray
) -> list[Claim]:
    """Return whether each optimizer's own rate makes up more than half of what it was behind Adam.

    It does where it is better at its own rate than it and Adam are on the mean at Adam's.
    """
    adam = same["adam"]
    moved = {name: own[name] for name in _moved(same, own)} if adam else {}
    claims = [
        averages.compare_averages(
            claim_name(HALF, name), [trial, trial], [adam, same[name]], labels,
            named(trial), f"the mean of {named(adam)} and {named(same[name])}",
        )
        for name, trial in moved.items()
        if averages.comparable([trial, adam, same[name]])
    ]  # fmt: skip
    return comparisons.adjusted(claims, "halves of the lag")


def matched(result: SearchResult, factor: float, labels: np.ndarray) -> list[Claim]:
    """Return how momentum at each rate compares with gradient descent at `factor` times that rate.

    Past gradients of one direction add up to 1 / (1 - momentum) times the last: a geometric series.
    """
    pairs = [
        (result.find(optimizer="momentum", learning_rate=slow), plain)
        for slow in RATES["momentum"]
        for plain in result.trials
        if plain.hyperparameters["optimizer"] == "sgd"
        and math.isclose(plain.hyperparameters["learning_rate"], factor * slow, rel_tol=1e-6)
    ]
    compared = [
        comparisons.Comparison(
            f"{MATCHED}-{wording.rate(one.hyperparameters['learning_rate'])}",
            one, other, named(one), named(other),
        )
        for one, other in pairs
    ]  # fmt: skip
    claims = comparisons.compare_all(compared, labels, "momentum against longer steps")
    return [equivalent(one, MARGIN) for one in claims]


def _moved(same: Mapping[str, Trial | None], own: Mapping[str, Trial | None]) -> list[str]:
    """Return the optimizers but Adam that have a trial at both rates, and not the same one."""
    both = [name for name in own if name != "adam" and own[name] and same[name]]
    return [name for name in both if own[name] is not same[name]]


def changes(
    same: Mapping[str, Trial | None], own: Mapping[str, Trial | None], made: Set[str]
) -> list[dict[str, Any]]:
    """Return, for each optimizer but Adam, what a rate of its own gains it in test accuracy.

    `moved` is whether that rate is another than Adam's. `claims` has the names of those in `made`
    that tell whether it was behind Adam at Adam's rate (SAME), whether it gains (GAIN), and more
    than half of what it was behind (HALF); None for one that could not be made.
    """
    rows = []
    for name, trial in own.items():
        known = [one and one.mean("test_accuracy") for one in (same["adam"], same[name], trial)]
        if name == "adam" or None in known:
            continue
        adam, before, after = known
        names = {question: claim_name(question, name) for question in (SAME, GAIN, HALF)}
        rows.append(
            {
                "name": NAMES[name],
                "own": trial.hyperparameters["learning_rate"],
                "gain": after - before,
                "behind": adam - before,
                "moved": trial is not same[name],
                "claims": {key: name if name in made else None for key, name in names.items()},
            }
        )
    return rows


def _edges(own: Mapping[str, Trial | None]) -> list[dict[str, str]]:
    """Return the optimizers whose best rate is the smallest or the largest of those tried."""
    ends = {name: {min(rates): "smallest", max(rates): "largest"} for name, rates in RATES.items()}
    return [
        {"name": NAMES[name], "end": ends[name][trial.hyperparameters["learning_rate"]]}
        for name, trial in own.items()
        if trial is not None and trial.hyperparameters["learning_rate"] in ends[name]
    ]


def constants() -> dict[str, float]:
    """Return the optimizers' fixed settings, as Keras has them."""
    from experiments.lab.networks.optimizers import optimizer

    adam, momentum = (
        optimizer({"optimizer": name, "learning_rate": RATES[name][0]})
        for name in ("adam", "momentum")
    )
    return {
        "beta_1": float(adam.beta_1),
        "beta_2": float(adam.beta_2),
        "epsilon": float(adam.epsilon),
        "momentum": float(momentum.momentum),
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
        _curves("own-rate", own, "Each optimizer at its own best rate").drawn_from(
            record.origin(own["rows"], claims=own["claims"])
        ),
        _map(facts["rows"]).drawn_from(record.origin(facts["rows"])),
        *wide_search.draw(record, "optimizer", NAMES),
    ]


def _curves(name: str, side: Mapping[str, Any], said: str) -> figures.Drawing:
    caption = (
        f"{said}: loss and accuracy after each epoch, on the training images (mean over the "
        "epoch) and on the validation images." + learning_curves.remarks(side["curves"])
    )
    return figures.curves(name, caption, learning_curves.panels(side["labels"], side["curves"]))


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
        "Validation accuracy after the last epoch, by optimizer and learning rate. A dash: not "
        "tried, or no training completed.",
        values,
        [NAMES[name] for name in RATES],
        [wording.rate(rate) for rate in rates],
        column_label="learning rate",
        value_label="validation accuracy",
        percent=True,
    )
