"""The report whose records know where each of their values stands in `results.json`."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from experiments.lab.store.records import Record
from rendering.document.report import Report, SectionView
from rendering.traced import known, step

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


def _section(view: SectionView) -> SectionView:
    record = view.record and _record(view.record)
    return dataclasses.replace(view, record=record, parts=[_section(part) for part in view.parts])


def _record(record: Record) -> Record:
    path = record.section
    found: Mapping[str, Any] = {
        name: known(getattr(record, name), step(path, name)) for name in (*PRINTED, *SINGLE)
    }
    return dataclasses.replace(record, **found)
