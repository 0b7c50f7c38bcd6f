"""What the first filters of the trained network look like, and what its convolutions give out.

Question: what do the weights of the first convolution show, and how are the activations of both
          convolutions distributed on the test images, before and after training? (Task 1c.)
Command:  python build_report.py filters
Time:     one training of LeNet-5, from a small start, and some ten seconds; the network is the best of
          the section on learning rates.
Expect:   on CIFAR-10 filters that still resemble their random start (correlation above 0.9), while
          what training added to them is coarse and mostly edges in brightness; about half of all
          activations zero; no dead filters. From small weights a correlation of about 0.4, and an
          accuracy two points higher.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.descent import one_image, starts
from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import Claim, End, claim, made
from experiments.lab.evidence.differences import against_draws, paired
from experiments.lab.inspection import filter_shapes
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.runs import Run
from experiments.lab.study import Section, Study
from rendering import wording
from rendering.figures import vocabulary as figures

SECTION = Section(
    name="filters",
    task="1c",
    title="Filters and activations of the trained network",
    data=("cifar10",),
    needs=("learning-rates",),
)

LAYERS = ("conv1", "conv2")
STATES = ("trained", "untrained")
BINS = 40  # of a histogram of activations
REACH = 4  # standard deviations above the mean up to which histograms go, in the widest filter

STILL = 0.8  # correlation with the start above which a layer counts as hardly moved

SUMS = 500  # random sums of training patches, and as many single patches
PATCHES = 100  # in each sum


def searches(study: Study) -> list[Search]:
    """Return the training from a small start; the network is the one that learning rates chose."""
    return starts.searches(study)


def measure(study: Study) -> Findings:
    """Return the filters' reading and the activations' statistics, before and after training."""
    best = study.result("learning-rates").best()
    run = best.first
    splits = study.splits("cifar10")
    weights = {"trained": run.weights(), "untrained": run.weights(0)}
    kernels = {state: weights[state][0] for state in STATES}
    kernels["added"] = kernels["trained"] - kernels["untrained"]
    described, histograms, changes = activations(run, weights, splits.test.images)
    counts = {name: counted(kernel) for name, kernel in kernels.items()}
    null, sums = null_of(splits.train.images, kernels["trained"].shape[:2])
    claims = against_sums(kernels, sums, run)
    passed, maps = one_image.measure(run, splits.test, splits.identity.classes)
    begun, of_starts, pictures = starts.measure(study, splits.test.labels)
    facts = {
        "label": wording.data_name(vars(splits.identity)),
        "learning_rate": float(best.hyperparameters["learning_rate"]),
        "optimizer": best.hyperparameters["optimizer"],
        "epochs": run.settings.length,
        "run": run.key,
        "test_accuracy": run.scores["test_accuracy"],
        "images": len(splits.test.labels),
        "kernel": list(kernels["trained"].shape),
        "filters": filters(kernels),
        "counts": counts,
        "null": null,
        "moved": moved(kernels),
        "bounds": filter_shapes.random_bounds(kernels["trained"].shape[:3]),
        **_pairs(kernels["trained"]),
        "layers": described,
        "dead": {name: described[name]["trained"]["dead"] for name in LAYERS},
        "one_image": passed,
        "starts": begun,
    }
    scores = {
        f"{layer}_{score}": described[layer]["trained"][score]
        for layer in LAYERS
        for score in ("mean", "variance", "zeros")
    }
    arrays = {f"kernel_{state}": kernels[state] for state in STATES} | histograms | maps | pictures
    return Findings(scores, facts, [*claims, *changes, *of_starts], arrays)


def null_of(images: np.ndarray, size: tuple[int, int]) -> tuple[dict[str, Any], list[dict]]:
    """Return what single patches of uint8 `images` and random sums of them are called, as shares.

    Also returns the readings of the sums: what filters of `size` are that nothing has shaped but the
    smoothness of images.
    """
    scaled = images / np.float32(255)
    kinds = {
        "patches": filter_shapes.patches(scaled, size, SUMS),
        "sums": filter_shapes.patch_sums(scaled, size, SUMS, PATCHES),
    }
    readings = {name: filter_shapes.read(weights) for name, weights in kinds.items()}
    shares = {
        name: {
            "edge": float(np.mean([bool(one["shape"]) for one in each])),
            "coarse": float(np.mean([one["scale"] == "coarse" for one in each])),
        }
        for name, each in readings.items()
    }
    return {"count": SUMS, "each": PATCHES, **shares}, readings["sums"]


def against_sums(
    kernels: Mapping[str, np.ndarray], sums: Sequence[dict[str, Any]], run: Run
) -> list[Claim]:
    """Return whether filters, and what training added, are more of an edge or coarser than the sums.

    The claims "trained-MEASURE" and "added-MEASURE" hold the mean over filters of a measure of
    `filter_shapes` against that of as many sums; the four are corrected for standing together.
    """
    found = []
    for state, said in (("trained", "the trained filters"), ("added", "what training added")):
        readings = filter_shapes.read(kernels[state])
        for measure in ("coherence", "coarse"):
            values, drawn = ([one[measure] for one in each] for each in (readings, sums))
            ends = End.of_run(run, said), End.of_value("random sums of patches")
            difference = against_draws(values, drawn, "filters")
            found.append(claim(f"{state}-{measure}", *ends, measure, difference))
    return comparisons.adjusted(made(found), "filters against sums of patches")


def filters(kernels: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """Return each filter's reading, untrained, trained, and of what training added to it.

    `start` is the correlation of the trained with the untrained weights, `growth` the ratio of
    their strengths, `words` what the trained one is called.
    """
    readings = {name: filter_shapes.read(kernel) for name, kernel in kernels.items()}
    start = np.diag(filter_shapes.correlation(kernels["trained"], kernels["untrained"]))
    return [
        {
            "number": index + 1,
            **after,
            "words": words(after),
            "untrained": {**before, "words": words(before)},
            "added": {**change, "words": words(change)},
            "start": float(start[index]),
            "growth": after["strength"] / before["strength"] if before["strength"] else None,
        }
        for index, (after, before, change) in enumerate(
            zip(*(readings[name] for name in ("trained", "untrained", "added")), strict=True)
        )
    ]


def words(reading: Mapping[str, Any]) -> str:
    """Return what a filter is called: "colour, rising diagonal edge, coarse", or "like random"."""
    edge = f"{reading['shape']} edge" if reading["shape"] else ""
    return ", ".join(filter(None, (reading["kind"], edge, reading["scale"]))) or "like random"


def _pairs(kernel: np.ndarray) -> dict[str, Any]:
    """Return the pairs of near-copies and opposites, and the closest pair, counted from 1."""
    pairs = [
        {**pair, "filters": [number + 1 for number in pair["filters"]]}
        for pair in filter_shapes.copies(kernel)
    ]
    return {
        "copy_from": filter_shapes.COPY,
        "copies": [pair for pair in pairs if pair["relation"]],
        "closest": pairs[0] if pairs else None,
    }


def counted(kernel: np.ndarray) -> dict[str, int]:
    """Return how many filters are called each word."""
    readings = filter_shapes.read(kernel)
    called = [reading[name] for reading in readings for name in ("kind", "scale")]
    counts = {word: called.count(word) for word in ("colour", "brightness", "coarse", "fine")}
    counts["edge"] = sum(bool(reading["shape"]) for reading in readings)
    return counts | {"random": sum(words(reading) == "like random" for reading in readings)}


def moved(kernels: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return how far training moved the layer: the change's length over the start's, and correlation.

    `still` is whether the correlation with the start is above STILL.
    """
    trained, untrained = (kernels[state].astype(np.float64) for state in STATES)
    start = np.linalg.norm(untrained)
    flat = (kernel.reshape(1, 1, -1, 1) for kernel in (trained, untrained))
    correlation = float(filter_shapes.correlation(*flat).item())
    return {
        "change": float(np.linalg.norm(trained - untrained) / start) if start else 0.0,
        "growth": float(np.linalg.norm(trained) / start) if start else 0.0,
        "correlation": correlation,
        "still": correlation > STILL,
    }


def activations(
    run: Run, weights: Mapping[str, list[np.ndarray]], images: np.ndarray
) -> tuple[dict[str, Any], dict[str, np.ndarray], list[Claim]]:
    """Return statistics and histograms of both layers on `images` in both states, and what changed."""
    from experiments.lab.inspection import activations as measured
    from experiments.lab.networks.builders import restore

    models = {state: restore(run.settings, weights[state]) for state in STATES}
    found = {state: measured.describe(models[state], images, LAYERS) for state in STATES}
    edges = {
        layer: np.linspace(0, max(_reach(found[state][layer]) for state in STATES), BINS + 1)
        for layer in LAYERS
    }
    arrays = {f"edges_{layer}": edges[layer] for layer in LAYERS}
    for state in STATES:
        counts = measured.count(models[state], images, edges)
        arrays |= {f"histogram_{layer}_{state}": counts[layer] for layer in LAYERS}
    described = {
        layer: _layer({state: _plain(found[state][layer]) for state in STATES}) for layer in LAYERS
    }
    return described, arrays, changed(found, run)


def _layer(states: Mapping[str, Any]) -> dict[str, Any]:
    """Return a layer's statistics in both states, and the extremes."""
    each = states["trained"]["filters"]
    return {
        **states,
        "range": {
            "low": min(each, key=lambda one: one["zeros"]),
            "high": max(each, key=lambda one: one["zeros"]),
            "rarest": min(each, key=lambda one: one["active"]),
        },
    }


def changed(found: Mapping[str, Mapping[str, Any]], run: Run) -> list[Claim]:
    """Return whether training changed a layer's mean activation and its share of zeros, by image.

    `found` has `Activations` by state and layer. The claims are "LAYER-mean" and "LAYER-zeros", a family.
    """
    ends = End.of_run(run, "after training"), End.of_run(run, "before training")
    claims = [
        claim(
            f"{layer}-{score}", *ends, score,
            paired(*(getattr(found[state][layer], f"image_{score}") for state in STATES)),
        )
        for layer in LAYERS
        for score in ("mean", "zeros")
    ]  # fmt: skip
    return comparisons.adjusted(made(claims), "activations")


def _reach(found: Any) -> float:  # noqa: ANN401
    """Return where a layer's histograms end; 1 if nothing is active."""
    return float((found.mean + REACH * np.sqrt(found.variance)).max()) or 1.0


def _plain(found: Any) -> dict[str, Any]:  # noqa: ANN401
    names = ("mean", "variance", "zeros", "largest", "active")
    return {
        "mean": found.whole_mean,
        "variance": found.whole_variance,
        "zeros": found.whole_zeros,
        "dead": [index + 1 for index in found.dead],
        "filters": [
            {"number": index + 1, **dict(zip(names, (float(value) for value in row), strict=True))}
            for index, row in enumerate(zip(*(getattr(found, name) for name in names), strict=True))
        ],
    }


def draw(record: Record) -> list[figures.Drawing]:
    """Return the weights' images and every filter's histogram of activations."""
    histograms = [_histograms(record, layer) for layer in LAYERS]
    drawings = [_weights(record), *_added(record), one_image.drawing(record), *histograms]
    origin = record.origin(runs=[record.facts["run"]])
    drawn = [drawing.drawn_from(origin) for drawing in drawings]
    begun = record.facts["starts"]
    if begun["completed"]:
        both = record.origin(runs=begun["runs"])
        drawn.append(starts.drawing(record.arrays).drawn_from(both))
    return drawn


def _weights(record: Record) -> figures.Drawing:
    height, width, _, _ = record.facts["kernel"]
    return figures.weights_grid(
        "weights",
        f"The {height}×{width} weights of the first convolution, a column for each filter, after and "
        "before training: in colour, where grey is zero, and each channel by itself. All share one "
        "scale.",
        {state: record.arrays[f"kernel_{state}"] for state in STATES},
    )


def _added(record: Record) -> list[figures.Drawing]:
    """Draw what training added to the filters: in colour, and each channel by itself."""
    change = record.arrays["kernel_trained"] - record.arrays["kernel_untrained"]
    what = (
        "What training added to the weights of the first convolution: the trained weights less the "
        "untrained ones"
    )
    images = [figures.Image(one) for one in figures.around_grey(np.moveaxis(change, -1, 0))]
    return [
        figures.image_grid(
            "added",
            f"{what}, on a scale of their own; grey is zero.",
            [images],
            wide=False,
            column_titles=[str(index + 1) for index in range(len(images))],
            largest=16.0,
        ),
        figures.weights_grid(
            "added-channels", f"{what}, by channel.", {"added": change}, wide=False
        ),
    ]


def _histograms(record: Record, layer: str) -> figures.Drawing:
    edges = record.arrays[f"edges_{layer}"]
    counts = {state: record.arrays[f"histogram_{layer}_{state}"] for state in STATES}
    described = record.facts["layers"][layer]
    panels = [
        figures.Histogram(
            f"filter {one['number']}",
            edges,
            {state: counts[state][index] for state in STATES},
            note=f"{wording.percent(one['zeros'], 0)} zeros",
        )
        for index, one in enumerate(described["trained"]["filters"])
    ]
    return figures.histograms(
        f"histograms-{layer}",
        f"Activations of each filter of {layer}, after its ReLU, on "
        f"{wording.count(record.facts['images'])} test images: the share of values in each range, on "
        "a logarithmic scale. The first range has the zeros in it, the last all larger values; in "
        "grey the share of exact zeros after training.",
        panels,
        "activation",
        columns=_columns(panels),
        log_y=True,
    )


def _columns(panels: Sequence[figures.Histogram]) -> int:
    """Return how many histograms stand side by side: rows of equal length where that is possible."""
    return next((columns for columns in (6, 5, 4) if len(panels) % columns == 0), 6)
