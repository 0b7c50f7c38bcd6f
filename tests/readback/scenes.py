"""What the sections are read back from: made-up runs and networks, and the ways they may turn out.

A scene is one outcome of a section: its findings, and the results it was measured from. `SCENES` has, by
section or part, the one whose numbers are traced ("main") and all whose sentences are read.
"""

import dataclasses
import functools
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import made
import numpy as np
import pytest

from experiments import module
from experiments.lab.data.splits import Splits
from experiments.lab.evidence import comparisons
from experiments.lab.settings import RunSettings, Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import SearchResult
from experiments.lab.store.runs import RunStore

from .variants import changed, turned

IMAGES = 2000  # test images of a made-up run: enough for a gap of two points to be clear
MAIN = "main"
LEARNED = ("loss", "accuracy", "validation_loss", "validation_accuracy")
RESAMPLES = 299  # of a bootstrap: the intervals need not be good, only there


@dataclass(frozen=True)
class Scene:
    """Findings of a section or part, what they were measured from, and the data's kind.

    `more` gives, from a record's arrays, those that a figure makes of them, by what they are.
    """

    findings: Findings
    results: Sequence[SearchResult] = ()
    kind: str = "official"
    more: Callable[[Mapping], Mapping] = lambda arrays: {}


@functools.cache
def splits(data: str, kind: str) -> Splits:
    """Return made-up images with labels for IMAGES predictions."""
    return made.make_splits(data, kind, test=IMAGES)


def outcomes(
    count: int, seeds: int = 2, images: int = IMAGES
) -> list[tuple[list[float], list[float]]]:
    """Return outcomes of trials of which no two accuracies are alike, nor near in their order.

    Validation and test each rank the trials in an order of their own.
    """
    found = []
    for index in range(count):
        steps = [pow(2, index + 5, 101), pow(5, index + 5, 103)]  # never the same twice
        apart = range(0, seeds * (index + 3), index + 3)  # of the seeds: a deviation for each trial
        found.append(
            (
                [0.5031 + 0.0043 * steps[0] + 0.00037 * one for one in apart],
                [_share(steps[1], one, images) for one in apart],
            )
        )
    return found


def _share(step: int, apart: int, images: int) -> float:
    """Return a share of the images that is whole in number: on few of them seeds are one image apart."""
    if images < IMAGES:
        return (50 + step + (apart > 0)) / images
    return (1001 + 9 * step + apart) / images


_MADE_CURVES = made._curves


def curves(run: RunSettings, accuracy: float, completed: bool) -> dict[str, list[float]]:
    """Return curves as `made` makes them, with no value that another run or another point has."""
    random = np.random.default_rng(zlib.crc32(repr(run).encode()))
    return {
        name: [one + 0.001 * random.random() for one in values] if name in LEARNED else values
        for name, values in _MADE_CURVES(run, accuracy, completed).items()
    }


def costs(place: int) -> dict:
    """Return parameters and times of a trial, which no trial at another place has."""
    return {
        "parameters": 5003 + 11 * place,
        "seconds": 101.0 + 7 * place,
        "step_seconds": 0.0031 + 0.0007 * place,
    }


def details(search: Search, number: int, parameters: Callable | None) -> list[dict]:
    """Return what else there is of each point of a section's search, its `number`-th from 0."""
    found = []
    for index, point in enumerate(search.points):
        one = {**costs(20 * number + index), "images": IMAGES}
        found.append(one | ({"parameters": parameters(point)} if parameters else {}))
    return found


def measured(
    name: str,
    folder: Path,
    given: Mapping[str, Sequence],
    *,
    parameters: Callable | None = None,
    recorded: Mapping[str, Record] | None = None,
    kind: str = "official",
    more: Mapping[str, SearchResult] | None = None,
    points: Mapping[str, Sequence] | None = None,
    **options: object,
) -> Scene:
    """Return a section as measured from these outcomes, by search, in the order of its points.

    `more` are results of other sections' searches; `points` are those of wide searches.
    """
    section = module(name)
    folder.mkdir(exist_ok=True)
    store = RunStore(Path(tempfile.mkdtemp(dir=folder)))  # scenes have runs with the same keys
    data = {one: splits(one, kind) for one in section.SECTION.data}
    held = dict(more or {})
    empty = made.make_study(section.SECTION, results=held, kind=kind, **options)
    for number, search in enumerate(section.searches(empty)):
        wide = (points or {}).get(search.name)
        trained = dataclasses.replace(search, points=tuple(wide)) if wide else search
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(made, "_weights", lambda *_: {})  # no section reads them here
            patch.setattr(made, "_curves", curves)
            several = details(trained, number, parameters)
            result = made.make_result(store, trained, given[search.name], several)
        held[search.name] = SearchResult(search, result.trials)
    study = made.make_study(
        section.SECTION, results=held, splits=data, recorded=recorded, kind=kind, **options
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparisons, "RESAMPLES", RESAMPLES)
        return Scene(section.measure(study), list(held.values()), kind)


def changed_scene(scene: Scene, changes: Mapping) -> Scene:
    """Return the scene with other facts, by their paths."""
    return dataclasses.replace(scene, findings=changed(scene.findings, changes))


def turned_scene(scene: Scene, ways: str | Mapping[str, str]) -> Scene:
    """Return the scene with its claims turned."""
    return dataclasses.replace(scene, findings=turned(scene.findings, ways))
