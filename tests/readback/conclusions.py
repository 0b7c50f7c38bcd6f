"""The sentences that follow from facts or from several claims at once, and when they have to be there."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .statements import DOWN, NEITHER, UP

STEPS = "(64-128|128-256)"  # from one number of units to the next
STABLE = "(translation|scale)"
ONLY_FIRST = ([UP, DOWN], [UP, NEITHER])
ENDS = "dense1-after-conv1"
ORDER = ("conv2-after-conv1", "conv3-after-conv2", "dense1-after-conv3", "logits-after-dense1")
DECIDING = [
    f"{it}-{one}-15" for it in ("transfer", "transfer-untrained") for one in ("pool2", "dense2")
]
KEPT_15 = "transfer-(pool2|dense2)-15"  # softmaxes on kept layers where images are fewest


class Fact(NamedTuple):
    """Words that have to be there where a condition holds, and not otherwise."""

    words: str
    holds: Callable[[Mapping[str, Any], Mapping[str, str]], bool]  # of facts and ways of claims


def _answers(
    holds: Callable[[Mapping[str, Any], Mapping[str, str]], Sequence[bool]], count: int = 0
) -> tuple[Fact, ...]:
    """Return the verdicts on a paper's finding, by whether its claims went as there.

    `count` is how many there would be, if `holds` leaves out what could not be made.
    """

    def fits(*given: Any) -> str:  # noqa: ANN401
        found = holds(*given)
        if not found:
            return "cannot be told here"
        everything = all(found) and len(found) >= count
        return ("" if everything else "partly ") + "reproduced" if any(found) else "not reproduced"

    return tuple(
        Fact(f"Answer: {verdict}.", lambda *given, verdict=verdict: fits(*given) == verdict)
        for verdict in (
            "reproduced", "partly reproduced", "not reproduced", "cannot be told here",
        )
    )  # fmt: skip


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
            "may tell more about training than about gates",
            lambda f, w: DOWN in _of(w, "fallen-.*") and bool(f["size"]["claims"]),
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
        *_answers(lambda f, w: _depth(w)),
    ),
    "dataset": (
        Fact(
            "a pixel by itself says more about the class in MNIST than",
            lambda f, w: f["telling"] == "digits" and f["mnist"]["kind"] == "official",
        ),
        Fact(
            "a pixel by itself says more about the class in CIFAR-10 than",
            lambda f, w: f["telling"] == "objects" and f["cifar10"]["kind"] == "official",
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
        Fact("Both layers have become sparser", lambda f, w: _all(w, "conv.-zeros", UP, 2)),
        Fact("Only conv1 has become", lambda f, w: _of(w, "conv.-zeros") in ONLY_FIRST),
        Fact("Neither layer has become", lambda f, w: UP not in _of(w, "conv.-zeros")),
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
        Fact("In every layer above the first", lambda f, w: _learned(w) == [True] * 4),
        *_answers(lambda f, w: _learned(w)),
        Fact("cannot be told here: too few filters", lambda f, w: not _learned(w)),
    ),
    "deconvnet.evolution": (
        Fact("the last hidden layer, settle later than", lambda f, w: w.get(ENDS) == UP),
        Fact("the last hidden layer, settle earlier than", lambda f, w: w.get(ENDS) == DOWN),
        Fact("the last hidden layer, settle neither clearly", lambda f, w: w.get(ENDS) == NEITHER),
        Fact("are active to tell here", lambda f, w: ENDS not in w),
        Fact("settle later than those of the layer below", lambda f, w: UP in _order(w)),
        Fact("settle earlier than those of the layer below", lambda f, w: DOWN in _order(w)),
        Fact("no order is clear", lambda f, w: NEITHER in _order(w)),
        Fact("Too few units are active to tell in which order", lambda f, w: not _order(w)),
        *_answers(lambda f, w: [way == UP for way in _order(w)], len(ORDER)),
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
        *_answers(lambda f, w: {"": [], "unknown": []}.get(it := _remedy(f, w), [it == UP])),
    ),
    "deconvnet.control": (
        Fact(
            "the control cannot be made",
            lambda f, w: any(
                f[state]["rules"]["deconvnet"]["absolute"] is None for state in ("fresh", "start")
            ),
        ),
    ),
    "deconvnet.occlusion": (
        Fact("Answer: reproduced.", lambda f, w: False),
        Fact(
            "Answer: partly reproduced.",
            lambda f, w: UP in (w.get("activity"), w.get("activity-control")),
        ),
        Fact(
            "Answer: not reproduced.",
            lambda f, w: (
                bool(_of(w, "activity|activity-control"))
                and UP not in _of(w, "activity|activity-control")
            ),
        ),
    ),
    "deconvnet.correspondence": (
        Fact("parts of a class correspond is shown", lambda f, w: _parts(w) == [UP, UP]),
        Fact("correspond is hardly shown", lambda f, w: _parts(w).count(UP) == 1),
        Fact("correspond is not shown", lambda f, w: UP not in _parts(w)),
        *_answers(
            lambda f, w: [
                *(w.get(f"conv3-{way}") == DOWN for way in ("place", "feature")),
                *(way == UP for way in _parts(w)),
            ]
        ),
    ),
    "deconvnet.invariance": (
        *_answers(
            lambda f, w: [way == UP for way in _of(w, f".*-small-distances|{STABLE}-rotation")], 5
        ),
        Fact(
            r"but not under rotation: reproduced,",
            lambda f, w: _of(w, f"{STABLE}-rotation") == [UP, UP],
        ),
        Fact(
            r"but not under rotation: partly reproduced,",
            lambda f, w: _of(w, f"{STABLE}-rotation").count(UP) == 1,
        ),
        Fact(
            r"but not under rotation: cannot be told here,",
            lambda f, w: not _of(w, f"{STABLE}-rotation"),
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


def _learned(ways: Mapping[str, str]) -> list[bool]:
    """Return of comparisons above the first layer whether projections are more alike by training."""
    return [way == UP for way in _of(ways, "conv[23]-projections-(start|fresh)")]


def _remedy(facts: Mapping[str, Any], ways: Mapping[str, str]) -> str:
    """Return how the change that was called for goes, empty if none was."""
    if not any(facts["faults"].values()):
        return ""
    return ways.get("variant-1", "unknown")


def _depth(ways: Mapping[str, str]) -> list[bool]:
    """Return of everything that the paper leads one to expect whether it is so; what is missing is not."""
    up = [*(f"layers-{one}" for one in ("pool1", "pool2", "dense1", "dense2")), *DECIDING]
    known = [name for name in (*up, "ablation-together") if name in ways]
    wanted = {**dict.fromkeys(up, UP), "ablation-together": DOWN}
    return [ways.get(name) == way for name, way in wanted.items()] if known else []


def _order(ways: Mapping[str, str]) -> list[str]:
    return [ways[name] for name in ORDER if name in ways]


def _parts(ways: Mapping[str, str]) -> list[str]:
    return _of(ways, "conv3-(place|feature)-parts")


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
