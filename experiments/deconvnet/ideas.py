"""The key ideas of the paper, with one activation of our own network followed down step by step.

The way down is written out here for the two lowest convolutions and the pool between them, with what
the steps leave behind; `experiments.lab.inspection.deconvnet` does the same for any network and
keeps nothing.
"""

from typing import Any

import numpy as np

from experiments.deconvnet.subject import Subject, of_subject, part, training
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.study import Study
from rendering import wording
from rendering.figures import vocabulary as figures
from rendering.figures.drawing import DIVERGING, SEQUENTIAL
from rendering.figures.sheet import tinted

SECTION = part("ideas", "The key ideas of the paper")

LOWER, POOL, UPPER = "conv1", "pool1", "conv2"
SHOWN = 6  # maps of the lower convolution that are drawn


def searches(study: Study) -> list[Search]:
    """Return the training of the network that is looked at."""
    return [training(study)]


def measure(study: Study) -> Findings:
    """Return every step down from the strongest activation of the upper convolution."""
    subject = Subject.of(study)
    images = subject.inputs("validation")
    strongest = subject.deconvnet.strongest(images, 1)[UPPER]
    chosen = int(strongest.values[:, 0].argmax())
    image, place = strongest.images[chosen, 0], strongest.positions[chosen, 0]
    lower, pool, upper = (subject.model.get_layer(name) for name in (LOWER, POOL, UPPER))
    box = subject.field(UPPER).box(tuple(place))
    maps = subject.features(images[[image]], [LOWER])[LOWER][0]
    value = float(strongest.values[chosen, 0])
    steps = descend(
        value,
        seen(maps, place, upper.kernel_size[0], pool.pool_size[0]),
        np.asarray(upper.kernel)[..., chosen],
        np.asarray(lower.kernel) * subject.model.get_layer("centring").scale,
        pool.pool_size[0],
    )
    drawn = strongest_maps(steps["rectified"])
    facts = {
        "run": subject.run.key,
        "drawn": [int(index) + 1 for index in drawn],
        "filter": chosen + 1,
        "value": value,
        "row": int(place[0]) + 1,
        "column": int(place[1]) + 1,
        "class": subject.classes[subject.splits.validation.labels[image]],
        "images": len(images),
        "field": list(subject.field(UPPER).size),
        "lower_field": list(subject.field(LOWER).size),
        "pool": list(pool.pool_size),
        "maps": int(maps.shape[-1]),
        "removed": removed(steps),
    }
    arrays = {name: values[..., drawn] for name, values in steps.items()}
    arrays |= {"patch": images[image][box.slices], "whole": steps["pixels"].sum(axis=-1)}
    return Findings(facts=facts, arrays=arrays)


def strongest_maps(signal: np.ndarray) -> np.ndarray:
    """Return the numbers of the SHOWN maps of `signal` (h, w, m) with the most energy, in their order."""
    energy = (signal**2).sum(axis=(0, 1))
    return np.sort(np.argsort(-energy, kind="stable")[:SHOWN])


def seen(maps: np.ndarray, place: np.ndarray, kernel: int, pool: int) -> np.ndarray:
    """Return the part of the lower maps (h, w, m) that the upper unit at `place` sees."""
    top, left = (int(start) * pool for start in place)
    return maps[top : top + kernel * pool, left : left + kernel * pool]


def descend(
    value: float, maps: np.ndarray, upper: np.ndarray, lower: np.ndarray, pool: int
) -> dict[str, np.ndarray]:
    """Follow one activation down through convolution, pool, ReLU and convolution (strides of 1).

    `value` is the activation, `maps` (k * pool, k * pool, m) what its unit sees of the feature maps
    below the pool, `upper` (k, k, m) its own filter, `lower` (j, j, c, m) the filters below. Returns
    `filtered` (k, k, m), `switches`, `unpooled` and `rectified` (k * pool, k * pool, m), and
    `pixels` (p, p, c, m), what each lower map adds to the image; p is k * pool + j - 1. The paper:
    section 2.1.
    """
    filtered = value * upper  # the transposed convolution of a map with a single value in it
    switches = switches_of(maps, pool)
    spread = filtered.repeat(pool, axis=0).repeat(pool, axis=1)
    unpooled = np.where(switches, spread, 0)
    rectified = np.maximum(unpooled, 0)
    return {
        "maps": maps,
        "switches": switches,
        "filtered": filtered,
        "unpooled": unpooled,
        "rectified": rectified,
        "pixels": transposed(rectified, lower),
    }


def switches_of(maps: np.ndarray, pool: int) -> np.ndarray:
    """Return where each pooling window of maps (h, w, m) has its maximum, the first of equals."""
    height, width, count = maps.shape
    windows = maps.reshape(height // pool, pool, width // pool, pool, count)
    windows = windows.transpose(0, 2, 4, 1, 3).reshape(-1, pool * pool)
    marked = np.zeros(windows.shape, bool)
    marked[np.arange(len(windows)), windows.argmax(axis=1)] = True
    marked = marked.reshape(height // pool, width // pool, count, pool, pool)
    return marked.transpose(0, 3, 1, 4, 2).reshape(maps.shape)


def transposed(signal: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the transposed convolution of each map alone: (h, w, m) to (h + j - 1, w + j - 1, c, m).

    `kernel` (j, j, c, m) has the filters: every value lays its filter down, times itself.
    """
    height, width, count = signal.shape
    size = kernel.shape[0]
    pixels = np.zeros((height + size - 1, width + size - 1, kernel.shape[2], count))
    for row, column in np.ndindex(height, width):
        pixels[row : row + size, column : column + size] += signal[row, column] * kernel
    return pixels


def removed(steps: dict[str, np.ndarray]) -> float:
    """Return the share of the unpooled signal's energy that the rectification takes away."""
    before, after = ((steps[name] ** 2).sum() for name in ("unpooled", "rectified"))
    return float(1 - after / before) if before else 0.0


def draw(record: Record) -> list[figures.Drawing]:
    """Return the figure of the steps down."""
    facts, arrays = record.facts, record.arrays
    count = arrays["maps"].shape[-1]
    signal = float(np.abs(arrays["filtered"]).max()) or 1.0
    light = float(np.abs(arrays["whole"]).max()) or 1.0
    rows = {
        "feature maps on the way up": _tinted(arrays["maps"], 0, float(arrays["maps"].max())),
        "switches": _tinted(arrays["switches"].astype(float), 1.4, -0.2, "gray"),
        "1 filter": _tinted(arrays["filtered"], -signal, signal),
        "2 unpool": _tinted(arrays["unpooled"], -signal, signal),
        "3 rectify": _tinted(arrays["rectified"], -signal, signal),
        "4 filter": [
            figures.around_grey(arrays["pixels"][..., index], light) for index in range(count)
        ],
    }
    whole: dict[str, Any] = {
        "feature maps on the way up": figures.Image(arrays["patch"]),
        "4 filter": figures.Image(figures.around_grey(arrays["whole"], light)),
    }
    images = [
        [*(figures.Image(image) for image in images), whole.get(title)]
        for title, images in rows.items()
    ]
    drawing = figures.image_grid(
        "steps",
        _caption(facts, count),
        images,
        row_titles=list(rows),
        column_titles=[*(f"map {number}" for number in facts["drawn"]), "whole"],
    )
    return of_subject(record, [drawing])


def _tinted(maps: np.ndarray, low: float, high: float, palette: str = "") -> list[np.ndarray]:
    palette = palette or (DIVERGING if low < 0 else SEQUENTIAL)
    return [tinted(maps[..., index], low, high, palette) for index in range(maps.shape[-1])]


def _caption(facts: dict[str, Any], count: int) -> str:
    return (
        f"One activation on its way down. Filter {facts['filter']} of the second convolution answers "
        f"with {wording.number(facts['value'])} to an image of the class {facts['class']}. On the "
        f"way up, feature maps of the first convolution under this unit, {count} of {facts['maps']}, "
        "those through which most of the signal goes down (right: the pixels it sees), and the "
        "switches: which place in each pooling window had the maximum. On "
        "the way down: the unit’s own filter times the activation; back to the places of the maxima; "
        "negative values dropped (red is positive, blue negative, white zero, one scale for the "
        "three rows); and the first convolution’s filters laid down at every value, for each map "
        f"and, on the right, summed over all {facts['maps']} (grey is zero, one scale)."
    )
