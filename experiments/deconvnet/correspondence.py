"""Correspondence: does the network change in the same way when the same part of an object is hidden?

The paper's section 4.3 and table 1 hide the same part (an eye, the nose) in five images of dogs. With
x_i the features of image i at a layer and y_i those of the image with the part hidden, e_i = x_i - y_i,
and

    D = sum over i != j of H(sign(e_i), sign(e_j)),     H the Hamming distance,

is small if hiding the part changes the features alike in all images. Here H is the share of entries
that differ and D the mean over pairs, so that layers and numbers of images compare.

Nobody has marked parts in these images. Two stand-ins for "the same part" are used, and a third way
of choosing places for comparison:

    place     the same place in all five images: objects are roughly aligned
    feature   in each image the place where one map of the last convolution is strongest: the map
              whose strongest activations are, in this class, furthest above those in all classes
    random    a place of its own in each image

The squares stand over the receptive fields' centres of that layer's units, in all three cases. The
same is done with images of different classes: what is then left of the difference is owed to the
place or the feature alone and not to parts that the class has in common.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.deconvnet import squares
from experiments.deconvnet.subject import Subject, of_subject, part, training
from experiments.lab.evidence.claims import GREATER, SMALLER, Claim, End, claim, made
from experiments.lab.evidence.differences import paired
from experiments.lab.evidence.findings import judged
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.runs import Run
from experiments.lab.study import Study
from rendering.figures import vocabulary as figures

SECTION = part("correspondence", "Correspondence")

IMAGES = 5  # in a group, as in the paper; fewer where a class has fewer, or there are fewer classes
PAIR = 2  # the least that can be compared
GROUPS = 10  # of every class
SEED = 4
WAYS = {"place": "same place", "feature": "same feature", "random": "random places"}
SAME = ("place", "feature")  # the ways of finding the same part
KINDS = ("one class", "different classes")

# As reported in the paper, Table 1: at its layer 5 mean and deviation, at its layer 7 the mean.
PAPER = [
    {"part": "right eye", "layer5": (0.067, 0.007), "layer7": (0.069, None)},
    {"part": "left eye", "layer5": (0.069, 0.007), "layer7": (0.068, None)},
    {"part": "nose", "layer5": (0.079, 0.017), "layer7": (0.069, None)},
    {"part": "random", "layer5": (0.107, 0.017), "layer7": (0.073, None)},
]


def searches(study: Study) -> list[Search]:
    """Return the training of the network that is looked at."""
    return [training(study)]


def measure(study: Study) -> Findings:
    """Return D for each way of choosing places, with images of one class and of different ones."""
    subject = Subject.of(study)
    images, labels = subject.inputs("validation"), subject.splits.validation.labels
    layers = (subject.convolutions[-1], subject.hidden[-1])
    maps = subject.features(images, layers[:1])[layers[0]]
    units = maps.reshape(len(maps), -1, maps.shape[3])
    filters = typical_filters(units.max(axis=1), labels)
    groups = grouped(labels)
    middles = middles_of_units(subject, layers[0])
    centres = {
        (way, kind): middles[chosen_units(way, units[groups[kind]], filters)]
        for way in WAYS
        for kind in KINDS
    }
    distances = {key: {} for key in centres}
    for (way, kind), where in centres.items():
        changes = signs_of_changes(subject, images[groups[kind]], where, layers)
        distances[way, kind] = {layer: apart(signs) for layer, signs in changes.items()}
    facts = {
        "run": subject.run.key,
        **about(subject, layers, groups),
        "rows": rows(distances, layers),
        "ratios": {layer: ratios(distances, layer) for layer in layers},
        "classes": by_class(subject.classes, filters, distances, layers),
        "paper": {"rows": PAPER, **paper_ratios()},
    }
    facts["shown"] = min(
        range(len(filters)), key=lambda one: facts["classes"][one]["ratios"][layers[0]]["feature"]
    )
    scores = {
        f"{way}_{layer}": facts["ratios"][layer][way]
        for way in ("place", "feature")
        for layer in layers
    }
    first = facts["shown"] * facts["groups"]  # the first group of the class
    images = {
        way: squares.hide(images[groups[KINDS[0]][first]], centres[way, KINDS[0]][first])
        for way in WAYS
    }
    claims = [one for layer in layers for one in tests(distances, layer, subject.run)]
    claims += above(distances, layers, subject.run)
    facts["finding"] = judged(
        {
            f"{layers[0]}-{way}{parts}": GREATER if parts else SMALLER
            for way in SAME
            for parts in ("", "-parts")
        },
        claims,
    )
    return Findings(scores, facts, claims, images)


def typical_filters(strongest: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return each class's typical map: int (classes,).

    `strongest` (images, filters) has the strongest activation of each map. A map is typical of the
    class whose mean lies furthest above that of all images, in standard deviations over images.
    """
    spread = strongest.std(axis=0)
    means = np.stack([strongest[labels == one].mean(axis=0) for one in np.unique(labels)])
    above = means - strongest.mean(axis=0)
    return np.divide(above, spread, out=np.zeros_like(above), where=spread > 0).argmax(axis=1)


def grouped(labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return groups of images, of one class and of different classes: int (groups, images) each.

    A group has IMAGES images, or as many as there are classes, or images of the smallest class, if that
    is fewer: so no group of different classes has two images of one. Up to GROUPS of each class, the
    first class's first; no image is in two groups of one kind. The group of different classes in the
    same place begins with an image of that class.
    Raises ValueError if a class has too few images for one group.
    """
    members = [np.flatnonzero(labels == one) for one in np.unique(labels)]
    smallest = min(len(one) for one in members)
    size = min(IMAGES, len(members), smallest)
    if size < PAIR:
        raise ValueError(f"a class has fewer than {PAIR} validation images: no group")
    count = min(GROUPS, smallest // size)
    blocks = np.stack([one[: count * size].reshape(count, size) for one in members])
    turn = np.arange(size)
    mixed = [blocks[(one + turn) % len(blocks), :, turn].T for one in range(len(blocks))]
    return dict(zip(KINDS, (blocks.reshape(-1, size), np.concatenate(mixed)), strict=True))


def chosen_units(way: str, activations: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Return the unit over whose receptive field each image's square stands: int (groups, images).

    `activations` are (groups, images, units, filters), `filters` (classes,) the typical maps.
    "random" and "place" draw the same units every time, so that both kinds of groups share them.
    """
    groups, images, units, _ = activations.shape
    if way == "feature":
        each = np.repeat(filters, groups // len(filters))[:, None, None, None]
        return np.take_along_axis(activations, each, axis=3)[..., 0].argmax(axis=2)
    generator = np.random.default_rng([SEED, list(WAYS).index(way)])
    drawn = generator.integers(units, size=(groups, images if way == "random" else 1))
    return np.broadcast_to(drawn, (groups, images))


def middles_of_units(subject: Subject, layer: str) -> np.ndarray:
    """Return the middle pixel of each unit's receptive field, in row order: int (units, 2)."""
    field = subject.field(layer)
    units = np.indices(field.shape).reshape(2, -1).T
    return units * field.stride + np.array(field.offset) + (np.array(field.size) - 1) // 2


def signs_of_changes(
    subject: Subject, images: np.ndarray, centres: np.ndarray, layers: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Return sign(x - y) by layer, int8 (groups, images, features).

    `images` are (groups, images, height, width, channels), `centres` (groups, images, 2).
    """
    flat = images.reshape(-1, *images.shape[2:])
    before = subject.features(flat, layers)
    after = subject.features(squares.hide(flat, centres.reshape(-1, 2)), layers)
    return {
        layer: np.sign(before[layer] - after[layer]).astype(np.int8).reshape(*images.shape[:2], -1)
        for layer in layers
    }


def apart(signs: np.ndarray) -> np.ndarray:
    """Return D of each group: the share of signs (groups, n, features) that differ, over all pairs."""
    images = signs.shape[1]
    different = (signs[:, :, None] != signs[:, None]).mean(axis=3)
    return different.sum(axis=(1, 2)) / (images * (images - 1))


Distances = Mapping[tuple[str, str], Mapping[str, np.ndarray]]  # way and kind, layer: (groups,)


def rows(distances: Distances, layers: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return mean and standard deviation over groups of D, for each way, kind and layer."""
    return [
        {
            "way": WAYS[way],
            "kind": kind,
            **{layer: [float(found[layer].mean()), _deviation(found[layer])] for layer in layers},
        }
        for (way, kind), found in distances.items()
    ]


def tests(distances: Distances, layer: str, run: Run) -> list[Claim]:
    """Return how D differs from that of random places, and whether the class has a share in it.

    "LAYER-place" and "LAYER-feature" hold D against that of random places, group by group, in one
    class; "LAYER-place-parts" and "LAYER-feature-parts" how much less than random it is in one class
    (left) and with different classes (right). A single group bears out nothing.
    """
    found = {key: values[layer] for key, values in distances.items()}
    gains = {key: found["random", key[1]] - values for key, values in found.items()}
    one_class, classes = KINDS
    questions = {}
    for way in SAME:
        sides = (WAYS[way], found[way, one_class]), (WAYS["random"], found["random", one_class])
        questions[way] = ("distance", *sides)
        sides = ((kind, gains[way, kind]) for kind in (one_class, classes))
        questions[f"{way}-parts"] = ("gain over random places", *sides)
    return made(
        claim(
            f"{layer}-{question}", End.of_run(run, left), End.of_run(run, right), measure,
            paired(values, others, "groups"),
        )
        for question, (measure, (left, values), (right, others)) in questions.items()
    )  # fmt: skip


def ratios(distances: Distances, layer: str, groups: slice = slice(None)) -> dict[str, float]:
    """Return D of the same place and of the same feature over that of random places, in one class."""
    means = {way: float(distances[way, KINDS[0]][layer][groups].mean()) for way in WAYS}
    return {way: means[way] / (means["random"] or 1.0) for way in ("place", "feature")}


def by_class(
    classes: tuple[str, ...], filters: np.ndarray, distances: Distances, layers: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return each class's typical map, counted from 1, and its ratios at each layer."""
    count = len(distances["random", KINDS[0]][layers[0]]) // len(filters)
    return [
        {
            "class": classes[index],
            "filter": int(number) + 1,
            "ratios": {
                layer: ratios(distances, layer, slice(index * count, (index + 1) * count))
                for layer in layers
            },
        }
        for index, number in enumerate(filters)
    ]


def paper_ratios() -> dict[str, list[float]]:
    """Return the smallest and the largest ratio of the paper's parts to its random places."""
    *parts, random = PAPER
    return {
        layer: [
            min(part[layer][0] / random[layer][0] for part in parts),
            max(part[layer][0] / random[layer][0] for part in parts),
        ]
        for layer in ("layer5", "layer7")
    }


def above(distances: Distances, layers: tuple[str, ...], run: Run) -> list[Claim]:
    """Return whether the effect is weaker in the upper layer, as the paper finds it.

    "WAY-upper" holds D relative to its mean at random places in the upper layer (left) against that in
    the lower one, group by group, in one class: "greater" is nearer to random places, so weaker.
    """
    lower, upper = layers
    relative = {
        (way, layer): distances[way, KINDS[0]][layer]
        / (distances["random", KINDS[0]][layer].mean() or 1.0)
        for way in SAME
        for layer in layers
    }
    ends = End.of_run(run, upper), End.of_run(run, lower)
    return made(
        claim(
            f"{way}-upper", *ends, "distance relative to random places",
            paired(relative[way, upper], relative[way, lower], "groups"),
        )
        for way in SAME
    )  # fmt: skip


def about(
    subject: Subject, layers: tuple[str, ...], groups: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """Return what the text says of the experiment, as plain data."""
    of_one_class = groups[KINDS[0]]
    return {
        "label": subject.label,
        "layers": list(layers),
        "side": squares.SIDE,
        "size": subject.splits.validation.images.shape[1],
        "images": of_one_class.shape[1],
        "groups": len(of_one_class) // len(subject.classes),
        "all_groups": len(of_one_class),
    }


def _deviation(values: np.ndarray) -> float | None:
    return float(values.std(ddof=1)) if len(values) > 1 else None


def draw(record: Record) -> list[figures.Drawing]:
    """Return a group of images with the squares, and the ratios of every class."""
    return of_subject(record, [_squares(record), _ratios(record.facts)])


def _squares(record: Record) -> figures.Drawing:
    facts = record.facts
    one = facts["classes"][facts["shown"]]
    images = [[figures.Image(image) for image in record.arrays[way]] for way in WAYS]
    caption = (
        f"The hidden places in a group of {facts['images']} images of the class {one['class']}, in "
        "which hiding the same feature is most alike: the same place in all; where each has its "
        f"strongest activation of map {one['filter']} in {facts['layers'][0]}; and a random place in "
        "each."
    )
    return figures.image_grid("squares", caption, images, row_titles=list(WAYS.values()))


def _ratios(facts: Mapping[str, Any]) -> figures.Drawing:
    columns = [(way, layer) for layer in facts["layers"] for way in ("place", "feature")]
    caption = (
        "Δ with the same place or the same feature hidden, relative to Δ with random places hidden: each "
        "class (grey) and their mean (black). Below 100 % the features change more alike than by chance."
    )
    return figures.dots(
        "ratios",
        caption,
        {
            f"{WAYS[way]}, {layer}": [one["ratios"][layer][way] for one in facts["classes"]]
            for way, layer in columns
        },
        [facts["ratios"][layer][way] for way, layer in columns],
        [one["class"] for one in facts["classes"]],
        "Δ relative to random places",
        line_at=1.0,
        percent=True,
        digits=0,
        wide=False,
    )
