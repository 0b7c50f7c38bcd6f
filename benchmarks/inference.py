"""How often the report's tests raise a false alarm, and how often its intervals hold the truth.

    python -m benchmarks.inference [--repetitions 2000]

draws results whose truth is known, judges them by the functions that judge the report's, and prints a
table: false alarms where nothing differs (at most 5 % are promised), coverage (95 %), and how often the
difference is found that a claim calls detectable (80 %). docs/statistics.md has a table of it.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from experiments.lab.evidence import comparisons, differences
from experiments.lab.evidence.claims import Claim, Difference, End, claim, differs

IMAGES = 10_000  # in a test set
SEED = 0
RIGHT, ONE_ONLY = 0.55, 0.15  # shares of images that both networks get right, and one alone
SPREAD = 0.01  # standard deviation of a difference over seeds
ENDS = End.of_value("left"), End.of_value("right")


class Case(NamedTuple):
    """A way to judge: claims from true differences (one for each claim) and random numbers."""

    name: str
    size: int
    judge: Callable[[np.ndarray, np.random.Generator], list[Claim]]


def cases() -> Iterator[Case]:
    """Yield all cases."""
    yield Case("two networks on 10,000 images", 1, _networks)
    yield Case("8 pairs of networks, together", 8, _networks)
    for seeds in (6, 10):
        yield Case(f"two settings over {seeds} seeds", 1, _settings(seeds))
        yield Case(f"3 pairs of settings over {seeds} seeds, together", 3, _settings(seeds))
    yield Case("8 pairs of settings over 10 seeds, together", 8, _settings(10))
    for count in (2, 6, 16):
        yield Case(f"paired numbers, {count} of them", 1, _paired(count))
    yield Case("16 numbers against 32 others of another spread", 1, _unpaired)


def _networks(truth: np.ndarray, random: np.random.Generator) -> list[Claim]:
    claims = []
    for one in truth:
        shares = [RIGHT, (ONE_ONLY + one) / 2, (ONE_ONLY - one) / 2]
        both, left, right = random.multinomial(IMAGES, [*shares, 1 - sum(shares)])[:3]
        kinds = np.repeat([0, 1, 2, 3], [both, left, right, IMAGES - both - left - right])
        found = comparisons.networks_apart(kinds < 2, (kinds == 0) | (kinds == 2))
        claims.append(_claim(found, comparisons.MCNEMAR, "images", IMAGES))
    return comparisons.adjusted(claims, "together")


def _settings(seeds: int) -> Callable[[np.ndarray, np.random.Generator], list[Claim]]:
    def judge(truth: np.ndarray, random: np.random.Generator) -> list[Claim]:
        # The comparisons share a side, as those with one yardstick do.
        noise = random.normal(0, SPREAD / np.sqrt(2), (seeds, len(truth) + 1))
        apart = truth + noise[:, 1:] - noise[:, :1]
        claims = [
            _claim(comparisons.seeds_apart(column), comparisons.SIGN_FLIP, "seeds", seeds)
            for column in apart.T
        ]
        return comparisons.over_seeds(claims, apart, "together")

    return judge


def _paired(count: int) -> Callable[[np.ndarray, np.random.Generator], list[Claim]]:
    def judge(truth: np.ndarray, random: np.random.Generator) -> list[Claim]:
        left = truth[0] + random.normal(0, SPREAD, count)
        return [claim("a", *ENDS, "loss", differences.paired(left, np.zeros(count)))]

    return judge


def _unpaired(truth: np.ndarray, random: np.random.Generator) -> list[Claim]:
    left, right = truth[0] + random.normal(0, SPREAD, 16), random.normal(0, 2 * SPREAD, 32)
    return [claim("a", *ENDS, "loss", differences.unpaired(left, right, "units"))]


def _claim(found: tuple, test: str, unit: str, count: int) -> Claim:
    difference = Difference(0, 0, *found, test, unit, count)
    return claim("a", *ENDS, "test_accuracy", difference)


def measured(case: Case, repetitions: int) -> dict[str, float]:
    """Return the shares of false alarms, of covered truths, of found differences and contradictions."""
    random = np.random.default_rng(SEED)
    nothing = [case.judge(np.zeros(case.size), random) for _ in range(repetitions)]
    known = [one.detectable for claims in nothing for one in claims if one.detectable]
    there = np.full(case.size, np.mean(known))
    something = [case.judge(there, random) for _ in range(repetitions)]
    return {
        "false alarms": _share(
            any(differs(it.p_value, it.estimate) for it in one) for one in nothing
        ),
        "coverage, none": _share(all(_covers(it, 0) for it in one) for one in nothing),
        "coverage, some": _share(all(_covers(it, there[0]) for it in one) for one in something),
        "found": _share(it.verdict in ("better", "greater") for one in something for it in one),
        "contradictions": _share(_contradicts(it) for one in nothing + something for it in one),
    }


def _share(found: Iterator[bool]) -> float:
    return float(np.mean(list(found)))


def _covers(one: Claim, truth: float) -> bool:
    return one.interval is not None and one.interval[0] <= truth <= one.interval[1]


def _contradicts(one: Claim) -> bool:
    """Whether zero lies inside the interval of a difference, or outside that of a tie."""
    low, high = one.interval
    return (one.verdict == "tied") != (low <= 0 <= high) and 0 not in one.interval


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=2000)
    repetitions = parser.parse_args().repetitions
    print(f"{repetitions} repetitions; shares in %")
    for case in cases():
        found = measured(case, repetitions)
        print(f"{case.name:52}", *(f"{name} {100 * one:5.1f}" for name, one in found.items()))


if __name__ == "__main__":
    main()
