"""What a section shows, with the place in its record that every number and image comes from: as text.

The text is what `shown/SECTION.txt` holds and what `meaning` reads. A line is a thing that is shown:

    figure NAME / panel / label / style / x label = path / y label = path
    table NAME / row / heading = path / heading = path
    text / sentence with {path} in the place of each number
"""

import re
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from experiments.lab.store.records import Record
from rendering import wording
from rendering.figures.drawing import Drawing

from . import pages, pictures
from .distinct import Path, spelled
from .sources import FEWEST, Sources

UNITS = ("", "\u202f%", " points", "\u202fms")  # which the second of two numbers has for both
NUMBER = re.compile(
    r"\d+\u202fh(?: \d+\u202fmin)?|\d+\u202fmin(?: \d+\u202fs)?"
    r"|[−+]?\d+(?:\u202f\d{3})*(?:\.\d+)?(?:\u202f%|\u202fms|\u202fs\b|[ \xa0]points?)?"
)


def shown(
    record: Record, drawings: Iterable[Drawing], piece: str, more: dict | None = None
) -> list[str]:
    """Return the lines for a record's figures and for its piece of the page.

    `more` are arrays that figures show and that follow from those of the record, by what they are.
    """
    sources = Sources(values_of(record), {**record.arrays, **(more or {})})
    found = []
    for drawing in drawings:
        found += figure(drawing, sources)
    page = pages.read(piece)
    printed = Printed(sources.paths)
    for table in page.tables:
        found += rows(table, printed)
    for tag, text in page.blocks:
        if tag not in ("h2", "h3"):
            text = re.sub(r"^Table [\d.]+ ", f"{tag}: ", text)
            found += ["text / " + printed.sentence(one) for one in pages.sentences(text)]
    return merged(found)


def values_of(record: Record) -> dict:
    """Return the facts of a record under their own names, and scores and claims."""
    claims = {one["name"]: one for one in record.claims}
    return {**record.facts, "scores": record.scores, "claims": claims}


def figure(drawing: Drawing, sources: Sources) -> list[str]:
    """Return a line for each thing that a figure shows, and check its table against the canvas."""
    seen = pictures.read(drawing.canvas)
    _check_table(drawing, seen)
    return [f"figure {drawing.name} / " + " / ".join(_parts(one, sources)) for one in seen]


def _parts(one: pictures.Seen, sources: Sources) -> list[str]:
    words = one.words
    parts = [words.get("panel", ""), words.get("label", ""), words["style"]]
    if one.image is not None:
        return [*parts, f"{words['x']} = {sources.image(one.image)}"]
    if "cells" in one.numbers:
        return [*parts, f"rows {words['y']}", f"columns {words['x']} = {cells(one, sources)}"]
    for axis, values in one.numbers.items():
        label = words.get(axis, words.get("y", ""))
        parts.append(
            f"{label} = {sources.curve(values, label) if _traced(axis, values) else 'edges'}"
        )
    return [part for part in parts if part or part == ""]


def _traced(axis: str, values: np.ndarray) -> bool:
    return not (axis == "x" and np.allclose(np.diff(values, 2), 0) and len(values) > 20)


def cells(one: pictures.Seen, sources: Sources) -> str:
    """Return what the colours and what the numbers of a matrix of cells show."""
    values, written = one.numbers["cells"], one.numbers["written"]
    colours, numbers = sources.matrix(values), sources.array(np.nan_to_num(written))
    if numbers:
        return f"{colours}; written: {numbers}"
    known = np.isfinite(written)
    factor = 100 if one.words["label"].endswith("(%)") else 1
    assert (known == np.isfinite(values)).all(), "a cell has a number and no colour, or no number"
    assert np.allclose(written[known], factor * values[known], atol=0.51), (
        "a cell has another's number"
    )
    return colours


def _check_table(drawing: Drawing, seen: list[pictures.Seen]) -> None:
    """Check that the figure's table has the numbers drawn, in their order, under the same names."""
    for one in seen:
        if one.image is not None or "cells" in one.numbers or "share" in one.numbers:
            continue
        column = "deviation" if one.words["style"] in ("band", "error bars") else "value"
        y = one.words["y"]
        names = {one.words.get("label", "")} | ({one.words["panel"]} - {""})
        held = [row for row in drawing.table if names - {""} <= {str(v) for v in row.values()}]
        if column == "value" and one.words["style"]:
            held = [
                row for row in held if row.get("kind", one.words["style"]) == one.words["style"]
            ]
        if one.words["style"].startswith("points"):
            column = y.removesuffix(" (%)")
        factor = 100 if y.endswith("(%)") else 1
        numbers = [row.get(column) for row in held]
        told = {round(factor * float(it), 6) for it in numbers if it not in ("", None)}
        drawn = {round(float(it), 6) for it in one.numbers["y"] if np.isfinite(it)}
        name = f"{drawing.name}, {one.words}"
        assert drawn <= told, f"the table of {name} lacks {sorted(drawn - told)[:3]}"


class Printed:
    """The numbers of a record in every form in which a page may print them."""

    def __init__(self, paths: Iterable[tuple[Path, float]]) -> None:
        self._forms: dict[str, list[Path]] = defaultdict(list)
        for path, value in paths:
            if isinstance(value, int) and value < FEWEST:
                continue  # kept as it is: it may be one that a template types
            for form in set(forms(value)):
                self._forms[form].append(path)

    def sentence(self, text: str) -> str:
        """Return a text with paths in the places of numbers that are one place's alone."""
        return NUMBER.sub(lambda match: self._told(match[0], text[match.end() :]), text)

    def _told(self, text: str, after: str) -> str:
        units = UNITS if after.startswith(("\u202f±", " to ")) else ("",)
        for unit in units:
            found = self._forms.get((text + unit).replace("\xa0", " "), [])
            if len(found) == 1:
                sign = text[0] if text[0] in "−+" else ""
                unit = re.search(r"[^\d.]*$", text)[0]
                return f"{sign}{{{spelled(found[0])}}}{unit}"
        return text


def forms(value: float) -> Iterable[str]:
    """Yield how the filters of the templates may print a number."""
    if isinstance(value, int):
        yield wording.count(value)
        yield wording.duration(value)
        return
    yield wording.duration(value)
    yield wording.milliseconds(value)
    if "." in wording.rate(value):
        yield wording.rate(value)
    for digits in range(5):
        if digits:
            yield wording.number(value, digits)
        yield wording.percent(value, digits)
        yield wording.points(value, digits).replace("\xa0", " ")
        yield wording.signed_points(value, digits).replace("\xa0", " ")


def rows(table: pages.Table, printed: Printed) -> list[str]:
    """Return a line for each row of a table: its head, and the source of each cell by its heading."""
    found = []
    for index, row in enumerate(table.rows):
        cells = zip(table.headings[1:], row[1:], strict=True)
        told = [f"{heading} = {printed.sentence(cell)}" for heading, cell in cells]
        bold = " (bold)" if index in table.best else ""
        head = printed.sentence(row[0])
        found.append(
            " / ".join([f"table {table.name}", f"{table.headings[0]} {head}{bold}", *told])
        )
    return found


def merged(lines: list[str]) -> list[str]:
    """Return the lines with the images of a row in one, and without sentences that have no number."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("figure") and " / image / " in line:
            name, panel, label, _, shows = line.split(" / ")
            found.setdefault(f"{name} / {panel} / images", []).append(f"{label} {shows}".strip())
        elif not line.startswith("text") or "{" in line:
            found[line] = []
    return [" / ".join([line, "; ".join(more)]) if more else line for line, more in found.items()]
