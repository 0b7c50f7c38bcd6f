"""Holds the files of an output folder against `results.json` by every rule."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.lab.store.files import read_whole
from rendering.checking import claims, paper, structure, text, values
from rendering.checking.reading import Page, read

HTML, PDF, RESULTS = "assignment2.html", "assignment2.pdf", "results.json"


class NothingToCheck(Exception):
    """The folder holds no report that could be checked; the message says why."""


def faults(output: Path, pdf: bool = True) -> Iterator[str]:
    """Yield what is wrong with the report in a folder, a line each; with `pdf`, of its PDF too.

    A line that is `Wrong` tells of a number or a claim that the results do not have.

    Raises NothingToCheck where the page or the results are missing or broken, and StorageError where
    they cannot be read.
    """
    try:
        html = read_whole(output / HTML).decode()
        results = json.loads(read_whole(output / RESULTS))
    except (FileNotFoundError, ValueError, RecursionError) as error:
        raise NothingToCheck(f"{output}: no report to check ({error})") from error
    page = read(html)
    yield from structure.links(page, output)
    yield from structure.images(page)
    yield from structure.headings(page)
    yield from structure.parts(page, results, output)
    yield from structure.sources(page, results)
    yield from said(page, results)
    if pdf:
        yield from paper.faults(output / PDF, page)


def notes(output: Path) -> Iterator[str]:
    """Yield what might be better in a report without being wrong: pages that are not full."""
    yield from paper.notes(output / PDF)


def said(page: Page, results: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with what a page, or a piece of one, says of the results, a line each."""
    yield from page.malformed
    yield from values.faults(page, results)
    yield from claims.verdicts(page, results)
    yield from claims.lost_qualifiers(page, results)
    yield from text.stray_digits(page)
    yield from text.loose_comparisons(page)
    yield from text.wrong_orders(page, results)
    yield from text.overstated(page, results)
    yield from text.false_declarations(page)
