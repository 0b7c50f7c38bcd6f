"""Occlusion sensitivity: what becomes of the network's answer when a part of the image is hidden.

A grey square is laid over one place of an image after another (the paper's section 4.2, figure 7).
Three maps have a value for each place of the square: how active the image's strongest feature map
still is, how probable the true class, and which class is the most probable. If the deconvnet shows
what excites a feature map, hiding that must quieten the map more than hiding something else. That is
measured over many images, and against a control: the projection of another image, which tells
whether any projection, being strong in the middle, would do as well.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from experiments.deconvnet import squares
from experiments.deconvnet.subject import Subject, of_subject, part, training
from experiments.lab.evidence.claims import GREATER, Claim, End, claim, made
from experiments.lab.evidence.differences import paired
from experiments.lab.evidence.findings import judged
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.runs import Run
from experiments.lab.study import Study
from rendering.figures import vocabulary as figures

SECTION = part("occlusion", "Occlusion sensitivity")

PER_CLASS = 6  # images of each class that are measured
SHOWN = 5  # of them that are drawn
IN_FRONT = 3  # of these whose maps stand in the main text
# The two sides of each effect that is looked for, in words.
STRONG_PLACES = ("where the projection is strong", "elsewhere")
PROJECTIONS = ("the image’s own projection", "another image’s projection")
SIDES = {
    "activity": STRONG_PLACES,
    "activity-control": PROJECTIONS,
    "probability": STRONG_PLACES,
    "probability-control": PROJECTIONS,
    "middle": ("in the middle quarter", "elsewhere"),
}
STRONG = 0.25  # the share of places that count as those where the projection is strong

# Classes that take over when a place is hidden, the most frequent first, and those that remain.
COLOURS = {"blue": (0, 114, 178), "orange": (230, 159, 0), "green": (0, 158, 115)}
TRUE, REMAINING = (225, 225, 225), (0, 0, 0)


class Maps(NamedTuple):
    """What was measured of some images, each array with one row an image.

    `filters` (n,) numbers the strongest feature map, `projections` (n, h, w, channels) are its
    projections. (n, h, w), with a value for each place of the square: `projected` is the projection's
    strength that the square hides, `activity` the map's summed activity as a share of that of the
    whole image, `probability` that of the true class, `predicted` the most probable class. `whole`
    (n,) is the true class's probability for the whole image.
    """

    filters: np.ndarray
    projections: np.ndarray
    projected: np.ndarray
    activity: np.ndarray
    probability: np.ndarray
    predicted: np.ndarray
    whole: np.ndarray


def searches(study: Study) -> list[Search]:
    """Return the training of the network that is looked at."""
    return [training(study)]


def measure(study: Study) -> Findings:
    """Return the maps of some images, and how far they go with the projections."""
    subject = Subject.of(study)
    labels = subject.splits.test.labels
    chosen = recognised(subject.run.probabilities(), labels)
    images, labels = subject.inputs("test")[chosen], labels[chosen]
    maps = occlude(subject, images, labels)
    effects = made(effects_of(maps, subject.run).values())
    driven = dict.fromkeys(("activity", "activity-control"), GREATER)
    facts = {
        "run": subject.run.key,
        "label": subject.label,
        # Without outlines of the objects, whether the network looks at them cannot be told.
        "finding": judged(driven, effects, whole=False),
        "images": len(chosen),
        "side": squares.SIDE,
        "step": squares.STEP,
        "size": images.shape[1],
        "hidden": squares.SIDE**2 / float(np.prod(images.shape[1:3])),
        "layer": subject.convolutions[-1],
        "field": subject.field(subject.convolutions[-1]).size[0],
        "strong": STRONG,
        "kept": float((maps.predicted == labels[:, None, None]).mean()),
        "lowest": float((maps.probability.min(axis=(1, 2)) / maps.whole).mean()),
        "turned": int((maps.predicted != labels[:, None, None]).any(axis=(1, 2)).sum()),
        "shown": [
            about(subject.classes, maps, labels, index) for index in range(min(SHOWN, len(chosen)))
        ],
    }
    scores = {
        f"{effect.name}_lost": effect.estimate
        for effect in effects
        if effect.name in ("activity", "probability")
    }
    return Findings(scores, facts, effects, _arrays(images, maps))


def recognised(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the first PER_CLASS images of each class that the network gets right, int (n,).

    First one of each class, then a second of each, and so on, so that neighbours differ in class.
    Raises ValueError if the network gets no image right.
    """
    right = probabilities.argmax(axis=1) == labels
    if not right.any():
        raise ValueError("the network recognises no test image: there is nothing to hide")
    of_class = [np.flatnonzero(right & (labels == one))[:PER_CLASS] for one in np.unique(labels)]
    return np.array(
        [found[turn] for turn in range(PER_CLASS) for found in of_class if turn < len(found)]
    )


def occlude(subject: Subject, images: np.ndarray, labels: np.ndarray) -> Maps:
    """Return the maps of images (n, height, width, channels) with their true classes (n,)."""
    layer = subject.convolutions[-1]
    maps = subject.features(images, [layer])[layer]
    filters = maps.max(axis=(1, 2)).argmax(axis=1)
    projections = project(subject, images, layer, filters, maps.shape[1:3])
    strength = np.abs(projections).sum(axis=3)
    rows = [
        _occlude_one(subject, image, label, layer, number)
        for image, label, number in zip(images, labels, filters, strict=True)
    ]
    activity, probability, predicted = (np.stack(values) for values in zip(*rows, strict=True))
    each = np.arange(len(images))
    return Maps(
        filters,
        projections,
        np.stack([squares.sums_under(one) for one in strength]),
        _share(activity, maps[each, :, :, filters].sum(axis=(1, 2))[:, None, None]),
        probability,
        predicted,
        subject.probabilities(images)[each, labels],
    )


def project(
    subject: Subject,
    images: np.ndarray,
    layer: str,
    filters: np.ndarray,
    size: tuple[int, int],
) -> np.ndarray:
    """Return the projection of each image's map `filters` (n,): the sum over the map's units."""
    places = np.indices(size).reshape(2, -1).T
    each = np.broadcast_to(filters[:, None], (len(images), len(places)))
    positions = np.broadcast_to(places, (*each.shape, 2))
    return np.stack(
        [
            subject.deconvnet.project(
                images[one : one + 1], layer, each[one : one + 1], positions[one : one + 1]
            )[0].sum(axis=0)
            for one in range(len(images))
        ]
    )


def _occlude_one(
    subject: Subject, image: np.ndarray, label: int, layer: str, number: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the map's summed activity, the true class's probability and the class, (h, w) each."""
    from scipy.special import softmax

    hidden = subject.features(squares.slide(image), [layer, "logits"])
    activity = hidden[layer][..., number].sum(axis=(1, 2))
    probabilities = softmax(hidden["logits"], axis=1)
    maps = activity, probabilities[:, label], probabilities.argmax(axis=1)
    return tuple(one.reshape(squares.grid_of(image.shape[:2])) for one in maps)


def effects_of(maps: Maps, run: Run) -> dict[str, Claim | None]:
    """Return what hiding one kind of place costs the network of `run`, against hiding the others.

    "activity" and "probability" are what the strongest map and the true class lose where the
    projection is strong (left) and elsewhere (right). Under "...-control" the left side is how
    much more they lose there than elsewhere, and the right side the same for the places where the
    projection of the next image is strong. "middle" is what the true class loses in the middle
    quarter of the image and elsewhere. With a single image there are none.
    """
    losses = {
        "activity": 1 - maps.activity,
        "probability": maps.whole[:, None, None] - maps.probability,
    }
    strong = np.stack([strongest(one) for one in maps.projected])
    middle = np.broadcast_to(_middle(strong.shape[1:]), strong.shape)
    found = {}
    for name, lost in losses.items():
        there, elsewhere = _means(lost, strong)
        others_there, others_elsewhere = _means(lost, np.roll(strong, 1, axis=0))
        found[name] = there, elsewhere
        found[f"{name}-control"] = there - elsewhere, others_there - others_elsewhere
    found["middle"] = _means(losses["probability"], middle)
    return {
        name: claim(name, *(End.of_run(run, side) for side in SIDES[name]), "loss", paired(*values))
        for name, values in found.items()
    }


def strongest(values: np.ndarray) -> np.ndarray:
    """Return which places are among the STRONG share of highest values: bool (h, w)."""
    order = np.argsort(-values, axis=None, kind="stable")
    chosen = np.zeros(values.size, bool)
    chosen[order[: round(STRONG * values.size)]] = True
    return chosen.reshape(values.shape)


def about(classes: Sequence[str], maps: Maps, labels: np.ndarray, index: int) -> dict[str, Any]:
    """Return what the text and the figure say of one image, as plain data."""
    taken_for = maps.predicted[index][maps.predicted[index] != labels[index]]
    numbers, places = np.unique(taken_for, return_counts=True)
    order = np.argsort(-places, kind="stable")
    return {
        "class": classes[labels[index]],
        "label": int(labels[index]),
        "filter": int(maps.filters[index]) + 1,
        "probability": float(maps.whole[index]),
        "lowest": float(maps.probability[index].min()),
        "least_activity": float(maps.activity[index].min()),
        "kept": float((maps.predicted[index] == labels[index]).mean()),
        "others": [[int(numbers[one]), classes[numbers[one]]] for one in order],
    }


def _arrays(images: np.ndarray, maps: Maps) -> dict[str, np.ndarray]:
    """Return what the figures draw, of the first SHOWN images."""
    drawn = {"images": images, **maps._asdict()}
    return {name: values[:SHOWN] for name, values in drawn.items()}


def _means(lost: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each image's mean of `lost` (n, h, w) over the places and over all others: (n,) each."""
    inside = [one[there].mean() for one, there in zip(lost, places, strict=True)]
    outside = [one[~there].mean() for one, there in zip(lost, places, strict=True)]
    return np.array(inside), np.array(outside)


def _middle(size: tuple[int, int]) -> np.ndarray:
    """Return which places lie in the middle half of the height and of the width: bool (h, w)."""
    inside = [np.abs(np.arange(length) - (length - 1) / 2) < length / 4 for length in size]
    return inside[0][:, None] & inside[1][None, :]


def _share(values: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return values / whole; 1 where the whole is zero: nothing of it can be lost."""
    whole = np.broadcast_to(whole, values.shape)
    return np.divide(values, whole, out=np.ones_like(values), where=whole > 0)


def draw(record: Record) -> list[figures.Drawing]:
    """Return the maps of the shown images, and which class takes over where."""
    return of_subject(record, [*_maps(record), _classes(record)])


def _maps(record: Record) -> list[figures.Drawing]:
    """Draw the maps of the first images, and those of the others apart."""
    facts, arrays = record.facts, record.arrays
    rows = [
        figures.MapRow(
            one["class"],
            arrays["images"][index],
            [
                _share(arrays["projected"][index], arrays["projected"][index].max()),
                arrays["activity"][index],
                arrays["probability"][index],
            ],
        )
        for index, one in enumerate(facts["shown"])
    ]
    caption = (
        f"A grey square of {facts['side']} × {facts['side']} pixels slides over an image in steps "
        f"of {facts['step']} pixels. "
        f"Beside the image, for each place of the square's middle: how much of the projection of "
        f"its strongest map in {facts['layer']} the square hides, relative to the most; the summed "
        "activity of that map, relative to the whole image's; and the probability of the true "
        "class."
    )
    columns = [
        figures.MapColumn("projection hidden", "of the most", (0, 1), percent=True),
        figures.MapColumn("activity of the map", "of the whole's", percent=True),
        figures.MapColumn("true class", "probability", (0, 1), percent=True),
    ]
    drawings = [figures.maps("maps", caption, rows[:IN_FRONT], columns, wide=False)]
    if rows[IN_FRONT:]:
        others = "The same for other images."
        drawings.append(figures.maps("more-maps", others, rows[IN_FRONT:], columns, wide=False))
    return drawings


def _classes(record: Record) -> figures.Drawing:
    shown, arrays = record.facts["shown"], record.arrays
    rows = [
        [
            figures.Image(image, one["class"])
            for image, one in zip(arrays["images"], shown, strict=True)
        ],
        [
            figures.Image(figures.around_grey(projection), f"filter {one['filter']}")
            for projection, one in zip(arrays["projections"], shown, strict=True)
        ],
        [
            figures.Image(*_coloured(classes, one))
            for classes, one in zip(arrays["predicted"], shown, strict=True)
        ],
    ]
    caption = (
        "The same images, the deconvnet's projection of the strongest map (grey is zero, each on "
        "its own scale), and the most probable class for each place of the square's middle: light "
        "where it is still the true one, in the colours named below each where another takes "
        "over, black for all further classes."
    )
    titles = ["image", "projection", "most probable class"]
    return figures.image_grid("classes", caption, rows, row_titles=titles)


def _coloured(predicted: np.ndarray, one: Mapping[str, Any]) -> tuple[np.ndarray, str]:
    """Return the map of classes (h, w) in colours, uint8 (h, w, 3), and what they mean."""
    image = np.full((*predicted.shape, 3), REMAINING, np.uint8)
    image[predicted == one["label"]] = TRUE
    said = []
    for (number, name), (colour, shade) in zip(one["others"], COLOURS.items(), strict=False):
        image[predicted == number] = shade
        said.append(f"{colour}: {name}")
    return image, "\n".join(said) or "no other class"
