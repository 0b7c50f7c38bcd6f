"""What is to be measured, drawn and printed, and why.

Every stage is keyed by what it depends on. A measurement: settings, data, library versions, the runs and
records it read, the definitions that its code can reach. Drawings: the record and what `draw` can reach.
The report's files: records, drawings, templates and what prints them (`printing`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import experiments
from building import code, printing, supposed
from building.context import Context, Undecided
from experiments.lab.search import estimates
from experiments.lab.settings import RunSettings, Search
from experiments.lab.store import closure, files
from experiments.lab.store.held import NotReady
from experiments.lab.store.keys import library_version
from experiments.lab.store.records import Record
from experiments.lab.store.runs import Run
from experiments.lab.training.sourcecode import strings

LEFT_OUT, MISSING, MEASURE, DRAW, PRINT, FRESH = (
    "left out",
    "missing",
    "to be measured",
    "to be drawn",
    "to be printed",
    "fresh",
)
NEVER = "never built"
# By profile, what is built only when it is asked for by name: the parts that train changed networks, two
# of five trainings, and the slowest to measure. Nothing else needs them.
LEAVES_OUT = {"quick": ("deconvnet.architecture", "deconvnet.depth", "deconvnet.control")}


@dataclass(frozen=True)
class State:
    """Where a section or part stands.

    `runs` are the trainings that it still lacks. With `open`, which says why, their settings cannot be
    told yet: they stand for as many that take about as long.
    """

    section: str
    condition: str
    reasons: tuple[str, ...] = ()
    record: Record | None = None
    runs: tuple[RunSettings, ...] = ()
    open: str = ""
    searches: tuple[Search, ...] = field(default=(), repr=False)

    @property
    def measured(self) -> bool:
        """Whether the record stands as it is."""
        return self.condition in (DRAW, PRINT, FRESH)

    @property
    def due(self) -> bool:
        """Whether a build measures it without being asked for it by name."""
        return not self.measured and self.condition != LEFT_OUT


def make_plan(context: Context) -> dict[str, State]:
    """Return the state of every section and part, in the report's order."""
    states: dict[str, State] = {}
    changed = printing.changed(context)
    for name in experiments.names():
        state = _state(context, name, states)
        if state.condition == FRESH and name in changed:
            state = State(name, PRINT, (changed[name],), state.record, searches=state.searches)
        states[name] = state
    closure.project().remember()
    return states


def to_train(
    context: Context, states: Mapping[str, State], names: Iterable[str]
) -> dict[str, list[RunSettings]]:
    """Return the runs to train for each section; one that several share counts where it comes first."""
    counted: set[str] = set()
    found: dict[str, list[RunSettings]] = {}
    for name in names:
        found[name] = [run for run in states[name].runs if context.index.key(run) not in counted]
        counted |= {context.index.key(run) for run in found[name]}
    return found


def inputs(context: Context, name: str) -> dict[str, str]:
    """Return what the record of a section depends on, by name; NotReady if that is not known yet."""
    about = context.section(name)
    found = {f"setting:{key}": str(value) for key, value in context.settings().items()}
    for data in about.data:
        found[f"data:{data}"] = context.sources[data].identity.fingerprint
        found[f"label:{data}"] = context.sources[data].identity.label
    for library, number in context.index.versions.items():
        found[f"version:{library}"] = number
    found["version:scipy"] = library_version("scipy")  # judges differences
    for need in about.needs:
        found[f"record:{need}"] = context.held.record(need).digest
    found["code"] = code.measuring(name, _names(context, name)).key
    for search in context.searches(name):
        found[f"search:{search.name}"] = context.search_key(search)
        for run in _stored_runs(context, search):
            found[f"run:{run.key}"] = run.finished_at
    return found


def definitions(context: Context, name: str) -> dict[str, str]:
    """Return the digests of the definitions that measuring depends on, to say which one changed."""
    return dict(code.measuring(name, _names(context, name)).digests)


def drawing_inputs(record: Record) -> dict[str, str]:
    """Return what the drawings of a section depend on, by name."""
    return {
        "record": record.digest,
        "code": code.drawing(record.section).key,
        "version:matplotlib": library_version("matplotlib"),
    }


def _names(context: Context, name: str) -> set[str]:
    """Return the strings in the settings of all runs that a section reads."""
    read = (name, *context.section(name).needs)
    return {found for one in read for search in context.searches(one) for found in strings(search)}


def _state(context: Context, name: str, before: Mapping[str, State]) -> State:
    record = context.held.any_record(name)
    if record is None and _left_out(context, name):
        return State(name, LEFT_OUT, (f"a {context.request.profile.name} build leaves it out",))
    waiting = [need for need in context.section(name).needs if not before[need].measured]
    try:
        searches = tuple(context.searches(name))
    except NotReady as error:
        reasons, said = _waits(record, waiting), ""
        if isinstance(error, Undecided):
            reasons += (f"what it needs to be trained cannot be told: {error}",)
        else:
            said = f"what it trains depends on {' and '.join(waiting) or error}"
        planned = {one.name: one for state in before.values() for one in state.searches}
        runs = supposed.runs(context, name, planned)
        return State(name, MEASURE if record else MISSING, reasons, record, runs, said)
    lacking = tuple(_lacking(context, searches))
    try:
        current = inputs(context, name)
    except NotReady:
        condition = MEASURE if record else MISSING
        return State(name, condition, _waits(record, waiting), record, lacking, searches=searches)
    if record is None:
        failure = context.held.failure(name)
        why = f"it failed last time: {failure.message}" if failure else NEVER
        return State(name, MISSING, (why,), None, lacking, searches=searches)
    reasons = tuple(_reasons(context, record, current, waiting, lacking, searches))
    if reasons:
        return State(name, MEASURE, reasons, record, lacking, searches=searches)
    reasons = tuple(_reasons_to_draw(context, record))
    return State(name, DRAW if reasons else FRESH, reasons, record, searches=searches)


def _left_out(context: Context, name: str) -> bool:
    """Return whether the profile leaves out what nobody asked for, and what did not fail before."""
    request = context.request
    asked = any(name in experiments.whole(one) for one in request.sections)
    leaves_out = LEAVES_OUT.get(request.profile.name, ())
    return name in leaves_out and not asked and not context.held.failure(name)


def _waits(record: Record | None, waiting: list[str]) -> tuple[str, ...]:
    first = () if record else (NEVER,)
    return first + tuple(f"needs {need}, which is built first" for need in waiting)


def _reasons(
    context: Context,
    record: Record,
    current: Mapping[str, str],
    waiting: list[str],
    lacking: tuple[RunSettings, ...],
    searches: tuple[Search, ...],
) -> Iterator[str]:
    if failure := context.held.failure(record.section):
        yield f"it failed last time: {failure.message}"
    yield from (f"{need} is built anew" for need in waiting)
    changes = list(differences(record.inputs, current))
    if record.inputs.get("code") != current["code"]:
        changes.append(changed_code(record.definitions, definitions(context, record.section)))
    yield from changes
    if lacking and not changes:
        yield f"{len(lacking)} training {'run is' if len(lacking) == 1 else 'runs are'} missing"
    elif not changes and any(context.stored_result(search) is None for search in searches):
        yield "the record of its search is missing"
    elif not changes and record.inputs != current:
        trained = {name for name in current if name.startswith("run:")}
        same = all(record.inputs.get(name) == current[name] for name in trained)
        yield "its search changed" if same else "its networks were trained anew"


def _reasons_to_draw(context: Context, record: Record) -> Iterator[str]:
    drawn = context.held.drawn(record.section)
    if drawn is None:
        yield "it was not drawn yet"
        return
    current = drawing_inputs(record)
    if drawn.inputs.get("record") != current["record"]:
        yield "it was measured anew"
    if drawn.inputs.get("code") != current["code"]:
        there = code.drawing(record.section).digests
        yield changed_code(drawn.definitions, there)
    yield from differences(drawn.inputs, current)
    yield from files.changed(context.request.output, drawn.files)


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """Yield, in words, what changed between the inputs of a stage and what they are now.

    Runs, searches and code are left out: they follow from the rest, or are told apart by the caller.
    """
    for name in (*new, *(set(old) - set(new))):
        if old.get(name) == new.get(name):
            continue
        kind, _, what = name.partition(":")
        if kind in ("setting", "version"):
            yield f"{what} was {old.get(name, 'none')}, is now {new.get(name, 'none')}"
        elif kind in WORDS and what:
            yield WORDS[kind].format(what)


WORDS = {
    "data": "the {} data differ",
    "label": "the {} data come from elsewhere",
    "record": "{} was built anew",
}


def changed_code(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """Return in words which definitions changed: "the code of rnn.measure and of 1 other changed"."""
    changed = sorted(name for name in {**old, **new} if old.get(name) != new.get(name))
    if not changed:
        return "the code changed in its order"
    module, _, name = changed[0].partition(":")
    more = len(changed) - 1
    others = f" and of {more} other{'s' * (more > 1)}" if more else ""
    return f"the code of {module.rpartition('.')[2]}.{name}{others} changed"


def _stored_runs(context: Context, search: Search) -> list[Run]:
    if search.points:
        found = (context.index.find(run) for run in _runs(search))
        return [run for run in found if run is not None]
    result = context.stored_result(search)
    return [run for trial in result.trials for run in trial.runs] if result else []


def _lacking(context: Context, searches: Sequence[Search]) -> Iterator[RunSettings]:
    """Yield the runs that must be trained; one that several searches share counts once.

    A search without fixed points that has no result yet is told by what is in the middle of its
    space, once for each trial, though an interrupted one has some of its runs.
    """
    fixed = {context.index.key(run): run for search in searches for run in _runs(search)}
    yield from (run for run in fixed.values() if context.index.find(run) is None)
    for search in searches:
        if search.points:
            continue
        if result := context.last_result(search):
            yield from (
                it.settings for it in result.runs if context.index.find(it.settings) is None
            )
        else:
            yield from list(search.runs(estimates.middle(search.space))) * search.max_trials


def _runs(search: Search) -> Iterator[RunSettings]:
    for point in search.points:
        yield from search.runs(point)
