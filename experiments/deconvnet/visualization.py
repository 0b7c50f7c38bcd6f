"""Feature visualization: what excites every filter most, after Figure 2 of the paper.

Every validation image goes through the network; of every filter the nine strongest activations are
projected down, each beside the patch of the image that the unit sees. The same is done with the weights
that training began with and with fresh ones: only what is more alike within a filter than it is without
training can have been learned.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from experiments.deconvnet.subject import Subject, of_subject, part, training
from experiments.lab.evidence.claims import GREATER, Claim, End, claim, made, names_of
from experiments.lab.evidence.comparisons import adjusted
from experiments.lab.evidence.differences import against_draws, correlations, paired
from experiments.lab.evidence.findings import judged
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.runs import Run
from experiments.lab.study import Study
from rendering.figures import vocabulary as figures

if TYPE_CHECKING:
    from experiments.lab.inspection.deconvnet import Deconvnet, Strongest

SECTION = part("visualization", "Feature visualization")

STRONGEST, QUICK_STRONGEST = 9, 3  # as many as in the paper; fewer in a quick build
DRAWS = 10_000  # of as many random images: how often is a class repeated by chance?
SEED = 0
TRAINED, START, FRESH = "trained", "start", "fresh"
STATES = {TRAINED: "trained", START: "own start", FRESH: "fresh weights"}
SIDES = ("projections", "patches")
# What has to be more alike than in either network without training for the layers to count as learned.
LEARNED = (f"projections-{START}", f"projections-{FRESH}")
SHOWN = 4  # filters of a layer in its figure
COLUMNS = 3  # of the strongest activations of a filter that are drawn, in each state
BRIGHT = 0.99  # quantile of absolute values that is drawn at full strength
SHARP = 16  # pixels that an image is enlarged to at least
TILE = 16.0  # millimetres


class Seen(NamedTuple):
    """A layer in one state: its filters' strongest activations, and what was seen of them.

    `projections` float32 and `patches` float32 in [0, 1] are (filters, count, height, width, channels),
    cut to what the unit sees; `filters` has what `described` says of each.
    """

    found: "Strongest"
    projections: np.ndarray
    patches: np.ndarray
    filters: list[dict[str, Any]]


def searches(study: Study) -> list[Search]:
    """Return the training of the network that is looked at."""
    return [training(study)]


def measure(study: Study) -> Findings:
    """Return how alike each filter's projections and patches are, trained and not, and some of them."""
    subject = Subject.of(study)
    count = QUICK_STRONGEST if study.quick else STRONGEST
    seen = dict(_states(subject, subject.inputs("validation"), count))
    labels = subject.splits.validation.labels
    agreement = agreements(seen, subject.run)
    layers, claims, arrays = [], [*agreement], {}
    for layer in subject.convolutions:
        states = {name: one[layer] for name, one in seen.items()}
        trained = states[TRAINED]
        own = {
            "alike": alike(layer, trained.filters, subject.run),
            "classes": repeated(layer, trained, labels, len(subject.classes), subject.run),
        }
        claims += made(own.values())
        shown = spread(trained.filters)
        arrays |= pictures(layer, states, shown)
        layers.append(
            {
                "name": layer,
                "field": list(subject.field(layer).size),
                "filters": len(trained.filters),
                "states": {name: summary(one.filters) for name, one in states.items()},
                "shown": [trained.filters[index]["number"] for index in shown],
                "claims": names_of(own) | _named(layer, agreement),
            }
        )
    facts = {
        "run": subject.run.key,
        "layers": layers,
        "images": len(labels),
        "strongest": trained.found.images.shape[1],
        "columns": min(COLUMNS, trained.found.images.shape[1]),
        "finding": judged(dict.fromkeys(hierarchy(subject.convolutions), GREATER), claims),
    }
    return Findings(scores(layers), facts, claims, arrays)


def _states(subject: Subject, images: np.ndarray, count: int) -> Any:  # noqa: ANN401
    """Yield each state's name and what is seen of every layer in it."""
    from experiments.lab.inspection.deconvnet import Deconvnet

    yield TRAINED, look(subject, subject.deconvnet, images, count)
    for name, weights in ((START, subject.weights(0)), (FRESH, subject.fresh(0))):
        yield name, look(subject, Deconvnet(subject.network(weights)), images, count)


def look(
    subject: Subject, deconvnet: "Deconvnet", images: np.ndarray, count: int
) -> dict[str, Seen]:
    """Return what is seen of every layer of a network of the subject's shape, `count` times a filter."""
    labels, strongest = subject.splits.validation.labels, deconvnet.strongest(images, count)
    seen = {}
    for layer, found in strongest.items():
        both = shown(subject, deconvnet, images, layer, found)
        filters = [
            described(index, found, labels, subject.classes, *(side[index] for side in both))
            for index in range(len(found.images))
        ]
        seen[layer] = Seen(found, *both, filters)
    return seen


def shown(
    subject: Subject, deconvnet: "Deconvnet", images: np.ndarray, layer: str, found: "Strongest"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the projections and the patches of units, both (filters, count, height, width, channels).

    Projections are float32, patches float32 in [0, 1]; both are cut to what the unit sees.
    """
    chosen, positions = found.images.ravel(), found.positions.reshape(-1, 2)
    filters = np.repeat(np.arange(len(found.images)), found.images.shape[1])
    whole = deconvnet.project(images[chosen], layer, filters, positions)
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
    """Return the most frequent class of a filter's images, and how alike its two sides are.

    `projections` and `patches` are the filter's own, (count, height, width, channels).
    """
    counts = np.bincount(labels[found.images[index]], minlength=len(classes))
    dead = bool(found.values[index, 0] <= 0)
    return {
        "number": index + 1,
        "dead": dead,
        "most": None if dead else classes[int(counts.argmax())],
        "times": int(counts.max()),
        "projections_alike": None if dead else likeness(projections),
        "patches_alike": None if dead else likeness(patches),
    }


def likeness(several: np.ndarray) -> float | None:
    """Return the mean correlation of any two of several projections (n, ...), None if it has none."""
    pairs = np.array(list(itertools.combinations(range(len(several)), 2))).reshape(-1, 2)
    values = correlations(several[pairs[:, 0]], several[pairs[:, 1]])
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def summary(filters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a layer's dead filters in a state, by number, and the means over the others."""
    means = {}
    for side in SIDES:
        known = [one[f"{side}_alike"] for one in filters if one[f"{side}_alike"] is not None]
        means[side] = float(np.mean(known)) if known else None
    return {"dead": [one["number"] for one in filters if one["dead"]], **means}


def spread(filters: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the places of up to SHOWN filters, evenly spread over the order of their patches' likeness.

    The first is the filter whose patches are most alike; dead filters have no place in the order.
    """
    known = [index for index, one in enumerate(filters) if one["patches_alike"] is not None]
    ordered = sorted(known, key=lambda index: -filters[index]["patches_alike"])
    count = min(SHOWN, len(ordered))
    return [ordered[len(ordered) * place // count] for place in range(count)]


def pictures(layer: str, states: Mapping[str, Seen], shown: Sequence[int]) -> dict[str, np.ndarray]:
    """Return what is drawn of a layer: (filters, COLUMNS, h, w, channels) by state and side."""
    return {
        f"{layer}/{name}/{side}": getattr(one, side)[list(shown), :COLUMNS]
        for name, one in states.items()
        for side in SIDES
    }


def agreements(seen: Mapping[str, Mapping[str, Seen]], run: Run) -> list[Claim]:
    """Return whether training made a layer's projections, and its patches, more alike within a filter.

    The claims, a family, are "LAYER-SIDE-STATE", trained against each state without training; units are
    the filters that are alive in both. The lowest layer's projections are one and the same picture in any
    state and are left out.
    """
    lowest = next(iter(seen[TRAINED]))
    found = [
        claim(
            f"{layer}-{side}-{name}",
            End.of_run(run, "with the trained weights"),
            End.of_run(run, f"with {'its own initial' if name == START else 'fresh'} weights"),
            "correlation",
            paired(
                *(_values(seen[state][layer].filters, side) for state in (TRAINED, name)), "filters"
            ),
        )
        for layer in seen[TRAINED]
        for side in SIDES
        for name in (START, FRESH)
        if (layer, side) != (lowest, "projections")
    ]
    return adjusted(made(found), "agreement")


def hierarchy(layers: Sequence[str]) -> list[str]:
    """Return the names of the claims that have to hold, all of them, for the layers to be learned."""
    return [f"{layer}-{one}" for layer in layers[1:] for one in LEARNED]


def _named(layer: str, agreement: Sequence[Claim]) -> dict[str, str | None]:
    """Return the names of a layer's claims by side and state, None for one that could not be made."""
    names = {one.name for one in agreement}
    keys = [f"{side}-{state}" for side in SIDES for state in (START, FRESH)]
    return {key: name if (name := f"{layer}-{key}") in names else None for key in keys}


def _values(filters: Sequence[Mapping[str, Any]], side: str) -> list[float]:
    values = (one[f"{side}_alike"] for one in filters)
    return [math.nan if value is None else value for value in values]


def alike(layer: str, filters: Sequence[Mapping[str, Any]], run: Run) -> Claim | None:
    """Return whether projections are more alike than patches, "LAYER-alike", over all filters."""
    ends = End.of_run(run, "projections"), End.of_run(run, "patches")
    difference = paired(*(_values(filters, side) for side in SIDES), "filters")
    return claim(f"{layer}-alike", *ends, "correlation", difference)


def repeated(layer: str, seen: Seen, labels: np.ndarray, classes: int, run: Run) -> Claim | None:
    """Return whether one class stands among the strongest more often than by chance, "LAYER-classes".

    Measured is how often the most frequent class does, the mean over living filters, against as
    many random images. None if no filter is alive.
    """
    living = [one for one in seen.filters if not one["dead"]]
    if not living:
        return None
    random, count = np.random.default_rng(SEED), seen.found.images.shape[1]
    drawn = labels[random.integers(0, len(labels), (DRAWS, count))]
    most = (drawn[:, :, None] == np.arange(classes)).sum(axis=1).max(axis=1)
    difference = against_draws([one["times"] for one in living], most, "filters")
    ends = End.of_run(run, "the strongest projections"), End.of_value("random projections")
    return claim(f"{layer}-classes", *ends, "projections of one class", difference)


def scores(layers: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return how alike projections and patches are in each layer of the trained network."""
    return {
        f"{layer['name']}_{side}_alike": value
        for layer in layers
        for side in SIDES
        if (value := layer["states"][TRAINED][side]) is not None
    }


def draw(record: Record) -> list[figures.Drawing]:
    """Return a figure of some filters of every layer that has living ones."""
    layers = [layer for layer in record.facts["layers"] if layer["shown"]]
    return of_subject(record, [_drawn(layer, record) for layer in layers])


def _drawn(layer: dict[str, Any], record: Record) -> figures.Drawing:
    arrays = {
        (name, side): record.arrays[f"{layer['name']}/{name}/{side}"]
        for name in STATES
        for side in SIDES
    }
    rows, titles = [], []
    for index, number in enumerate(layer["shown"]):
        for side in SIDES:
            rows.append(
                [
                    figures.Image(_enlarged(image))
                    for name in STATES
                    for image in _tiles(arrays[name, side][index], side)
                ]
            )
        titles += [str(number), ""]
    columns = [title for title in STATES.values() for _ in range(record.facts["columns"])]
    return figures.image_grid(
        layer["name"],
        _caption(layer, record.facts),
        rows,
        row_titles=titles,
        column_titles=columns,
        largest=TILE,
    )


def _tiles(images: np.ndarray, side: str) -> np.ndarray:
    """Return patches as they are, and projections on one scale for all, grey for zero."""
    if side == "patches":
        return images
    return figures.around_grey(images, float(np.quantile(np.abs(images), BRIGHT)))


def _enlarged(image: np.ndarray) -> np.ndarray:
    times = max(1, SHARP // image.shape[0])
    return image.repeat(times, axis=0).repeat(times, axis=1)


def _caption(layer: dict[str, Any], facts: dict[str, Any]) -> str:
    height, width = layer["field"]
    return (
        f"Filters of {layer['name']}, by number: the {facts['columns']} strongest activations over "
        f"{facts['images']} validation images, strongest first, with the trained weights, with those "
        "that training began with, and with fresh ones. Above, the projections (grey is zero, one scale "
        f"for a filter in a state, its strongest hundredth cut), below them the {height} × {width} "
        "pixels that the unit sees. The filters are spread evenly over the order of how alike their "
        "patches are, from the most alike on."
    )
