"""How numbers, units and lists are put into words: the one place where anything is rounded.

Every function takes None for a value that was not measured and returns a dash for it. A narrow
no-break space stands between number and unit and between thousands. The functions are the filters of
the templates, under their own names.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from experiments.lab.data.facts import DATA_SETS

MISSING = "–"
THIN = "\u202f"  # narrow no-break space, before symbols
NO_BREAK = "\u00a0"  # before words
MINUS = "\u2212"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float | None, digits: int = 2) -> str:
    """Return a plain number with `digits` decimals: 1.0471 -> "1.05"."""
    if value is None:
        return MISSING
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else _signed("∞", value)
    text = f"{abs(value):.{digits}f}"
    whole, point, decimals = text.partition(".")
    text = _grouped(whole) + point + decimals
    return _signed(text, value) if float(f"{value:.{digits}f}") else text


def percent(value: float | None, digits: int = 1) -> str:
    """Return a fraction as a percentage: 0.6234 -> "62.3 %"."""
    return MISSING if value is None else f"{number(100 * value, digits)}{THIN}%"


def points(value: float | None, digits: int = 1) -> str:
    """Return the size of a difference of two fractions: -0.014 -> "1.4 points"."""
    if value is None:
        return MISSING
    text = number(abs(100 * value), digits)
    return f"{text}{NO_BREAK}{'point' if text == '1' else 'points'}"


def signed(value: float | None, digits: int = 1) -> str:
    """Return a number with its sign: 3.0 -> "+3.0"."""
    if value is None:
        return MISSING
    sign = "" if round(abs(value), digits) == 0 else "+" if value > 0 else MINUS
    return sign + number(abs(value), digits)


def signed_points(value: float | None, digits: int = 1) -> str:
    """Return a difference of two fractions with its sign: 0.014 -> "+1.4 points"."""
    if value is None:
        return MISSING
    sign = "" if round(abs(100 * value), digits) == 0 else "+" if value > 0 else MINUS
    return sign + points(value, digits)


def rate(value: float | None) -> str:
    """Return a learning rate with up to three digits: 0.001, 0.00134; below 0.0001, "2.5 × 10⁻⁵"."""
    if value is None:
        return MISSING
    if not math.isfinite(value):
        return number(value)
    if value == 0 or abs(value) >= 9.995e-5:
        return _without_zeros(f"{value:.{_decimals(value)}f}") if value else "0"
    mantissa, exponent = f"{value:.2e}".split("e")
    mantissa = _without_zeros(mantissa)
    power = f"10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    return power if mantissa == "1" else f"{mantissa} × {power}"


def hyperparameter(value: Any) -> str:  # noqa: ANN401
    """Return the value of a hyper-parameter: 0.00134, "adam"; None is "all", nothing is "none"."""
    if value is None:
        return "all"
    return rate(value) if isinstance(value, float) else str(value) or "none"


def hyperparameters(values: Mapping[str, Any]) -> str:
    """Return hyper-parameters with their names: "learning_rate=0.001, optimizer=adam"."""
    return ", ".join(f"{name}={hyperparameter(value)}" for name, value in values.items())


def count(value: float | None) -> str:
    """Return a whole number with its thousands apart: 61706 -> "61 706"."""
    return number(value, 0)


def duration(seconds: float | None) -> str:
    """Return a time in its two largest units: 492 -> "8 min 12 s"; below 10 s with a decimal."""
    if seconds is None:
        return MISSING
    if round(seconds, 1) < 10:
        return f"{number(seconds, 1)}{THIN}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}{THIN}s"
    if whole < 3600:
        return _two(whole // 60, "min", whole % 60, "s")
    minutes = round(seconds / 60)
    return _two(minutes // 60, "h", minutes % 60, "min")


def megabytes(size: float) -> str:
    """Return a number of bytes in megabytes of a million bytes: 1234567 -> "1.2 MB"."""
    return f"{number(size / 1e6, 1)}{THIN}MB"


def milliseconds(seconds: float | None) -> str:
    """Return a short time, given in seconds, in milliseconds: 0.00374 -> "3.7 ms"."""
    if seconds is None:
        return MISSING
    value = 1000 * seconds
    return f"{number(value, 1 if abs(value) < 99.95 else 0)}{THIN}ms"


def mean_deviation(
    mean: float | None,
    deviation: float | None = None,
    unit: str = "percent",
    digits: int | None = None,
) -> str:
    """Return mean and standard deviation in one unit: (0.6234, 0.0041) -> "62.3 ± 0.4 %".

    `unit` is "percent", "number", "count", "seconds" or "milliseconds". Without a deviation (a single
    run) the mean stands alone.
    """
    if mean is None:
        return MISSING
    factor, name, usual = _UNITS[unit]
    digits = usual if digits is None else digits
    text = number(factor * mean, digits)
    if deviation is not None:
        text += f"{THIN}±{THIN}{number(factor * deviation, digits)}"
    return _with_unit(text, name)


def interval(
    bounds: Sequence[float] | None, unit: str = "points", digits: int | None = None
) -> str:
    """Return an interval's bounds: (-0.012, 0.031) -> "−1.2 to 3.1 points"; `unit` as a filter's name."""
    if bounds is None:
        return MISSING
    low, high = bounds
    factor, name, usual = _UNITS[unit]
    digits = usual if digits is None else digits
    return _with_unit(f"{number(factor * low, digits)} to {number(factor * high, digits)}", name)


def p_value(value: float | None) -> str:
    """Return a p-value as statisticians print it: 0.0312 -> "p = 0.031", 0.00002 -> "p < 0.001"."""
    if value is None:
        return MISSING
    return f"p{THIN}<{THIN}0.001" if value < 0.001 else f"p{THIN}={THIN}{number(value, 3)}"


def plural(amount: int, singular: str, several: str | None = None) -> str:
    """Return an amount and its noun: (1, "seed") -> "1 seed", (3, "seed") -> "3 seeds"."""
    noun = singular if amount == 1 else several or f"{singular}s"
    return f"{count(amount)}{NO_BREAK}{noun}"


def and_list(items: Iterable[object], last: str = "and") -> str:
    """Return the items as a phrase: "a", "a and b", "a, b and c"."""
    words = [str(item) for item in items]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def date(moment: str | None) -> str:
    """Return an ISO 8601 moment as "4 March 2025, 14:05", in the time zone it was written in."""
    if not moment:
        return MISSING
    read = datetime.fromisoformat(moment)
    return f"{read.day}{NO_BREAK}{read:%B %Y, %H:%M}"


def data_name(identity: Mapping[str, Any] | None) -> str:
    """Return how running text names a data set: "MNIST", "the stand-in for CIFAR-10".

    That a copy is not the official file is said once, beside the data. Other images in its place are
    not called by its name.

    `identity` has the fields of `experiments.lab.data.splits.Identity`; its label says more: where it
    is from.
    """
    if identity is None:
        return MISSING
    named = _SUBSTITUTE if substituted(identity) else _KINDS[identity["kind"]]
    return named.format(DATA_SETS[identity["name"]].title)


def substituted(identity: Mapping[str, Any]) -> bool:
    """Return whether a file's classes are others than the published ones, so that its images are."""
    if identity["kind"] != "unverified":
        return False
    return tuple(identity["classes"]) != DATA_SETS[identity["name"]].classes


def short(fingerprint: str | None) -> str:
    """Return the first 12 digits of a fingerprint, enough to tell any two apart at sight."""
    return fingerprint[:12] if fingerprint else MISSING


_SUBSTITUTE = "the substitute for {}"
_KINDS = {"official": "{}", "unverified": "{}", "stand-in": "the stand-in for {}"}
_UNITS = {
    "percent": (100, "%", 1),
    "points": (100, "points", 1),
    "number": (1, "", 2),
    "count": (1, "", 0),
    "seconds": (1, "s", 1),
    "milliseconds": (1000, "ms", 1),
}

FILTERS: dict[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        number, percent, points, signed_points, rate, count, duration, milliseconds, mean_deviation,
        interval, p_value, plural, and_list, date, data_name, short,
    )
}  # fmt: skip


def _with_unit(text: str, unit: str) -> str:
    space = "" if not unit else NO_BREAK if unit == "points" else THIN
    return text + space + unit


def _signed(text: str, value: float) -> str:
    return f"{MINUS}{text}" if value < 0 else text


def _grouped(whole: str) -> str:
    """Set thousands apart, from five digits on: years and four-digit counts stay whole."""
    return f"{int(whole):,}".replace(",", THIN) if len(whole) > 4 else whole


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimals(value: float) -> int:
    """Return the decimals that show three significant digits."""
    return max(0, 2 - math.floor(math.log10(abs(value))))


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    text = f"{large}{THIN}{large_unit}"
    return f"{text} {small}{THIN}{small_unit}" if small else text
