"""The report whose records know where each of their values stands in `results.json`."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from experiments.lab.store.records import Record
from rendering.document.report import Report, SectionView
from rendering.traced import known, step
from rendering.wording import short

PRINTED = ("scores", "facts", "claims", "trials", "data", "environment", "settings")
SINGLE = ("seconds", "built_at", "profile")


def with_paths(report: Report) -> Report:
    """Return the report with values that know their paths, for the templates."""
    return dataclasses.replace(
        report,
        sections=[_section(view) for view in report.sections],
        data=known(report.data, "data"),
        versions=known(report.versions, "environment/versions"),
    )


def origins(report: Report) -> dict[str, Any]:
    """Return what a reader may ask of a value, by section or part: how it is built, from which runs.

    `runs` has those of the claims and of the rows of facts that name theirs, by their paths; keys are
    shortened to what tells them apart.
    """
    return {view.name: _origins(view) for view in report.all if view.shown}


def _origins(view: SectionView) -> dict[str, Any]:
    record = view.record
    runs = dict(_runs(record.facts)) | {
        f"{view.name}/claims/{row['name']}": [*row["left"]["runs"], *row["right"]["runs"]]
        for row in record.claims
    }
    return {
        "title": f"{view.label} {view.title}",
        "command": view.command,
        "seeds": sorted({row["seed"] for row in record.runs}),
        "data": [data["label"] for data in record.data.values()],
        "count": len(record.runs),
        "runs": {path: list(map(short, keys)) for path, keys in runs.items() if keys},
    }


def _runs(facts: Any) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401
    """Yield the rows in some facts that say which runs they are of, by their paths."""
    if isinstance(facts, Mapping):
        if facts.get("run_keys") and hasattr(facts, "record_path"):
            yield facts.record_path, facts["run_keys"]
        facts = facts.values()
    if not isinstance(facts, str | int | float | None):
        for one in facts:
            yield from _runs(one)


def _section(view: SectionView) -> SectionView:
    record = view.record and _record(view.record)
    return dataclasses.replace(view, record=record, parts=[_section(part) for part in view.parts])


def _record(record: Record) -> Record:
    path = record.section
    found: Mapping[str, Any] = {
        name: known(getattr(record, name), step(path, name)) for name in (*PRINTED, *SINGLE)
    }
    return dataclasses.replace(record, **found)
