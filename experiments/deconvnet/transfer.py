"""Features trained on one data set under a new softmax on the other, against training from scratch.

The paper keeps the layers that were trained on ImageNet and trains a softmax of its own on top of
them for smaller data sets (Tables 4 to 6). Here the layers trained on CIFAR-10 are kept, and the
softmax is trained on a few images, or all, of each class of MNIST. The network is shown a
digit as a colour image whose three channels are the same.

A softmax on layers of random weights may do as well: then nothing that was learned has been carried over.
So the control keeps the same layers with the weights that their training began with. It belongs to the
part `depth`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.deconvnet.subject import DATA, Subject
from experiments.deconvnet.subject import LENET5 as BASE
from experiments.lab.data.facts import SHAPES
from experiments.lab.evidence import comparisons, summaries
from experiments.lab.evidence.claims import Claim
from experiments.lab.settings import BATCH_SIZE, Search, grid
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.study import Study
from rendering import wording
from rendering.figures import vocabulary as figures

OTHER = "mnist"
KEPT, SCRATCH, UNTRAINED = "transfer", "transfer-scratch", "transfer-untrained"
LAYERS = ("conv1", "conv2", "dense1", "dense2")  # what is taken over, and trained no further
FEATURES = ("pool2", "dense2")  # what the softmax stands on; the last layer is the paper's choice
SIZES = (15, 30, 60, None)  # images of each class, None is all; the first three are the paper's
QUICK_SIZES = (15, None)  # where the profile only has to be quick
CONTROLLED, QUICK_CONTROLLED = (15, None), (15,)  # those at which the control is trained
SHARE = 10  # one in so many of the profile's iterations
# A softmax takes larger steps than a network: at 1e-3 it is far from trained after 300 iterations.
SOFTMAX = {"learning_rate": 1e-2, "optimizer": "adam"}

# As reported in the paper, Tables 4 and 5: accuracy of a softmax on features kept from ImageNet, and
# of the same network trained from scratch.
PAPER = [
    {"data": "Caltech-101", "images": 30, "kept": 0.865, "scratch": 0.465, "table": 4},
    {"data": "Caltech-256", "images": 60, "kept": 0.742, "scratch": 0.388, "table": 5},
]


def searches(study: Study, base: Trial) -> list[Search]:
    """Return the searches over numbers of images, with the kept layers and from scratch."""
    length = max(1, study.profile.iterations // SHARE)
    settings = {
        **study.training(),
        "length": length,
        "unit": "iterations",
        "validate_every": max(1, length // 3),
        "transform": {"name": "channels", "channels": SHAPES[DATA][2]},
    }
    sizes = QUICK_SIZES if study.quick else SIZES
    controlled = QUICK_CONTROLLED if study.quick else CONTROLLED
    start = {"run": study.result(BASE).best().first.key, "layers": list(LAYERS)}

    def search(name: str, title: str, **varied: Any) -> Search:
        return Search(name, title, OTHER, "lenet5", **varied, **settings)

    return [
        search(
            SCRATCH,
            "LeNet-5 on few images, from scratch",
            points=grid(per_class=sizes),
            fixed=dict(base.hyperparameters),
        ),
        search(
            KEPT,
            "A softmax on layers trained on the other data set",
            points=grid(features=FEATURES, per_class=sizes),
            fixed=SOFTMAX,
            start_from=start,
        ),
        search(
            UNTRAINED,
            "A softmax on the same layers as they were before their training",
            points=grid(features=FEATURES, per_class=controlled),
            fixed=SOFTMAX,
            start_from={**start, "epoch": 0},
        ),
    ]


def measure(study: Study, subject: Subject) -> Findings:
    """Return the accuracies with kept layers and from scratch, for each number of images."""
    kept, scratch, untrained = (study.result(name) for name in (KEPT, SCRATCH, UNTRAINED))
    splits = study.splits(OTHER)
    sizes = [point["per_class"] for point in scratch.search.points]
    controlled = list(dict.fromkeys(point["per_class"] for point in untrained.search.points))
    claims = [
        *compare(kept, scratch, sizes, splits.test.labels),
        *control(kept, untrained, controlled, splits.test.labels),
    ]
    made = {claim.name for claim in claims}
    facts = {
        "label": wording.data_name(vars(splits.identity)),
        "from_images": len(subject.splits.train.labels),
        "iterations": scratch.search.length,
        "batch": BATCH_SIZE,
        "rate": {"softmax": SOFTMAX["learning_rate"], **_rate(scratch)},
        "features": list(FEATURES),
        "rows": [row(size, kept, scratch, untrained, splits.train.labels) for size in sizes],
        "claims": {
            layer: [name if (name := claim_name(layer, size)) in made else None for size in sizes]
            for layer in FEATURES
        },
        "fewest": _per_class(sizes[0], splits.train.labels),
        "control": {
            layer: {
                _per_class(size, splits.train.labels): name
                for size in controlled
                if (name := claim_name(layer, size, UNTRAINED)) in made
            }
            for layer in FEATURES
        },
        "paper": PAPER,
    }
    scores = {
        f"transfer_{layer}_{sizes[0]}": score
        for layer in FEATURES
        if (score := kept.find(features=layer, per_class=sizes[0]).mean("test_accuracy"))
        is not None
    }
    return Findings(scores, facts, claims)


def _per_class(size: int | None, labels: np.ndarray) -> str:
    """Return how many images of each class there are, for a key: "15", or "all"."""
    return "all" if size is None or size >= int(np.bincount(labels).max()) else str(size)


def row(
    size: int | None,
    kept: SearchResult,
    scratch: SearchResult,
    untrained: SearchResult,
    labels: np.ndarray,
) -> dict[str, Any]:
    """Return the summaries for a number of images of each class. `labels` are the training set's.

    `untrained` has those of the control by layer, None where it was not trained with so many images.
    """
    available = int(np.bincount(labels).max())
    most = available if size is None else size
    return {
        "per_class": min(most, available),
        "all": most >= available,
        "images": int(np.minimum(np.bincount(labels), most).sum()),
        "scratch": summaries.summary(scratch.find(per_class=size)),
        **{
            layer: summaries.summary(kept.find(features=layer, per_class=size))
            for layer in FEATURES
        },
        "untrained": {layer: _control(untrained, layer, size) for layer in FEATURES},
    }


def _control(untrained: SearchResult, layer: str, size: int | None) -> dict[str, Any] | None:
    point = {"features": layer, "per_class": size}
    if point not in untrained.search.points:
        return None
    return summaries.summary(untrained.find(**point))


def claim_name(layer: str, size: int | None, family: str = KEPT) -> str:
    """Return the name of the claim about a kept layer with a number of images of each class."""
    return f"{family}-{layer}-{'all' if size is None else size}"


def deciding() -> dict[str, list[str]]:
    """Return by layer the claims that decide whether it carried over, where images are fewest.

    It has to be better than training from scratch, and than the same layer before its training.
    """
    return {
        layer: [claim_name(layer, SIZES[0], family) for family in (KEPT, UNTRAINED)]
        for layer in FEATURES
    }


def compare(
    kept: SearchResult, scratch: SearchResult, sizes: Sequence[int], labels: np.ndarray
) -> list[Claim]:
    """Return how each softmax on kept layers compares with training from scratch on the same images."""
    pairs = [
        comparisons.Comparison(
            claim_name(layer, size),
            kept.find(features=layer, per_class=size),
            scratch.find(per_class=size),
            f"softmax on {layer}",
            "from scratch",
        )
        for layer in FEATURES
        for size in sizes
    ]
    return comparisons.compare_all(pairs, labels, "transfer")


def control(
    kept: SearchResult,
    untrained: SearchResult,
    sizes: Sequence[int | None],
    labels: np.ndarray,
) -> list[Claim]:
    """Return how a softmax on trained layers compares with one on the same layers before training."""
    pairs = [
        comparisons.Comparison(
            claim_name(layer, size, UNTRAINED),
            kept.find(features=layer, per_class=size),
            untrained.find(features=layer, per_class=size),
            f"the softmax on the trained {layer}",
            "that on the untrained one",
        )
        for layer in FEATURES
        for size in sizes
    ]
    return comparisons.compare_all(pairs, labels, UNTRAINED)


def _rate(scratch: SearchResult) -> dict[str, float]:
    return {"scratch": scratch.search.fixed["learning_rate"]}


def draw(record: Record) -> list[figures.Drawing]:
    """Return the accuracies against the number of images, from the record of the part `depth`."""
    facts = record.facts["transfer"]
    ways = {"scratch": "from scratch", **{layer: f"softmax on {layer}" for layer in FEATURES}}
    lines = [
        figures.Line(
            label,
            [one["per_class"] for one in facts["rows"]],
            [one[way]["test_accuracy"][0] for one in facts["rows"]],
            deviation=_deviations(facts["rows"], way),
        )
        for way, label in ways.items()
    ]
    caption = (
        f"Test accuracy on {facts['label']} against the number of training images of each class: "
        "the network trained from scratch, and a softmax on layers kept from the other data set."
    )
    panel = figures.Panel("", "images of each class", "test accuracy", lines, True, log_x=True)
    trials = [one[way] for one in facts["rows"] for way in ways]
    claims = [name for names in facts["claims"].values() for name in names if name]
    origin = record.origin(trials, data=[OTHER], claims=claims)
    return [figures.curves("transfer", caption, [panel]).drawn_from(origin)]


def _deviations(rows: list[dict[str, Any]], way: str) -> list[float] | None:
    found = [one[way]["test_accuracy"][1] for one in rows]
    return None if None in found else found
