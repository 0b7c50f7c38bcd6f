"""Values that know where they come from: they count, compare and round as what they are.

`known(value, path)` gives a record's numbers and texts a path, "learning-rates/scores/test_accuracy":
the section or part, then the steps from there in `results.json`, with a claim by its name. Printed, by a
filter of `printed` or as it is, such a value carries its path along (`marks`). What is computed from it
is a plain number again, but for its size and its negative: the path of the latter begins with "-". A text
carries its path where it has a digit. A claim's verdict always does, and notes that it was asked for, so
that what was decided by it can be marked too.
"""

import functools
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, ParamSpec
from urllib.parse import quote

from markupsafe import escape

from rendering import marks

P = ParamSpec("P")
_VERDICT = re.compile(r"^[^/]+/(?:claims/[^/]+|facts/finding)/verdict$")
_BY_NAME = re.compile(r"^[^/]+/claims$")  # the list whose rows are called by their names
SIGN = "-"  # before the path of a value that is printed with the opposite sign

EACH = "each"  # before the paths of all that is counted

asked_for: dict[str, str] = {}  # the verdicts that were compared since this was cleared, by claim


class _Number:
    """What numbers with a path have in common; their size and negative have one too."""

    record_path: str

    def __neg__(self) -> Any:  # noqa: ANN401
        path = (
            self.record_path.removeprefix(SIGN)
            if self.record_path.startswith(SIGN)
            else SIGN + self.record_path
        )
        return known(-self.plain, path)

    def __abs__(self) -> Any:  # noqa: ANN401
        return self if self.plain >= 0 else -self

    def __str__(self) -> str:
        return marks.of_value(repr(self.plain), repr(self.plain), [self.record_path])

    def __format__(self, form: str) -> str:
        return format(self.plain, form) if form else str(self)


class TracedFloat(_Number, float):
    """A decimal number with its `record_path`."""

    @property
    def plain(self) -> float:
        """The number alone."""
        return float.__float__(self)


class TracedInt(_Number, int):
    """A whole number with its `record_path`."""

    @property
    def plain(self) -> int:
        """The number alone."""
        return int.__int__(self)


class TracedText(str):
    """A text with its `record_path`; as a key, and compared, it is that text."""

    record_path: str

    @property
    def plain(self) -> str:
        """The text alone."""
        return self[:]

    def __str__(self) -> str:
        return marks.of_value(self[:], self[:], [self.record_path])

    def __html__(self) -> str:
        return marks.of_value(str(escape(self[:])), self[:], [self.record_path])

    def __format__(self, form: str) -> str:
        return format(self[:], form) if form else str(self)


class TracedVerdict(TracedText):
    """The verdict of a claim, which notes in `asked_for` that it was compared with another."""

    def __eq__(self, other: object) -> bool:
        asked_for[self.record_path.rpartition("/")[0]] = self[:]
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class TracedList(list):
    """A list with its `record_path`; its length has one too."""

    record_path: str


class TracedFields(dict):
    """Named values with their `record_path`, so that they can be counted.

    A name that a template has joined from others may carry their marks.
    """

    record_path: str

    def __missing__(self, key: object) -> Any:  # noqa: ANN401
        if isinstance(key, str) and (name := str(marks.bare(key))) != key:
            return self[name]
        raise KeyError(key)


class TracedChoice(list):
    """What was chosen by the verdicts of claims, which `decided` has by the claims' paths.

    To ask whether anything was chosen, or how much, is to ask for these verdicts.
    """

    def __init__(self, chosen: Iterable[Any], decided: Mapping[str, str]) -> None:
        super().__init__(chosen)
        self.decided = decided

    def __bool__(self) -> bool:
        asked_for.update(self.decided)
        return len(self) > 0


def known(value: Any, path: str) -> Any:  # noqa: ANN401
    """Return plain data as values that know their paths, of which `path` is that of the whole."""
    if isinstance(value, Mapping):
        fields = {_key(key, path): known(one, step(path, key)) for key, one in value.items()}
        return _with_path(TracedFields(fields), path)
    if isinstance(value, list | tuple):
        by_name = _BY_NAME.search(path)
        names = [row["name"] for row in value] if by_name else range(len(value))
        rows = [known(one, step(path, at)) for at, one in zip(names, value, strict=True)]
        return _with_path(TracedList(rows), path)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        if _VERDICT.search(path):
            return _with_path(TracedVerdict(value), path)
        return _with_path(TracedText(value), path) if re.search(r"\d", value) else value
    return _with_path((TracedInt if isinstance(value, int) else TracedFloat)(value), path)


def step(path: str, name: object) -> str:
    """Return the path of what is called `name` in what has the path given."""
    return f"{path}/{_quoted(str(name))}"


@functools.cache
def _quoted(name: str) -> str:
    return quote(name, safe="+,:@()~")


def length(rows: Any) -> int:  # noqa: ANN401
    """Return how many there are; it knows the path of the list, or of each that was counted."""
    if isinstance(rows, TracedChoice) and rows:
        return known(len(rows), " ".join([EACH, *list(rows.decided)[: len(rows)]]))
    path = getattr(rows, "record_path", None)
    return counted(rows) if path is None else known(len(rows), step(path, "length"))


def counted(some: Collection[Any]) -> int:
    """Return how many there are; of values that know their paths it knows all these."""
    paths = [getattr(one, "record_path", "") for one in some]
    return known(len(paths), " ".join([EACH, *paths])) if paths and all(paths) else len(some)


def order(text: str, kind: str, value: Any, values: Iterable[Any]) -> str:  # noqa: ANN401
    """Return a text that rests on `value` being `marks.MOST` or `marks.LEAST` of `values`.

    Of pairs, such as a mean and its deviation, the first counts; None is passed over. Without paths the
    text stays as it is.
    """
    firsts = [one[0] if isinstance(one, list | tuple) else one for one in [value, *values]]
    path, *others = (getattr(one, "record_path", "") for one in firsts if one is not None)
    return marks.of_order(text, kind, path, others) if path and all(others) else text


def _key(key: Any, path: str) -> Any:  # noqa: ANN401
    return known(key, step(path, key)) if isinstance(key, str) else key


def _with_path(value: Any, path: str) -> Any:  # noqa: ANN401
    value.record_path = path
    return value


def printing(function: Callable[P, str]) -> Callable[P, str]:
    """Return a filter of `wording` that marks what it prints of values with a path."""

    @functools.wraps(function)
    def printed(*arguments: P.args, **named: P.kwargs) -> str:
        given = [*arguments, *named.values()]
        text = function(*map(_plain, arguments), **{key: _plain(it) for key, it in named.items()})
        found = [it for one in given for it in _traced(one)]
        values = " ".join(str(it.plain) for it in found)
        return marks.of_value(text, values, [it.record_path for it in found]) if found else text

    return printed


def _traced(given: Any) -> list[Any]:  # noqa: ANN401
    """Return the values with a path in what a filter was given, a number or a pair of bounds."""
    inside = given if isinstance(given, list | tuple) else [given]
    return [it for it in inside if isinstance(it, _Number | TracedText)]


def _plain(given: Any) -> Any:  # noqa: ANN401
    if isinstance(given, list | tuple):
        return [_plain(one) for one in given]
    return given.plain if isinstance(given, _Number | TracedText) else given
