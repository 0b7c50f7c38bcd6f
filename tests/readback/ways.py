"""What facts and verdicts together say of a section: the pieces that `conclusions` is made of."""

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


def answers(
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


def learned(ways: Mapping[str, str]) -> list[bool]:
    """Return of comparisons above the first layer whether projections are more alike by training."""
    return [way == UP for way in ways_of(ways, "conv[23]-projections-(start|fresh)")]


def remedy(facts: Mapping[str, Any], ways: Mapping[str, str]) -> str:
    """Return how the change that was called for goes, empty if none was."""
    if not any(facts["faults"].values()):
        return ""
    return ways.get("variant-1", "unknown")


def by_depth(ways: Mapping[str, str]) -> list[bool]:
    """Return of everything that the paper leads one to expect whether it is so; what is missing is not."""
    up = [*(f"layers-{one}" for one in ("pool1", "pool2", "dense1", "dense2")), *DECIDING]
    known = [name for name in (*up, "ablation-together") if name in ways]
    wanted = {**dict.fromkeys(up, UP), "ablation-together": DOWN}
    return [ways.get(name) == way for name, way in wanted.items()] if known else []


def in_order(ways: Mapping[str, str]) -> list[str]:
    return [ways[name] for name in ORDER if name in ways]


def of_parts(ways: Mapping[str, str]) -> list[str]:
    return ways_of(ways, "conv3-(place|feature)-parts")


def by_its_name(data: dict[str, Any]) -> bool:
    """Whether running text calls a data set by its name alone."""
    return data["kind"] != "stand-in" and not data["own"]


def carried(ways: Mapping[str, str]) -> str:
    """Return what the transfer shows, where images are fewest, of layers that have a control."""
    layers = [one for one in ("pool2", "dense2") if f"transfer-untrained-{one}-15" in ways]
    winning = [one for one in ("pool2", "dense2") if ways.get(f"transfer-{one}-15") == UP]
    learned = [one for one in winning if ways.get(f"transfer-untrained-{one}-15") == UP]
    if not layers:
        return "unknown"
    return "learned" if learned else "as untrained" if winning else "no better"


def ways_of(ways: Mapping[str, str], names: str) -> list[str]:
    return [way for name, way in ways.items() if re.fullmatch(names, name)]


def every(ways: Mapping[str, str], names: str, one: str, count: int) -> bool:
    return ways_of(ways, names) == [one] * count


def gated(ways: Mapping[str, str]) -> list[str]:
    return ways_of(ways, "(LSTM|GRU)-SimpleRNN")


def rate_of(facts: Mapping[str, Any]) -> float:
    return facts["chosen"]["hyperparameters"]["learning_rate"]


def p_values_of(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    return [row["test_accuracy"][0] for row in rows if row["test_accuracy"][0] is not None]


def outstripped(facts: Mapping[str, Any]) -> str:
    """Return the name of the claim about the rate that is ahead of the chosen one on the test images."""
    return f"against-{facts['outstripped']['hyperparameters']['learning_rate']:g}"


def at_end(facts: Mapping[str, Any], end: Callable) -> bool:
    """Return whether the best rate of an optimizer is an end of those it was tried at."""
    return any(
        row["hyperparameters"]["learning_rate"] == end(facts["rates"])
        for row in facts["own"]["rows"]
    )
