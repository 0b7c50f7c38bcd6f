"""What the words beside a number say that it is: rules that know the report's language, not its code.

They read the lines of `shown/SECTION.txt`, whoever has written these: a series labelled "LSTM" has to
be an LSTM's, a column "Test" has to hold test accuracies, whatever the record is made of.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# What a heading, an axis or a legend says, and what then has to stand in the path to the number.
SAYS = (
    (r"\bvalidation\b", r"validation|sizes\[\d\]\[4\]|class_rows\[\d\]\[2\]"),
    (r"^training$", r"sizes\[\d\]\[3\]|class_rows\[\d\]\[1\]"),
    (
        r"^test$|\btest accuracy|from scratch|^softmax on",
        r"test_accuracy|sizes\[\d\]\[5\]|class_rows\[\d\]\[3\]",
    ),
    (r"^validation, best", r"best_validation_accuracy"),
    (r"^validation, last", r"(\.|^)validation_accuracy"),
    (r"^loss$", r"loss"),
    (r"^accuracy \(%\)$|^error \(%\)$", r"accuracy"),
    (r"^iteration$", r"iteration"),
    (r"^seconds$", r"seconds"),
    (r"^epoch$", r"epoch"),
    (r"^parameters$|thousands of parameters", r"parameters|^layers\[\d\]\[3\]"),
    (r"time a step|time of a step", r"step_seconds"),
    (r"^training time$|^time$", r"(?<!step_)seconds"),
    (r"^p-value$", r"p_value"),
    (r"^95 % interval$|^difference, 95 %$", r"interval"),
    (r"^difference$", r"estimate"),
    (r"^gain$", r"gain"),
    (r"probability of the true class|^true class$", r"probabilit|original"),
    (r"^recognised$", r"right|accuracy"),
    (r"^mean before$|^zeros before$|^variance before$", r"untrained"),
    (r"^mean\b", r"mean|channel_rows\[\d\]\[2\]"),
    (r"^variance\b", r"variance"),
    (r"^standard deviation$", r"channel_rows\[\d+\]\[3\]"),
    (r"^zeros\b", r"zeros"),
    (r"^largest$", r"largest"),
    (r"^signed$", r"signed"),
    (r"^absolute$", r"absolute"),
    (r"^other image$", r"right_value"),
    (r"^weights: start", r"weights"),
    (r"^responses: start", r"responses"),
    (r"^dead$", r"dead"),
    (r"^folded$", r"folded"),
    (r"^near-copies$", r"copies"),
    (r"^projections alike$", r"projections_alike"),
    (r"^patches alike$", r"patches_alike"),
    (r"^colour$", r"colour"),
    (r"^edge$", r"coherence"),
    (r"^coarse$", r"coarse"),
    (r"^strength$", r"strength"),
    (r"^correlation with its start$", r"start"),
    (r"^first$", r"left_value"),
    (r"^second$", r"right_value"),
    (r"^uses for an image$", r"uses"),
    (r"^products an image$", r"products"),
    (r"^weights$", r"weights|kernel|layers"),
)
STYLES = {"training": r"^(?!.*validation)", "validation": r"validation", "band": r"deviation|\[1\]",
          "error bars": r"\[1\]|deviation"}  # fmt: skip
# What a row, a panel or a label names, where the path names it too. Those of a group exclude each other.
NAMES = (
    ("SimpleRNN", "LSTM", "GRU"),
    ("conv1", "conv2", "dense1", "dense2", "logits", "pool1", "pool2"),
    ("untrained", "trained"),
    ("vertical", "horizontal"),
    ("translation", "scale", "rotation"),
    ("gradient descent", "momentum", "Adam"),
    ("CIFAR-10", "MNIST"),
    ("one class", "different classes"),
    ("same place", "same feature", "random places"),
)
ALIASES = {
    "sgd": "gradient descent", "adam": "Adam", "cifar10": "CIFAR-10", "mnist": "MNIST",
}  # fmt: skip

# What is the same in all trials of a search, and so no part of a trial's name.
FIXED = {"few-labels-rnn": {"GRU", "128"}, "order-rnn": {"GRU", "128"}}


@dataclass(frozen=True)
class Told:
    """A number that is shown: the words around it, what its axis or heading says, and its path."""

    line: str
    around: tuple[str, ...]
    says: str
    style: str
    path: str


def told(lines: Sequence[str]) -> Iterator[Told]:
    """Yield the numbers of figures and tables."""
    for line in lines:
        kind, *parts = line.split(" / ")
        if kind.startswith("figure") and len(parts) > 2:
            panel, label, style, *numbers = parts
            if style == "cells":
                yield from _of_rows(line, label, *numbers)
                continue
            for one in numbers:
                says, _, path = one.partition(" = ")
                if "[" in path or "." in path:
                    yield Told(line, (panel, label), says, style, path)
        elif kind.startswith("table"):
            head, *cells = parts
            for one in cells:
                says, _, cell = one.partition(" = ")
                for path in re.findall(r"\{([^}]*)\}", cell):
                    yield Told(line, (head, says), says, "", path)


def _of_rows(line: str, label: str, rows: str, columns: str) -> Iterator[Told]:
    """Yield the rows of a matrix of cells, each with its own heading, where each has its own path."""
    headings, paths = rows.split(", "), columns.partition(" = ")[2].split("; ")
    for heading, path in zip(headings, paths, strict=True) if len(paths) == len(headings) else ():
        yield Told(line, (heading,), label, "", path)


def contradictions(lines: Sequence[str]) -> list[str]:
    """Return what the words beside numbers and the paths to them say differently, a line each."""
    found = []
    for one in told(lines):
        for words, path in SAYS:
            if re.search(words, one.says, re.IGNORECASE) and not re.search(path, one.path):
                found.append(f"{one.says!r} shows {one.path}: {one.line[:90]}")
        across = one.says.startswith(("iteration", "epoch", "seconds"))
        if one.style in STYLES and not across and not re.search(STYLES[one.style], one.path):
            found.append(f"{one.style} shows {one.path}: {one.line[:90]}")
        found += [f"{name} stands by {one.path}: {one.line[:90]}" for name in misnamed(one)]
    return found


def misnamed(one: Told) -> list[str]:
    """Return the names beside a number whose path has another name of their group."""
    found = []
    for group in NAMES:
        beside = _names(" ".join(one.around), group)
        inside = _names(one.path, group)
        if beside and not inside <= beside:
            found += sorted(beside)
    return found


def _names(text: str, group: Sequence[str]) -> set[str]:
    spelled = {alias: name for alias, name in ALIASES.items() if name in group}
    spelled |= {name: name for name in group}
    return {
        name
        for word, name in spelled.items()
        if re.search(rf"(?<![a-zA-Z]){word}(?![a-zA-Z0-9])", text)
    }


def of_other_runs(lines: Sequence[str], record: Sequence[str]) -> list[str]:
    """Return the numbers beside which another trial is named than the one that they are of.

    `record` has the lines that say which trial a place of the record holds.
    """
    places = []
    for line in record:
        place, _, rest = line.removeprefix("record / ").partition(" = ")
        places.append((place, rest.partition(":")[0]))
    words = {w for _, trial in places for w in re.split("[ ,]+", trial)[1:] if len(w) > 1}
    found = []
    for one in told(lines):
        trial = next((t for place, t in places if _within(one.path, place)), None)
        if trial is None:
            continue
        named = {ALIASES.get(word, word) for word in re.split("[ ,]+", trial)}
        named |= FIXED.get(trial.partition(" ")[0], set())
        beside = _tokens(" ".join(one.around), {ALIASES.get(word, word) for word in words})
        if beside - named:
            found.append(
                f"{sorted(beside - named)} stands by a number of {trial}: {one.line[:110]}"
            )
    return found


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith((f"{place}.", f"{place}["))


def _tokens(text: str, known: set[str]) -> set[str]:
    return {word for word in known if re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", text)}
