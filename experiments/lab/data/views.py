"""A view of a data set: which of its training images a network sees, and how they are transformed.

A view is part of a run's settings. `apply` is the only place where one takes effect: a worker calls it
before it trains, and a section's study before it measures.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.lab.data.facts import CLASSES, SHAPES
from experiments.lab.data.splits import Images, Splits
from experiments.lab.data.transforms import TRANSFORMS, Shape, Transform, transform_of


@dataclass(frozen=True)
class View:
    """What a network sees of a data set, as plain data.

    Attributes:
        name: "cifar10" or "mnist".
        per_class: how many training images of each class are kept; None for all.
        transform: {"name": NAME, ...options}, as `transforms.transform_of` takes it; None for none.
        seed: of what is drawn, the choice of images or a random transform. It is None where nothing
            is drawn, whatever was given, so that the same images make the same view.
        classes: how many classes the data set at hand has.
    """

    name: str
    per_class: int | None = None
    transform: Mapping[str, Any] | None = None
    seed: int | None = None
    classes: int = field(default=CLASSES, repr=False)

    def __post_init__(self) -> None:
        """Leave the seed out where nothing is drawn."""
        if not self.draws:
            object.__setattr__(self, "seed", None)

    @property
    def draws(self) -> bool:
        """Whether anything is drawn at random."""
        kind = TRANSFORMS.get((self.transform or {}).get("name"), Transform)
        return self.per_class is not None or kind.draws

    @property
    def shape(self) -> Shape:
        """Height, width and channels of the images: a network's input.

        Raises ValueError for an unknown data set or transform, or one that does not fit the images.
        """
        if self.name not in SHAPES:
            raise ValueError(f"no data set named {self.name!r}; there are {', '.join(SHAPES)}")
        shape = SHAPES[self.name]
        return shape if self.transform is None else transform_of(self.transform).shape(shape)

    def to_json(self) -> dict[str, Any]:
        """Return the view as plain data; the usual number of classes is left out, and so in no key."""
        plain = dataclasses.asdict(self)
        if self.classes == CLASSES:
            del plain["classes"]
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "View":
        """Return the view that `to_json` gave."""
        return cls(**plain)


def apply(view: View, splits: Splits) -> Splits:
    """Return `splits` as the view shows them: uint8 images (n, *view.shape), labels as they were.

    All three parts are transformed; `per_class` leaves out training images alone. Raises ValueError
    for splits of another data set, and for a view that draws without a seed.
    """
    if splits.identity.name != view.name:
        raise ValueError(f"a view of {view.name} does not show {splits.identity.name}")
    if view.draws and view.seed is None:
        raise ValueError(f"the view of {view.name} draws at random and has no seed")
    chosen = chosen_images(splits.train.labels, view.per_class, view.seed)
    return dataclasses.replace(
        splits,
        train=_shown(view, splits.train, chosen),
        validation=_shown(view, splits.validation, np.arange(len(splits.validation.labels))),
        test=_shown(view, splits.test, np.arange(len(splits.test.labels))),
    )


def _shown(view: View, part: Images, numbers: np.ndarray) -> Images:
    whole = len(numbers) == len(part.labels)
    seen = part if whole else Images(part.images[numbers], part.labels[numbers])
    if view.transform is None:
        return seen
    return Images(transform_of(view.transform)(seen.images, numbers, view.seed), seen.labels)


def chosen_images(labels: np.ndarray, per_class: int | None, seed: int | None) -> np.ndarray:
    """Return the numbers of the training images, ascending: all, or `per_class` of each class.

    `labels` are int (n,). A class with fewer images keeps all. The seed decides which are chosen.
    """
    if per_class is None:
        return np.arange(len(labels))
    generator = np.random.default_rng([seed, per_class])
    shuffled = generator.permutation(len(labels))
    parts = [shuffled[labels[shuffled] == label][:per_class] for label in np.unique(labels)]
    return np.sort(np.concatenate(parts))
