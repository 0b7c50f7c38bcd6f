"""The sentences that follow from facts or from several claims at once, and when they have to be there."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .statements import DOWN, NEITHER, UP

STEPS = "(64-128|128-256)"  # from one number of units to the next
KEPT_15 = "transfer-(pool2|dense2)-15"  # softmaxes on kept layers where images are fewest


class Fact(NamedTuple):
    """Words that have to be there where a condition holds, and not otherwise."""

    words: str
    holds: Callable[[Mapping[str, Any], Mapping[str, str]], bool]  # of facts and ways of claims


CONCLUSIONS: dict[str, Sequence[Fact]] = {
    "cells": (
        Fact("So both gated cells read the images better", lambda f, w: _gated(w) == [UP, UP]),
        Fact(
            "So LSTM reads the images better than the plain cell",
            lambda f, w: _gated(w)[:1] == [UP] and _gated(w)[1:] != [UP],
        ),
        Fact(
            "So no gated cell reads the images better",
            lambda f, w: UP not in _gated(w) and DOWN in _gated(w),
        ),
        Fact(
            "So it is not borne out here that a gated cell",
            lambda f, w: set(_gated(w)) == {NEITHER},
        ),
        Fact(
            "none can be called the best of them",
            lambda f, w: f["single"] and "best-cell" not in w,
        ),
        Fact("has the highest mean of the validation", lambda f, w: "best-average" in w),
        Fact(
            "every gated network that could be compared is better",
            lambda f, w: set(_of(w, "size-.*")) == {UP},
        ),
        Fact(
            "no gated network is clearly better than",
            lambda f, w: UP not in _of(w, "size-.*") and DOWN in _of(w, "size-.*"),
        ),
        Fact(
            "no gated network is clearly better or worse",
            lambda f, w: set(_of(w, "size-.*")) == {NEITHER},
        ),
        Fact(
            "a lower validation accuracy",
            lambda f, w: bool(f["size"]["fallen"] and f["size"]["claims"]),
        ),
    ),
    "deconvnet.depth": (
        Fact("Every step up is better", lambda f, w: _all(w, "layers-.*", UP, 4)),
        Fact(
            "Some steps up are better and none is worse",
            lambda f, w: (
                UP in _of(w, "layers-.*")
                and DOWN not in _of(w, "layers-.*")
                and not _all(w, "layers-.*", UP, 4)
            ),
        ),
        Fact("Here they win as well", lambda f, w: _all(w, KEPT_15, UP, 2)),
        Fact("Here they do not.", lambda f, w: UP not in _of(w, KEPT_15)),
        Fact(
            "The softmax on pool2 is better than training from scratch at every number",
            lambda f, w: _all(w, "transfer-pool2-.*", UP, 4),
        ),
        Fact(
            "The softmax on dense2 is worse than training from scratch at every number",
            lambda f, w: _all(w, "transfer-dense2-.*", DOWN, 4),
        ),
        Fact(
            "The softmax on pool2 is not clearly different from training from scratch at any",
            lambda f, w: _all(w, "transfer-pool2-.*", NEITHER, 4),
        ),
        Fact("carried over what had been learned", lambda f, w: _carried(w) == "learned"),
        Fact(
            "So that anything learned has carried over is not shown",
            lambda f, w: _carried(w) == "as untrained",
        ),
        Fact(
            "So nothing learned is shown to have carried over",
            lambda f, w: _carried(w) == "no better",
        ),
        Fact("It could not be made", lambda f, w: _carried(w) == "unknown"),
        Fact("and no features carried over", lambda f, w: _carried(w) != "learned"),
        Fact(
            "Answer: reproduced.",
            lambda f, w: (
                _carried(w) == "learned"
                and _all(w, "layers-.*", UP, 4)
                and w.get(f["ablation"]["together"]) == DOWN
            ),
        ),
        Fact(
            "Answer: not reproduced.",
            lambda f, w: (
                _carried(w) != "learned"
                and bool(_of(w, "layers-.*") or f["ablation"]["together"] in w)
                and UP not in _of(w, "layers-.*")
                and w.get(f["ablation"]["together"]) != DOWN
            ),
        ),
    ),
    "dataset": (
        Fact(
            "a pixel by itself says more about the class of a digit than",
            lambda f, w: f["telling"] == "digits",
        ),
        Fact(
            "a pixel by itself says more about the class of an object than",
            lambda f, w: f["telling"] == "objects",
        ),
        Fact(
            "In MNIST every class is equally frequent",
            lambda f, w: f["mnist"]["balanced"] and f["mnist"]["kind"] == "official",
        ),
    ),
    "learning-rates": (
        Fact("so that a smaller one might do better", lambda f, w: _rate(f) == min(f["rates"])),
        Fact("so that a larger one might do better", lambda f, w: _rate(f) == max(f["rates"])),
        Fact(
            "ends higher, at", lambda f, w: max(_tests(f["rows"])) > f["chosen"]["test_accuracy"][0]
        ),
        Fact(
            ", a clear difference.",
            lambda f, w: f["outstripped"] is not None and w.get(_outstripped(f)) == DOWN,
        ),
    ),
    "optimizers": (
        Fact(
            "more than half of them",
            lambda f, w: any(
                w.get(f"same-{it}") == w.get(f"half-{it}") == UP for it in ("sgd", "momentum")
            ),
        ),
        Fact(
            "no rate can be called its best",
            lambda f, w: any(one["claim"] not in w for one in f["best_rates"]),
        ),
        Fact(
            "so that it cannot be called the best.",
            lambda f, w: f["best"] is not None and "best-optimizer" not in w,
        ),
        Fact("After the first epoch, which is", lambda f, w: bool(_of(w, "first-.*"))),
        Fact("so that a smaller one might suit it better", lambda f, w: _at_end(f, min)),
        Fact("so that a larger one might suit it better", lambda f, w: _at_end(f, max)),
    ),
    "filters": (
        Fact(
            "In conv1, training has raised the mean",
            lambda f, w: f["layers"]["conv1"]["mean"] == "raised",
        ),
        Fact(
            "In conv1, training has hardly changed the mean",
            lambda f, w: f["layers"]["conv1"]["mean"] == "kept",
        ),
        Fact(
            "In conv2, training has lowered the mean",
            lambda f, w: f["layers"]["conv2"]["mean"] == "lowered",
        ),
        Fact(
            "The filters are still close to where they started",
            lambda f, w: f["moved"]["correlation"] > 0.8,
        ),
        Fact(
            "than the smoothness of images accounts for",
            lambda f, w: UP in _of(w, "added-.*"),
        ),
        Fact(
            "show more of the draw than pictures of these do",
            lambda f, w: w.get("conv1-left") == DOWN,
        ),
        Fact(
            "small start lets pictures of filters show more",
            lambda f, w: f["starts"]["completed"] and w.get("conv1-left") != DOWN,
        ),
        Fact("did not complete", lambda f, w: not f["starts"]["completed"]),
        Fact("need no explanation but the", lambda f, w: UP not in _of(w, "added-.*")),
        Fact("Training has moved the filters far", lambda f, w: f["moved"]["correlation"] <= 0.8),
        Fact("Both layers have become sparser", lambda f, w: f["sparser"] == "both"),
        Fact("No filter of either layer is dead", lambda f, w: not any(f["dead"].values())),
    ),
    "rnn": (
        Fact(
            "none of the others does clearly better",
            lambda f, w: _of(w, "setting-.*") and UP not in _of(w, "setting-.*"),
        ),
        Fact("better than 0.001", lambda f, w: bool(_of(w, "setting-.*"))),
        Fact("cannot be told from it", lambda f, w: NEITHER in _of(w, "setting-.*")),
    ),
    "units": (
        Fact(
            "the gain from 64 to 128 units is borne out for every cell",
            lambda f, w: _all(w, ".*-64-128", UP, 3),
        ),
        Fact(
            "no gain from 64 to 128 units is borne out",
            lambda f, w: _of(w, ".*-64-128") and UP not in _of(w, ".*-64-128"),
        ),
        Fact(
            "no gain from 128 to 256 units is borne out",
            lambda f, w: _of(w, ".*-128-256") and UP not in _of(w, ".*-128-256"),
        ),
        Fact(
            "GRU gets worse",
            lambda f, w: (
                _of(w, f"(SimpleRNN|LSTM)-{STEPS}").count(DOWN) == 0
                and _of(w, f"GRU-{STEPS}").count(DOWN) > 0
            ),
        ),
        Fact("it cannot be called the best", lambda f, w: "best" not in w),
    ),
    "cnn-vs-rnn": (
        Fact("Some images are hard for both", lambda f, w: (f["agreement"]["times"] or 0) > 1),
        Fact(
            "No image seems to be hard for both",
            lambda f, w: f["agreement"]["times"] is not None and f["agreement"]["times"] <= 1,
        ),
        Fact("LeNet-5 is ahead after", lambda f, w: UP in _of(w, "changed-.*")),
        Fact("Neither is clearly ahead after", lambda f, w: NEITHER in _of(w, "changed-.*")),
        Fact(
            "LeNet-5 is ahead after a shift up, a shift down",
            lambda f, w: w["changed-a-shift-up"] == w["changed-a-shift-down"] == UP,
        ),
        Fact(
            "copes clearly better with 10 and",
            lambda f, w: _all(w, "changed-.*", UP, 10),
        ),
        Fact("images LeNet-5 is ahead of GRU 128", lambda f, w: UP in _of(w, "few-.*")),
        Fact("images LeNet-5 is behind GRU 128", lambda f, w: DOWN in _of(w, "few-.*")),
        Fact("images neither is clearly ahead", lambda f, w: NEITHER in _of(w, "few-.*")),
    ),
    "deconvnet.visualization": (
        Fact("In every layer above the first", lambda f, w: _learned(f, w) == "all"),
        Fact("Answer: reproduced.", lambda f, w: _learned(f, w) == "all"),
        Fact("Answer: partly reproduced.", lambda f, w: _learned(f, w) == "some"),
        Fact("Answer: not reproduced.", lambda f, w: _learned(f, w) == "none"),
        Fact("Answer: cannot be told here.", lambda f, w: _learned(f, w) == "unknown"),
        Fact("cannot be told here: too few filters", lambda f, w: _learned(f, w) == "unknown"),
    ),
    "deconvnet.evolution": (
        Fact("the last hidden layer, only after epoch", lambda f, w: _settling(f) == "earlier"),
        Fact("In this network it is the other way round", lambda f, w: _settling(f) == "later"),
        Fact("no difference can be seen", lambda f, w: _settling(f) == "together"),
        Fact("cannot be said to have settled", lambda f, w: _settling(f) == "unknown"),
        Fact("no layer settles before the one below it", lambda f, w: _in_order(f)),
        Fact("Answer: reproduced.", lambda f, w: _in_order(f)),
        Fact(
            "Answer: not reproduced.",
            lambda f, w: not _in_order(f) and (_settling(f) != "unknown" or bool(f["backwards"])),
        ),
    ),
    "deconvnet.architecture": (
        Fact("brings more aliasing", lambda f, w: bool(f["coarser"]) and f["coarser"]["aliased"]),
        Fact(
            "brings no more aliasing",
            lambda f, w: bool(f["coarser"]) and not f["coarser"]["aliased"],
        ),
        Fact(
            "so that filters of 3 × 3 are called for",
            lambda f, w: any(f["faults"].values()) and f["suggested"] == "filters of 3 × 3",
        ),
        Fact(
            "nothing calls for another first layer",
            lambda f, w: not any(f["faults"].values()) and f["suggested"] is None,
        ),
        Fact("What was called for helps", lambda f, w: _remedy(f, w) == UP),
        Fact("What was called for makes the network worse", lambda f, w: _remedy(f, w) == DOWN),
        Fact("What was called for makes no clear", lambda f, w: _remedy(f, w) == NEITHER),
        Fact("Whether what was called for helps", lambda f, w: _remedy(f, w) == "unknown"),
        Fact("Answer: reproduced.", lambda f, w: _remedy(f, w) == UP),
        Fact("Answer: not reproduced.", lambda f, w: _remedy(f, w) in (DOWN, NEITHER)),
        Fact("Answer: cannot be told here.", lambda f, w: _remedy(f, w) in ("", "unknown")),
    ),
    "deconvnet.control": (
        Fact(
            "the control cannot be made",
            lambda f, w: any(
                f[state]["rules"]["deconvnet"]["absolute"] is None for state in ("fresh", "start")
            ),
        ),
        Fact("and the gradient is the nearer", lambda f, w: f["near"] == "gradient"),
    ),
    "deconvnet.occlusion": (
        Fact(
            "Answer: partly reproduced.",
            lambda f, w: w.get("activity") == w.get("activity-control") == UP,
        ),
    ),
    "deconvnet.correspondence": (
        Fact(
            "Answer: reproduced.",
            lambda f, w: (
                w.get("conv3-place") == w.get("conv3-feature") == DOWN
                and w.get("conv3-feature-parts") == UP
            ),
        ),
        Fact(
            "Answer: not reproduced.",
            lambda f, w: DOWN not in (w.get("conv3-place"), w.get("conv3-feature")),
        ),
    ),
    "deconvnet.invariance": (
        Fact(
            r"but not under rotation: reproduced,",
            lambda f, w: _of(w, "(translation|scale)-rotation") == [UP, UP],
        ),
        Fact(
            r"but not under rotation: reproduced in part,",
            lambda f, w: _of(w, "(translation|scale)-rotation").count(UP) == 1,
        ),
        Fact(
            r"but not under rotation: cannot be told here,",
            lambda f, w: not _of(w, "(translation|scale)-rotation"),
        ),
        Fact(
            "Each of the small changes moves the features further at the first",
            lambda f, w: _all(w, ".*-small-distances", UP, 3),
        ),
        Fact(
            "Each of the small changes moves the features further at the last",
            lambda f, w: _all(w, ".*-small-distances", DOWN, 3),
        ),
        Fact(
            "For the large changes it is the last layer",
            lambda f, w: _all(w, ".*-large-distances", DOWN, 3),
        ),
        Fact(
            "The same holds for the large changes",
            lambda f, w: _all(w, ".*-large-distances", UP, 3),
        ),
    ),
}


def _learned(facts: Mapping[str, Any], ways: Mapping[str, str]) -> str:
    """Return in how many comparisons above the first layer projections are more alike by training."""
    known = [ways.get(name) for name in facts["hierarchy"]]
    if not any(one in (UP, DOWN, NEITHER) for one in known):
        return "unknown"
    held = [one == UP for one in known]
    return "all" if all(held) else "some" if any(held) else "none"


def _remedy(facts: Mapping[str, Any], ways: Mapping[str, str]) -> str:
    """Return how the change that was called for goes, empty if none was."""
    if not any(facts["faults"].values()):
        return ""
    return ways.get("variant-1", "unknown")


def _carried(ways: Mapping[str, str]) -> str:
    """Return what the transfer shows, where images are fewest, of layers that have a control."""
    layers = [one for one in ("pool2", "dense2") if f"transfer-untrained-{one}-15" in ways]
    winning = [one for one in ("pool2", "dense2") if ways.get(f"transfer-{one}-15") == UP]
    learned = [one for one in winning if ways.get(f"transfer-untrained-{one}-15") == UP]
    if not layers:
        return "unknown"
    return "learned" if learned else "as untrained" if winning else "no better"


def _of(ways: Mapping[str, str], names: str) -> list[str]:
    return [way for name, way in ways.items() if re.fullmatch(names, name)]


def _all(ways: Mapping[str, str], names: str, one: str, count: int) -> bool:
    return _of(ways, names) == [one] * count


def _gated(ways: Mapping[str, str]) -> list[str]:
    return _of(ways, "(LSTM|GRU)-SimpleRNN")


def _rate(facts: Mapping[str, Any]) -> float:
    return facts["chosen"]["hyperparameters"]["learning_rate"]


def _tests(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    return [row["test_accuracy"][0] for row in rows if row["test_accuracy"][0] is not None]


def _outstripped(facts: Mapping[str, Any]) -> str:
    """Return the name of the claim about the rate that is ahead of the chosen one on the test images."""
    return f"against-{facts['outstripped']['hyperparameters']['learning_rate']:g}"


def _at_end(facts: Mapping[str, Any], end: Callable) -> bool:
    """Return whether the best rate of an optimizer is an end of those it was tried at."""
    return any(
        row["hyperparameters"]["learning_rate"] == end(facts["rates"])
        for row in facts["own"]["rows"]
    )


def _in_order(facts: Mapping[str, Any]) -> bool:
    """Return whether the first layer settles before the last hidden one, and none before a lower."""
    settled = [layer["responses_settled"] for layer in facts["layers"]]
    known = [epoch for epoch in settled if epoch is not None]
    return _settling(facts) == "earlier" and known == sorted(known)


def _settling(facts: Mapping[str, Any]) -> str:
    first, last = (facts["layers"][index]["responses_settled"] for index in (0, -2))
    if first is None or last is None:
        return "unknown"
    return "earlier" if first < last else "later" if first > last else "together"
