"""The sentences that state a claim: their words for each way that the claim may go.

The words are regular expressions. They have to stand in the section's text as often as claims go that
way, and no oftener; see `oracle`.
"""

from collections.abc import Sequence
from typing import NamedTuple

UP, DOWN, NEITHER, ABSENT = "up", "down", "neither", "absent"


class Statement(NamedTuple):
    """Words for the ways that a claim may go, empty where the text then says nothing of its own."""

    claims: str
    up: str = ""
    down: str = ""
    neither: str = ""
    absent: str = ""
    given: str = ""  # what else has to be up, where the claims are about one of several


STATEMENTS: dict[str, Sequence[Statement]] = {
    "learning-rates": (
        Statement(
            "late-.*",
            "It was still learning",
            "It was getting worse",
            "changed its validation accuracy by",
            given="guessing",
        ),
        Statement("gap-.*", "it begins to overfit", given="guessing"),
        Statement("fall-.*", down="Its course is unsteady", given="guessing"),
        Statement("guessing-.*", "", "The network did not learn", "The network did not learn"),
    ),
    "cnn-vs-rnn": (
        Statement(
            "sure-.*",
            r"is surer than it is right",
            r"is less sure than it is right",
            r"is not clearly more or less sure than it is right",
        ),
        Statement(
            "calibration",
            "is the greater of the two",
            "is the smaller of the two",
            "The error of LeNet-5 is not clearly unlike that of",
        ),
        Statement(
            "last-.*",
            "loses less without the last rows",
            "loses more without the last rows",
            "loses not clearly more or less without the last rows",
        ),
        Statement(
            "mistakes",
            "some images are hard for both",
            "the two err on different images",
            "no more than chance may bring",
        ),
        Statement(
            "few-.*",
            r"points \| [^|]+ \| better \| ",
            r"points \| [^|]+ \| worse \| ",
            r"points \| [^|]+ \| not clear \| ",
        ),
        Statement(
            "fewer-.*",
            r"\| (?:better|worse|not clear|–) \| more\b",
            r"\| (?:better|worse|not clear|–) \| less\b",
            r"\| (?:better|worse|not clear|–) \| not clear\b",
        ),
        Statement(
            "fewer-10",
            "images instead of all, LeNet-5 loses more than",
            "images instead of all, LeNet-5 loses less than",
            "images instead of all, LeNet-5 loses not clearly more or less than",
        ),
        Statement(
            "cost-.*",
            "This costs LeNet-5 more than",
            "This costs LeNet-5 less than",
            "This costs LeNet-5 not clearly more or less than",
        ),
        Statement(
            "order-.*",
            r"(?:LeNet-5|GRU 128) is better(?= and\b|\.)",
            r"(?:LeNet-5|GRU 128) is worse(?= and\b|\.)",
            r"(?:LeNet-5|GRU 128) is not clearly better or worse",
        ),
        Statement(
            "changed-.*",
            r"\W% \| [\d.]+\W% \| [+−]?[\d.]+\Wpoints \| [^|]+ \| better(?! \|)",
            r"\W% \| [\d.]+\W% \| [+−]?[\d.]+\Wpoints \| [^|]+ \| worse(?! \|)",
            r"\W% \| [\d.]+\W% \| [+−]?[\d.]+\Wpoints \| [^|]+ \| not clear(?! \|)",
        ),
    ),
    "optimizers": (
        Statement(
            "wide",
            "The wide search beats the grid:",
            "The wide search does not beat the grid:",
            "That the wide search beats the grid is not borne out",
        ),
    ),
    "cells": (
        Statement(
            "first-.*-untrained",
            "it grows on the way back",
            "it vanishes on the way back",
            "it is not clear that it grows or vanishes",
        ),
        Statement(
            "first-.*-trained",
            "the gradient is greater at the first row",
            "the gradient is smaller at the first row",
            "is not clearly unlike the last row’s",
        ),
        Statement(
            "training-.*",
            "is left, more than before",
            "is left, less than before",
            "is left, not clearly more or less than before",
        ),
        Statement(
            "kept-.*",
            "keeps more of the gradient",
            "keeps less of the gradient",
            "keeps not clearly more or less of the gradient",
        ),
        Statement(
            r"rows-\d+-.*",
            "is ahead of SimpleRNN",
            "is behind SimpleRNN",
            "is not clearly ahead of or behind SimpleRNN",
        ),
    ),
    "units": (
        Statement(
            "clipped-256",
            "So part of what it gets wrong without clipping",
            "So clipping does harm",
            "So it is not shown that large gradients",
        ),
        Statement(
            "wide",
            "The wide search beats the grid:",
            "The wide search does not beat the grid:",
            "That the wide search beats the grid is not borne out",
        ),
    ),
    "filters": (
        Statement(
            "conv.-mean", "raised the mean", "lowered the mean", "not clearly changed the mean"
        ),
        Statement(
            "conv.-zeros",
            "raised the share of zeros",
            "lowered the share of zeros",
            "not clearly changed the share of zeros",
        ),
        Statement(
            "conv.-left",
            ": more of the small start is left",
            ": less of the small start is left",
            "not clearly more or less of the small start is left",
        ),
        Statement(
            "(added|trained)-coherence",
            " more of an edge than",
            "(?<!or) less of an edge than",
            "not clearly more or less of an edge than",
        ),
        Statement(
            "added-coarse",
            "coarser than they are",
            "less coarse than they are",
            "such sums and not clearly more or less coarse",
        ),
    ),
    "deconvnet.visualization": (
        Statement(
            "conv3-alike",
            "the projections are more alike than the patches",
            "the projections are less alike than the patches",
            "there is no clear difference",
            "Too few filters of conv3 are active",
        ),
        Statement(
            ".*-(projections|patches)-start",
            "more alike than those of its own start",
            "(?<!or )less alike than those of its own start",
            "not clearly more or less alike than those of its own start",
        ),
        Statement(
            ".*-(projections|patches)-fresh",
            "more alike than those of fresh weights",
            "(?<!or )less alike than those of fresh weights",
            "not clearly more or less alike than those of fresh weights",
        ),
        Statement(
            ".*-classes",
            "its filters prefer some classes",
            "less than by chance",
            "no clear preference for classes",
        ),
    ),
    "deconvnet.invariance": (
        Statement(
            "(translation|scale)-rotation",
            "is borne better than rotation",
            "is borne worse than rotation",
            "is borne neither clearly better nor worse than rotation",
        ),
    ),
    "deconvnet.occlusion": (
        Statement(
            "activity",
            "costs the map more of its activity",
            "costs the map less of its activity",
            "costs the map not clearly more or less of its",
            "costs the map where the projection is strong was not compared",
        ),
        Statement(
            "probability",
            "probability loses more where",
            "probability loses less where",
            "probability loses not clearly more or less where",
            "probability loses where the projection is strong was not compared",
        ),
        Statement(
            "probability-control",
            "own projection tells those places better than",
            "own projection does not clearly tell",
            "own projection does not clearly tell",
            "strong was not compared with what it loses elsewhere",
        ),
        Statement(
            "middle",
            "Hiding the middle quarter costs more than",
            "Hiding the middle quarter costs less",
            "Hiding the middle quarter costs no clearly different",
            "Hiding the middle quarter costs no clearly different",
        ),
    ),
    "deconvnet.correspondence": (
        Statement(
            ".*-(place|feature)",
            r", above the \d",
            r", below the \d",
            r", not clearly different from the \d",
        ),
        Statement(
            "conv3-place-parts",
            "share no parts: clearly more in one class",
            "share no parts: clearly less in one class",
            "share no parts: not clearly more in one class",
        ),
        Statement(
            "conv3-feature-parts",
            "across classes: clearly more in one class",
            "across classes: clearly less in one class",
            "across classes: not clearly more in one class",
        ),
        Statement(
            "place-upper",
            "the same place is weaker in dense1",
            "the same place is stronger in dense1",
            "the same place is not clearly weaker or stronger in dense1",
        ),
        Statement(
            "feature-upper",
            "the same feature weaker",
            "the same feature stronger",
            "the same feature not clearly weaker or stronger",
        ),
        Statement(
            ".*-place-parts",
            "gain over random places is greater for images of one",
            "gain over random places is even smaller for images of one",
            "gain over random places is not clearly different for images of one",
        ),
        Statement(
            ".*-feature-parts",
            "the gain is greater in one class",
            "the gain is smaller in one class",
            "the gain is not clearly different in one class",
        ),
    ),
    "deconvnet.control": (
        Statement(
            "filter-over-image",
            "tells more about its filter than about its image",
            "tells more about its image than about its filter",
            "It tells as much about its image as about its filter",
        ),
        Statement(
            "start-deconvnet",
            "was there before training began",
            "even less like those of the initial weights",
            "not clearly more like those of the initial weights",
        ),
        Statement(
            "all-layers-deconvnet",
            "Some of this is only that a unit sees the middle",
            "None of it can be put down to the image",
            "None of it can be put down to the image",
        ),
        Statement(
            "guided-over-gradient",
            "guided backpropagation is the nearer",
            "the gradient is the nearer",
            "neither is clearly nearer",
            "which is nearer cannot be told",
        ),
    ),
    "deconvnet.depth": (
        Statement(
            "ablation-together",
            "they cost less together",
            "they cost more together",
            "they do not clearly cost more together",
        ),
    ),
}
