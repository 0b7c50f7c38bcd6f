"""Architecture selection: what the projections say about the first layer, and what other ones bring.

The paper (section 4.1, figure 6) found in projections of an earlier network that many filters of its
first layer were dead, that those of very high and very low frequencies left out the middle ones, and
that the projections of the second layer were aliased, because the first moved its window by 4 pixels.
Smaller filters and a stride of 2 mended all that and gave a better accuracy. Here the same is looked
for in the first layer of LeNet-5. What counts as a fault is fixed before anything is trained
(`faults`), and any fault calls for the paper's remedy as far as it is left where the stride is 1:
smaller filters. Without a fault nothing is called for. Other first layers are trained either way:

    twice the filters   called for by nothing; shows what the choice leaves out
    filters of 3 × 3    the paper's remedy
    stride 2            the paper's step backwards: a larger stride must bring the aliasing back

Aliasing is measured as what it is: a map that is sampled at every s-th place cannot carry frequencies
above 1/(2s), and what the map holds above them is folded into lower ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from experiments.deconvnet import variants
from experiments.deconvnet.subject import DATA, LENET5, Subject, part
from experiments.lab.evidence.claims import BETTER, Claim
from experiments.lab.evidence.findings import judged
from experiments.lab.inspection import filter_shapes
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import Run
from experiments.lab.study import Study
from rendering.figures import vocabulary as figures

if TYPE_CHECKING:
    from experiments.lab.inspection.deconvnet import Deconvnet
    from experiments.lab.inspection.receptive_fields import ReceptiveField

SECTION = part("architecture", "Architecture selection", needs=(LENET5,))

SEARCH = "architecture"
FIRST = {"first_filters": 6, "first_kernel": 5, "first_stride": 1}  # LeNet-5 as it is
CHANGES = {
    "twice the filters": {"first_filters": 12},
    "filters of 3 × 3": {"first_kernel": 3},
    "stride 2": {"first_stride": 2},
}
UNCHANGED, WITH = "LeNet-5", "the network with "
WIDER, SMALLER, COARSER = CHANGES

IMAGES = 500  # validation images on which a first layer is judged
COUNT = 9  # strongest activations of each filter whose projections are judged
SHOWN = 8  # filters of the last convolution whose projections are drawn
POOL = 2  # the side and the step of the pooling after the first convolution


class Seen(NamedTuple):
    """What is seen of a network: its first filters, projections of its last convolution, and numbers.

    `filters` are (height, width, channels, filters), `projections` (SHOWN, h, w, channels) the
    projections of the strongest activation of the first SHOWN maps, cut to the receptive field.
    """

    filters: np.ndarray
    projections: np.ndarray
    reading: dict[str, Any]


def searches(study: Study) -> list[Search]:
    """Return the search over first layers; none if there is no network to change."""
    base = variants.base(study)
    if base is None:
        return []
    return [
        Search(
            SEARCH,
            "LeNet-5 with other first layers",
            DATA,
            "lenet5",
            points=tuple({**FIRST, **change} for change in CHANGES.values()),
            fixed=dict(base.hyperparameters),
            **study.training(),
        )
    ]


def measure(study: Study) -> Findings:
    """Return what is seen of each first layer, and how the networks compare."""
    subject = Subject.lenet5(study)
    base = variants.base(study)
    result = study.result(SEARCH)
    changed = {label: result.find(**FIRST | change) for label, change in CHANGES.items()}
    trials = {UNCHANGED: base, **changed}
    images = subject.inputs("validation")[:IMAGES]
    seen = {label: look(trial.first, images) for label, trial in trials.items() if trial.completed}
    labels = subject.splits.test.labels
    named = {WITH + label: trial for label, trial in changed.items()}
    claims = variants.against("variant", named, base, UNCHANGED, labels)
    chosen = best(trials, result)
    reading, photographs = seen[UNCHANGED].reading, fine_share(images)
    found = faults(reading, photographs)
    facts = {
        "label": subject.label,
        "images": len(images),
        "count": COUNT,
        "pool": POOL,
        "rows": [
            {
                **variants.row(label, trial),
                "seen": seen[label].reading if label in seen else None,
            }
            for label, trial in trials.items()
        ],
        "base": reading,
        "fine_images": photographs,
        "finer": reading["fine"] > photographs,
        "wider_dead": seen[WIDER].reading["dead"] if WIDER in seen else 0,
        "faults": found,
        "suggested": SMALLER if any(found.values()) else None,
        "finding": judged(remedy(claims) if any(found.values()) else {}, claims),
        "chosen": chosen,
        "claims": {claim.left.label.removeprefix(WITH): claim.name for claim in claims},
        "coarser": backwards(seen),
        "epochs": base.run.settings.length,
        "names": {"base": UNCHANGED, "wider": WIDER, "smaller": SMALLER, "coarser": COARSER},
    }
    scores = {"folded": reading["folded"], "dead": reading["dead"]}
    scores["chosen_validation_accuracy"] = trials[chosen].mean("validation_accuracy")
    scores["chosen_test_accuracy"] = trials[chosen].mean("test_accuracy")
    return Findings(scores, facts, claims, _arrays(seen))


def remedy(claims: Sequence[Claim]) -> dict[str, str]:
    """Return what the paper leads one to expect of what a fault calls for, by the claim's name."""
    return {one.name: BETTER for one in claims if one.left.label == WITH + SMALLER}


def faults(reading: Mapping[str, Any], photographs: float) -> dict[str, bool]:
    """Return which faults a first layer has: dead filters, near-copies, aliasing.

    It is aliased if its maps fold more of their energy than `photographs` would that lost every other
    pixel: then the layer has made the frequencies that are folded.
    """
    return {
        "dead": reading["dead"] > 0,
        "copies": reading["copies"] > 0,
        "aliased": reading["folded"] > photographs,
    }


def best(trials: Mapping[str, Trial], result: SearchResult) -> str:
    """Return the name of the best trial by the objective of `result`; of equals, the first."""
    chosen = result.of(trials.values()).best()
    return next(label for label, trial in trials.items() if trial is chosen)


def look(run: Run, images: np.ndarray) -> Seen:
    """Return what is seen of the network of `run` with images (n, height, width, channels)."""
    from experiments.lab.inspection.deconvnet import Deconvnet
    from experiments.lab.inspection.receptive_fields import receptive_field
    from experiments.lab.networks import builders

    model = builders.restore(run.settings, run.weights())
    deconvnet = Deconvnet(model)
    first = model.get_layer(deconvnet.layers[0])
    last = deconvnet.layers[-1]
    kernel, bias = first.get_weights()
    projections = projections_of(deconvnet, images, last, receptive_field(model, last))
    reading = {
        "filters": kernel.shape[-1],
        "kernel": kernel.shape[0],
        "stride": first.strides[0],
        **in_use(deconvnet.features(images, first.name)),
        "copies": sum(bool(pair["relation"]) for pair in filter_shapes.copies(kernel)),
        **sampling(images, kernel, bias, first.strides[0]),
        "fine": fine_share(projections.reshape(-1, *projections.shape[2:])),
    }
    return Seen(kernel, projections[:SHOWN, 0], reading)


def projections_of(
    deconvnet: Deconvnet, images: np.ndarray, layer: str, field: ReceptiveField
) -> np.ndarray:
    """Return projections of each map's strongest activations, cut to their receptive fields.

    Float32 (filters, COUNT or less, height, width, channels), the strongest first.
    """
    maps = deconvnet.features(images, layer)
    units = maps.reshape(len(maps), -1, maps.shape[3])
    chosen = np.argsort(-units.max(axis=1), axis=0, kind="stable")[:COUNT].T
    filters = np.repeat(np.arange(len(chosen)), chosen.shape[1])
    places = units[chosen.ravel(), :, filters].argmax(axis=1)
    positions = np.stack(np.unravel_index(places, maps.shape[1:3]), axis=1)
    whole = deconvnet.project(images[chosen.ravel()], layer, filters, positions)
    cut = [one[field.box(place).slices] for one, place in zip(whole, positions, strict=True)]
    return np.stack(cut).reshape(*chosen.shape, *cut[0].shape)


def in_use(maps: np.ndarray) -> dict[str, Any]:
    """Return how many of the maps (n, h, w, filters) are dead, and how active the least active is.

    A map is dead if it is zero everywhere in all images; activity is the share of units above zero.
    """
    active = (maps > 0).mean(axis=(0, 1, 2))
    return {"dead": int((active == 0).sum()), "least_active": float(active.min())}


def sampling(
    images: np.ndarray, kernel: np.ndarray, bias: np.ndarray, stride: int
) -> dict[str, float]:
    """Return which share of its maps' energy the first layer folds into lower frequencies.

    `folded_convolution` is that of its stride, `folded_pool` that of the pooling's step; `folded` is
    the larger of the two.
    """
    import tensorflow as tf

    dense = tf.nn.relu(tf.nn.conv2d(images, kernel, 1, "VALID") + bias)
    sampled = dense[:, ::stride, ::stride]
    pooled = tf.nn.max_pool2d(sampled, POOL, 1, "VALID")
    convolution, pool = folded(dense.numpy(), stride), folded(pooled.numpy(), POOL)
    return {
        "folded_convolution": convolution,
        "folded_pool": pool,
        "folded": max(convolution, pool),
    }


def folded(maps: np.ndarray, step: int) -> float:
    """Return the share of the maps' energy that is aliased when every `step`-th place is kept.

    `maps` are (n, h, w, filters). The energy is that of all frequencies but zero, of each map times a
    Hann window, which keeps the borders from passing for high frequencies; aliased are those of
    which the vertical or the horizontal part is above 1/(2 step).
    """
    windowed = (maps - maps.mean(axis=(1, 2), keepdims=True)) * _window(maps.shape[1:3])
    energy = (np.abs(np.fft.fft2(windowed, axes=(1, 2))) ** 2).sum(axis=(0, 3))
    down, across = (np.abs(np.fft.fftfreq(length)) for length in maps.shape[1:3])
    aliased = np.maximum(down[:, None], across[None, :]) > 1 / (2 * step)
    return float(energy[aliased].sum() / energy.sum()) if energy.any() else 0.0


def fine_share(projections: np.ndarray) -> float:
    """Return the share of the projections' energy above half the highest frequency pixels can carry."""
    return folded(projections, 2)


def _window(size: tuple[int, int]) -> np.ndarray:
    down, across = (np.hanning(length + 2)[1:-1] for length in size)
    return (down[:, None] * across[None, :])[None, :, :, None]


def backwards(seen: Mapping[str, Seen]) -> dict[str, bool] | None:
    """Return what the paper's step backwards, to stride 2, does; None if it was not trained.

    `aliased` and `dead` say whether its first layer folds more and has more dead filters. These are
    counts and sums over the same images, not estimates; what the step costs in accuracy is a claim.
    """
    if COARSER not in seen:
        return None
    before, after = seen[UNCHANGED].reading, seen[COARSER].reading
    return {name: after[of] > before[of] for name, of in (("aliased", "folded"), ("dead", "dead"))}


def _arrays(seen: Mapping[str, Seen]) -> dict[str, np.ndarray]:
    """Return the first filters and the projections of each network, by its place among the names."""
    names = [UNCHANGED, *CHANGES]
    return {
        f"{kind}_{names.index(label)}": getattr(one, kind)
        for label, one in seen.items()
        for kind in ("filters", "projections")
    }


def draw(record: Record) -> list[figures.Drawing]:
    """Return the first filters and the projections of every network."""
    rows = [(index, row) for index, row in enumerate(record.facts["rows"]) if row["seen"]]
    titles = [row["label"] for _, row in rows]
    origin = record.origin(row for _, row in rows)
    drawings = [_filters(record, rows, titles), _projections(record, rows, titles)]
    return [drawing.drawn_from(origin) for drawing in drawings]


def _filters(record: Record, rows: list, titles: list[str]) -> figures.Drawing:
    weights = [record.arrays[f"filters_{index}"] for index, _ in rows]
    limit = max(float(np.abs(one).max()) for one in weights) or 1.0
    projections = [
        [figures.Image(one[..., number]) for number in range(one.shape[-1])] for one in weights
    ]
    return figures.image_grid(
        "filters",
        "The filters of each network's first layer, on one scale; grey is zero.",
        projections,
        row_titles=titles,
        scale=(-limit, limit),
        largest=12,
    )


def _projections(record: Record, rows: list, titles: list[str]) -> figures.Drawing:
    projections = [
        [
            figures.Image(one / (np.abs(one).max() or 1.0))
            for one in record.arrays[f"projections_{index}"]
        ]
        for index, _ in rows
    ]
    caption = (
        "Projections of the strongest activation of the first maps of each network's last "
        "convolution, cut to the receptive field, each on its own scale; grey is zero. Patterns of "
        "single pixels, as of a chessboard, are a sign of aliasing."
    )
    return figures.image_grid(
        "projections", caption, projections, row_titles=titles, scale=(-1.0, 1.0), largest=17
    )
