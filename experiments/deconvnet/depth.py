"""What each layer is worth: a softmax on its features, the network without it, and other data.

Three experiments of the paper, each in a part of its own:

    this module    a softmax on the features of each layer                          Table 7
    ablation.py    layers removed or made smaller, the rest trained anew            Table 3
    transfer.py    features of one data set under a softmax for the other           Tables 4 to 6
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from experiments.deconvnet import ablation, transfer, variants
from experiments.deconvnet.subject import DATA, Subject, part
from experiments.deconvnet.subject import LENET5 as BASE
from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import BETTER, WORSE, Claim
from experiments.lab.evidence.findings import judged
from experiments.lab.settings import Search, grid
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import Trial
from experiments.lab.study import Study
from rendering.figures import vocabulary as figures

SECTION = part(
    "depth", "Ablation and depth: what each layer is worth", (transfer.OTHER,), needs=(BASE,)
)

SEARCH = "feature-depth"
FEATURES = ("image", "pool1", "pool2", "dense1", "dense2")  # from the pixels up
SHARE = 3  # one in so many of the profile's iterations: a softmax is soon trained
# Higher than the network's, to get there in so few iterations; at 1e-2 that on the pixels is unsteady.
SOFTMAX = {"learning_rate": 3e-3, "optimizer": "adam"}

# As reported in the paper, Table 7: accuracy of a support vector machine on the features of layers 1
# and 5 of the ImageNet network, on Caltech-101.
PAPER = {"first": 0.448, "fifth": 0.862}


def searches(study: Study) -> list[Search]:
    """Return the searches of all three parts; none if there is no network to look at."""
    base = variants.base(study)
    if base is None:
        return []
    return [
        *ablation.searches(study, base),
        *transfer.searches(study, base),
        _softmaxes(study),
    ]


def _softmaxes(study: Study) -> Search:
    length = max(1, study.profile.iterations // SHARE)
    settings = {
        **study.training(),
        "length": length,
        "unit": "iterations",
        "validate_every": max(1, length // 4),
    }
    start = {"run": study.result(BASE).best().first.key, "layers": list(transfer.LAYERS)}
    return Search(
        SEARCH,
        "A softmax on the features of each layer",
        DATA,
        "lenet5",
        points=grid(features=FEATURES),
        fixed=SOFTMAX,
        start_from=start,
        **settings,
    )


def measure(study: Study) -> Findings:
    """Return the findings of all three parts; the claims' names begin with the part's."""
    subject = Subject.lenet5(study)
    removed, moved = ablation.measure(study, subject), transfer.measure(study, subject)
    result = study.result(SEARCH)
    trials = {layer: result.find(features=layer) for layer in FEATURES}
    claims = steps(trials, subject)
    facts = {
        **found(claims, removed, moved),
        "label": subject.label,
        "layers": {
            "rows": [variants.row(layer, trial) for layer, trial in trials.items()],
            "iterations": result.search.length,
            "rate": SOFTMAX["learning_rate"],
            "claims": [claim.name for claim in claims],
            "whole": subject.run.scores["test_accuracy"],
            "paper": PAPER,
        },
        "ablation": removed.facts,
        "transfer": moved.facts,
        "epochs": subject.run.settings.length,
        "seeds": result.search.seeds,
        "seeds_needed": comparisons.SEEDS_NEEDED,
    }
    scores = {
        f"softmax_{layer}": score
        for layer, trial in trials.items()
        if (score := trial.mean("test_accuracy")) is not None
    }
    return Findings(
        {**scores, **removed.scores, **moved.scores},
        facts,
        [*claims, *removed.claims, *moved.claims],
    )


def found(claims: Sequence[Claim], removed: Findings, moved: Findings) -> dict[str, Any]:
    """Return what becomes of the paper's finding, and of its parts; of `carried`, by kept layer."""
    rising = dict.fromkeys((f"layers-{layer}" for layer in FEATURES[1:]), BETTER)
    costly = {ablation.TOGETHER: WORSE}
    kept = {layer: dict.fromkeys(names, BETTER) for layer, names in transfer.deciding().items()}
    made = [*claims, *removed.claims, *moved.claims]
    whole = (
        rising | costly | {name: it for of_layer in kept.values() for name, it in of_layer.items()}
    )
    return {
        "finding": judged(whole, made),
        "parts": {
            "steps": judged(rising, made),
            "together": judged(costly, made),
            "carried": {layer: judged(names, made) for layer, names in kept.items()},
        },
    }


def steps(trials: dict[str, Trial], subject: Subject) -> list[Claim]:
    """Return how the softmax on each layer compares with that on the layer below."""
    pairs = [
        comparisons.Comparison(f"layers-{upper}", trials[upper], trials[lower], upper, lower)
        for lower, upper in pairwise(FEATURES)
    ]
    return comparisons.compare_all(pairs, subject.splits.test.labels, "layers")


def draw(record: Record) -> list[figures.Drawing]:
    """Return the accuracy of each layer's features, and what is left on few images."""
    layers = record.facts["layers"]
    return [
        _layers(record.facts).drawn_from(
            record.origin(layers["rows"], data=[DATA], claims=layers["claims"])
        ),
        *transfer.draw(record),
    ]


def _layers(facts: dict[str, Any]) -> figures.Drawing:
    rows = facts["layers"]["rows"]
    deviations = [row["test_accuracy"][1] for row in rows]
    series = figures.Series(
        "",
        [row["test_accuracy"][0] for row in rows],
        None if None in deviations else deviations,
    )
    caption = (
        f"Test accuracy on {facts['label']} of a softmax on the features of each layer of the "
        "trained network, from the pixels up."
    )
    labels = [row["label"] for row in rows]
    return figures.bars(
        "layers", caption, labels, [series], "test accuracy", percent=True, wide=False
    )
