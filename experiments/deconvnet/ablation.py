"""How much worse the network is without some of its layers, or with smaller ones.

The paper's Table 3 removes or resizes layers of the network for ImageNet and trains what is left
anew. Here the same is done to LeNet-5. It belongs to the part `depth`.
"""

from collections.abc import Mapping

import numpy as np

from experiments.deconvnet import variants
from experiments.deconvnet.subject import DATA, Subject
from experiments.lab.evidence.averages import comparable, compare_averages
from experiments.lab.evidence.claims import Claim, made
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings
from experiments.lab.store.results import Trial
from experiments.lab.study import Study

SEARCH = "ablation"
WHOLE = {"without": "", "dense_units": 120, "last_units": 84}  # LeNet-5 as it is
CHANGES = {
    "with half the fully connected units": {"dense_units": 60, "last_units": 42},
    "without fully connected layers": {"without": "dense1 dense2"},
    "without the second convolution": {"without": "conv2"},
    "without both": {"without": "conv2 dense1 dense2"},
}
UNCHANGED = "the whole network"
_, NO_DENSE, NO_CONVOLUTION, NEITHER = CHANGES

# As reported in the paper, Table 3: top-1 error on ImageNet's validation images, of the whole
# network, without its two fully connected layers, and without two convolutions as well.
PAPER = {"whole": 0.405, "no_dense": 0.448, "neither": 0.713}
TOGETHER = "ablation-together"  # the claim that removals cost more together


def searches(study: Study, base: Trial) -> list[Search]:
    """Return the search over changed networks, trained as long and at the same rate as `base`."""
    return [
        Search(
            SEARCH,
            "LeNet-5 without some of its layers",
            DATA,
            "lenet5",
            points=tuple({**WHOLE, **change} for change in CHANGES.values()),
            fixed=dict(base.hyperparameters),
            **study.training(),
        )
    ]


def measure(study: Study, subject: Subject) -> Findings:
    """Return what each change costs in test accuracy."""
    base = variants.base(study)
    result = study.result(SEARCH)
    trials = {label: result.find(**WHOLE | change) for label, change in CHANGES.items()}
    named = {f"the network {label}": trial for label, trial in trials.items()}
    labels = subject.splits.test.labels
    claims = variants.against("ablation", named, base, UNCHANGED, labels)
    together = removed_together(base, trials, labels)
    facts = {
        "rows": [
            variants.row(label, trial) for label, trial in {UNCHANGED: base, **trials}.items()
        ],
        "claims": [claim.name for claim in claims],
        "changes": changes(base, trials),
        "together": together.name if together else None,
        "paper": {
            "errors": PAPER,
            "no_dense": PAPER["no_dense"] - PAPER["whole"],
            "neither": PAPER["neither"] - PAPER["whole"],
        },
    }
    scores = {
        f"{name}_change": change
        for name, change in facts["changes"].items()
        if name != "added" and change is not None
    }
    return Findings(scores, facts, made([*claims, together]))


def removed_together(base: Trial, trials: Mapping[str, Trial], labels: np.ndarray) -> Claim | None:
    """Return whether both removals cost more together than the sum of what each costs alone.

    They do if the network without both and the whole one are worse, on the mean, than the two that
    lack one each: W + N - A - B is what is left of the sum. None if there is no common seed.
    """
    both, single = [trials[NEITHER], base], [trials[NO_DENSE], trials[NO_CONVOLUTION]]
    if not comparable([*both, *single]):
        return None
    return compare_averages(
        TOGETHER, both, single, labels,
        "the networks without both and without neither", "the networks without one of them",
    )  # fmt: skip


def changes(base: Trial, trials: Mapping[str, Trial]) -> dict[str, float | None]:
    """Return how each removal changes test accuracy, None where a training did not complete.

    `added` is what both removals would change together if each changed what it does alone.
    """
    whole = base.mean("test_accuracy")
    names = {"no_dense": NO_DENSE, "no_convolution": NO_CONVOLUTION, "neither": NEITHER}
    scores = {name: trials[label].mean("test_accuracy") for name, label in names.items()}
    found = {name: None if score is None else score - whole for name, score in scores.items()}
    single = found["no_dense"], found["no_convolution"]
    return {**found, "added": None if None in single else sum(single)}
