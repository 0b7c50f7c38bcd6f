"""Scenes of the sections on LeNet-5: dataset, learning-rates, optimizers, filters."""

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path

import made
import numpy as np
import pytest
from made import make_record, make_splits, make_study

from experiments import dataset as dataset_section
from experiments import filters as filters_section
from experiments import learning_rates as rates_section
from experiments import optimizers as optimizers_section
from experiments.lab.data.splits import Images, Splits
from experiments.lab.store.records import Findings
from experiments.lab.store.runs import RunStore

from .scenes import MAIN, Scene, changed_scene, measured, outcomes, turned_scene

# Adam, gradient descent and momentum at rising rates, as on real data.
USUAL = [0.52, 0.63, 0.3, 0.1, 0.2, 0.42, 0.57, 0.2, 0.42, 0.6, "diverged"]


@functools.cache
def few(data: str, kind: str) -> Splits:
    """Return few made-up images of a data set."""
    return make_splits(data, kind)


def dataset(folder: Path) -> dict[str, Scene]:
    def scene(kind: str = "official", limit: int | None = None, **splits: object) -> Scene:
        held = {name: few(name, kind) for name in dataset_section.SECTION.data} | splits
        study = make_study(dataset_section.SECTION, kind=kind, splits=held)
        limited = dataclasses.replace(study.profile, limit=limit)
        findings = dataset_section.measure(dataclasses.replace(study, profile=limited))
        return Scene(findings, kind=kind)

    digits = few("mnist", "official")
    chosen = np.flatnonzero((digits.train.labels != 5) | (np.arange(400) % 20 == 5))
    uneven = Images(digits.train.images[chosen], digits.train.labels[chosen])
    test = Images(digits.test.images.copy(), digits.test.labels)
    test.images[3] = digits.train.images[7]
    one, two = dataclasses.replace(digits, test=test), dataclasses.replace(digits)
    again = Images(test.images.copy(), test.labels)
    again.images[4] = digits.train.images[8]
    two = dataclasses.replace(digits, test=again)
    usual = scene()
    return {
        MAIN: usual,
        "uneven": scene(mnist=dataclasses.replace(digits, train=uneven)),
        "repeated": scene(mnist=one),
        "repeated-twice": scene(mnist=two),
        "stand-in": scene("stand-in"),
        "unverified": scene("unverified", 3000),
        "own": changed_scene(
            scene("unverified"),
            {
                "cifar10.own": True,
                "cifar10.short": "the substitute for CIFAR-10",
                "mnist.own": True,
                "mnist.short": "the substitute for MNIST",
                "telling": "digits",
                "mnist.between_share": 0.7,
            },
        ),
        "objects-tell": changed_scene(usual, {"telling": "objects", "cifar10.between_share": 0.7}),
        "digits-tell": changed_scene(usual, {"telling": "digits"}),
        "neither-tells": changed_scene(usual, {"telling": "neither"}),
    }


@functools.cache
def lenet5() -> list:
    """Return the layers of the network, which is built once for all scenes."""
    search = rates_section.searches(make_study(rates_section.SECTION))[0]
    return LAYERS(next(search.runs(search.points[0])))


LAYERS = rates_section.layers


def learning_rates(folder: Path) -> dict[str, Scene]:
    around = [0.12, 0.2, 0.5, 0.4, 0.11, 0.13]

    def scene(outcome: list, others: list = around, **options: object) -> Scene:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rates_section, "layers", lambda _: lenet5())
            patch.setattr(rates_section.within, "of_trial", made.make_inside)
            given = {"learning-rates": outcome, "rate-curve": others}
            return measured("learning-rates", folder, given, **options)

    def several(spread: list[float], *middles: float) -> list:
        return [([middle + one for one in spread],) * 2 for middle in middles]

    good = scene([0.55, 0.63, 0.3])
    six = [-0.025, -0.015, -0.005, 0.005, 0.015, 0.025]
    main = scene(outcomes(3), seeds=2)
    guessing = turned_scene(good, {"guessing.*": "up", "(gap|late|fall).*": "up"})
    small_gap = turned_scene(guessing, {"gap.*": "tied", "(late|fall).*": "down"})
    no_gap = turned_scene(guessing, {"(gap|late|fall).*": "tied"})
    two = several([0.0, 0.01], 0.54, 0.62)
    return {
        MAIN: turned_scene(main, {"guessing.*": "up", "(gap|fall).*": "up", "late.*": "up"}),
        "good": good,
        "still-learning": guessing,
        "getting-worse": small_gap,
        "settled": changed_scene(no_gap, {f"rows.{index}.gap": -0.01 for index in range(3)}),
        "stuck": turned_scene(good, {"guessing.*": "tied"}),
        "worse-than-guessing": turned_scene(good, {"guessing.*": "down"}),
        "tied": scene([0.3, 0.61, 0.605]),
        "largest-best": scene([0.2, 0.4, 0.63]),
        "smallest-best": scene([0.63, 0.4, 0.2]),
        "outstripped": scene([(0.55, 0.55), (0.63, 0.6), (0.5, 0.7)]),
        "hardly-outstripped": scene([(0.55, 0.55), (0.63, 0.6), (0.5, 0.602)]),
        "diverged": scene([0.55, 0.63, "diverged"]),
        "alone": scene(["diverged", 0.63, "diverged"]),
        "one-epoch": scene([0.55, 0.63, 0.3], epochs=1),
        "two-epochs": turned_scene(
            scene([0.5, 0.6, 0.1], epochs=2),
            {"guessing.*": "up", "late-0.0001": "up", "late-0.001": "down", "late-0.01": "tied"},
        ),
        "two-seeds": scene([*two, ([0.3, None],) * 2], seeds=2),
        "six-seeds": scene(several(six, 0.5, 0.65, 0.3), seeds=6),
        "stand-in": scene([0.55, 0.63, 0.3], kind="stand-in"),
        "no-rate-learns": scene([0.1, 0.101, 0.1], [0.1] * 6),
        "all-rates-learn": scene([0.55, 0.63, 0.6], [0.4] * 6),
        "one-rate-learns": scene([0.1, 0.101, 0.1], [0.1, 0.1, 0.1, 0.5, 0.1, 0.1]),
        "some-rates-learn": scene([0.55, 0.63, 0.1], [0.4, 0.1, 0.5, 0.5, 0.4, 0.1]),
        "rates-in-a-row": scene([0.55, 0.63, 0.1], [0.1, 0.3, 0.5, 0.4, 0.1, 0.1]),
        "no-highest-rate": changed_scene(good, {"curve.highest": None}),
        "gradient-lasts": changed_scene(good, {"rows.2.inside.steps.stopped": None}),
        "no-layer-silent": changed_scene(good, {"rows.2.inside.silence.blocked": None}),
        "logits-differ": changed_scene(good, {"rows.2.inside.silence.constant_since": None}),
        "rate-ended-early": changed_scene(good, {"curve.rows.8.ended": 0}),
    }


def optimizers(folder: Path) -> dict[str, Scene]:
    def scene(
        outcome: list, chosen: float = 1e-3, found: list | None = None, **options: object
    ) -> Scene:
        rates = make_record(optimizers_section.SECTION, Findings(scores={"learning_rate": chosen}))
        if len(outcome) == 11:  # without Adam's at the largest rate, where it guesses
            outcome = [*outcome[:3], outcome[0] if outcome[0] == "failed" else 0.1, *outcome[3:]]
        return measured(
            "optimizers", folder, {"optimizers": outcome, "wide-lenet5": found},
            recorded={"learning-rates": rates}, **options,
        )  # fmt: skip

    spread = [-0.025, -0.015, -0.005, 0.005, 0.015, 0.025]
    seeds = [(one, one + 0.02) for one in USUAL[:-1]]
    good = scene(USUAL)
    main = scene(
        outcomes(12), found=outcomes(15)[12:], seeds=2, wide=True,
        points={"wide-lenet5": _points()},
    )  # fmt: skip
    return {
        MAIN: turned_scene(main, {"same-.*|half-.*|gain-.*|own-.*": "up"}),
        "usual": good,
        "tied-at-own": scene([*USUAL[:6], 0.625, *USUAL[7:]]),
        "adam-behind": scene([0.2, 0.3, 0.1, 0.1, 0.6, 0.42, 0.2, 0.2, 0.42, 0.6, 0.1]),
        "smallest-is-best": scene([0.6, 0.5, 0.3, 0.5, 0.4, 0.3, 0.2, 0.5, 0.4, 0.3, 0.2]),
        "part-made-up": scene([*USUAL[:5], 0.25, 0.30, *USUAL[7:]]),
        "nothing-gained": scene([*USUAL[:5], 0.1, (0.57, 0.2), *USUAL[7:]]),
        "own-is-worse": scene([*USUAL[:4], (0.2, 0.5), 0.1, (0.57, 0.2), *USUAL[7:]]),
        "diverged-at-same": scene([*USUAL[:4], "diverged", *USUAL[5:]]),
        "never-completes": scene([*USUAL[:7], *["failed"] * 4]),
        "no-common-seed": scene(
            [([None, 0.6],) * 2] * 4 + [([0.3, None],) * 2] * 4 + [([0.2, 0.4],) * 2] * 4, seeds=2
        ),
        "adam-alone": scene([*USUAL[:3], *["failed"] * 8]),
        "two-seeds": scene([(one, one) for one in [*seeds[:3], (0.1, 0.12), *seeds[3:]]] + ["diverged"], seeds=2),
        "six-seeds": scene(
            [([one + it for it in spread],) * 2 for one in [*USUAL[:3], 0.1, *USUAL[3:-1]]] + ["diverged"], seeds=6
        ),
        "gains-apart": scene(
            [([0.6, 0.61],) * 2] * 4 + [([0.3, None], [0.3, None])] * 3 + [([None, 0.5],) * 2]
            + [([0.2, 0.4],) * 2] * 4, seeds=2,
        ),
        "momentum-best": scene([*USUAL[:9], 0.66, 0.1]),
        "grid-failed": scene(
            ["failed"] * 11, found=[0.7, 0.5], wide=True, points={"wide-lenet5": _points()[:2]}
        ),
        "wide": scene(
            USUAL, found=[0.7, 0.5], wide=True, points={"wide-lenet5": _points()[:2]}
        ),
    }  # fmt: skip


def _points() -> list[dict]:
    space = optimizers_section.SPACE
    middle = {name: (it.get("values") or [it["low"]])[0] for name, it in space.items()}
    inside = {"learning_rate": 2e-3, "first_filters": 8, "second_filters": 20, "dense_units": 150}
    return [
        {**middle, "optimizer": "sgd"},
        {**middle, "batch_size": 256},
        {**middle, **inside, "optimizer": "momentum"},
    ]


@functools.cache
def trained(folder: Path) -> object:
    """Return the result of the search over learning rates that the studies of a network read."""
    search = rates_section.searches(make_study(rates_section.SECTION))[0]
    accuracies = [(0.55, 0.565), (0.63, 0.645), (0.3, 0.315)]
    times = [
        {"parameters": 62_006 + n, "seconds": 41.5 + n, "step_seconds": 0.0151 + 0.0003 * n}
        for n in range(len(accuracies))
    ]
    return made.make_result(RunStore(folder), search, accuracies, times)


def added(arrays: Mapping) -> dict:
    return {"trained less untrained": arrays["kernel_trained"] - arrays["kernel_untrained"]}


def small_start(folder: Path, result: object, outcome: list) -> object:
    """Return the result of training the network that was chosen from small weights."""
    study = make_study(filters_section.SECTION, results={"learning-rates": result})
    [search] = filters_section.searches(study)
    times = {"parameters": 62_006 + 7, "seconds": 48.5, "step_seconds": 0.0181}
    return made.make_result(RunStore(folder), search, outcome, [times])


def filters(folder: Path) -> dict[str, Scene]:
    result = trained(folder)
    both = {"learning-rates": result, "small-start": small_start(folder, result, [(0.66, 0.675)])}
    study = make_study(filters_section.SECTION, results=both)
    usual = Scene(filters_section.measure(study), list(both.values()))
    kinds = ("colour", "brightness", "coarse", "fine", "edge")
    random = {
        name: {**dict.fromkeys(kinds, 0), "random": 6} for name in ("trained", "untrained", "added")
    }
    ones = {name: {**dict.fromkeys(kinds, 1), "random": 1} for name in random}
    some = {name: {**dict.fromkeys(kinds, 2), "random": 3} for name in random}
    pairs = [
        {"filters": [2, 5], "relation": "copies", "correlation": 0.97},
        {"filters": [3, 6], "relation": "opposites", "correlation": -0.95},
    ]

    def scene(**changes: object) -> Scene:
        return changed_scene(usual, {name.replace("_", "."): it for name, it in changes.items()})

    far = {"change": 2.1, "growth": 2.3, "correlation": 0.2, "still": False}
    near = {"change": 0.1, "growth": 1.1, "correlation": 0.97, "still": True}
    return {
        MAIN: dataclasses.replace(usual, more=added),
        "like-random": scene(counts=random, moved=near),
        "one-of-each": scene(counts=ones, moved=far, copies=pairs),
        "some-of-each": scene(counts=some, copies=pairs[:1]),
        "dead": scene(dead={"conv1": [4], "conv2": [2, 7]}),
        "both-sparser": turned_scene(usual, {"conv.-(mean|zeros)": "up"}),
        "one-layer-sparser": turned_scene(usual, {"conv1-zeros": "up", "conv2-zeros": "tied"}),
        "none-sparser": turned_scene(
            scene(dead={"conv1": [], "conv2": []}), {"conv.-(mean|zeros)": "down"}
        ),
        "single-filter": scene(closest=None),
        "small-start-leaves-less": turned_scene(usual, {".*-left": "down", "starts": "up"}),
        "small-start-leaves-more": turned_scene(usual, {".*-left": "up", "starts": "down"}),
        "small-start-like-the-other": turned_scene(usual, {".*-left": "tied", "starts": "tied"}),
        "several-runs": changed_scene(usual, {"starts.seeds": 6}),
        "starts-not-compared": turned_scene(usual, {".*-left": "absent", "starts": "absent"}),
        "small-start-failed": turned_scene(
            changed_scene(usual, {"starts": {"completed": False, "message": "it diverged"}}),
            {".*-left": "absent", "starts": "absent"},
        ),
        "beyond-the-sums": turned_scene(usual, {".*-coherence": "up", ".*-coarse": "down"}),
        "like-the-sums": turned_scene(usual, "tied"),
        "below-the-sums": turned_scene(usual, {".*-coherence": "down", ".*-coarse": "up"}),
        "less-than-the-sums": turned_scene(usual, "down"),
    }
