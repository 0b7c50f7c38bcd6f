"""Rules for claims: the page says what `results.json` has, and says what limits it beside it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from experiments.lab.evidence.claims import NETWORKS, OPPOSITE
from rendering.checking import lookup
from rendering.checking.reading import Block, Claimed, Page, Wrong
from rendering.claims import ONE_RUN, STAND_IN
from rendering.traced import SIGN

_VALIDATION = re.compile(r"\bvalidation\b", re.IGNORECASE)


def verdicts(page: Page, results: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each printed claim that the results have otherwise, or have not."""
    for block in page.blocks:
        for claimed in block.claims:
            try:
                held = lookup.at(results, f"{claimed.path.removeprefix(SIGN)}/verdict")
            except lookup.Unknown:
                yield Wrong(f"{block.place}: results.json has no claim {claimed.path}")
                continue
            if claimed.path.startswith(SIGN):
                held = OPPOSITE.get(held, held)
            if held != claimed.verdict:
                yield Wrong(
                    f"{block.place}: says {claimed.verdict!r} of {claimed.path}; "
                    f"results.json has {held!r}"
                )


def lost_qualifiers(page: Page, results: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each text whose claims are limited in a way that it does not say.

    A paragraph says by itself that a claim is of the networks of one run, of validation images, or on
    stand-ins. For the cells of a table and the table of answers the place that they stand in does.
    """
    told = _said(page)
    for block in page.blocks:
        claims = [found for claimed in block.claims if (found := _found(results, claimed))]
        if not claims or not block.said:
            continue
        around = block.text if block.running else told.get(_home(block), "")
        first = f"{block.place}: “{' '.join(block.text.split())[:60]}…”"
        if any(one["scope"] == NETWORKS for one in claims) and not ONE_RUN.search(around):
            yield f"{first}: a claim of one run, and nothing beside it says so"
        if any("validation" in one["measure"] for one in claims) and not _VALIDATION.search(around):
            yield f"{first}: a claim of validation accuracy, and nothing beside it says so"
        if _on_stand_ins(results, block) and not STAND_IN.search(around):
            yield f"{first}: a claim on stand-in data, and nothing beside it says so"


def _found(results: Mapping[str, Any], claimed: Claimed) -> Mapping[str, Any] | None:
    try:
        found = lookup.at(results, claimed.path.removeprefix(SIGN))
    except lookup.Unknown:
        return None
    return found if "measure" in found else None


def _on_stand_ins(results: Mapping[str, Any], block: Block) -> bool:
    names = {claimed.path.removeprefix(SIGN).partition("/")[0] for claimed in block.claims}
    try:
        data = [lookup.at(results, f"{name}/data") for name in names]
    except lookup.Unknown:
        return False
    return any(one["kind"] == "stand-in" for sets in data for one in sets.values())


def _home(block: Block) -> str:
    """Return the outermost place that a block is read in: its section, or the page's front."""
    return block.inside[0] if block.inside else ""


def _said(page: Page) -> dict[str, str]:
    found: dict[str, str] = {}
    for block in page.blocks:
        found[_home(block)] = f"{found.get(_home(block), '')} {block.text}"
    return found
