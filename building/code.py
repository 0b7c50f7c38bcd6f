"""Which definitions each stage of a section depends on: measuring, drawing, printing."""

import functools
from collections.abc import Iterable

import experiments
from experiments.lab.store import closure
from experiments.lab.store.closure import Closure
from rendering.document import partials

# How the record is read and a figure saved is a part of drawing.
AROUND_DRAWING = ("experiments.lab.store.records:read", "rendering.figures.drawing:Drawing.save")
# What a build adds to the findings of a section.
AROUND_MEASURING = (
    "building.builder:runs_read",
    "experiments.lab.evidence.claims:as_plain",
    "experiments.lab.store.records:write",
)
PROPOSING = ("experiments.lab.search.oracles:make_oracle",)
ASSESSING = ("building.assessments:made",)
PRINTING = (
    "building.writer:Writer.report",
    "building.writer:versions",
    "rendering.document.page:render",
    "rendering.document.pdf:write_pdf",
    "building.trial_browser:write",
    "building.results_file:content",
)


def measuring(section: str, names: Iterable[str]) -> Closure:
    """Return what a section's `searches` and `measure` can reach; `names` are those in its settings."""
    return _reached((*roots(section, "searches", "measure"), *AROUND_MEASURING), frozenset(names))


def drawing(section: str) -> Closure:
    """Return what a section's `draw` can reach."""
    return _reached((*roots(section, "draw"), *AROUND_DRAWING), frozenset())


def proposing() -> Closure:
    """Return what proposes the points of searches that have none of their own."""
    return _reached(PROPOSING, frozenset())


def assessing() -> Closure:
    """Return what working out of a search's trials who is ahead and what matters can reach."""
    return _reached(ASSESSING, frozenset())


def printing() -> Closure:
    """Return what writing the report's files can reach, through what templates call too."""
    return _reached(PRINTING, frozenset(partials.words()))


def roots(section: str, *parts: str) -> tuple[str, ...]:
    """Return the roots that are `parts` of a section's module, as `closure` takes them."""
    return tuple(f"{experiments.module_name(section)}:{part}" for part in parts)


@functools.cache
def _reached(found: tuple[str, ...], names: frozenset[str]) -> Closure:
    return closure.project().closure(found, names)
