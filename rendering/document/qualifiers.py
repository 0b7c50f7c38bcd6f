"""What limits a claim is said in its own paragraph: that it is of one run, or on stand-in data.

A claim may be printed far from where its section says so, in the abstract or after pages of figures. So
a paragraph that states one, and does not say by itself what limits it, ends with a short word on it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from experiments.lab.evidence.claims import NETWORKS
from rendering import claims, marks
from rendering.document.report import STAND_IN, Report
from rendering.traced import SIGN

# Running text; what is set apart under a figure or table has its own line on what it is made from.
_PARAGRAPH = re.compile(
    r'(<(p|li|dd)\b(?![^>]* class="(?:note|source|built)")[^>]*>)(.*?)(</\2>)', re.DOTALL
)
_TAG = re.compile(r"<[^>]*>")


def added(page: str, report: Report) -> str:
    """Return a page, or a piece of one, with marks, whose paragraphs say what limits their claims.

    The records of `report` know their paths, as `known.with_paths` makes them.
    """
    limits = dict(_limits(report))
    page = marks.without_empty(page)

    def qualified(paragraph: re.Match[str]) -> str:
        begin, _, text, end = paragraph.groups()
        wanted = {limit for path in marks.claims_in(text) for limit in limits.get(path, ())}
        words = marks.bare(_TAG.sub("", text))
        missing = [said for pattern, said in LIMITS if said in wanted and not pattern.search(words)]
        return f"{begin}{text}{_words(missing)}{end}"

    return _PARAGRAPH.sub(qualified, page)


LIMITS = ((claims.ONE_RUN, "one run"), (claims.STAND_IN, "stand-in data"))
RUN, DATA = (said for _, said in LIMITS)


def _words(missing: list[str]) -> str:
    if not missing:
        return ""
    return f' <span class="limit">{"; ".join(missing).capitalize()}.</span>'


def _limits(report: Report) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what limits each claim, by its path and by that of its opposite."""
    for view in report.all:
        if view.shown:
            on_stand_ins = any(one["kind"] == STAND_IN for one in view.record.data.values())
            for claim in view.record.claims:
                found = tuple(_of(claim, on_stand_ins))
                yield from ((sign + claim.record_path, found) for sign in ("", SIGN))


def _of(claim: Mapping[str, Any], on_stand_ins: bool) -> Iterator[str]:
    if claim["scope"] == NETWORKS:
        yield RUN
    if on_stand_ins:
        yield DATA
