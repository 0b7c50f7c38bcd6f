"""What is stale and why.

A section is fresh when a record stands whose inputs are all as they are now: the code, the settings,
the data, the library versions, the runs it read, the records it needs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import experiments
from building.context import Context, NotReady, Undecided
from experiments.lab.search import estimates
from experiments.lab.settings import RunSettings, Search
from experiments.lab.store.records import Record

FRESH, STALE, MISSING = "fresh", "stale", "missing"


@dataclass(frozen=True)
class State:
    """Where a section stands. `runs` are the trainings that it still lacks."""

    section: str
    condition: str
    reasons: tuple[str, ...] = ()
    record: Record | None = None
    runs: tuple[RunSettings, ...] = ()
    searches: tuple[Search, ...] = field(default=(), repr=False)


def make_plan(context: Context) -> dict[str, State]:
    """Return the state of every section, in the report's order."""
    states: dict[str, State] = {}
    for section in experiments.SECTIONS:
        states[section] = _state(context, section, states)
    return states


def inputs(context: Context, section: str) -> dict[str, str]:
    """Return what the record of `section` depends on, by name; NotReady if that is not known yet."""
    about = context.section(section)
    found: dict[str, str] = {}
    for name, value in settings(context).items():
        found[f"setting:{name}"] = str(value)
    for name in about.data:
        found[f"data:{name}"] = context.sources[name].identity.fingerprint
        found[f"label:{name}"] = context.sources[name].identity.label
    for name, version in context.index.versions.items():
        found[f"version:{name}"] = version
    found |= {f"source:{path}": value for path, value in context.code(section).items()}
    for need in about.needs:
        record = context.record(need)
        if record is None or record.status != "done":
            raise NotReady(f"the section {need} has not been built")
        found[f"record:{need}"] = record.built_at
    for search in context.searches(section):
        found[f"search:{search.name}"] = context.search_key(search)
        for run in _stored_runs(context, search):
            found[f"run:{run.key}"] = run.finished_at
    return found


def settings(context: Context) -> dict[str, object]:
    """Return the request's settings that results depend on."""
    profile = context.request.profile
    return {
        "profile": profile.name,
        "seeds": profile.seeds,
        "epochs": profile.epochs,
        "iterations": profile.iterations,
        "limit": profile.limit,
        "replicas": context.replicas,
    }


def _state(context: Context, section: str, before: Mapping[str, State]) -> State:
    record = context.record(section)
    waiting = [need for need in context.section(section).needs if before[need].condition != FRESH]
    try:
        searches = tuple(context.searches(section))
        current = inputs(context, section)
    except NotReady as error:
        reasons = _waits(record, waiting)
        if isinstance(error, Undecided):
            reasons += (f"what it needs to be trained cannot be told: {error}",)
        return State(section, STALE if record else MISSING, reasons, record)
    lacking = tuple(run for search in searches for run in _lacking(context, search))
    reasons = tuple(_reasons(context, record, current, waiting, lacking, searches))
    condition = MISSING if record is None else STALE if reasons else FRESH
    return State(section, condition, reasons, record, lacking, searches)


def _waits(record: Record | None, waiting: list[str]) -> tuple[str, ...]:
    first = () if record else ("never built",)
    return first + tuple(f"needs {need}, which is built first" for need in waiting)


def _reasons(
    context: Context,
    record: Record | None,
    current: Mapping[str, str],
    waiting: list[str],
    lacking: tuple[RunSettings, ...],
    searches: tuple[Search, ...],
) -> Iterator[str]:
    if record is None:
        yield "never built"
        return
    if record.status != "done":
        yield f"it failed last time: {record.message}"
    yield from (f"{need} is built anew" for need in waiting)
    output = context.request.output
    if any(not (output / figure.file).exists() for figure in record.figures):
        yield "a figure of it is missing"
    changes = list(differences(record.inputs, current))
    yield from changes
    if lacking and not changes:
        yield f"{len(lacking)} training {'run is' if len(lacking) == 1 else 'runs are'} missing"
    elif not changes and any(context.stored_result(search) is None for search in searches):
        yield "the record of its search is missing"
    elif not changes and record.inputs != current:
        trained = {name for name in current if name.startswith("run:")}
        same = all(record.inputs.get(name) == current[name] for name in trained)
        yield "its search changed" if same else "its networks were trained anew"


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """Yield, in words, what changed between the inputs of a record and what they are now.

    Runs and searches are left out: they follow from the rest, or are told apart by the caller.
    """
    changed = [name for name in (*new, *(set(old) - set(new))) if old.get(name) != new.get(name)]
    code = [name.partition(":")[2] for name in sorted(changed) if name.startswith("source:")]
    for name in changed:
        kind, _, what = name.partition(":")
        if kind in ("setting", "version"):
            yield f"{what} was {old.get(name, 'none')}, is now {new.get(name, 'none')}"
        elif kind in WORDS:
            yield WORDS[kind].format(what)
    if code:
        more = len(code) - 1
        others = f" and of {more} other file{'s' * (more > 1)}" if more else ""
        yield f"the code of {code[0]}{others} changed"


WORDS = {
    "data": "the {} data differ",
    "label": "the {} data come from elsewhere",
    "record": "{} was built anew",
}


def _stored_runs(context: Context, search: Search) -> list:
    if search.points:
        found = (context.index.find(run) for run in _runs(search))
        return [run for run in found if run is not None]
    result = context.stored_result(search)
    return [run for trial in result.trials for run in trial.runs] if result else []


def _lacking(context: Context, search: Search) -> list[RunSettings]:
    """Return the runs that must be trained.

    A search without fixed points that has no result yet is told by what is in the middle of its
    space, once for each trial, though an interrupted one has some of its runs.
    """
    if search.points:
        return [run for run in _runs(search) if context.index.find(run) is None]
    if context.stored_result(search) is not None:
        return []
    return list(search.runs(estimates.middle(search.space))) * search.max_trials


def _runs(search: Search) -> Iterator[RunSettings]:
    for point in search.points:
        yield from search.runs(point)
