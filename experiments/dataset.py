"""What the two data sets are, read from their arrays: sizes, classes, balance, colours, examples.

Question: what do the networks of this report see, and how is it divided? (Task 1a.)
Command:  python build_report.py dataset
Time:     some seconds; nothing is trained.
Expect:   CIFAR-10: 45,000, 5,000 and 10,000 colour images of 32×32, a tenth in each class;
          MNIST: 55,000, 5,000 and 10,000 grey ones of 28×28, 9 to 11 % in each class.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.lab.data.facts import CLASSES, DATA_SETS
from experiments.lab.evidence.comparisons import standard_error
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.study import Section, Study
from rendering import wording
from rendering.figures import vocabulary as figures

if TYPE_CHECKING:
    from experiments.lab.data.splits import Images, Splits

SECTION = Section(
    name="dataset",
    task="1a",
    title="The data: CIFAR-10 and MNIST",
    data=("cifar10", "mnist"),
)

MOST_SHOWN = 20  # classes of which examples are shown
EXAMPLES = 10  # images of each class that are shown: the first of the training set, none picked
BINS = 32  # of the histograms of pixel values
AT_ONCE = 1000  # images whose values are counted together, which bounds the memory
CLEARLY = 1.2  # times another share of variance from which one is called more
CHANNELS = {1: ("grey",), 3: ("red", "green", "blue")}
PARTS = ("train", "validation", "test")

DRAWN_IN = ("blue", "red", "green", "grey")  # so that a chart's first colours are like the channels


def searches(study: Study) -> list[Search]:
    """Return no searches: nothing is trained."""
    return []


def measure(study: Study) -> Findings:
    """Return what the arrays say about both data sets."""
    from experiments.lab.networks.lenet5 import PADDED

    facts: dict[str, Any] = {"examples": EXAMPLES, "limit": study.profile.limit, "input": PADDED}
    arrays = {}
    for name in SECTION.data:
        splits = study.splits(name)
        counts = value_counts(splits.train.images)
        facts[name] = describe(splits, counts, PADDED)
        shown = min(len(splits.identity.classes), MOST_SHOWN)
        arrays[f"{name}_examples"] = examples(splits.train, shown)
        arrays[f"{name}_means"] = class_means(splits.train, shown)
        arrays[f"{name}_histogram"] = counts.reshape(-1, BINS, 256 // BINS).sum(axis=2)
    sets = [facts[name] for name in SECTION.data]
    facts["telling"] = telling(*(one["between_share"] for one in sets))
    facts["sizes"] = [_size_row(one) for one in sets]
    facts["channel_rows"] = [
        [one["short"], colour["channel"], colour["mean"], colour["deviation"]]
        for one in sets
        for colour in one["colours"]
    ]
    scores = {
        f"{name}_{score}": facts[name][score]
        for name in SECTION.data
        for score in ("chance", "standard_error")
    }
    return Findings(scores=scores, facts=facts, arrays=arrays)


def describe(splits: "Splits", values: np.ndarray, network_input: int) -> dict[str, Any]:
    """Return a data set's sizes, balance, colours and repeated images, as plain data.

    `values` are the training images' `value_counts`; `network_input` is LeNet-5's height and
    width.
    """
    train, test = splits.train, splits.test
    height, width, channels = train.images.shape[1:]
    classes = len(splits.identity.classes)
    counts = {part: class_counts(getattr(splits, part), classes) for part in PARTS}
    shares = counts["train"] / counts["train"].sum()
    between = _between(class_means(train, classes), shares)
    rows = colours(values)
    return {
        "label": splits.identity.label,
        "short": wording.data_name(vars(splits.identity)),
        "kind": splits.identity.kind,
        "origin": splits.identity.origin,
        "classes": list(splits.identity.classes),
        "published": published(splits.identity.name),
        "own": wording.substituted(vars(splits.identity)),
        "variants": _variants(splits),
        "height": height,
        "width": width,
        "channels": channels,
        "channel_names": CHANNELS[channels],
        "row_values": width * channels,
        "values": height * width * channels,
        "padding": (network_input - height) // 2,
        "counts": {part: int(amounts.sum()) for part, amounts in counts.items()},
        "class_rows": [
            [name, *(int(counts[part][label]) for part in PARTS)]
            for label, name in enumerate(splits.identity.classes)
        ],
        "balanced": all(np.ptp(amounts) <= 1 for amounts in counts.values()),
        "rarest": _extreme(splits, shares, shares.argmin()),
        "commonest": _extreme(splits, shares, shares.argmax()),
        "chance": float(counts["test"].max() / counts["test"].sum()),
        "standard_error": standard_error(0.5, len(test.labels)),  # the largest of any accuracy
        "between": float(np.sqrt(between)),
        "between_share": float(between / np.mean([row["deviation"] ** 2 for row in rows])),
        "colours": rows,
        "black": float(values[:, 0].sum() / values.sum()),
        "repeated": repeated(splits),
    }


def published(name: str) -> dict[str, Any]:
    """Return what the data set `name` is called, and the sizes that it was published with."""
    known = DATA_SETS[name]
    return {"name": known.title, "training": known.published_training, "test": known.test}


def _variants(splits: "Splits") -> int:
    """Return how many test images were made of each original: several for enlarged digits."""
    if (splits.identity.kind, splits.identity.name) != ("stand-in", "mnist"):
        return 1
    from experiments.lab.data.standins.enlarged_digits import TEST_VARIANTS

    return TEST_VARIANTS


def _size_row(one: Mapping[str, Any]) -> list[Any]:
    size = f"{one['height']} × {one['width']} × {one['channels']}"
    return [one["short"], size, one["values"], *(one["counts"][part] for part in PARTS)]


def _between(means: np.ndarray, shares: np.ndarray) -> float:
    """Return the mean variance of a pixel between the mean images of the classes."""
    common = np.tensordot(shares, means, axes=1)
    return float(np.tensordot(shares, (means - common) ** 2, axes=1).mean())


def telling(objects: float, digits: float) -> str:
    """Return of which set a pixel by itself tells the class better, "objects", "digits" or "neither".

    The sets are called by what they hold as published. The shares of the pixels' variance that lies
    between classes are those of the whole training sets, not estimates. One counts as more from CLEARLY
    times the other on.
    """
    if max(objects, digits) < CLEARLY * min(objects, digits):
        return "neither"
    return "digits" if digits > objects else "objects"


def class_counts(part: "Images", classes: int = CLASSES) -> np.ndarray:
    """Return the number of images of each class, int64 (classes,)."""
    return np.bincount(part.labels, minlength=classes)


def _extreme(splits: "Splits", shares: np.ndarray, label: int) -> dict[str, Any]:
    return {"class": splits.identity.classes[label], "share": float(shares[label])}


def value_counts(images: np.ndarray) -> np.ndarray:
    """Return how often each value from 0 to 255 occurs in each channel, int64 (channels, 256)."""
    counts = np.zeros((images.shape[3], 256), np.int64)
    for first in range(0, len(images), AT_ONCE):
        part = images[first : first + AT_ONCE]
        for channel in range(images.shape[3]):
            counts[channel] += np.bincount(part[..., channel].ravel(), minlength=256)
    return counts


def colours(counts: np.ndarray) -> list[dict[str, Any]]:
    """Return each channel's mean and standard deviation, of values scaled to [0, 1].

    `counts` is as `value_counts` gives it: exact sums, without a copy of the images as floats.
    """
    scale = np.arange(256) / 255
    rows = []
    for name, amounts in zip(CHANNELS[len(counts)], counts, strict=True):
        weights = amounts / amounts.sum()
        mean = float(weights @ scale)
        deviation = float(np.sqrt(weights @ (scale - mean) ** 2))
        rows.append({"channel": name, "mean": mean, "deviation": deviation})
    return rows


def repeated(splits: "Splits") -> int:
    """Return how many test images also stand, byte for byte, among those not for testing."""
    known = {image.tobytes() for part in (splits.train, splits.validation) for image in part.images}
    return sum(image.tobytes() in known for image in splits.test.images)


def examples(part: "Images", classes: int = CLASSES) -> np.ndarray:
    """Return the first EXAMPLES images of each class, uint8 (classes, EXAMPLES, h, w, channels).

    A class with fewer images repeats them.
    """
    return np.stack(
        [
            part.images[np.resize(np.flatnonzero(part.labels == label), EXAMPLES)]
            for label in range(classes)
        ]
    )


def class_means(part: "Images", classes: int = CLASSES) -> np.ndarray:
    """Return the mean image of each class, float32 (classes, height, width, channels) in [0, 1]."""
    return np.stack(
        [
            part.images[part.labels == label].mean(axis=0, dtype=np.float64) / 255
            for label in range(classes)
        ]
    ).astype(np.float32)


def draw(record: Record) -> list[figures.Drawing]:
    """Return examples of both sets and the distribution of their pixel values."""
    examples_of = (
        _examples(record, name).drawn_from(record.origin(data=[name])) for name in SECTION.data
    )
    return [*examples_of, _values(record).drawn_from(record.origin())]


def _examples(record: Record, name: str) -> figures.Drawing:
    facts = record.facts[name]
    images, means = record.arrays[f"{name}_examples"], record.arrays[f"{name}_means"]
    return figures.image_grid(
        f"{name}-examples",
        f"The first {EXAMPLES} training images of {_which(facts['classes'])} of {facts['short']}, and "
        "on the right the mean of all training images of the class.",
        [
            [*(figures.Image(image) for image in row), figures.Image(mean)]
            for row, mean in zip(images, means, strict=True)
        ],
        row_titles=facts["classes"][: len(images)],
        wide=False,
        column_titles=[*(str(index + 1) for index in range(EXAMPLES)), "mean"],
        largest=10.0,
    )


def _which(classes: Sequence[str]) -> str:
    """Return in words of which classes examples are shown."""
    return "each class" if len(classes) <= MOST_SHOWN else f"each of the first {MOST_SHOWN} classes"


def _values(record: Record) -> figures.Drawing:
    edges = np.linspace(0, 1, BINS + 1)
    panels = [
        figures.Histogram(
            facts["short"], edges, _by_channel(facts, record.arrays[f"{name}_histogram"])
        )
        for name, facts in ((name, record.facts[name]) for name in SECTION.data)
    ]
    return figures.histograms(
        "values",
        "How often each value of a pixel occurs in the training images, by channel, on a "
        "logarithmic scale; the values are scaled to the range from 0, black, to 1.",
        panels,
        "value of a pixel",
        columns=2,
        log_y=True,
    )


def _by_channel(facts: Mapping[str, Any], counts: np.ndarray) -> dict[str, np.ndarray]:
    """Return the counts by the channel's name, in the order that gives each a fitting colour."""
    named = {row["channel"]: amount for row, amount in zip(facts["colours"], counts, strict=True)}
    return {name: named[name] for name in DRAWN_IN if name in named}
