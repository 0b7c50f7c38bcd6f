"""A comparison of two builds as plain text, for a terminal."""

from collections.abc import Iterator
from typing import Any

from rendering.columns import aligned
from rendering.comparing.changes import TRIAL, Change, Comparison, SectionChanges
from rendering.wording import MINUS, MISSING, THIN, number, plural

UNEXPLAINED = (
    "neither settings nor data nor versions changed: the code did, or it is time or chance"
)
FEW = 3  # trials of a section that are listed; more are counted


def text(comparison: Comparison) -> str:
    """Return what changed: a table of values, then what may explain them."""
    if not comparison.changed:
        return "nothing changed"
    rows = [row for section in comparison.sections for row in _rows(section)]
    rows += [_row("", change) for change in comparison.common]
    lines = [aligned(("section", "what", "before", "after", "difference"), rows)] if rows else []
    lines += [
        f"{section.name}: may be explained by {'; '.join(section.explained)}"
        for section in comparison.sections
        if section.explained
    ]
    left = [it.name for it in comparison.sections if it.results and not it.explained]
    if left:
        lines.append(f"{', '.join(left)}: {UNEXPLAINED}")
    same = [section.name for section in comparison.sections if not section.changed]
    return "\n".join([*lines, *([f"unchanged: {', '.join(same)}"] if same else [])])


def _rows(section: SectionChanges) -> Iterator[tuple[str, ...]]:
    before, after = section.status
    if before != after:
        yield section.name, "status", before, after, ""
    trials = [change for change in section.results if change.kind == TRIAL]
    for change in (*section.causes, *section.results):
        if change.kind != TRIAL or change in trials[:FEW]:
            yield _row(section.name, change)
    if len(trials) > FEW:
        yield section.name, f"{plural(len(trials) - FEW, 'more trial')}", "", "", ""


def _row(section: str, change: Change) -> tuple[str, ...]:
    found = change.difference
    said = "" if found is None else signed(found)
    return section, f"{change.kind} {change.name}", shown(change.old), shown(change.new), said


def shown(value: Any) -> str:  # noqa: ANN401
    """Return a value of either build in words: a decimal number with four significant digits."""
    if value is None:
        return MISSING
    if isinstance(value, float):
        return f"{value:.4g}".replace("-", MINUS)
    text = str(value)
    return text if len(text) <= 40 else f"{text[:12]}…"


def signed(difference: float) -> str:
    """Return a difference with its sign, with four significant digits."""
    size = f"{abs(difference):.4g}" if isinstance(difference, float) else number(abs(difference), 0)
    return f"{MINUS if difference < 0 else '+'}{size}".replace(THIN, " ")
