"""Feature invariance: images moved, scaled and turned, after Figure 5 of the paper.

How far do the features move when the image is changed? The distance of a changed image's feature
vector to the original's is measured at the first and the last hidden layer, in units of the mean
distance between two different images at the same layer, so that the two can be compared; and the
probability of the true class is followed.
"""

from typing import Any

import numpy as np

from experiments.deconvnet.subject import Subject, of_subject, part, training
from experiments.lab.evidence.claims import Claim, End, claim, made, names_of
from experiments.lab.evidence.differences import paired
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.study import Study
from rendering.figures import vocabulary as figures

SECTION = part("invariance", "Feature invariance")

IMAGES, QUICK_IMAGES = 200, 50  # test images that the means are over; fewer in a quick build
SHOWN = 5  # images whose curves are drawn, as many as in the paper
RANGES = {
    "translation": tuple(range(-10, 11)),  # pixels down: a third of the height of CIFAR-10
    "scale": tuple(round(0.6 + 0.1 * step, 1) for step in range(13)),  # to 1.8, the paper's largest
    "rotation": tuple(
        range(0, 361, 15)
    ),  # degrees anticlockwise, all the way round as in the paper
}
# What the text calls a small and a large change; each is a value of the range.
SMALL = {"translation": 2, "scale": 1.1, "rotation": 15}
LARGE = {"translation": 8, "scale": 1.6, "rotation": 180}
STRIP = {  # the changed images that are shown
    "translation": (-10, -6, -2, 0, 2, 6, 10),
    "scale": (0.6, 0.8, 0.9, 1.0, 1.1, 1.4, 1.8),
    "rotation": (0, 15, 45, 90, 180, 270, 315),
}
UNITS = {"translation": "pixels down", "scale": "factor", "rotation": "degrees"}


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
    kinds, claims = [], []
    for name in RANGES:
        kind, of_kind = kind_of(name, followed, len(examples))
        kinds.append(kind)
        claims += of_kind
    facts = {
        "run": subject.run.key,
        "images": len(numbers) - len(examples),
        "shown": [subject.classes[label] for label in labels[examples]],
        "layers": [subject.hidden[0], subject.hidden[-1]],
        "kinds": kinds,
    }
    scores = {f"{kind['name']}_kept": kind["kept"] for kind in kinds}
    one = images[examples[:1]]
    strips = {
        kind: np.concatenate([changed(one, kind, value) for value in values])
        for kind, values in STRIP.items()
    }
    return Findings(scores, facts, claims, strips)


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
        features, probability, right = self._seen(changed(self._images, kind, value))
        first, last = (
            np.linalg.norm(now - before, axis=1) / (apart or 1.0)
            for now, before, apart in zip(features, self._original, self._apart, strict=True)
        )
        return {"first": first, "last": last, "probability": probability, "right": right}

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


def kind_of(name: str, followed: Followed, examples: int) -> tuple[dict[str, Any], list[Claim]]:
    """Return one kind of change, the curves, a small and a large change and what is kept; and claims.

    `mean` and `deviation` are over the images that are not among the first `examples`, whose own
    curves are `probabilities`. `kept` is the mean probability of the true class over all values,
    divided by that of the originals.
    """
    under = [followed.under(name, value) for value in RANGES[name]]
    rest = {key: np.stack([one[key][examples:] for one in under]) for key in under[0]}
    original = followed.probability[examples:]
    singles, claims = {}, []
    for size, values in (("small", SMALL), ("large", LARGE)):
        index = RANGES[name].index(values[name])
        at = {key: rows[index] for key, rows in rest.items()}
        of_single = tested(f"{name}-{size}", followed, at, original)
        singles[size] = {"value": values[name], **single(at), "claims": names_of(of_single)}
        claims += made(of_single.values())
    kind = {
        "name": name,
        "values": list(RANGES[name]),
        "mean": {key: rows.mean(axis=1).tolist() for key, rows in rest.items()},
        "deviation": {key: rest[key].std(axis=1).tolist() for key in ("first", "last")},
        "probabilities": np.stack([one["probability"][:examples] for one in under]).T.tolist(),
        "kept": float(rest["probability"].mean() / original.mean()),
        "original": float(original.mean()),
        "accuracy": float(followed.right[examples:].mean()),
        **singles,
    }
    return kind, claims


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
    rows = [
        [
            figures.Image(image, f"{value}".replace("-", "−"))
            for image, value in zip(record.arrays[kind], values, strict=True)
        ]
        for kind, values in STRIP.items()
    ]
    caption = (
        "The changes, for one image: moved (pixels down), scaled (factor) and turned (degrees "
        "anticlockwise). Beyond its border an image is continued by its mirror image."
    )
    return figures.image_grid("changes", caption, rows, row_titles=list(STRIP), largest=17)


def _distances(facts: dict[str, Any]) -> figures.Drawing:
    names = dict(zip(("first", "last"), facts["layers"], strict=True))
    panels = [
        figures.Panel(
            kind["name"].capitalize(),
            UNITS[kind["name"]],
            "distance",
            [
                figures.Line(
                    name, kind["values"], kind["mean"][key], deviation=kind["deviation"][key]
                )
                for key, name in names.items()
            ],
            y_range=(0, None),
        )
        for kind in facts["kinds"]
    ]
    caption = (
        f"How far the feature vector moves at the first ({names['first']}) and the last "
        f"({names['last']}) hidden layer: mean and standard deviation over {facts['images']} test "
        "images. A distance of 1 is the mean distance between two different images at that layer."
    )
    return figures.curves("distances", caption, panels, columns=3)


def _probabilities(facts: dict[str, Any]) -> figures.Drawing:
    mean = f"mean of {facts['images']} images"
    panels = [
        figures.Panel(
            kind["name"].capitalize(),
            UNITS[kind["name"]],
            "probability of the true class",
            [
                *(
                    figures.Line(name, kind["values"], curve)
                    for name, curve in zip(facts["shown"], kind["probabilities"], strict=True)
                ),
                figures.Line(mean, kind["values"], kind["mean"]["probability"]),
            ],
            percent=True,
            y_range=(0, 1.02),
        )
        for kind in facts["kinds"]
    ]
    caption = (
        "The probability that the network gives to the true class of a changed image: "
        f"{len(facts['shown'])} single images, named by their classes, and the mean."
    )
    return figures.curves("probabilities", caption, panels, columns=3)
