"""Made-up but realistic data, runs, search results and records for the tests of sections."""

import dataclasses
import html
import math
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np

from experiments import SECTIONS
from experiments.lab.data.facts import CLASSES, DATA_SETS
from experiments.lab.data.splits import Identity, Images, Splits
from experiments.lab.evidence.claims import as_plain
from experiments.lab.profiles import PROFILES
from experiments.lab.settings import RunSettings, Search
from experiments.lab.store import records
from experiments.lab.store.drawings import Drawn
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import COMPLETED, DIVERGED, Run, RunStore, run_key
from experiments.lab.study import Section, Study
from rendering.document import page
from rendering.document.report import Report, SectionView

PROFILE = dataclasses.replace(PROFILES["quick"], seeds=1, epochs=3, iterations=36, limit=None)

# A blank image for tests of words: matplotlib takes a second for each figure that is saved.
BLANK = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="100pt" height="50pt" viewBox="0 0 100 50"/>'
)


def make_identity(data: str, kind: str = "official") -> Identity:
    known = DATA_SETS[data]
    label = known.title if kind == "official" else f"the stand-in for {known.title}"
    return Identity(data, kind, label, f"{data:0<64}", known.classes, "made for the tests")


def make_splits(data: str, kind: str = "official", test: int = 200) -> Splits:
    """Return images in their classes' own colours, with noise; test labels 0 to 9 in turn."""

    def part(count: int, seed: int) -> Images:
        random = np.random.default_rng(seed)
        labels = np.arange(count) % CLASSES
        shape = DATA_SETS[data].shape
        tone = np.random.default_rng(0).uniform(60, 190, (CLASSES, 1, 1, shape[2]))
        pictures = tone[labels] + random.normal(0, 30, (count, *shape))
        return Images(np.clip(pictures, 0, 255).astype(np.uint8), labels.astype(np.int64))

    return Splits(make_identity(data, kind), part(2 * test, 1), part(test // 2, 2), part(test, 3))


def make_run(
    store: RunStore,
    run: RunSettings,
    *,
    validation: float = 0.6,
    test: float = 0.6,
    status: str = COMPLETED,
    message: str = "",
    images: int = 200,
    parameters: int = 62_006,
    seconds: float = 42.0,
    step_seconds: float = 0.004,
) -> Run:
    """Store and return a run that ended with these accuracies, as true of its stored predictions.

    The predictions belong to test labels 0 to 9 in turn, as `make_splits` gives them. The best
    validation accuracy is a point above the last. LeNet-5's weights are kept, and those of every
    epoch where the settings ask for it.
    """
    key = run_key(run, "made", "", {})
    completed = status == COMPLETED
    arrays: dict[str, np.ndarray] = {}
    scores: dict[str, float] = {}
    curves = _curves(run, validation, completed)
    if completed:
        probabilities = _probabilities(key, test, images)
        right = probabilities.argmax(1) == np.arange(images) % CLASSES
        scores = {
            "validation_accuracy": validation,
            "validation_loss": curves["validation_loss"][-1],
            "test_accuracy": float(right.mean()),
            "test_loss": -math.log(max(test, 0.01)),
            "best_validation_accuracy": min(1.0, validation + 0.01),
            "best_iteration": curves["iteration"][-2:][0],
        }
        arrays = {"probabilities": probabilities, **_weights(run, key)}
    ended = Run(
        key, run, status, curves, scores, parameters, seconds, step_seconds,
        {"device": "CPU", "tensorflow": "2.21.0"}, "2025-03-04T14:05:00+00:00", message,
    )  # fmt: skip
    return store.write(ended, arrays)


def make_trial(
    store: RunStore, search: Search, point: Mapping, outcome: object, **details: object
) -> Trial:
    """Return the trial of `search` at `point`, with a run for each of the search's seeds.

    `outcome` is "diverged" or "failed"; or an accuracy, which validation and test share; or a pair
    (validation, test) of numbers or of sequences with a number for each seed, None for a run that
    diverged. `details` go to `make_run`.
    """
    trial_id = f"{search.points.index(point):04d}"
    runs = [
        make_run(store, run, **_ending(outcome, index), **details)
        for index, run in enumerate(search.runs(point))
    ]
    return Trial(search.name, trial_id, search.hyperparameters(point), tuple(runs))


def make_result(
    store: RunStore,
    search: Search,
    outcomes: Sequence,
    details: Sequence[Mapping] = (),
) -> SearchResult:
    """Return the result of `search` with an outcome, as `make_trial` takes it, for each point."""
    each = details or [{}] * len(outcomes)
    trials = [
        make_trial(store, search, point, outcome, **more)
        for point, outcome, more in zip(search.points, outcomes, each, strict=True)
    ]
    return SearchResult(search, tuple(trials))


def make_inside(
    trial: Trial, splits: object = None, quick: bool = False, *, training: float | None = None
) -> dict:
    """Return what `experiments.descent.within.of_trial` would, without looking into a network.

    A network below 0.35 has fallen silent in its second layer, after four steps.
    """
    if not trial.completed:
        return {}
    accuracy = trial.mean("validation_accuracy")
    stuck, layers = accuracy < 0.35, ("conv1", "conv2", "dense1", "dense2")
    shares = (0.5, 1.0, 0.9, 1.0) if stuck else (0.0, 0.01, 0.21, 0.11)
    norms = [2.0, 1.0, 0.5, 0.4] + [0.0 if stuck else 0.3] * 4
    return {
        "training_accuracy": accuracy + 0.02 if training is None else training,
        "fitted": 5000,
        "silence": {
            "layers": list(layers),
            "epochs": [
                {"epoch": 0, "silent": dict.fromkeys(layers, 0.0), "constant": False},
                {"epoch": 1, "silent": dict(zip(layers, shares, strict=True)), "constant": stuck},
            ],
            "constant_since": 1 if stuck else None,
            "blocked": "conv2" if stuck else None,
        },
        "listened": 500,
        "steps": {
            "loss": [2.4 - 0.1 * step * (not stuck) for step in range(8)],
            "norm": [norm + 1 for norm in norms],
            "first": norms,
            "stopped": 5 if stuck else None,
        },
        "guessing_loss": 2.302,
        "last_loss": trial.first.curves["loss"][-1],
    }


def untrained(settings: RunSettings) -> list[np.ndarray]:
    """Return the weights of an untrained network."""
    from experiments.lab.networks import builders

    return builders.build(settings).get_weights()


def with_network_weights(
    store: RunStore, result: SearchResult, weights_of: Callable = untrained
) -> SearchResult:
    """Store the runs that completed once more, with the weights of a network of their own."""

    def again(run: Run) -> Run:
        if run.status != COMPLETED:
            return run
        weights = weights_of(run.settings)
        arrays = {f"weights/{index}": value for index, value in enumerate(weights)}
        return store.write(run, arrays | {"probabilities": run.probabilities()})

    return result.of(
        dataclasses.replace(trial, runs=tuple(map(again, trial.runs))) for trial in result.trials
    )


def make_study(
    section: Section,
    *,
    results: Mapping[str, SearchResult] | None = None,
    splits: Mapping[str, Splits] | None = None,
    recorded: Mapping[str, Record] | None = None,
    seeds: int = 1,
    epochs: int = PROFILE.epochs,
    iterations: int = PROFILE.iterations,
    kind: str = "official",
    wide: bool = False,
) -> Study:
    """Return a study of `section` that hands over these results and records, and made-up data."""
    profile = dataclasses.replace(
        PROFILE, seeds=seeds, epochs=epochs, iterations=iterations, wide=wide
    )
    return Study(
        section=section,
        profile=profile,
        sources={data: _Made(data, kind, (splits or {}).get(data)) for data in DATA_SETS},
        held=_holding(results or {}, recorded or {}),
    )


def with_results(study: Study, results: Mapping[str, SearchResult]) -> Study:
    """Return the study with other results of its searches."""
    return dataclasses.replace(study, held=_holding(results, {}), read={})


def _holding(
    results: Mapping[str, SearchResult], recorded: Mapping[str, Record]
) -> SimpleNamespace:
    return SimpleNamespace(result=results.__getitem__, record=recorded.__getitem__)


@dataclasses.dataclass(frozen=True)
class _Made:
    """A source of made-up images, or of those that a test gives."""

    data: str
    kind: str
    given: Splits | None = None

    @property
    def identity(self) -> Identity:
        return self.given.identity if self.given else make_identity(self.data, self.kind)

    def load(self, limit: int | None = None) -> Splits:
        return self.given or make_splits(self.data, self.kind)


def make_record(
    section: Section,
    findings: Findings,
    *,
    results: Sequence[SearchResult] = (),
    kind: str = "official",
    folder: Path | None = None,
) -> Record:
    """Return the record of `section`; with a `folder`, as it is when written and read back."""
    identities = {data: make_identity(data, kind) for data in section.data}
    record = Record(
        section=section.name,
        status="done",
        profile="quick",
        settings={},
        inputs={"source": "0" * 64},
        built_at="2025-03-04T14:05:00+00:00",
        seconds=1.0,
        environment={"tensorflow": "2.21.0"},
        data={name: dataclasses.asdict(identity) for name, identity in identities.items()},
        command=f"python build_report.py {section.name}",
        scores=findings.scores,
        facts=findings.facts,
        claims=[as_plain(claim) for claim in findings.claims],
        trials=[row for result in results for trial in result.trials for row in trial.rows()],
        runs=[
            {"key": run.key, "seed": run.settings.seed}
            for result in results
            for trial in result.trials
            for run in trial.runs
        ],
        arrays=findings.arrays,
    )
    if folder is None:
        return record
    records.write(record, folder)
    return records.read(section.name, folder)


def reworded(findings: Findings, verdicts: Mapping[str, str | None]) -> Findings:
    """Return `findings` with other verdicts of the claims named; one with None is taken away."""
    assert set(verdicts) <= {claim.name for claim in findings.claims}
    claims = [
        dataclasses.replace(claim, verdict=verdicts.get(claim.name, claim.verdict))
        for claim in findings.claims
        if verdicts.get(claim.name, claim.verdict) is not None
    ]
    return dataclasses.replace(findings, claims=claims)


def draw(module: ModuleType, record: Record, folder: Path) -> Drawn:
    """Return the figures of `record`, drawn and saved to `folder`."""
    drawings = module.draw(record)
    stem = record.section.replace(".", "-")
    return Drawn(record.section, {}, tuple(drawing.save(folder, stem) for drawing in drawings))


def render(
    module: ModuleType,
    record: Record,
    folder: Path,
    drawn: Drawn | None = None,
    around: Record | None = None,
) -> str:
    """Return the section's or part's piece of the page, HTML.

    Its figures are drawn to `folder`, unless `drawn` has them, which are there already. `around` is the
    record of a part's section.
    """
    section = record.section.partition(".")[0]
    view = SectionView(
        record.section, SECTIONS.index(section) + 1, "1", module.SECTION.title, "fresh",
        record=record, drawn=drawn or draw(module, record, folder),
    )  # fmt: skip
    if section != record.section:
        view = SectionView(
            section, view.number, "1", section, "fresh" if around else "pending",
            record=around, parts=[view],
        )  # fmt: skip
    views = [
        view if name == section else SectionView(name, number, "1", name, "pending")
        for number, name in enumerate(SECTIONS, 1)
    ]
    report = Report("Assignment 2", "", "quick", views, {}, record.data, record.built_at, "build")
    whole = page.render(report, folder)
    places = (rf'<section id="{place}-{section}".*?</section>' for place in ("section", "appendix"))
    return "".join(found[0] for place in places if (found := re.search(place, whole, re.S)))


def words(page_part: str) -> str:
    """Return the text of some HTML, with plain spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page_part)).split()).replace(" .", ".")


def _ending(outcome: object, index: int) -> dict:
    """Return what `make_run` takes for the run with this index."""
    if outcome == "diverged":
        return {"status": DIVERGED, "message": "the loss is not finite at iteration 7"}
    if outcome == "failed":
        return {"status": "failed", "message": "out of memory"}
    validation, test = outcome if isinstance(outcome, tuple) else (outcome, outcome)
    if not isinstance(validation, int | float):
        validation, test = validation[index], test[index]
    if validation is None:
        return _ending("diverged", index)
    return {"validation": validation, "test": test}


def _curves(run: RunSettings, accuracy: float, completed: bool) -> dict[str, list[float]]:
    """Return curves that rise to `accuracy`; those of a run that broke off have two points."""
    points = run.length if run.unit == "epochs" else math.ceil(run.length / run.validate_every)
    share = np.arange(1, points + 1) / points
    rising = 0.1 + (accuracy - 0.1) * np.sqrt(share)
    steps = share * (run.length if run.unit == "iterations" else 100 * run.length)
    curves = {
        "iteration": steps,
        "epoch": steps / 100,
        "loss": 2.4 - 2 * rising,
        "accuracy": np.minimum(rising + 0.02, 1),
        "validation_loss": 2.5 - 2 * rising,
        "validation_accuracy": rising,
        "seconds": 10 * share,
    }
    kept = slice(None) if completed else slice(2)
    return {name: [float(value) for value in values[kept]] for name, values in curves.items()}


def _probabilities(key: str, accuracy: float, images: int) -> np.ndarray:
    """Return predictions that get this share right: some images are hard for every network."""
    random = np.random.default_rng(zlib.crc32(key.encode()))
    hardness = np.random.default_rng(0).random(images) + 0.4 * random.random(images)
    labels = np.arange(images) % CLASSES
    wrong = np.argsort(hardness)[round(accuracy * images) :]
    chosen = labels.copy()
    chosen[wrong] = (labels[wrong] + random.integers(1, CLASSES, len(wrong))) % 10
    probabilities = np.full((images, CLASSES), 0.3 / (CLASSES - 1))
    probabilities[np.arange(images), chosen] = random.uniform(0.5, 0.9, images)
    return (probabilities / probabilities.sum(1, keepdims=True)).astype(np.float32)


SHAPES = {  # of weights, in Keras's order
    "lenet5": [
        (5, 5, 3, 6), (6,), (5, 5, 6, 16), (16,),
        (400, 120), (120,), (120, 84), (84,), (84, 10), (10,),
    ],
    "three-layer": [
        (5, 5, 3, 16), (16,), (3, 3, 16, 32), (32,), (3, 3, 32, 64), (64,),
        (256, 64), (64,), (64, 10), (10,),
    ],
}  # fmt: skip


def _weights(run: RunSettings, key: str) -> dict[str, np.ndarray]:
    """Return a network's weights in Keras's order, which move from epoch 0 to the last."""
    if run.network not in SHAPES:
        return {}
    first, *above = SHAPES[run.network]
    shapes = [(*first[:2], run.view.shape[2], first[3]), *above]
    random = np.random.default_rng(zlib.crc32(key.encode()))
    start = [random.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]
    step = [random.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]
    arrays = {f"weights/{i}": a + b for i, (a, b) in enumerate(zip(start, step, strict=True))}
    for epoch in range(run.length + 1 if run.snapshots and run.unit == "epochs" else 0):
        for index, (at_first, change) in enumerate(zip(start, step, strict=True)):
            arrays[f"epoch{epoch}/{index}"] = at_first + np.float32(epoch / run.length) * change
    return arrays
