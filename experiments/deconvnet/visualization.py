"""Feature visualization: what excites every filter most, after Figure 2 of the paper.

Every validation image goes through the network; of every filter the nine strongest activations are
projected down, each beside the patch of the image that the unit sees.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.deconvnet.subject import Subject, of_subject, part
from experiments.lab.evidence.claims import Claim, End, claim, made, names_of
from experiments.lab.evidence.differences import against_draws, correlations, paired
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.runs import Run
from experiments.lab.study import Study
from rendering import wording
from rendering.figures import vocabulary as figures

if TYPE_CHECKING:
    from experiments.lab.inspection.deconvnet import Strongest

SECTION = part("visualization", "Feature visualization")

STRONGEST = 9  # as many as in the paper
DRAWS = 10_000  # of as many random images: how often is a class repeated by chance?
SEED = 0
ROWS = 6  # filters in one figure at most: two figures make a page
BRIGHT = 0.99  # quantile of absolute values that is drawn at full strength
SHARP = 16  # pixels that a patch is enlarged to, so that the gap beside it stays narrow


def searches(study: Study) -> list[Search]:
    """Return no searches: the trained network is looked at as it is."""
    return []


def measure(study: Study) -> Findings:
    """Return the strongest activations of every filter, their projections, and how alike they are."""
    subject = Subject.of(study)
    images, labels = subject.inputs("validation"), subject.splits.validation.labels
    found = subject.deconvnet.strongest(images, STRONGEST)
    layers, claims, arrays = [], {}, {}
    for layer in subject.convolutions:
        projections, patches = shown(subject, images, layer, found[layer])
        arrays[f"{layer}_projections"], arrays[f"{layer}_patches"] = projections, patches
        filters = [
            described(index, found[layer], labels, subject.classes, projections, patches)
            for index in range(len(projections))
        ]
        claims[layer] = {
            "alike": alike(layer, filters, subject.run),
            "classes": repeated(layer, filters, labels, len(subject.classes), subject.run),
        }
        layers.append(
            {
                "name": layer,
                "field": list(subject.field(layer).size),
                "filters": filters,
                "dead": [one["number"] for one in filters if one["dead"]],
                "figures": [name for name, _ in parts(layer, len(filters))],
                "claims": names_of(claims[layer]),
            }
        )
    facts = {
        "run": subject.run.key,
        "layers": layers,
        "images": len(images),
        "strongest": found[layer].images.shape[1],
    }
    stated = made(one for of_layer in claims.values() for one in of_layer.values())
    return Findings(scores(claims), facts, stated, arrays)


def shown(
    subject: Subject, images: np.ndarray, layer: str, found: "Strongest"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the projections and the patches of units, both (filters, count, height, width, channels).

    Projections are float32, patches float32 in [0, 1]; both are cut to what the unit sees.
    """
    chosen, positions = found.images.ravel(), found.positions.reshape(-1, 2)
    filters = np.repeat(np.arange(len(found.images)), found.images.shape[1])
    whole = subject.deconvnet.project(images[chosen], layer, filters, positions)
    field = subject.field(layer)
    boxes = [field.box(tuple(place)).slices for place in positions]
    projections = np.stack([projection[box] for projection, box in zip(whole, boxes, strict=True)])
    patches = np.stack([images[one][box] for one, box in zip(chosen, boxes, strict=True)])
    shape = (*found.images.shape, *projections.shape[1:])
    return projections.reshape(shape), patches.reshape(shape)


def described(
    index: int,
    found: "Strongest",
    labels: np.ndarray,
    classes: Sequence[str],
    projections: np.ndarray,
    patches: np.ndarray,
) -> dict[str, Any]:
    """Return the classes and activations of a filter, and how alike its projections and patches are."""
    shown_labels = labels[found.images[index]]
    counts = np.bincount(shown_labels, minlength=len(classes))
    dead = bool(found.values[index, 0] <= 0)
    return {
        "number": index + 1,
        "dead": dead,
        "classes": [classes[label] for label in shown_labels],
        "values": [float(value) for value in found.values[index]],
        "most": None if dead else classes[int(counts.argmax())],
        "times": int(counts.max()),
        "projections_alike": None if dead else likeness(projections[index]),
        "patches_alike": None if dead else likeness(patches[index]),
    }


def likeness(several: np.ndarray) -> float | None:
    """Return the mean correlation of any two of several projections (n, ...), None if it has none."""
    pairs = np.array(list(itertools.combinations(range(len(several)), 2))).reshape(-1, 2)
    values = correlations(several[pairs[:, 0]], several[pairs[:, 1]])
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def alike(layer: str, filters: Sequence[dict[str, Any]], run: Run) -> Claim | None:
    """Return whether projections are more alike than patches, "LAYER-alike", over all filters."""
    sides = [
        [math.nan if one[f"{side}_alike"] is None else one[f"{side}_alike"] for one in filters]
        for side in ("projections", "patches")
    ]
    ends = End.of_run(run, "projections"), End.of_run(run, "patches")
    return claim(f"{layer}-alike", *ends, "correlation", paired(*sides, "filters"))


def repeated(
    layer: str, filters: Sequence[dict[str, Any]], labels: np.ndarray, classes: int, run: Run
) -> Claim | None:
    """Return whether one class stands among the strongest more often than by chance, "LAYER-classes".

    Measured is how often the most frequent class does, the mean over living filters, against as
    many random images. None if no filter is alive.
    """
    living = [one for one in filters if not one["dead"]]
    if not living:
        return None
    random = np.random.default_rng(SEED)
    drawn = labels[random.integers(0, len(labels), (DRAWS, len(living[0]["classes"])))]
    most = (drawn[:, :, None] == np.arange(classes)).sum(axis=1).max(axis=1)
    difference = against_draws([one["times"] for one in living], most, "filters")
    ends = End.of_run(run, "the strongest projections"), End.of_value("random projections")
    return claim(f"{layer}-classes", *ends, "projections of one class", difference)


def scores(claims: Mapping[str, Mapping[str, Claim | None]]) -> dict[str, float]:
    """Return how alike projections and patches are in the layers where that could be told."""
    known = {layer: one["alike"] for layer, one in claims.items() if one["alike"]}
    return {
        f"{layer}_{side}_alike": value
        for layer, one in known.items()
        for side, value in (("projections", one.left_value), ("patches", one.right_value))
    }


def parts(layer: str, filters: int) -> Iterator[tuple[str, range]]:
    """Yield the name of each figure of a layer, and the filters in it."""
    count = math.ceil(filters / ROWS)
    starts = [math.ceil(filters * number / count) for number in range(count + 1)]
    for number, (start, end) in enumerate(itertools.pairwise(starts), 1):
        yield layer if count == 1 else f"{layer}-{number}", range(start, end)


def draw(record: Record) -> list[figures.Drawing]:
    """Return a figure of every layer's filters, or several if there are many."""
    drawings = [
        _drawn(name, layer, chosen, record)
        for layer in record.facts["layers"]
        for name, chosen in parts(layer["name"], len(layer["filters"]))
    ]
    return of_subject(record, drawings)


def _drawn(name: str, layer: dict[str, Any], chosen: range, record: Record) -> figures.Drawing:
    projections = record.arrays[f"{layer['name']}_projections"]
    patches = record.arrays[f"{layer['name']}_patches"]
    rows = [_row(layer["filters"][index], projections[index], patches[index]) for index in chosen]
    return figures.image_grid(
        name,
        _caption(layer, chosen, record.facts),
        rows,
        row_titles=[str(index + 1) for index in chosen],
    )


def _row(one: dict[str, Any], projections: np.ndarray, patches: np.ndarray) -> list[figures.Image]:
    limit = 2 * (float(np.quantile(np.abs(projections), BRIGHT)) or 1.0)
    return [
        figures.Image(
            figures.mosaic([_enlarged(0.5 + projection / limit), _enlarged(patch)], columns=2),
            f"{label}\n{wording.number(value)}",
        )
        for projection, patch, label, value in zip(
            projections, patches, one["classes"], one["values"], strict=True
        )
    ]


def _enlarged(image: np.ndarray) -> np.ndarray:
    times = max(1, SHARP // image.shape[0])
    return image.repeat(times, axis=0).repeat(times, axis=1)


def _caption(layer: dict[str, Any], chosen: range, facts: dict[str, Any]) -> str:
    height, width = layer["field"]
    return (
        f"Filters {chosen[0] + 1} to {chosen[-1] + 1} of {layer['name']}, a row each: the "
        f"{facts['strongest']} strongest activations over {facts['images']} validation images, "
        "strongest first. In each pair, left, the projection by the deconvnet (grey is zero, one scale "
        f"for a row, its strongest hundredth cut) and, right, the {height} × {width} pixels that the "
        "unit sees; below them class and activation."
    )
