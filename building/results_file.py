"""`results.json`: every number of the report, for programs (docs/results.md)."""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import experiments
from building.plan import LEFT_OUT, State
from experiments.lab.store import sealed
from experiments.lab.store.held import Held
from experiments.lab.store.records import DONE, FAILED

FORMAT = 2
PENDING, STALE = "pending", "stale"  # what is left out is named as the plan does
LISTS, TABLES = ("claims", "figures", "trials"), ("scores", "facts")
# Of a section's parts, the worst says where the section stands.
WORST_FIRST = (FAILED, PENDING, STALE, DONE, LEFT_OUT)


def content(
    held: Held,
    states: Mapping[str, State],
    profile: str,
    data: Mapping[str, Mapping[str, Any]],
    versions: Mapping[str, str],
) -> bytes:
    """Return the file's content; `data` has the identities of the data sets, `versions` of libraries."""
    whole = {
        "format": FORMAT,
        "profile": profile,
        "data": data,
        "environment": {"versions": versions},
        "sections": {section: _section(held, states, section) for section in experiments.SECTIONS},
    }
    return json.dumps(whole, indent=1, allow_nan=False, default=sealed.as_plain).encode()


def _section(held: Held, states: Mapping[str, State], section: str) -> dict[str, Any]:
    """Return a section with its parts, whose scores, claims, figures and trials stand in it too."""
    own = _one(held, states[section], section)
    parts = {
        name.rpartition(".")[2]: _one(held, states[name], name)
        for name in experiments.parts(section)
    }
    everything = [("", own), *parts.items()]
    return {
        **own,
        "status": min((one["status"] for _, one in everything), key=WORST_FIRST.index),
        "seconds": sum(one.get("seconds", 0.0) for _, one in everything),
        "scores": dict(_named(everything, "scores", "_")),
        "claims": list(_renamed(everything, "claims")),
        "figures": list(_renamed(everything, "figures")),
        "trials": [row for _, one in everything for row in one["trials"]],
        "parts": parts,
    }


def _one(held: Held, state: State, name: str) -> dict[str, Any]:
    drawn, failure = held.shown_drawings(name), held.failure(name)
    record = held.any_record(name) or failure  # what stands is told though it failed since
    if record is None:
        empty = {table: {} for table in TABLES} | {rows: [] for rows in LISTS}
        return {
            "status": LEFT_OUT if state.condition == LEFT_OUT else PENDING,
            "seconds": 0.0,
            **empty,
        }
    return {
        "status": FAILED if failure else record.status if state.measured else STALE,
        "profile": record.profile,
        "settings": record.settings,
        "data": record.data,
        "environment": record.environment,
        "scores": record.scores,
        "facts": record.facts,
        "claims": list(record.claims),
        "figures": [dataclasses.asdict(entry) for entry in (drawn.figures if drawn else ())],
        "seconds": record.seconds,
        "built_at": record.built_at,
        "command": record.command,
        "message": failure.message if failure else record.message,
        "trials": record.trials,
    }


def _named(
    everything: Iterable[tuple[str, Mapping[str, Any]]], table: str, joint: str
) -> Iterator[tuple[str, Any]]:
    """Yield the rows of a table of the section and its parts, under names that begin with the part's."""
    for part, one in everything:
        for name, value in one[table].items():
            yield (f"{part}{joint}{name}" if part else name), value


def _renamed(
    everything: Iterable[tuple[str, Mapping[str, Any]]], rows: str
) -> Iterator[dict[str, Any]]:
    """Yield named rows of the section and its parts, "occlusion-activity"."""
    for part, one in everything:
        for row in map(sealed.as_mapping, one[rows]):
            front = f"{part}-" if part else ""
            yield {**row, "name": front + row["name"], **_origin(row, front)}


def _origin(row: Mapping[str, Any], front: str) -> dict[str, Any]:
    """Return a figure's origin with its claims under the names that they have in the section."""
    if "origin" not in row:
        return {}
    claims = [front + name for name in row["origin"]["claims"]]
    return {"origin": {**row["origin"], "claims": claims}}
