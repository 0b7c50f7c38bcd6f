"""Whether a printed number is a value at the rounding in which it is printed.

Printed numbers are read here from their text alone, as a reader would: this shares nothing with
`rendering.wording`, which printed them.
"""

import math
import re
from datetime import datetime

_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_NUMBER = re.compile(r"([−+]?)(\d[\d\u202f]*(?:\.\d+)?)(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?")
_POWER = re.compile(r"(?<![\d.])(?<!× )10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_TIME = re.compile(r"(\d[\d\u202f]*)\u202f(h|min|s)\b")
_SECONDS = {"h": 3600, "min": 60, "s": 1}
# What a number is multiplied by before it is printed, by what stands behind it.
_SCALES = ((r"%", 100), (r"points?\b", 100), (r"ms\b", 1000), (r"MB\b", 1e-6))
SHORTENED = 12  # letters of a fingerprint that are printed at least
_SLACK = 1e-9  # of binary fractions


def agrees(text: str, values: list[float]) -> bool:
    """Return whether a text prints these numbers, in their order, each rounded as it is printed."""
    if len(values) == 1 and re.fullmatch(r".*<\u202f?0\.001", text):
        return values[0] < 0.001
    if len(values) == 1 and len(_TIME.findall(text)) > 1:
        return _time_agrees(text, values[0])
    if any(not math.isfinite(value) for value in values):
        return "∞" in text or "not a number" in text
    text = _POWER.sub(r"1 × 10\1", text)
    printed, scale = list(_NUMBER.finditer(text)), _scale(text)
    points = re.search(r"points?\b", text) is not None
    return len(printed) == len(values) and all(
        _near(number, scale * value, points) for number, value in zip(printed, values, strict=True)
    )


def agrees_as_text(text: str, value: str) -> bool:
    """Return whether a text prints a text: as it is, with a capital, its beginning, or as a date."""
    if text[:1].lower() + text[1:] == value[:1].lower() + value[1:] or (
        len(text) >= 12 and value.startswith(text)
    ):
        return True
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return False
    return text.replace("\xa0", " ") == f"{moment.day} {moment:%B %Y, %H:%M}"


def _near(number: re.Match[str], value: float, points: bool) -> bool:
    sign, digits, power = number.groups()
    factor = 10.0 ** int(power.translate(_SUPERSCRIPTS)) if power else 1.0
    digits = digits.replace("\u202f", "")
    step = factor * 10.0 ** -len(digits.partition(".")[2])
    printed = factor * float(digits) * (-1 if sign == "−" else 1)
    if points and not sign:  # the size of a difference
        value = abs(value)
    return abs(printed - value) <= step / 2 + _SLACK * max(1.0, abs(value))


def _scale(text: str) -> float:
    return next((scale for unit, scale in _SCALES if re.search(unit, text)), 1)


def _time_agrees(text: str, value: float) -> bool:
    parts = [
        (int(number.replace("\u202f", "")), _SECONDS[unit]) for number, unit in _TIME.findall(text)
    ]
    return abs(sum(number * unit for number, unit in parts) - value) <= parts[-1][1] / 2 + _SLACK
