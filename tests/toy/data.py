"""Two seeded data sets of a few hundred images that a network learns something of in a few steps."""

from pathlib import Path

import numpy as np

from experiments.lab.data.files import Arrays
from experiments.lab.data.splits import Identity, Images, Splits, divide

SHAPES = {"mnist": (28, 28), "cifar10": (32, 32, 3)}
TRAINING, TEST = 600, 300  # images


def arrays(name: str, seed: int = 0, classes: int = 10) -> dict[str, np.ndarray]:
    """Return the four arrays of a data set: a pattern for each class under noise."""
    random = np.random.default_rng([seed, len(name)])
    patterns = random.integers(0, 255, (classes, *SHAPES[name]))
    made = {}
    for part, count in (("train", TRAINING), ("test", TEST)):
        labels = random.permutation(np.arange(count) % classes)
        noise = random.integers(0, 160, (count, *SHAPES[name]))
        made[f"x_{part}"] = (patterns[labels] * 0.37 + noise).astype(np.uint8)
        made[f"y_{part}"] = labels.astype(np.uint8)
    return made


def write(folder: Path) -> Path:
    """Write both data sets to `folder`, as `--data-dir` takes them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SHAPES:
        np.savez(folder / f"{name}.npz", **arrays(name))
    return folder


def splits(name: str = "cifar10", training: int | None = None) -> Splits:
    """Return a data set divided; of its training images only the first `training`, if given."""
    held = arrays(name)
    images = {part: held[f"x_{part}"] for part in ("train", "test")}
    if name == "mnist":
        images = {part: array[..., None] for part, array in images.items()}
    labels = {part: held[f"y_{part}"].astype(np.int64) for part in ("train", "test")}
    identity = Identity(name, "unverified", name, "0" * 64, tuple("0123456789"), "made up")
    whole = divide(
        identity,
        Arrays(images["train"], labels["train"], images["test"], labels["test"]),
    )
    part = Images(whole.train.images[:training], whole.train.labels[:training])
    return Splits(identity, part, whole.validation, whole.test)
