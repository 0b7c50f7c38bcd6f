"""The commands that show how things stand: list, dry run, clean. They change nothing.

Except that `clean` removes what it shows, when it is asked to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import experiments
from building import folder, views
from building import plan as planning
from building.afresh import Afresh
from building.commands import find_context, find_data, to_print
from building.context import Context
from building.plan import DRAW, FRESH, LEFT_OUT, MEASURE, MISSING, PRINT, State
from building.request import Request
from building.scope import BEGUN, check_trials, sections_to_build
from experiments.lab.data.splits import DataError
from experiments.lab.store.records import Record
from rendering.columns import aligned
from rendering.wording import duration, megabytes

if TYPE_CHECKING:
    from building.clean import Leftover

# The worst says where a section with parts stands.
WORST_FIRST = (MISSING, MEASURE, DRAW, PRINT, FRESH, LEFT_OUT)


def show_list(asked: Request, section: str) -> int:
    """Print where each section stands, or each part of `section`, since when, and how long it took."""
    context = find_context(asked, download=False)
    begun = Afresh(context, pretend=True).sections
    states = planning.make_plan(context)
    for name in begun:
        states[name] = replace(states[name], condition=MEASURE, reasons=(BEGUN,))
    if section:
        names = experiments.whole(section.partition(".")[0])
        groups = {name: [states[name]] for name in names if name == section or "." not in section}
    else:
        groups = {
            one: [states[name] for name in experiments.whole(one)] for one in experiments.SECTIONS
        }
    common = _in_common(list(groups.values()))
    rows = [_list_row(name, group, common) for name, group in groups.items()]
    if reasons := to_print(context, states):
        rows.append(("report", PRINT, "", _first(reasons)))
    rows += [("views", MISSING, "", why) for why in views.told(views.gone(context, states))]
    print(aligned(("section", "state", "built, took", "why"), rows))
    if common:
        print(f"\nall that is not fresh: {_first(common)}")
    return 0


def _worst(group: Sequence[State]) -> list[State]:
    """Return those of a section and its parts that say where it stands."""
    condition = min((state.condition for state in group), key=WORST_FIRST.index)
    return [state for state in group if state.condition == condition]


def _reasons(group: Sequence[State]) -> list[str]:
    return list(dict.fromkeys(reason for state in _worst(group) for reason in state.reasons))


def _in_common(groups: Sequence[Sequence[State]]) -> list[str]:
    """Return the reasons that all sections have which are not fresh, if those are several."""
    settled = (FRESH, LEFT_OUT)
    reasons = [_reasons(group) for group in groups if _worst(group)[0].condition not in settled]
    if len(reasons) < 2:
        return []
    return [reason for reason in reasons[0] if all(reason in others for others in reasons)]


def _list_row(
    name: str, group: Sequence[State], common: Sequence[str]
) -> tuple[str, str, str, str]:
    """Return a section's row; reasons in `common` are said elsewhere."""
    worst = _worst(group)
    condition = worst[0].condition
    parts, of_parts = ([it for it in states if "." in it.section] for states in (group, worst))
    some = condition != FRESH and 0 < len(of_parts) < len(parts)
    said = f"{condition}: {len(of_parts)} of {len(parts)} parts" if some else condition
    reasons = [reason for reason in _reasons(group) if reason not in common]
    if condition != LEFT_OUT:
        left_out = [it.section for it in group if it.condition == LEFT_OUT]
        reasons += [f"{one} is left out" for one in left_out]
    return name, said, _when([state.record for state in group]), _first(reasons)


def _first(reasons: Sequence[str]) -> str:
    """Return the reasons in a line that can be read: the first three, and how many more there are."""
    more = len(reasons) - 3
    return "; ".join(reasons[:3]) + (f"; and {more} more" if more > 0 else "")


def show_plan(asked: Request) -> int:
    """Print what a build would do, why, and about how long it would take."""
    context = find_context(asked, download=False)
    before = planning.make_plan(context)
    check_trials(context, before)
    wanted = sections_to_build(context, before, Afresh(context, pretend=True))
    states = planning.make_plan(context)
    rows = _plan_rows(context, wanted, states)
    drawn = [name for name, it in states.items() if it.condition == DRAW and name not in wanted]
    rows += [(name, "to be drawn", "", "; ".join(states[name].reasons)) for name in drawn]
    if not rows:
        reasons = to_print(context, states)
        said = f"would be written again: {_first(reasons)}" if reasons else "is up to date"
        print(f"nothing would run; the report {said}")
        for why in views.told(views.gone(context, states)):
            print(f"{why}: they would be made again")
        return 0
    from building.builder import jobs
    from experiments.lab.search import estimates

    print(aligned(("section", "to do", "on one core", "why"), rows))

    together = asked.jobs or jobs(0, context.replicas)
    trained = planning.to_train(context, states, wanted).values()
    took = estimates.whole(
        [run for runs in trained for run in runs],
        context.held.runs.runs(),
        sections=len(wanted),
        few=asked.profile.limit is not None,
        together=together,
    )
    print(f"\nabout {duration(took)} in all, with {together} trainings at once")
    return 0


def _plan_rows(
    context: Context, wanted: Mapping[str, str], states: Mapping[str, State]
) -> list[tuple[str, str, str, str]]:
    """Return a row for each section to measure."""
    from experiments.lab.search import estimates

    known, rows = context.held.runs.runs(), []
    for name, runs in planning.to_train(context, states, wanted).items():
        to_do = f"{len(runs)} run{'s' * (len(runs) != 1)}" if runs else "to be measured"
        about = "about " if states[name].open else ""
        took = duration(sum(estimates.seconds(run, known) for run in runs)) if runs else ""
        rows.append((name, about + to_do, took, wanted[name]))
    return rows


def show_machine(asked: Request) -> int:
    """Print what this machine has and lacks; return 1 if something is missing."""
    from building import checks
    from building.builder import jobs
    from experiments.lab.training.devices import gpu_count

    together = asked.jobs or jobs(gpu_count())
    try:
        found = find_data(asked, download=False)
        data = [
            checks.Check(name, checks.OK, f"{source.identity.label} ({source.identity.origin})")
            for name, source in found.items()
        ]
    except DataError as error:
        data = [checks.Check("data", checks.MISSING, str(error))]
    held = [*checks.described(together, data), *checks.needed(asked.output, together)]
    print(checks.table(held))
    return 1 if any(check.state == checks.MISSING for check in held) else 0


def clean(asked: Request, remove: bool) -> int:
    """Print what nothing in the output folder needs any more; with `remove` also remove it."""
    from building import clean as cleaning

    if not folder.built_in(asked.output):
        return _show_leftovers(asked, [])
    if not remove:
        return _show_leftovers(asked, cleaning.leftovers(asked.output))
    from building.lock import locked

    with locked(asked.output):
        folder.sweep(asked.output)
        found = cleaning.leftovers(asked.output)
        cleaning.clear(found)
        _show_leftovers(asked, found, removed=True)
    return 0


def _show_leftovers(asked: Request, found: Sequence["Leftover"], removed: bool = False) -> int:
    if not found:
        print(f"nothing to clean in {asked.output}")
        return 0
    sizes: dict[str, list[int]] = {}
    for item in found:
        sizes.setdefault(item.why, []).append(item.size)
    rows = [(why, str(len(each)), megabytes(sum(each))) for why, each in sizes.items()]
    print(aligned(("what", "how many", "size"), rows))
    print("", *(f"  {item.path}" for item in found), sep="\n")
    total = megabytes(sum(item.size for item in found))
    todo = "removed" if removed else "in all; the same command with --yes removes it"
    print(f"\n{total} {todo}")
    return 0


def _when(records: Sequence[Record | None]) -> str:
    known = [record for record in records if record is not None]
    if not known:
        return ""
    last = max(record.built_at for record in known)
    return f"{last[:16].replace('T', ' ')}, {duration(sum(record.seconds for record in known))}"
