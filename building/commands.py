"""The commands: build, list, dry run, trials."""

import os
import sys
import time
from collections.abc import Mapping

import experiments
from building import plan as planning
from building.afresh import Afresh
from building.context import Context, replicas
from building.plan import FRESH, MISSING, State
from building.request import Request, RequestError
from building.writer import Writer, page_is_current, stored_searches
from experiments.lab.data import sources
from experiments.lab.store.files import remove_partials
from experiments.lab.store.records import Record
from rendering.columns import aligned
from rendering.wording import duration

DATA_SETS = ("cifar10", "mnist")
WRITTEN = (".", "records", "records/searches", "figures")  # the folders that a build writes to


def request(**given: object) -> Request:
    """Return the request; RequestError if its parts do not go together."""
    made = Request(**given)
    if made.output.exists() and not made.output.is_dir():
        raise RequestError(f"--output {made.output} is a file; name a folder")
    return made


def build(asked: Request) -> int:
    """Build what is stale, or the named sections afresh; return the exit status."""
    from building.lock import locked

    with locked(asked.output):
        for folder in WRITTEN:
            remove_partials(asked.output / folder)
        context = find_context(asked, download=True)
        states = planning.make_plan(context)
        afresh = Afresh(context)
        wanted = sections_to_build(context, states, afresh)
        if not wanted and page_is_current(context):
            print(f"nothing to do: {asked.output}/assignment2.html and .pdf are up to date")
            return 0
        from building.builder import Builder
        from building.display import Display

        states = planning.make_plan(context)
        with Display() as display:
            if not wanted:
                writer, failed = Writer(context, states, display), []
                writer.write_all(final=True)
            else:
                builder = Builder(context, states, wanted, display)
                builder.build(afresh)
                writer, failed = builder.writer, builder.failed
        failed += [it for it in writer.unprintable if it not in failed]
        return _say_result(asked, failed, writer.problems)


def worker_name() -> str | None:
    """Return this machine's name if keras-tuner's environment makes it a worker, None otherwise.

    RequestError if the environment names a worker without its chief's address.
    """
    name = os.environ.get("KERASTUNER_TUNER_ID", "chief")
    if "chief" in name:
        return None
    missing = [
        it for it in ("KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT") if it not in os.environ
    ]
    if missing:
        raise RequestError(f"KERASTUNER_TUNER_ID is {name}: set {' and '.join(missing)} too")
    return name


def work(asked: Request, name: str) -> int:
    """Train for the chief on another machine, on all cores or GPUs of this one, until it is done."""
    from building.builder import jobs
    from experiments.lab.search.crew import Crew

    host, port = os.environ["KERASTUNER_ORACLE_IP"], os.environ["KERASTUNER_ORACLE_PORT"]
    gpus = _gpus()
    crew = Crew(
        asked.output,
        (host, int(port)),
        asked.jobs or jobs(gpus),
        lost=lambda tuner_id, reason: _say(f"{tuner_id}: {reason}"),
        gpus=gpus,
        name=name,
    )
    _say(
        f"{name}: training for the chief at {host}:{port}; its build decides what and when to stop"
    )
    try:
        crew.start()
        while crew.check():
            time.sleep(1)
    finally:
        crew.stop()
    return 0


def find_context(asked: Request, download: bool) -> Context:
    """Return the context; DataError if the data cannot be used."""
    found = {
        name: sources.find(name, asked.data, asked.data_dir, say=_say, download=download)
        for name in DATA_SETS
    }
    return Context(asked, found, _replicas(asked), _say)


def sections_to_build(context: Context, states: Mapping[str, State], afresh: Afresh) -> list[str]:
    """Return the sections to build, in order.

    Without names: all that are not fresh. With names: those, what they need and lack, and those with
    results that depend on them, by a record or by a training run.
    """
    named = context.request.sections
    if not named and not afresh.sections:
        return [section for section, state in states.items() if state.condition != FRESH]
    wanted = set(named) | set(afresh.sections)
    afresh.begin(sorted(wanted))
    after = planning.make_plan(context)
    wanted |= {
        section
        for section, state in after.items()
        if states[section].condition == FRESH and state.condition != FRESH
    }
    if not named:
        wanted |= {section for section, state in after.items() if state.condition != FRESH}
    while lacking := _lacking(context, wanted, after):
        wanted |= lacking
    return [section for section in experiments.SECTIONS if section in wanted]


def _lacking(context: Context, wanted: set[str], states: Mapping[str, State]) -> set[str]:
    """Return what the wanted sections need, or what with results needs them, and is not wanted yet."""
    needed = {
        need
        for section in wanted
        for need in context.section(section).needs
        if states[need].condition != FRESH
    }
    followers = {
        section
        for section in experiments.SECTIONS
        if states[section].condition != MISSING and wanted & set(context.section(section).needs)
    }
    return (needed | followers) - wanted


def show_list(asked: Request) -> int:
    """Print where each section stands, when it was built and how long it took."""
    states = planning.make_plan(find_context(asked, download=False))
    rows = [
        (section, state.condition, _when(state.record), "; ".join(state.reasons))
        for section, state in states.items()
    ]
    print(aligned(("section", "state", "built, took", "why"), rows))
    return 0


def show_plan(asked: Request) -> int:
    """Print what a build would do, why, and about how long it would take."""
    from building.builder import jobs
    from experiments.lab.search.estimates import seconds

    context = find_context(asked, download=False)
    known = context.store.runs()
    afresh = Afresh(context, pretend=True)
    wanted = sections_to_build(context, planning.make_plan(context), afresh)
    states = planning.make_plan(context)
    rows, counted, total = [], set(), 0.0
    for section in wanted:
        state = states[section]
        fresh = [run for run in state.runs if context.index.key(run) not in counted]
        counted |= {context.index.key(run) for run in fresh}
        needed = sum(seconds(run, known) for run in fresh)
        total += needed
        rows.append(
            (
                section,
                f"{len(fresh)} run{'s' * (len(fresh) != 1)}",
                duration(needed),
                _why(section, state, asked),
            )
        )
    if not rows:
        report = "is up to date" if page_is_current(context) else "would be written again"
        print(f"nothing would run; the report {report}")
        return 0
    print(aligned(("section", "to train", "on one core", "why"), rows))
    together = asked.jobs or jobs(0, context.replicas)
    print(f"\nabout {duration(total / together)} in all, {together} trainings at once")
    return 0


def _why(section: str, state: State, asked: Request) -> str:
    if section in asked.sections:
        return "asked for by name"
    return "; ".join(state.reasons) or "what it needs is built anew"


def show_trials(asked: Request, search: str) -> int:
    """Print the searches, or the trials of `search`, as a table; RequestError if there is none."""
    from rendering.browser import from_runs, table

    if not asked.output.exists():
        raise RequestError(f"there is no folder {asked.output}: build the report first")
    results = stored_searches(find_context(asked, download=False))
    if not results:
        raise RequestError(f"no search has been made yet in {asked.output}: build the report first")
    found = {result.search.name: from_runs.read(result) for result in results}
    if search and search not in found:
        raise RequestError(f"no search named {search}; there are: {', '.join(found)}")
    print(table.of_trials(found[search]) if search else table.of_searches(list(found.values())))
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _replicas(asked: Request) -> int:
    count = replicas(asked.strategy, _gpus)
    if asked.strategy == "mirrored" and count < 2:
        raise RequestError(
            "--strategy mirrored splits over GPUs, and there are fewer than two here"
        )
    return count


def _gpus() -> int:
    from experiments.lab.training import devices

    return devices.gpu_count()


def _when(record: Record | None) -> str:
    if record is None:
        return ""
    return f"{record.built_at[:16].replace('T', ' ')}, {duration(record.seconds)}"


def _say_result(asked: Request, failed: list[str], problems: list[str]) -> int:
    for problem in problems:
        _say(problem)
    if failed:
        _say(f"failed: {', '.join(failed)}; the report says what failed in their places")
    names = "assignment2.html" if problems else "assignment2.html and assignment2.pdf"
    print(f"{asked.output}/{names}")
    return 1 if failed or problems else 0
