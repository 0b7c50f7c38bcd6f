"""Rules for claims: the page says what `results.json` has, and says what limits it beside it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from experiments.lab.evidence.claims import NETWORKS, OPPOSITE
from rendering.checking import lookup
from rendering.checking.reading import Block, Claimed, Page, Wrong
from rendering.traced import SIGN

# Words of a place that is read by itself which say that its claims are about the networks of one run.
_ONE_RUN = re.compile(
    r"\bthis run\b|\btrained once\b|\bone seed\b|\bsingle (?:training|run)\b|\btwo trained networks\b"
    r"|\b(?:these|trained) networks?\b|\bone trained network\b",
    re.IGNORECASE,
)
_VALIDATION = re.compile(r"\bvalidation\b", re.IGNORECASE)
_STAND_IN = re.compile(r"\bstand-in", re.IGNORECASE)


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
    """Yield a line for each paragraph whose claims are limited in a way that no word near says.

    What is about the networks of one run may say so anywhere in its section, in the abstract or in the
    conclusion; what was measured on validation images or stand-ins says so in its paragraph and section.
    """
    told = _said(page)
    for block in page.blocks:
        if not block.running:
            continue
        claims = [found for claimed in block.claims if (found := _found(results, claimed))]
        around = told.get(_home(block), "")
        if any(one["scope"] == NETWORKS for one in claims) and not _ONE_RUN.search(around):
            yield f"{block.place}: claims of one run, and nothing near says so"
        if any("validation" in one["measure"] for one in claims) and not _VALIDATION.search(
            block.text
        ):
            yield f"{block.place}: a claim of validation accuracy that does not say so"
        if _on_stand_ins(results, block) and not _STAND_IN.search(around):
            yield f"{block.place}: claims on stand-in data, and nothing near says so"


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
