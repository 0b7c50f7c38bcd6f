"""What the report claims: one side against another, and whether the numbers bear it out.

A claim is plain data with its two ends, so that it can be stored, counted and read by a machine. The
rule for "differs" is here and nowhere else: a two-sided p-value below LEVEL. How p-values come about
is the matter of `comparisons`, `averages` and `differences`; how a claim is put into words, that of
`rendering.claims`.
"""

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from experiments.lab.store.records import Record
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import COMPLETED, Run

LEVEL = 0.05  # a p-value below it counts as a difference
CONFIDENCE = 0.95  # of every interval, of all intervals of a family together
POWER = 0.8  # the chance to find a difference that counts as one that could be seen

Interval = tuple[float, float]
# From a confidence, 0 to 1, to the interval that has it; None where there is none.
Within = Callable[[float], Interval | None]

TRIAL, NETWORK, GROUP, VALUE = "trial", "network", "group", "value"  # the kinds of ends
NETWORKS, SETTING = "networks", "setting"  # the scopes of claims
SEEDS = "seeds"  # the unit over which a test of settings repeats
BETTER, WORSE, GREATER, SMALLER, TIED = "better", "worse", "greater", "smaller", "tied"
EQUIVALENT = "equivalent"  # tied, and any difference is smaller than a margin that was set before

OPPOSITE = {BETTER: WORSE, WORSE: BETTER, GREATER: SMALLER, SMALLER: GREATER}

# The measures of which more is better: a difference in one of them makes a side better or worse.
QUALITY = frozenset(
    {"accuracy", "validation_accuracy", "best_validation_accuracy", "test_accuracy"}
)


@dataclass(frozen=True)
class End:
    """A side of a claim.

    `kind` is "trial" (a setting, with its runs over seeds), "network" (one trained network), "group"
    (several trials) or "value" (a known number). `label` names it in prose. `runs` are the keys of
    the runs that were compared, `trial` is "SEARCH/NUMBER", or empty where it is no single trial.
    """

    kind: str
    label: str
    runs: tuple[str, ...] = ()
    trial: str = ""

    @classmethod
    def of_run(cls, run: Run, label: str, trial: Trial | None = None) -> "End":
        """Return the end for one trained network, of `trial` if that is known."""
        return cls(NETWORK, label, (run.key,), _place(trial) if trial else "")

    @classmethod
    def of_trial(cls, trial: Trial, label: str, runs: Sequence[Run] | None = None) -> "End":
        """Return the end for a trial by `runs`, all that completed if not given.

        A single run is one trained network and says nothing of the setting.
        """
        chosen = _completed(trial) if runs is None else runs
        if len(chosen) == 1:
            return cls.of_run(chosen[0], label, trial)
        return cls(TRIAL, label, tuple(run.key for run in chosen), _place(trial))

    @classmethod
    def of_group(cls, runs: Iterable[Run], label: str) -> "End":
        """Return the end for the runs of several trials; each run counts once."""
        return cls(GROUP, label, tuple(dict.fromkeys(run.key for run in runs)))

    @classmethod
    def of_value(cls, label: str) -> "End":
        """Return the end for a known number."""
        return cls(VALUE, label)


class Difference(NamedTuple):
    """What a test found: left less right, in the unit of the measure.

    `within` gives the estimate's interval at any confidence, None where it is not defined. `count`
    says over how many of `unit` ("images", "seeds", "groups", ...) the test repeats.
    """

    left: float
    right: float
    estimate: float
    within: Within
    p_value: float
    test: str
    unit: str
    count: int

    @property
    def interval(self) -> Interval | None:
        """The estimate's interval at CONFIDENCE."""
        return self.within(CONFIDENCE)


@dataclass(frozen=True)
class Claim:
    """A comparison that the text states, with the numbers that bear it out.

    `verdict` is of the left side against the right: "better", "worse" or "tied" for a measure of
    quality, "greater", "smaller" or "tied" for any other; "equivalent" is a tie of which it is known that
    any difference is below `margin` (`equivalent`). `estimate` is the difference in the unit
    of `measure`, `interval` its 95 % confidence interval (None where it is not defined), `test` the
    name of the statistical test and `p_value` its two-sided outcome, corrected for the `family_size`
    claims of the `family`, whose name is empty for a claim that stands alone. The intervals of a
    family hold together with that confidence, and none contradicts its verdict (`agreeing`).
    `detectable` is the difference that would be found with a chance of POWER. `runs` is the number
    of seeds. `scope` is "networks" where the claim is about these trained networks, "setting" where
    it is about settings, whatever the seed. The test repeats over `count` of `unit`. `members` names
    the claims of which a claim about all of a set is made (`superlatives`).
    """

    name: str
    left: End
    right: End
    measure: str
    verdict: str
    estimate: float
    interval: tuple[float, float] | None
    test: str
    p_value: float
    runs: int = 1
    scope: str = NETWORKS
    unit: str = ""
    count: int | None = None
    family: str = ""
    family_size: int = 1
    left_value: float | None = None
    right_value: float | None = None
    detectable: float | None = None
    members: tuple[str, ...] = ()
    margin: float | None = None
    within: Within | None = field(default=None, compare=False, repr=False)


def differs(p_value: float, estimate: float) -> bool:
    """Return whether a difference counts as one: two-sided p below LEVEL, and not exactly zero."""
    return p_value < LEVEL and estimate != 0


def verdict(measure: str, estimate: float, p_value: float) -> str:
    """Return the verdict on the left side: which of the words fits depends on `measure`."""
    if not differs(p_value, estimate):
        return TIED
    above, below = (BETTER, WORSE) if measure in QUALITY else (GREATER, SMALLER)
    return above if estimate > 0 else below


def claim(
    name: str,
    left: End,
    right: End,
    measure: str,
    difference: Difference | None,
    runs: int = 1,
    scope: str = NETWORKS,
) -> Claim | None:
    """Return the claim that `difference` bears out; None if there is none: nothing can be said."""
    if difference is None:
        return None
    left_value, right_value, estimate, within, p_value, test, unit, count = difference
    return Claim(
        name, left, right, measure, verdict(measure, estimate, p_value), estimate,
        agreeing(difference.interval, estimate, p_value), test, p_value, runs, scope, unit, count,
        left_value=left_value, right_value=right_value,
        detectable=detectable(difference, CONFIDENCE), within=within,
    )  # fmt: skip


def agreeing(interval: Interval | None, estimate: float, p_value: float) -> Interval | None:
    """Return the interval so that zero lies in it exactly where the claim's own test lets it.

    A confidence interval is the set of all differences that are not rejected. The test that gave the
    p-value decides on zero, the interval's method on every other difference. Where the two differ,
    a bound becomes zero: a tie's interval reaches as far as zero, a difference's ends there.
    """
    if interval is None:
        return None
    low, high = interval
    if not differs(p_value, estimate):
        return min(low, 0.0), max(high, 0.0)
    return (max(low, 0.0), high) if estimate > 0 else (low, min(high, 0.0))


def detectable(found: Difference | Claim, confidence: float) -> float | None:
    """Return the difference that would be found with a chance of about POWER, from an interval's width.

    With a normal error of standard deviation s, half the interval is z s, and what is found that often
    is (z + z') s, where z and z' belong to the confidence and to POWER. None where there is no interval
    or nothing can be found: flipping the signs of n seeds gives no p-value below 2 / 2ⁿ.
    """
    from scipy.stats import norm, t

    interval = found.within(confidence)
    over_seeds = found.unit == SEEDS
    if interval is None or (over_seeds and 2 / 2**found.count >= LEVEL):
        return None
    tail, reach = (1 - confidence) / 2, (interval[1] - interval[0]) / 2
    least = reach * (1 + float(norm.ppf(POWER) / norm.isf(tail)))
    if over_seeds and 4 / 2**found.count >= LEVEL:
        # Only differences of one sign throughout pass the test: each has to have it often enough.
        deviation = reach * math.sqrt(found.count) / float(t.isf(tail, found.count - 1))
        least = max(least, deviation * float(norm.ppf(POWER ** (1 / found.count))))
    return least


def equivalent(one: Claim | None, margin: float) -> Claim | None:
    """Return the claim with `margin`, and "equivalent" in the place of a tie that lies within it.

    Two one-sided tests (Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15) at LEVEL:
    the interval of confidence 1 - 2 LEVEL lies between -margin and margin. In a family each test has its
    share of LEVEL.

    Raises ValueError for a claim that has been stored: its intervals are gone.
    """
    if one is None:
        return None
    if one.within is None:
        raise ValueError(f"{one.name}: a claim that was read cannot be tested again")
    interval = one.within(1 - 2 * LEVEL / one.family_size)
    inside = interval is not None and -margin < interval[0] and interval[1] < margin
    verdict = EQUIVALENT if one.verdict == TIED and inside else one.verdict
    return dataclasses.replace(one, verdict=verdict, margin=margin)


def mirrored(one: Claim) -> Claim:
    """Return the same claim with its sides exchanged: what it says of the right side."""
    return dataclasses.replace(
        one,
        left=one.right,
        right=one.left,
        verdict=OPPOSITE.get(one.verdict, one.verdict),
        estimate=-one.estimate,
        interval=_negative(one.interval),
        left_value=one.right_value,
        right_value=one.left_value,
        within=one.within and (lambda confidence: _negative(one.within(confidence))),
    )


def _negative(interval: Interval | None) -> Interval | None:
    return None if interval is None else (-interval[1], -interval[0])


def made(claims: Iterable[Claim | None]) -> list[Claim]:
    """Return the claims that could be made."""
    return [one for one in claims if one is not None]


def names_of(claims: Mapping[str, Claim | None]) -> dict[str, str | None]:
    """Return the claims' names in their places, None for one that could not be made: for facts."""
    return {key: None if one is None else one.name for key, one in claims.items()}


def corrected(claims: Sequence[Claim], p_values: Sequence[float], family: str) -> list[Claim]:
    """Return the claims with p-values that allow for their standing together, and new verdicts.

    The intervals are widened so that all hold together (Bonferroni), and agree with the verdicts.
    """
    return [
        _together(one, p_value, family, len(claims))
        for one, p_value in zip(claims, p_values, strict=True)
    ]


def _together(one: Claim, p_value: float, family: str, size: int) -> Claim:
    confidence = 1 - (1 - CONFIDENCE) / size
    return dataclasses.replace(
        one,
        p_value=p_value,
        verdict=verdict(one.measure, one.estimate, p_value),
        interval=agreeing(one.within(confidence), one.estimate, p_value),
        detectable=detectable(one, confidence),
        test=f"{one.test}, corrected for {size} comparisons",
        family=family,
        family_size=size,
    )


def as_plain(one: Claim) -> dict[str, Any]:
    """Return a claim as plain data, as records hold it."""
    plain = dataclasses.asdict(dataclasses.replace(one, within=None))
    del plain["within"]
    return plain


def from_plain(plain: Mapping[str, Any]) -> Claim:
    """Return the claim that `as_plain` made plain, before or after it was JSON."""
    ends = {side: End(**{**plain[side], "runs": tuple(plain[side]["runs"])}) for side in _SIDES}
    interval = None if plain["interval"] is None else tuple(plain["interval"])
    members = tuple(plain.get("members", ()))
    return Claim(**{**plain, **ends, "interval": interval, "members": members})


def claims_of(record: Record) -> dict[str, Claim]:
    """Return a record's claims by name, in their order."""
    return {plain["name"]: from_plain(plain) for plain in record.claims}


_SIDES = ("left", "right")


def _completed(trial: Trial) -> list[Run]:
    return [run for run in trial.runs if run.status == COMPLETED]


def _place(trial: Trial) -> str:
    return f"{trial.search}/{trial.trial_id}"
