"""What a stored network makes of images once its training has ended.

A training's own accuracy on its images is a mean over an epoch in which the network still changed, and
is no accuracy of the network that is kept.
"""

import numpy as np

from experiments.lab.data.splits import Images
from experiments.lab.inspection.passes import Pass
from experiments.lab.networks.builders import restore
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import Run


def accuracy(run: Run, images: Images) -> float:
    """Return the share of `images` that the run's last weights classify correctly."""
    logits = Pass(restore(run.settings, run.weights()), ["logits"])(images.images)["logits"]
    return float((logits.argmax(axis=1) == images.labels).mean())


def mean_accuracy(trial: Trial, images: Images) -> float | None:
    """Return the mean of `accuracy` over the trial's completed runs, None if there are none."""
    found = [accuracy(run, images) for run in trial.runs if run.completed]
    return float(np.mean(found)) if found else None


def first(images: Images, count: int) -> Images:
    """Return the first `count` of the images, all if there are fewer: a fixed part."""
    return Images(images.images[:count], images.labels[:count])
