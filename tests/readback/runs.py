"""What a record holds of the runs it was measured from: which number of which trial stands where.

The means and deviations are taken here anew, with the standard library, from what each run says.
"""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import Run

from .distinct import Item, Path, leaves, spelled
from .sources import FEWEST, Sources, together

SCORES = (
    "validation_accuracy", "best_validation_accuracy", "test_accuracy", "test_loss",
)  # fmt: skip

CURVE = "curve of "


def known(results: Sequence[SearchResult]) -> dict[str, Any]:
    """Return the numbers of every trial by the search's name and what the trial varies."""
    found = {}
    for result in results:
        for trial in result.trials:
            varied = [trial.hyperparameters[name] for name in result.search.varied]
            words = " ".join(f"{it:g}" if isinstance(it, float) else str(it) for it in varied)
            found[f"{result.search.name} {words}".strip()] = _numbers(trial)
    return found


def of_seeds(results: Sequence[SearchResult]) -> dict[str, Any]:
    """Return the scores of every single run where a trial has several."""
    return {
        f"{name}, seed {run.settings.seed}": {it: run.scores[it] for it in SCORES}
        for name, run in _runs(results)
    }


def _numbers(trial: Trial) -> dict[str, Any]:
    runs = [run for run in trial.runs if run.completed]
    if not runs:
        return {}
    points = range(min(len(run.curves["epoch"]) for run in runs))
    curves = {
        name: [_over([run.curves[name][point] for run in runs]) for point in points]
        for name in ("loss", "accuracy", "validation_loss", "validation_accuracy")
    }
    return {
        **{score: _over([run.scores[score] for run in runs]) for score in SCORES},
        "seconds": statistics.fmean(run.seconds for run in runs),
        "step_seconds": statistics.fmean(run.step_seconds for run in runs),
        "parameters": runs[0].parameters,
        **{
            CURVE + name: {side: [it[side] for it in several] for side in ("mean", "deviation")}
            for name, several in curves.items()
        },
    }


def _over(values: Sequence[float]) -> dict[str, float | None]:
    several = len(values) > 1
    return {
        "mean": statistics.fmean(values),
        "deviation": statistics.stdev(values) if several else None,
    }


def confusions(results: Sequence[SearchResult], labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the confusion matrix of every run, by its trial and seed, counted one by one."""
    found = {}
    for name, run in _runs(results):
        counts = np.zeros((10, 10), int)
        for label, predicted in zip(labels, run.probabilities().argmax(axis=1), strict=True):
            counts[label, predicted] += 1
        found[f"{name}, seed {run.settings.seed}"] = counts
    return found


def _runs(results: Sequence[SearchResult]) -> Iterator[tuple[str, Run]]:
    for result in results:
        for trial, name in zip(result.trials, known([result]), strict=True):
            yield from ((name, run) for run in trial.runs if run.completed)


def held(
    values: Mapping[str, Any], arrays: Mapping[str, np.ndarray], results: Sequence[SearchResult]
) -> list[str]:
    """Return a line for each dict of a record that holds a trial's numbers: which, of which trial."""
    sources = Sources(known(results) | of_seeds(results), {})
    found = list(_of_dict(values, (), sources))
    if any(array.shape == (10, 10) for array in arrays.values()):
        matrices = confusions(results, np.arange(2000) % 10)
        for name, array in arrays.items():
            same = [label for label, one in matrices.items() if np.array_equal(array, one)]
            found += [f"arrays.{name} = {label}: confusion" for label in same]
    return found


def _of_dict(value: Any, path: Path, sources: Sources) -> Iterator[str]:  # noqa: ANN401
    origins = list(_origins(value, (), sources))
    trials = {trial for _, trial, _ in origins}
    if path and len(trials) == 1:
        yield f"{spelled(path)} = {trials.pop()}: {_listed(origins)}"
    elif trials:
        for own, one in _items(value):
            yield from _of_dict(one, (*path, own), sources)


def _listed(origins: Sequence[tuple[Path, str, str]]) -> str:
    """Return which numbers a place has of a trial; those under their own names are counted."""
    same = [1 for place, _, what in origins if _short(what) == spelled(place)]
    other = [f"{spelled(place) or 'it'} from {what}" for place, _, what in origins
             if _short(what) != spelled(place)]  # fmt: skip
    return ", ".join([*([f"{len(same)} under their own names"] if same else []), *other])


def _short(what: str) -> str:
    """Return what is taken of a trial, by the name under which a summary or a curve has it."""
    if what.startswith(CURVE):
        return what.removeprefix(CURVE).removesuffix("[*]")
    for ending in (".mean", ".(mean, deviation)"):
        what = what.removesuffix(ending)
    return what


def _origins(value: Any, path: Path, sources: Sources) -> Iterator[tuple[Path, str, str]]:  # noqa: ANN401
    """Yield, for every number or list of numbers of a trial, its place, the trial, and what it is."""
    origin = _origin(value, sources)
    if origin is not None:
        yield path, *origin
        return
    for own, one in _items(value):
        yield from _origins(one, (*path, own), sources)


def _items(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
    if isinstance(value, dict):
        yield from ((str(key), one) for key, one in value.items())
    elif isinstance(value, list | tuple):
        names = dict(_named(value))
        yield from ((Item(index, names[index]), one) for index, one in enumerate(value))


def _named(several: Sequence[Any]) -> Iterator[tuple[int, str]]:
    for path, _ in leaves([one if isinstance(one, dict) else {"": 0} for one in several]):
        yield path[0].index, path[0].name


def _origin(value: Any, sources: Sources) -> tuple[str, str] | None:  # noqa: ANN401
    """Return the trial that a number or a list of numbers is from, and what it is there; None if none."""
    numbers = value if isinstance(value, list | tuple) else [value]
    numbers = [one for one in numbers if one is not None]
    if not numbers or not all(isinstance(one, int | float) for one in numbers):
        return None
    if all(isinstance(one, int) and one < FEWEST for one in numbers):
        return None
    found = [sources.candidates(one) for one in numbers if not isinstance(one, bool)]
    if not found or [] in found:
        return None
    # Where two things are alike, what is one thing's mean and deviation.
    shared = set.intersection(*({path[:-1] for path in paths} for paths in found))
    chosen = [next((path for path in paths if path[:-1] in shared), paths[0]) for paths in found]
    trials = dict.fromkeys(str(path[0]) for path in chosen)
    return " and ".join(trials), together([path[1:] for path in chosen])
