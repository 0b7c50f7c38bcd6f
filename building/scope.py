"""What a build measures, and why: what was asked for by name, what that takes along, what is stale."""

from collections.abc import Iterable, Mapping, Sequence

import experiments
from building import one_trial
from building import plan as planning
from building.afresh import Afresh
from building.context import Context
from building.plan import MISSING, State
from building.request import RequestError
from rendering.wording import and_list

ASKED, BEGUN = "asked for by name", "a build of it was interrupted"
KEPT = "measured again, from the networks that stand; --retrain trains them again"
RETRAINED = "its networks are trained again, and it is measured"
TRIAL = "trial {} is trained again"


def sections_to_build(
    context: Context, states: Mapping[str, State], afresh: Afresh
) -> dict[str, str]:
    """Return the sections and parts to measure, in order, each with the reason.

    Without names: all that are due. With names: those, with their parts, and those that use a trial
    that is named, what they need and lack, and those with results that depend on them, by a record or by
    a training run.
    """
    named = [name for one in context.request.sections for name in experiments.whole(one)]
    trials = context.request.trials
    if not (named or trials or afresh.sections):
        return {name: reason(it) for name, it in states.items() if it.due}
    using = {name: TRIAL.format(it) for it in trials for name in one_trial.using(states, it)}
    wanted = dict.fromkeys(afresh.sections, BEGUN) | using | dict.fromkeys(named, ASKED)
    retrained = [*(sorted(named) if context.request.retrain else ()), *trials]
    afresh.begin(sorted(wanted), retrain=retrained)
    after = planning.make_plan(context)
    wanted = _followers_by_training(afresh, states, after) | wanted
    if not (named or trials):
        wanted = {name: reason(it) for name, it in after.items() if it.due} | wanted
    while lacking := _lacking(context, wanted, after):
        wanted |= lacking
    found = {name: wanted[name] for name in experiments.names() if name in wanted}
    afresh.note(list(found))
    return found


def check_trials(context: Context, states: Mapping[str, State]) -> None:
    """Raise RequestError for a trial that is named and is not there, or that nothing built uses."""
    for trial in context.request.trials:
        one_trial.runs(context, trial)
        if not one_trial.using(states, trial):
            raise RequestError(
                f"nothing that is built uses {trial}: ask for its section by name, with --retrain"
            )


def reason(state: State) -> str:
    """Return in words why a section or part is not fresh."""
    return "; ".join((*state.reasons, state.open) if state.open else state.reasons)


def told(context: Context, wanted: Mapping[str, str], states: Mapping[str, State]) -> list[str]:
    """Return what is said before a build begins: what is asked for by name, what that takes along,
    and what an interrupted build goes on with.

    Parts are not told beside their section for its own reason. `states` are those before the build.
    """
    asked, trials = context.request.sections, context.request.trials
    lines = [f"{name}: trained again, and what uses it is measured again" for name in trials]
    lines += [f"{name}: {_what_is_done(context, states, name)}" for name in asked]
    others = {name: why for name, why in wanted.items() if asked or trials or why == BEGUN}
    others = {name: why for name, why in others.items() if why != ASKED}
    return lines + [
        f"{name} is built too: {why}"
        for name, why in others.items()
        if "." not in name or others.get(name.partition(".")[0]) != why
    ]


def left_over(context: Context, failed: Iterable[str]) -> str:
    """Return the line that says what a build leaves out of date; empty if nothing but what failed."""
    states = planning.make_plan(context)
    left = [name for name, it in states.items() if it.due and name not in set(failed)]
    left = [it for it in left if "." not in it or it.partition(".")[0] not in left]
    if not left:
        return ""
    return f"still out of date: {', '.join(left)}; {context.request.again()} builds what is"


def _what_is_done(context: Context, states: Mapping[str, State], name: str) -> str:
    """Return what is done with a section that was asked for by name."""
    if context.request.retrain:
        return RETRAINED
    whole = [states[one] for one in experiments.whole(name)]
    if any(it.record is None or it.runs or it.open for it in whole):
        return ASKED
    return KEPT if any(it.searches for it in whole) else "measured again"


def _followers_by_training(
    afresh: Afresh, states: Mapping[str, State], after: Mapping[str, State]
) -> dict[str, str]:
    """Return what was measured, and no longer is since networks are trained again."""
    stale = [name for name, it in after.items() if states[name].measured and not it.measured]
    found = {}
    for name in stale:
        others = [it for it in afresh.sharing(name) if it != name]
        found[name] = _shares(others) if others else reason(after[name])
    return found


def _shares(others: Sequence[str]) -> str:
    sections = [it for it in others if not one_trial.is_trial(it)]
    if sections:
        return f"it shares its networks with {and_list(sections)}"
    return f"it uses a network of {and_list(others)}, which is trained again"


def _lacking(
    context: Context, wanted: Mapping[str, str], states: Mapping[str, State]
) -> dict[str, str]:
    """Return what the wanted sections need, or what with results needs them, and is not wanted yet.

    A part is printed below its section, which says what the part is about.
    """
    found = {}
    for name in wanted:
        for need in (*context.section(name).needs, name.partition(".")[0]):
            if not states[need].measured:
                found[need] = f"{name} needs it"
    for name in experiments.names():
        needed = [need for need in context.section(name).needs if need in wanted]
        if needed and states[name].condition != MISSING:
            found[name] = f"it needs {and_list(needed)}"
    return {name: why for name, why in found.items() if name not in wanted}
