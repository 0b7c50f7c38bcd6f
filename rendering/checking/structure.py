"""Rules for what the report has: every part, figure and trial, and links, ids and images that work."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from rendering.checking.reading import Page

ELSEWHERE = ("https://", "http://", "mailto:", "data:")  # followed only by who follows them
APPENDIX = "appendix"  # the id of what the edition "main" leaves out


def parts(page: Page, results: Mapping[str, Any], output: Path) -> Iterator[str]:
    """Yield a line for each section without its place, answer, figures or trials."""
    answered = {target for place, target in page.links if place == "#answers"}
    searches = _searches(output / "trials.csv")
    for name, section in results["sections"].items():
        if f"section-{name}" not in page.ids:
            yield f"{name}: the page has no such section"
        if f"#section-{name}" not in answered:
            yield f"{name}: the table of answers does not lead to it"
        yield from _figures(page, name, section["figures"], output)
        for search in sorted({row["search"] for row in section["trials"]} - searches):
            yield f"{name}: trials.csv has no search {search}"


def _figures(
    page: Page, name: str, figures: list[Mapping[str, Any]], output: Path
) -> Iterator[str]:
    """Yield a line for each figure that is not printed as the results have it, or lacks its files."""
    texts = {place: text for place, text in page.images if place.startswith("#figure-")}
    captions = {block.place: block.text for block in page.blocks if block.tag == "figcaption"}
    for figure in figures:
        identifier = f"figure-{name}-{figure['name']}"
        for file in (figure["file"], figure["table"]):
            if not (output / file).is_file():
                yield f"{name}: there is no {file}"
        if identifier in page.ids:
            if _plain(figure["caption"]) not in _plain(captions.get(identifier, "")):
                yield f"{identifier}: its caption is not that of results.json"
            if _plain(texts.get(f"#{identifier}", "")) != _plain(figure["alt"]):
                yield f"{identifier}: its alternative text is not that of results.json"
        elif APPENDIX in page.ids:
            yield f"{identifier}: drawn and not printed"


def sources(page: Page, results: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each figure and table of a section that does not say what it was made from.

    That is the section or part, the file with the numbers, and the command that makes it again.
    """
    told: dict[str, str] = {}
    for block in page.blocks:
        for name in block.inside:
            told[name] = f"{told.get(name, '')} {block.text}"
    for name, section in results["sections"].items():
        for identifier, files in _shown(page, name, section):
            lacking = [one for one in (name, *files) if one not in told.get(identifier, "")]
            if lacking:
                yield f"#{identifier}: does not say that it is made from {' and '.join(lacking)}"


def _shown(page: Page, name: str, section: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield the figures and tables of a section that are printed, with the file that each has to name."""
    for figure in section["figures"]:
        if (identifier := f"figure-{name}-{figure['name']}") in page.ids:
            yield identifier, [figure["table"], "build_report.py"]
    for identifier in page.ids:
        if identifier.startswith(f"table-{name}-"):
            yield identifier, ["results.json", "build_report.py"]


def links(page: Page, output: Path) -> Iterator[str]:
    """Yield a line for each id that is used twice, and each link that leads nowhere.

    A link may lead to another file of the output folder; one to a search of the trial browser, to a
    search that there is.
    """
    searches = _searches(output / "trials.csv")
    for name, count in page.ids.items():
        if count > 1:
            yield f"#{name}: the id is used {count} times"
    for place, target in page.links:
        if target.startswith("#") and target[1:] not in page.ids:
            yield f"{place}: a link leads to {target}, which there is not"
        elif not target.startswith(("#", *ELSEWHERE)):
            file, _, fragment = target.partition("#")
            search = parse_qs(fragment).get("search", [""])[0]
            if not (output / file).is_file():
                yield f"{place}: a link leads to {file}, which there is not"
            elif search and search not in searches:
                yield f"{place}: a link leads to the search {search}, which there is not"


def headings(page: Page) -> Iterator[str]:
    """Yield a line where the page has no title as its one heading of the first level."""
    first = sum(block.tag == "h1" for block in page.blocks)
    if first != 1:
        yield f"the page: it has {first} headings of the first level, not one"


def images(page: Page) -> Iterator[str]:
    """Yield a line for each image without a text, or with its caption for one."""
    captions = {
        block.place: _plain(block.text) for block in page.blocks if block.tag == "figcaption"
    }
    for place, text in page.images:
        if not text.strip():
            yield f"{place}: an image has no alternative text"
        elif _plain(text) in captions.get(place[1:], ""):
            yield f"{place}: the alternative text is the caption again"


def _searches(path: Path) -> set[str]:
    """Return the names of the searches in the table of trials; none if there is no such table."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return {row.get("search", "") for row in csv.DictReader(file)}
    except OSError:
        return set()


def _plain(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").split())
