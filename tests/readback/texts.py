"""The texts that are kept beside the tests, and how they are made: `python -m readback.texts` in tests/.

    shown/SECTION.txt    what every number and image of the section's page is, by where it stands
    gold/SECTION.txt     what the section says, and what it says otherwise in every other scene

Write them again after a change that is meant, and read the difference.
"""

import difflib
import functools
import sys
from pathlib import Path

from experiments import module
from experiments.lab.store.records import Record
from rendering.figures.drawing import Drawing

from . import catalogue, distinct, pages, pictures, printing, runs, tracing
from .scenes import MAIN

HERE = Path(__file__).parent
WITH_RUNS = (
    "learning-rates", "optimizers", "rnn", "cells", "units", "cnn-vs-rnn",
    "deconvnet.architecture", "deconvnet.depth",
)  # fmt: skip


@functools.cache
def drawn(name: str) -> tuple[Record, list[Drawing]]:
    """Return a section's record whose numbers are all distinct, and its drawings, made once."""
    main = catalogue.scenes(name)[MAIN]
    record = printing.record_of(name, distinct.distinct(main.findings), results=main.results)
    return record, module(name).draw(record)


def shown(name: str) -> list[str]:
    """Return the lines of what a section shows, and of what its record holds of its runs."""
    record, drawings = drawn(name)
    piece = printing.printed(record, catalogue.around(name))
    printed, named = printing.figures_in(piece), [drawing.name for drawing in drawings]
    assert sorted(printed) == sorted(named), f"{name} draws {named} and prints {printed}"
    more = catalogue.scenes(name)[MAIN].more(record.arrays)
    return tracing.shown(record, drawings, piece, more) + held(name)


def held(name: str) -> list[str]:
    """Return what a section's record, as it was measured, holds of its runs."""
    if name not in WITH_RUNS:
        return []
    main = catalogue.scenes(name)[MAIN]
    record = record_in(name, MAIN)
    lines = runs.held(tracing.values_of(record), record.arrays, main.results)
    return [f"record / {line}" for line in lines]


def recoloured(name: str) -> list[str]:
    """Return what has two colours in the section's figures, by its name in their legends."""
    colours: dict[str, set[str]] = {}
    for drawing in drawn(name)[1]:
        for shade, label in pictures.labels(drawing.canvas).items():
            colours.setdefault(label, set()).add(shade)
    return [label for label, shades in colours.items() if len(shades) > 1]


def record_in(name: str, scene: str) -> Record:
    """Return the record of a scene."""
    one = catalogue.scenes(name)[scene]
    return printing.record_of(name, one.findings, results=one.results, kind=one.kind)


@functools.cache
def text(name: str, scene: str) -> str:
    """Return what a section says in a scene, a sentence or a row of a table in each line."""
    piece = printing.printed(record_in(name, scene), catalogue.around(name))
    return pages.text_of(pages.read(piece))


def gold(name: str) -> str:
    """Return the text of the main scene, and of every other one the lines that differ from it."""
    main = text(name, MAIN).splitlines()
    found = [*main]
    for scene in catalogue.scenes(name):
        if scene != MAIN:
            lines = text(name, scene).splitlines()
            differing = difflib.unified_diff(main, lines, n=0, lineterm="")
            found += ["", f"#### {scene}", ""]
            found += [
                line for line in differing if line[:1] in "+-" and line[:3] not in ("+++", "---")
            ]
    return "\n".join(found) + "\n"


def main() -> None:
    """Write the texts of the sections named, or of all."""
    for name in sys.argv[1:] or catalogue.SCENES:
        for kind, content in (("shown", "\n".join(shown(name)) + "\n"), ("gold", gold(name))):
            path = HERE / kind / f"{name}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)


if __name__ == "__main__":
    main()
