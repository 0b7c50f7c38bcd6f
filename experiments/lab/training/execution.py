"""A training run from its settings to what is kept of it: all that its result depends on.

What is here and what it can reach is the code in a run's key (`sourcecode`). Whoever asks for the run and
wherever it is stored has no part in that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from experiments.lab.data import views
from experiments.lab.data.splits import Source, Splits
from experiments.lab.settings import RunSettings
from experiments.lab.store.runs import COMPLETED, DIVERGED, Run
from experiments.lab.training import course
from experiments.lab.training.trainer import Diverged, Trainer


@dataclass(frozen=True)
class Ended:
    """What a training ended with, as `Run` keeps it; `arrays` are empty if it diverged."""

    status: str
    curves: Mapping[str, list[float]]
    scores: Mapping[str, float]
    parameters: int
    seconds: float
    step_seconds: float
    message: str = ""
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


def images(settings: RunSettings, source: Source) -> Splits:
    """Return the data set of a run, whole; several runs may share it. Raises DataError."""
    return source.load(settings.limit)


def execute(
    settings: RunSettings, whole: Splits, start: Run | None, folder: Path, hear: course.Hear
) -> Ended:
    """Train a run from where the state in `folder` stands.

    `whole` is what `images` gave, `start` the run that `settings.start_from` names, None without one;
    `hear` is told of the progress.
    """
    trainer = Trainer(settings, views.apply(settings.view, whole))
    if start is not None:
        weights = start.weights(settings.start_from.get("epoch"))
        trainer.take_over(weights, start.settings, settings.start_from["layers"])
    try:
        arrays = course.train(trainer, folder, hear)
        return _ended(trainer, COMPLETED, trainer.scores(), arrays)
    except Diverged as diverged:
        return _ended(trainer, DIVERGED, {}, {}, str(diverged))


def _ended(
    trainer: Trainer,
    status: str,
    scores: Mapping[str, float],
    arrays: Mapping[str, np.ndarray],
    message: str = "",
) -> Ended:
    return Ended(
        status,
        trainer.progress.curves,
        scores,
        trainer.parameters,
        trainer.progress.seconds,
        trainer.step_seconds,
        message,
        arrays,
    )
