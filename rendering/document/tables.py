"""Tables of the page: columns know what they hold, so that values are rounded in one place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rendering import printed

KINDS = {
    name: printed.FILTERS[name]
    for name in (
        "number", "percent", "points", "signed_points", "rate", "count", "duration", "milliseconds",
        "date", "short",
    )
}  # fmt: skip
WORDS = ("text", "date", "short", "code")  # kinds that are set flush left


@dataclass(frozen=True)
class Column:
    """A column: its heading and the kind of its values."""

    heading: str
    kind: str = "text"

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers, set flush right."""
        return self.kind not in WORDS

    def cell(self, value: Any) -> str:  # noqa: ANN401
        """Return a value in words: a string as it is, a pair as mean and deviation, None as a dash."""
        if value is None:
            return printed.MISSING
        if isinstance(value, str):
            return value
        if isinstance(value, list | tuple):
            return printed.mean_deviation(*value, unit=self.kind)
        return KINDS[self.kind](value) if self.kind in KINDS else str(value)


def columns(described: Sequence[str | Sequence[str]]) -> list[Column]:
    """Return the columns for headings ("Cell") and pairs (["Validation", "percent"]).

    Raises ValueError for a kind that does not exist.
    """
    made = [Column(one) if isinstance(one, str) else Column(*one) for one in described]
    for column in made:
        if column.kind not in (*WORDS, *KINDS):
            raise ValueError(f"a column holds {' or '.join((*WORDS, *KINDS))}, not {column.kind}")
    return made


def cells(made: Sequence[Column], rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Return the rows in words. Raises ValueError for a row of another length than the columns."""
    return [[column.cell(value) for column, value in zip(made, row, strict=True)] for row in rows]
