"""The sentences that follow from facts or from several claims at once, and when they have to be there."""

from collections.abc import Sequence

from .statements import DOWN, NEITHER, UP
from .ways import (
    ENDS,
    KEPT_15,
    ONLY_FIRST,
    ORDER,
    STABLE,
    STEPS,
    Fact,
    answers,
    at_end,
    by_depth,
    by_its_name,
    carried,
    every,
    gated,
    in_order,
    learned,
    of_parts,
    outstripped,
    p_values_of,
    rate_of,
    remedy,
    ways_of,
)

CONCLUSIONS: dict[str, Sequence[Fact]] = {
    "cells": (
        Fact("So both gated cells read the images better", lambda f, w: gated(w) == [UP, UP]),
        Fact(
            "So LSTM reads the images better than the plain cell",
            lambda f, w: gated(w)[:1] == [UP] and gated(w)[1:] != [UP],
        ),
        Fact(
            "So no gated cell reads the images better",
            lambda f, w: UP not in gated(w) and DOWN in gated(w),
        ),
        Fact(
            "So it is not borne out here that a gated cell",
            lambda f, w: set(gated(w)) == {NEITHER},
        ),
        Fact(
            "none can be called the best of them",
            lambda f, w: f["single"] and "best-cell" not in w,
        ),
        Fact("has the highest mean of the validation", lambda f, w: "best-average" in w),
        Fact(
            "every gated network that could be compared is better",
            lambda f, w: set(ways_of(w, "size-.*")) == {UP},
        ),
        Fact(
            "no gated network is clearly better than",
            lambda f, w: UP not in ways_of(w, "size-.*") and DOWN in ways_of(w, "size-.*"),
        ),
        Fact(
            "no gated network is clearly better or worse",
            lambda f, w: set(ways_of(w, "size-.*")) == {NEITHER},
        ),
        Fact(
            "may tell more about training than about gates",
            lambda f, w: DOWN in ways_of(w, "fallen-.*") and bool(f["size"]["claims"]),
        ),
    ),
    "deconvnet.depth": (
        Fact("Every step up is better", lambda f, w: every(w, "layers-.*", UP, 4)),
        Fact(
            "Some steps up are better and none is worse",
            lambda f, w: (
                UP in ways_of(w, "layers-.*")
                and DOWN not in ways_of(w, "layers-.*")
                and not every(w, "layers-.*", UP, 4)
            ),
        ),
        Fact("Here they win as well", lambda f, w: every(w, KEPT_15, UP, 2)),
        Fact("Here they do not.", lambda f, w: UP not in ways_of(w, KEPT_15)),
        Fact(
            "The softmax on pool2 is better than training from scratch at every number",
            lambda f, w: every(w, "transfer-pool2-.*", UP, 4),
        ),
        Fact(
            "The softmax on dense2 is worse than training from scratch at every number",
            lambda f, w: every(w, "transfer-dense2-.*", DOWN, 4),
        ),
        Fact(
            "The softmax on pool2 is not clearly different from training from scratch at any",
            lambda f, w: every(w, "transfer-pool2-.*", NEITHER, 4),
        ),
        Fact("carried over what had been learned", lambda f, w: carried(w) == "learned"),
        Fact(
            "So that anything learned has carried over is not shown",
            lambda f, w: carried(w) == "as untrained",
        ),
        Fact(
            "So nothing learned is shown to have carried over",
            lambda f, w: carried(w) == "no better",
        ),
        Fact("It could not be made", lambda f, w: carried(w) == "unknown"),
        Fact("and no features carried over", lambda f, w: carried(w) != "learned"),
        *answers(lambda f, w: by_depth(w)),
    ),
    "dataset": (
        Fact(
            "a pixel by itself says more about the class in MNIST than",
            lambda f, w: f["telling"] == "digits" and by_its_name(f["mnist"]),
        ),
        Fact(
            "a pixel by itself says more about the class in CIFAR-10 than",
            lambda f, w: f["telling"] == "objects" and by_its_name(f["cifar10"]),
        ),
        Fact(
            "In MNIST every class is equally frequent",
            lambda f, w: f["mnist"]["balanced"] and by_its_name(f["mnist"]),
        ),
    ),
    "learning-rates": (
        Fact("so that a smaller one might do better", lambda f, w: rate_of(f) == min(f["rates"])),
        Fact("so that a larger one might do better", lambda f, w: rate_of(f) == max(f["rates"])),
        Fact(
            "ends higher, at",
            lambda f, w: max(p_values_of(f["rows"])) > f["chosen"]["test_accuracy"][0],
        ),
        Fact(
            ", a clear difference.",
            lambda f, w: f["outstripped"] is not None and w.get(outstripped(f)) == DOWN,
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
        Fact("After the first epoch, which is", lambda f, w: bool(ways_of(w, "first-.*"))),
        Fact("so that a smaller one might suit it better", lambda f, w: at_end(f, min)),
        Fact("so that a larger one might suit it better", lambda f, w: at_end(f, max)),
    ),
    "filters": (
        Fact(
            "The filters are still close to where they started",
            lambda f, w: f["moved"]["correlation"] > 0.8,
        ),
        Fact(
            "than the smoothness of images accounts for",
            lambda f, w: UP in ways_of(w, "added-.*"),
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
        Fact("need no explanation but the", lambda f, w: UP not in ways_of(w, "added-.*")),
        Fact("Training has moved the filters far", lambda f, w: f["moved"]["correlation"] <= 0.8),
        Fact("Both layers have become sparser", lambda f, w: every(w, "conv.-zeros", UP, 2)),
        Fact("Only conv1 has become", lambda f, w: ways_of(w, "conv.-zeros") in ONLY_FIRST),
        Fact("Neither layer has become", lambda f, w: UP not in ways_of(w, "conv.-zeros")),
        Fact("No filter of either layer is dead", lambda f, w: not any(f["dead"].values())),
    ),
    "rnn": (
        Fact(
            "none of the others does clearly better",
            lambda f, w: ways_of(w, "setting-.*") and UP not in ways_of(w, "setting-.*"),
        ),
        Fact("better than 0.001", lambda f, w: bool(ways_of(w, "setting-.*"))),
        Fact("cannot be told from it", lambda f, w: NEITHER in ways_of(w, "setting-.*")),
    ),
    "units": (
        Fact(
            "the gain from 64 to 128 units is borne out for every cell",
            lambda f, w: every(w, ".*-64-128", UP, 3),
        ),
        Fact(
            "no gain from 64 to 128 units is borne out",
            lambda f, w: ways_of(w, ".*-64-128") and UP not in ways_of(w, ".*-64-128"),
        ),
        Fact(
            "no gain from 128 to 256 units is borne out",
            lambda f, w: ways_of(w, ".*-128-256") and UP not in ways_of(w, ".*-128-256"),
        ),
        Fact(
            "GRU gets worse",
            lambda f, w: (
                ways_of(w, f"(SimpleRNN|LSTM)-{STEPS}").count(DOWN) == 0
                and ways_of(w, f"GRU-{STEPS}").count(DOWN) > 0
            ),
        ),
        Fact("it cannot be called the best", lambda f, w: "best" not in w),
    ),
    "cnn-vs-rnn": (
        Fact("LeNet-5 is ahead after", lambda f, w: UP in ways_of(w, "changed-.*")),
        Fact("Neither is clearly ahead after", lambda f, w: NEITHER in ways_of(w, "changed-.*")),
        Fact(
            "LeNet-5 is ahead after a shift up, a shift down",
            lambda f, w: w["changed-a-shift-up"] == w["changed-a-shift-down"] == UP,
        ),
        Fact(
            "copes clearly better with 10 and",
            lambda f, w: every(w, "changed-.*", UP, 10),
        ),
        Fact("images LeNet-5 is ahead of GRU 128", lambda f, w: UP in ways_of(w, "few-.*")),
        Fact("images LeNet-5 is behind GRU 128", lambda f, w: DOWN in ways_of(w, "few-.*")),
        Fact("images neither is clearly ahead", lambda f, w: NEITHER in ways_of(w, "few-.*")),
    ),
    "deconvnet.visualization": (
        Fact("In every layer above the first", lambda f, w: learned(w) == [True] * 4),
        *answers(lambda f, w: learned(w)),
        Fact("cannot be told here: too few filters", lambda f, w: not learned(w)),
    ),
    "deconvnet.evolution": (
        Fact("the last hidden layer, settle later than", lambda f, w: w.get(ENDS) == UP),
        Fact("the last hidden layer, settle earlier than", lambda f, w: w.get(ENDS) == DOWN),
        Fact("the last hidden layer, settle neither clearly", lambda f, w: w.get(ENDS) == NEITHER),
        Fact("are active to tell here", lambda f, w: ENDS not in w),
        Fact("settle later than those of the layer below", lambda f, w: UP in in_order(w)),
        Fact("settle earlier than those of the layer below", lambda f, w: DOWN in in_order(w)),
        Fact("no order is clear", lambda f, w: NEITHER in in_order(w)),
        Fact("Too few units are active to tell in which order", lambda f, w: not in_order(w)),
        *answers(lambda f, w: [way == UP for way in in_order(w)], len(ORDER)),
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
        Fact("What was called for helps", lambda f, w: remedy(f, w) == UP),
        Fact("What was called for makes the network worse", lambda f, w: remedy(f, w) == DOWN),
        Fact("What was called for makes no clear", lambda f, w: remedy(f, w) == NEITHER),
        Fact("Whether what was called for helps", lambda f, w: remedy(f, w) == "unknown"),
        *answers(lambda f, w: {"": [], "unknown": []}.get(it := remedy(f, w), [it == UP])),
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
                bool(ways_of(w, "activity|activity-control"))
                and UP not in ways_of(w, "activity|activity-control")
            ),
        ),
    ),
    "deconvnet.correspondence": (
        Fact("parts of a class correspond is shown", lambda f, w: of_parts(w) == [UP, UP]),
        Fact("correspond is hardly shown", lambda f, w: of_parts(w).count(UP) == 1),
        Fact("correspond is not shown", lambda f, w: UP not in of_parts(w)),
        *answers(
            lambda f, w: [
                *(w.get(f"conv3-{way}") == DOWN for way in ("place", "feature")),
                *(way == UP for way in of_parts(w)),
            ]
        ),
    ),
    "deconvnet.invariance": (
        *answers(
            lambda f, w: [way == UP for way in ways_of(w, f".*-small-distances|{STABLE}-rotation")],
            5,
        ),
        Fact(
            r"but not under rotation: reproduced,",
            lambda f, w: ways_of(w, f"{STABLE}-rotation") == [UP, UP],
        ),
        Fact(
            r"but not under rotation: partly reproduced,",
            lambda f, w: ways_of(w, f"{STABLE}-rotation").count(UP) == 1,
        ),
        Fact(
            r"but not under rotation: cannot be told here,",
            lambda f, w: not ways_of(w, f"{STABLE}-rotation"),
        ),
        Fact(
            "Each of the small changes moves the features further at the first",
            lambda f, w: every(w, ".*-small-distances", UP, 3),
        ),
        Fact(
            "Each of the small changes moves the features further at the last",
            lambda f, w: every(w, ".*-small-distances", DOWN, 3),
        ),
        Fact(
            "For the large changes it is the last layer",
            lambda f, w: every(w, ".*-large-distances", DOWN, 3),
        ),
        Fact(
            "The same holds for the large changes",
            lambda f, w: every(w, ".*-large-distances", UP, 3),
        ),
    ),
}
