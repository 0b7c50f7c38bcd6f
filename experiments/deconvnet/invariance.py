"""Feature invariance: images moved, scaled and turned, after Figure 5 of the paper.

How far do the features move when the image is changed? The distance of a changed image's feature
vector to the original's is measured at the first and the last hidden layer, in units of the mean
distance between two different images at the same layer, so that the two can be compared; and the
probability of the true class is followed.

Which kind of change is borne best depends on how far each goes. So the kinds are compared where they do
the pixels the same damage: the distance of the changed image to the original, as a share of the mean
distance between two different images.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.deconvnet.subject import Subject, of_subject, part, training
from experiments.lab.evidence.claims import GREATER, Claim, End, claim, made, names_of
from experiments.lab.evidence.comparisons import adjusted
from experiments.lab.evidence.differences import paired
from experiments.lab.evidence.findings import judged
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.runs import Run
from experiments.lab.study import Study
from rendering import wording
from rendering.figures import vocabulary as figures

SECTION = part("invariance", "Feature invariance")

IMAGES, QUICK_IMAGES = 200, 50  # test images that the means are over; fewer in a quick build
SHOWN = 5  # images whose curves are drawn, as many as in the paper
# Sizes of each kind of change, none first and the largest last, at which the damage is measured; between
# them it is interpolated. A third of the height; the paper's largest scale; half way round.
SIZES = {
    "translation": (0, 0.5, 1, 2, 3, 4, 6, 8, 10),
    "scale": (1, 1.02, 1.05, 1.1, 1.2, 1.4, 1.6, 1.8),
    "rotation": (0, 2, 5, 10, 15, 30, 45, 60, 90, 135, 180),
}
MEASURED = 60  # images over which the damage of a size is averaged
STEPS = 6  # levels of damage above none, evenly apart
SMALL, LARGE = 2, STEPS  # of them, those that the text calls a small and a large change
REACH = 0.95  # of the damage that every kind can do: the largest level
DAMAGE = "distance of the pixels"
# What the paper says of the kinds: the first two are borne better than the third.
STABLE, UNSTABLE = ("translation", "scale"), "rotation"


def searches(study: Study) -> list[Search]:
    """Return the training of the network that is looked at."""
    return [training(study)]


def measure(study: Study) -> Findings:
    """Return distances and probabilities under each change, of single images and on the mean."""
    subject = Subject.of(study)
    labels, images = subject.splits.test.labels, subject.inputs("test")
    examples = subject.examples(SHOWN)
    count = QUICK_IMAGES if study.quick else IMAGES
    numbers = np.concatenate([examples, np.setdiff1d(np.arange(len(labels)), examples)[:count]])
    followed = Followed(subject, images[numbers], labels[numbers])
    kinds, claims, at_large = [], [], {}
    for name, values in equally_damaging(images[numbers][-MEASURED:]).items():
        kind, of_kind, at_large[name] = kind_of(name, values, followed, len(examples))
        kinds.append(kind)
        claims += of_kind
    borne = against_unstable(at_large, subject.run)
    facts = {
        "run": subject.run.key,
        "images": len(numbers) - len(examples),
        "shown": [subject.classes[label] for label in labels[examples]],
        "layers": [subject.hidden[0], subject.hidden[-1]],
        "kinds": kinds,
        "borne": {name: f"{name}-{UNSTABLE}" for name in STABLE},
        "unstable": UNSTABLE,
        **found(kinds, [*claims, *borne]),
    }
    scores = {f"{kind['name']}_kept": kind["kept"] for kind in kinds}
    one = images[examples[:1]]
    strips = {
        kind["name"]: np.concatenate([changed(one, kind["name"], it) for it in kind["values"]])
        for kind in kinds
    }
    return Findings(scores, facts, [*claims, *borne], strips)


def found(kinds: Sequence[Mapping[str, Any]], claims: Sequence[Claim]) -> dict[str, Any]:
    """Return what becomes of the paper's finding, and of its two parts: `small` and `borne`."""
    small = {f"{kind['name']}-small-distances": GREATER for kind in kinds}
    borne = {f"{name}-{UNSTABLE}": GREATER for name in STABLE}
    return {
        "finding": judged({**small, **borne}, claims),
        "parts": {"small": judged(small, claims), "borne": judged(borne, claims)},
    }


def equally_damaging(images: np.ndarray) -> dict[str, list[float]]:
    """Return STEPS + 1 sizes of each kind of change, from none up, at which all do the same damage.

    `images` are float32 (n, height, width, channels). The largest damage is REACH of what every kind can
    do with SIZES; the others divide it evenly. Sizes are rounded to hundredths.
    """
    curves = {
        kind: np.maximum.accumulate([damage(images, kind, size) for size in sizes])
        for kind, sizes in SIZES.items()
    }
    levels = np.linspace(0, REACH * min(curve[-1] for curve in curves.values()), STEPS + 1)
    return {
        kind: [round(float(size), 2) for size in np.interp(levels, curve, SIZES[kind])]
        for kind, curve in curves.items()
    }


def damage(images: np.ndarray, kind: str, value: float) -> float:
    """Return how far a change moves images on average, in units of the distance between two."""
    return float(moved(images, changed(images, kind, value)).mean())


def moved(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the distance of each image to its changed one, float64 (n,), in the same unit."""
    flat = images.reshape(len(images), -1).astype(float)
    distances = np.linalg.norm(others.reshape(flat.shape) - flat, axis=1)
    return distances / (spread(flat) or 1.0)


def against_unstable(at_large: Mapping[str, np.ndarray], run: Run) -> list[Claim]:
    """Return whether the true class keeps more of its probability under STABLE kinds than under UNSTABLE.

    `at_large` has the probabilities under each kind's large change, (images,). The claims are
    "KIND-UNSTABLE", a family.
    """
    ends = {name: End.of_run(run, name) for name in at_large}
    found = [
        claim(
            f"{name}-{UNSTABLE}", ends[name], ends[UNSTABLE], "probability",
            paired(at_large[name], at_large[UNSTABLE]),
        )
        for name in STABLE
    ]  # fmt: skip
    return adjusted(made(found), "kinds")


def changed(images: np.ndarray, kind: str, value: float) -> np.ndarray:
    """Return images (n, height, width, channels) moved down, scaled or turned about their centre.

    `value` is in pixels, a factor, or degrees anticlockwise. Between pixels the image is interpolated
    linearly; beyond its border it is continued by its mirror image, so that no edge appears.
    """
    from scipy.ndimage import affine_transform

    matrix, shift = _inverse(kind, value)
    centre = (np.array(images.shape[1:3]) - 1) / 2
    offset = centre - matrix @ (centre + shift)
    result = np.empty_like(images)
    for index, channel in np.ndindex(images.shape[0], images.shape[3]):
        result[index, ..., channel] = affine_transform(
            images[index, ..., channel], matrix, offset, order=1, mode="mirror"
        )
    return result


def _inverse(kind: str, value: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrix (2, 2) that takes a place (row, column) back, after a shift (2,) is undone."""
    if kind == "translation":
        return np.eye(2), np.array([value, 0.0])
    if kind == "scale":
        return np.eye(2) / value, np.zeros(2)
    angle = np.deg2rad(value)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return turn, np.zeros(2)


class Followed:
    """Images with their features, and what a change does to them."""

    def __init__(self, subject: Subject, images: np.ndarray, labels: np.ndarray) -> None:
        self._subject, self._images, self._labels = subject, images, labels
        self._layers = (subject.hidden[0], subject.hidden[-1])
        self.ends = tuple(End.of_run(subject.run, layer) for layer in self._layers)
        self.images = tuple(
            End.of_run(subject.run, f"the {state} images") for state in ("changed", "original")
        )
        self._original, self.probability, self.right = self._seen(images)
        self._apart = [spread(features) for features in self._original]

    def under(self, kind: str, value: float) -> dict[str, np.ndarray]:
        """Return distances at the first and last hidden layer, and of the true class: (images,) each."""
        others = changed(self._images, kind, value)
        features, probability, right = self._seen(others)
        first, last = (
            np.linalg.norm(now - before, axis=1) / (apart or 1.0)
            for now, before, apart in zip(features, self._original, self._apart, strict=True)
        )
        pixels = moved(self._images, others)
        return {
            "first": first, "last": last, "pixels": pixels,
            "probability": probability, "right": right,
        }  # fmt: skip

    def _seen(self, images: np.ndarray) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
        from scipy.special import softmax

        found = self._subject.features(images, [*self._layers, "logits"])
        features = [found[name].reshape(len(images), -1).astype(float) for name in self._layers]
        probabilities = softmax(found["logits"].astype(float), axis=1)
        true = probabilities[np.arange(len(images)), self._labels]
        return features, true, probabilities.argmax(axis=1) == self._labels


def spread(features: np.ndarray) -> float:
    """Return the mean Euclidean distance between any two of the vectors (n, d); 0 for one."""
    squares = (features**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * features @ features.T, 0))
    pairs = np.triu_indices(len(features), 1)
    return float(distances[pairs].mean()) if len(features) > 1 else 0.0


def kind_of(
    name: str, values: Sequence[float], followed: Followed, examples: int
) -> tuple[dict[str, Any], list[Claim], np.ndarray]:
    """Return one kind of change, its claims, and the true class's probabilities under the large change.

    `mean` and `deviation` are over the images that are not among the first `examples`, whose own
    curves are `probabilities`. `kept` is the mean probability of the true class over all values,
    divided by that of the originals.
    """
    under = [followed.under(name, value) for value in values]
    rest = {key: np.stack([one[key][examples:] for one in under]) for key in under[0]}
    original = followed.probability[examples:]
    singles, claims = {}, []
    for size, index in (("small", SMALL), ("large", LARGE)):
        at = {key: rows[index] for key, rows in rest.items()}
        of_single = tested(f"{name}-{size}", followed, at, original)
        singles[size] = {"value": values[index], **single(at), "claims": names_of(of_single)}
        claims += made(of_single.values())
    kind = {
        "name": name,
        "values": list(values),
        "mean": {key: rows.mean(axis=1).tolist() for key, rows in rest.items()},
        "deviation": {key: rest[key].std(axis=1).tolist() for key in ("first", "last")},
        "probabilities": np.stack([one["probability"][:examples] for one in under]).T.tolist(),
        "kept": float(rest["probability"].mean() / original.mean()),
        "original": float(original.mean()),
        "accuracy": float(followed.right[examples:].mean()),
        **singles,
    }
    return kind, claims, rest["probability"][LARGE]


def single(at: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the means over images of what one change does; of "right" it is the accuracy."""
    return {key: float(rows.mean()) for key, rows in at.items()}


def tested(
    name: str, followed: Followed, at: dict[str, np.ndarray], original: np.ndarray
) -> dict[str, Claim | None]:
    """Return what one change bears out: first against last layer, and the true class's probability.

    `at` has the values of `Followed.under` for each image, `original` the probabilities without a
    change. The names of the claims begin with `name`.
    """
    questions = {
        "distances": (followed.ends, "distance", at["first"], at["last"]),
        "probability": (followed.images, "probability", at["probability"], original),
    }
    return {
        question: claim(f"{name}-{question}", *ends, measure, paired(left, right))
        for question, (ends, measure, left, right) in questions.items()
    }


def draw(record: Record) -> list[figures.Drawing]:
    """Return the changed images, the distances and the probabilities."""
    drawings = [_strips(record), _distances(record.facts), _probabilities(record.facts)]
    return of_subject(record, drawings)


def _strips(record: Record) -> figures.Drawing:
    kinds = record.facts["kinds"]
    rows = [
        [
            figures.Image(image, wording.number(value))
            for image, value in zip(record.arrays[kind["name"]], kind["values"], strict=True)
        ]
        for kind in kinds
    ]
    caption = (
        "The changes, for one image: moved (pixels down), scaled (factor) and turned (degrees "
        "anticlockwise), in each column so far that over all images they do the pixels the same damage. "
        "Beyond its border an image is continued by its mirror image."
    )
    titles = [kind["name"] for kind in kinds]
    return figures.image_grid("changes", caption, rows, row_titles=titles, largest=17)


def _distances(facts: dict[str, Any]) -> figures.Drawing:
    names = dict(zip(("first", "last"), facts["layers"], strict=True))
    panels = [
        figures.Panel(
            kind["name"].capitalize(),
            DAMAGE,
            "distance",
            [
                figures.Line(
                    name,
                    kind["mean"]["pixels"],
                    kind["mean"][key],
                    deviation=kind["deviation"][key],
                )
                for key, name in names.items()
            ],
            y_range=(0, None),
        )
        for kind in facts["kinds"]
    ]
    caption = (
        f"How far the feature vector moves at the first ({names['first']}) and the last "
        f"({names['last']}) hidden layer, against how far the pixels do: mean and standard deviation "
        f"over {facts['images']} test images. A distance of 1 is the mean distance between two "
        "different images, at that layer or of their pixels."
    )
    return figures.curves("distances", caption, panels, columns=3)


def _probabilities(facts: dict[str, Any]) -> figures.Drawing:
    mean = f"mean of {facts['images']} images"
    panels = [
        figures.Panel(
            kind["name"].capitalize(),
            DAMAGE,
            "probability of the true class",
            [
                *(
                    figures.Line(name, kind["mean"]["pixels"], curve)
                    for name, curve in zip(facts["shown"], kind["probabilities"], strict=True)
                ),
                figures.Line(mean, kind["mean"]["pixels"], kind["mean"]["probability"]),
            ],
            percent=True,
            y_range=(0, 1.02),
        )
        for kind in facts["kinds"]
    ]
    caption = (
        "The probability that the network gives to the true class of a changed image, against how far "
        f"the change moves the pixels: {len(facts['shown'])} single images, named by their classes, and "
        "the mean."
    )
    return figures.curves("probabilities", caption, panels, columns=3)
