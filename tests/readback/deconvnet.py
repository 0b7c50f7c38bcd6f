"""Scenes of the section on the deconvnet and its parts: of a network with random weights."""

import dataclasses
import functools
import json
import os
import tempfile
from pathlib import Path
from types import ModuleType

import made
import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from experiments.deconvnet import (  # noqa: E402
    architecture,
    control,
    correspondence,
    depth,
    evolution,
    ideas,
    invariance,
    occlusion,
    section,
    visualization,
)
from experiments.deconvnet.subject import LENET5, SEARCH, training  # noqa: E402
from experiments.lab.networks import builders  # noqa: E402
from experiments.lab.settings import RunSettings  # noqa: E402
from experiments.lab.store.results import SearchResult  # noqa: E402
from experiments.lab.store.runs import RunStore  # noqa: E402
from experiments.lab.study import Study  # noqa: E402

from .convolutional import trained  # noqa: E402
from .scenes import MAIN, Scene, changed_scene, costs, curves, outcomes, turned_scene  # noqa: E402

FEWER = {occlusion: {"PER_CLASS": 1}, control: {"IMAGES": 6}, invariance: {"IMAGES": 10}}


@functools.cache
def study(folder: Path) -> Study:
    results = {LENET5: trained(folder), SEARCH: three_layer(folder)}
    return made.make_study(section.SECTION, results=results)


@functools.cache
def three_layer(folder: Path) -> SearchResult:
    """Return the result of training the network that the studies look into."""
    search = training(made.make_study(section.SECTION))
    times = {"parameters": 41_450, "seconds": 57.5, "step_seconds": 0.0273}
    return made.make_result(RunStore(folder), search, [(0.64, 0.655)], [times])


def looked_at(module: ModuleType, folder: Path) -> Scene:
    """Return a part as measured on the made-up network, with few images."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in FEWER.get(module, {}).items():
            patch.setattr(module, name, value)
        return Scene(module.measure(study(folder)), [three_layer(folder)])


def whole(folder: Path) -> dict[str, Scene]:
    return {MAIN: Scene(section.measure(study(folder)), [three_layer(folder)])}


def key_ideas(folder: Path) -> dict[str, Scene]:
    return {MAIN: looked_at(ideas, folder)}


def turns(scene: Scene, **ways: object) -> dict[str, Scene]:
    """Return the scene as it is, and turned each way, by the way's name."""
    found = {name.replace("_", "-"): turned_scene(scene, way) for name, way in ways.items()}
    return {MAIN: scene} | found


def features(folder: Path) -> dict[str, Scene]:
    usual = looked_at(visualization, folder)
    quiet = {"layers.0.states.trained.dead": [2], "layers.2.states.trained.dead": [5, 7]}
    alive = {f"layers.{place}.states.trained.dead": [] for place in range(3)}
    part = {".*-projections-start": "up", ".*-projections-fresh": "tied"}
    silent = {f"layers.{place}.shown": [] for place in (1, 2)}
    found = turns(usual, up="up", down="down", tied="tied", absent="absent")
    return {
        **found,
        "in-part": turned_scene(usual, part),
        "too-few": changed_scene(found["absent"], silent),
        "dead": changed_scene(usual, {**alive, **quiet}),
        "all-dead": changed_scene(
            usual, {f"layers.{place}.states.trained.dead": [3] for place in range(3)}
        ),
        "one-dead": changed_scene(usual, {**alive, "layers.2.states.trained.dead": [5]}),
        "alive": changed_scene(usual, alive),
    }


def course(folder: Path) -> dict[str, Scene]:
    usual = looked_at(evolution, folder)

    layers = "{}-after-{}".format
    some = {layers("conv2", "conv1"): "up", layers("conv3", "conv2"): "tied", ".*": "down"}
    missing = {layers("dense1", "conv1"): "absent", layers("dense1", "conv3"): "absent"}
    return {
        **turns(usual, up="up", down="down", tied="tied", absent="absent", some=some),
        "one-missing": turned_scene(usual, {**missing, ".*": "up"}),
        "one-epoch": changed_scene(usual, {"jumps": {"conv1": [0.5], "conv2": []}}),
    }


def changes(folder: Path) -> dict[str, Scene]:
    usual = looked_at(invariance, folder)
    apart = {"(translation).*": "up", "(scale).*": "tied", "(rotation).*": "down"}
    one_missing = {"scale-rotation": "absent", "translation-rotation": "up"}
    found = turns(usual, up="up", down="down", tied="tied", absent="absent", apart=apart)
    return {**found, "one-missing": turned_scene(usual, one_missing)}


def hidden(folder: Path) -> dict[str, Scene]:
    usual = looked_at(occlusion, folder)
    controls = {"activity|probability|middle": "up", ".*-control": "tied"}
    found = turns(usual, up="up", down="down", tied="tied", absent="absent", no_control=controls)
    few = {"shown": usual.findings.facts["shown"][: occlusion.IN_FRONT]}
    return {**found, "few-images": changed_scene(usual, few)}


def parts(folder: Path) -> dict[str, Scene]:
    usual = looked_at(correspondence, folder)
    agreeing = {".*-(place|feature)": "down", ".*-parts": "up"}
    found = turns(usual, up="up", down="down", tied="tied", agreeing=agreeing)
    one = {"conv3-place": "down", "conv3-feature": "tied"}
    return {**found, "one": turned_scene(usual, one | {"conv3-feature-parts": "tied"})}


def first_layers(folder: Path) -> dict[str, Scene]:
    def scene(outcome: list) -> Scene:
        store = RunStore(Path(tempfile.mkdtemp(dir=folder)))
        [search] = architecture.searches(study(folder))
        details = [costs(n) for n in range(3)]
        details[-1]["parameters"] = 4999  # of the network with the stride: fewer than the others
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(made, "_curves", curves)
            result = made.make_result(store, search, outcome, details)
        result = made.with_network_weights(store, result, _weights)
        results = {LENET5: trained(folder), architecture.SEARCH: result}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(architecture, "IMAGES", 12)
            patch.setattr(architecture, "COUNT", 2)
            found = architecture.measure(made.with_results(study(folder), results))
        return Scene(found, list(results.values()))

    usual = scene([(0.75, 0.765), (0.5, 0.515), (0.31, 0.325)])
    diverged = scene([0.65, "diverged", "diverged"])
    none, smaller = dict.fromkeys(("dead", "copies", "aliased"), False), architecture.SMALLER
    sound = {
        "base.dead": 0, "base.copies": 0, "faults": none, "suggested": None, "wider_dead": 0,
        "finding.expected": {},
    }  # fmt: skip
    called = {"finding.expected": {"variant-1": "better"}}
    faulty = {
        "faults": {**none, "aliased": True}, "suggested": smaller, "base.folded": 0.9, **called,
    }  # fmt: skip
    step = "coarser"
    backwards = {"aliased": True, "dead": True}
    called_for = changed_scene(usual, {**sound, **faulty})
    wasted = {
        "base.dead": 2, "base.copies": 2, "base.folded": 0.9, "finer": False, "wider_dead": 2, step: backwards,
        "faults": dict.fromkeys(none, True), "suggested": smaller, **called,
    }  # fmt: skip
    return {
        MAIN: usual,
        "remedy-helps": turned_scene(called_for, {"variant-1": "up"}),
        "remedy-harms": turned_scene(called_for, {"variant-1": "down"}),
        "remedy-without-effect": turned_scene(
            changed_scene(called_for, {"finer": True, "wider_dead": 1}), {"variant-1": "tied"}
        ),
        "no-fault": turned_scene(changed_scene(usual, sound), {"variant-0": "up"}),
        "wasted": changed_scene(usual, wasted),
        "one-wasted": changed_scene(
            usual,
            {
                **sound, "base.dead": 1, "base.copies": 1, "wider_dead": 3,
                "faults": {**none, "dead": True, "copies": True}, "suggested": smaller, **called,
                step: {"aliased": False, "dead": False},
            },
        ),
        "worse-as-in-the-paper": turned_scene(
            changed_scene(usual, {step: backwards}), {"variant-.": "down"}
        ),
        "not-as-in-the-paper": turned_scene(
            changed_scene(usual, {step: {"aliased": False, "dead": False}}), {"variant-.": "up"}
        ),
        "diverged": changed_scene(diverged, {**sound, **faulty}),
        "all-diverged": scene(["diverged"] * 3),
    }  # fmt: skip


@functools.cache
def _shapes(key: str) -> list:
    random = np.random.default_rng(len(key))
    shapes = [
        one.shape for one in builders.build(RunSettings.from_json(json.loads(key))).get_weights()
    ]
    return [random.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]


def _weights(settings: object) -> list:
    """Return the weights of an untrained network, made once for each kind of network."""
    return _shapes(json.dumps(settings.to_json()))


GOOD = {
    "ablation": (0.55, 0.5, 0.52, 0.2),  # half, without dense layers, without conv2, without both
    "transfer": (0.8, 0.85, 0.9, 0.9, 0.4, 0.4, 0.4, 0.4),  # pool2, then dense2, by images
    "transfer-scratch": (0.4, 0.6, 0.9, 0.95),
    "transfer-untrained": (0.6, 0.7, 0.35, 0.45),  # pool2, then dense2, on the fewest and on all
    "feature-depth": (0.2, 0.35, 0.5, 0.65, 0.8),
}


def layers(folder: Path) -> dict[str, Scene]:
    def scene(seeds: int = 1, **other: object) -> Scene:
        given = GOOD | {name.replace("_", "-"): value for name, value in other.items()}
        results = {LENET5: trained(folder)}
        searches = depth.searches(study(folder))
        store = RunStore(Path(tempfile.mkdtemp(dir=folder)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(made, "_weights", lambda *_: {})
            patch.setattr(made, "_curves", curves)
            for index, search in enumerate(searches):
                several = dataclasses.replace(search, seeds=seeds)
                details = [costs(10 * index + n) for n in range(len(search.points))]
                results[search.name] = made.make_result(store, several, given[search.name], details)
        return Scene(
            depth.measure(made.with_results(study(folder), results)), list(results.values())
        )

    count = {name: len(values) for name, values in GOOD.items()}
    accuracies = outcomes(sum(count.values()), images=200)
    distinct, first = {}, 0
    for name, number in count.items():
        distinct[name], first = accuracies[first : first + number], first + number
    six = {
        name: [([one + n / 200 for n in range(6)],) * 2 for one in values]
        for name, values in GOOD.items()
    }
    good = scene()
    transfers = "transfer-(pool2|dense2)-.*"
    fewest = {
        "transfer-pool2-15": "up", "transfer-pool2-.*": "up",
        "transfer-dense2-15": "up", "transfer-dense2-all": "tied", "transfer-dense2-.*": "down",
    }  # fmt: skip
    return {
        MAIN: scene(2, **{name.replace("-", "_"): value for name, value in distinct.items()}),
        "good": good,
        "up": turned_scene(good, {".*": "up"}),
        "down": turned_scene(good, {".*": "down"}),
        "tied": turned_scene(good, {".*": "tied"}),
        "some-steps": turned_scene(good, {"layers-pool1": "up", "layers-.*": "tied"}),
        "fewest-images": turned_scene(good, fewest),
        "worse-with-all": turned_scene(
            good, {"transfer-.*-all": "down", "transfer-.*-15": "up", transfers: "tied"}
        ),
        "not-compared-with-all": turned_scene(
            good, {"transfer-.*-all": "absent", "transfer-.*-15": "up", transfers: "tied"}
        ),
        "still-better": turned_scene(good, {"transfer-.*-30": "tied", transfers: "up"}),
        "not-learned": turned_scene(good, {"transfer-untrained-.*": "tied"}),
        "no-control": turned_scene(good, {"transfer-untrained-.*-15": "absent"}),
        "neither": turned_scene(good, {"transfer-.*-15": "tied", transfers: "up"}),
        "diverged": scene(
            feature_depth=(0.2, "diverged", 0.5, 0.65, 0.8),
            ablation=(0.55, 0.5, 0.52, "diverged"),
            transfer_scratch=("diverged", 0.6, 0.9, 0.95),
            transfer=(0.8, 0.85, 0.9, "diverged", 0.4, 0.4, 0.4, 0.4),
        ),
        "all-diverged": scene(
            **{name.replace("-", "_"): ["diverged"] * n for name, n in count.items()}
        ),
        "two-seeds": scene(
            2, **{name.replace("-", "_"): value for name, value in distinct.items()}
        ),
        "six-seeds": scene(6, **{name.replace("-", "_"): value for name, value in six.items()}),
    }


def learned(folder: Path) -> dict[str, Scene]:
    usual = looked_at(control, folder)

    def silent(state: str) -> dict:
        nothing = {"signed": None, "absolute": None, "elsewhere": None}
        return {f"{state}.rules.{rule}": nothing for rule in control.RULES}

    return {
        **turns(usual, up="up", down="down", tied="tied", absent="absent"),
        "silent": changed_scene(turned_scene(usual, "absent"), {**silent("fresh"), "shown": 0}),
        "silent-at-start": changed_scene(turned_scene(usual, "absent"), silent("start")),
    }
