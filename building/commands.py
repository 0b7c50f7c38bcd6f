"""The commands that do something: build, and work for a build on another machine."""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from building import checking, checks, folder, printing, remembered, scope, views
from building import plan as planning
from building.afresh import Afresh
from building.context import Context, replicas
from building.plan import DRAW, State
from building.request import Request, RequestError
from experiments.lab.data import sources
from experiments.lab.data.splits import Source
from experiments.lab.search.assignments import CHIEF_MAY_START, WorkError
from experiments.lab.store.plain_text import is_text, plain
from rendering.wording import and_list

if TYPE_CHECKING:
    from building.display import Display  # rich, which a build with nothing to do does without
    from building.summary import Summary
    from building.writer import Writer

DATA_SETS = ("cifar10", "mnist")
NAMED = ("author", "course", "title")  # what stands on the title page as it was given
ASK_EVERY = 10.0  # seconds between two words about a chief that does not answer


def request(**given: object) -> Request:
    """Return the request; RequestError if its parts do not go together."""
    output = str(given.get("output", Request.output))
    named = {name: as_utf_8(str(given.get(name, ""))) for name in NAMED}
    made = Request(**{**given, "output": Path(output), **named})
    texts = {f"--{name}": text for name, text in named.items()}
    texts |= {"--output": output, "--data-dir": made.data_dir}
    for option, text in texts.items():
        if not is_text(text or ""):
            raise RequestError(f"{option} {plain(text)} is not valid UTF-8; write it in UTF-8")
    for option in ("--output", "--data-dir"):
        if texts[option] == "":
            raise RequestError(f"{option} is empty: name a folder")
    if made.data == "stand-in" and made.data_dir:
        raise RequestError(
            f"--data stand-in takes no data from --data-dir {plain(made.data_dir)}: leave one of them out"
        )
    folder.check(made.output)
    named = {name: plain(text) for name, text in named.items()}
    options = {**made.options, **named}
    return replace(made, **named, command=plain(made.command), options=options)


def as_utf_8(text: str) -> str:
    """Return what was given on the command line in UTF-8, whatever the locale took it for."""
    with contextlib.suppress(UnicodeError):
        return os.fsencode(text).decode("utf-8")
    return text


def build(asked: Request) -> int:
    """Build what is stale, or the named sections afresh; return the exit status."""
    from building.lock import locked
    from building.summary import Summary, older_pdf
    from building.writer import Writer

    summary = Summary()
    found, devices = find_data(asked, download=True, say=summary.say), _replicas(asked)
    with locked(asked.output):
        folder.sweep(asked.output)
        context = Context(asked, found, devices, summary.warn)
        states = planning.make_plan(context)
        scope.check_trials(context, states)
        keep_options(context, states)
        afresh = Afresh(context)
        wanted = scope.sections_to_build(context, states, afresh)
        drawn = [name for name, it in states.items() if it.condition == DRAW and name not in wanted]
        lacking = views.gone(context, states)
        printed = not wanted and not drawn and not to_print(context, states)
        if printed and not lacking:
            print(f"nothing to do: {asked.output}/assignment2.html and .pdf are up to date")
            return 0
        for check in checks.needed(asked.output, asked.jobs or _cores()):
            _tell(summary, check)
        for line in scope.told(context, wanted, states):
            _say(line)
        for why in printing.damaged(context):
            _say(f"{why}: it is made again")
        for why in views.told(lacking):
            _say(f"{why}: they are made again")
        for name in drawn:
            _say(f"{name} is drawn again: {states[name].reasons[0]}")
        from building.display import Display

        display = Display()
        try:
            with display:
                writer = Writer(context, planning.make_plan(context), display)
                failed = [] if printed else _make(context, writer, display, drawn, wanted, afresh)
                _complete_views(context, writer, display)
            pdf = not writer.problems
            held = checking.Outcome() if printed else checking.outcome(asked.output, pdf)
            for line in held.lines:
                summary.warn(line)
        except KeyboardInterrupt:
            with contextlib.suppress(OSError):  # the terminal may be gone
                _say(f"\n{display.kept()}")
                if older := older_pdf(asked.output):
                    _say(older)
            raise
        if line := scope.left_over(context, failed):
            _say(line)
        summary.end(context, wanted, failed, writer.problems)
        return 1 if failed or writer.problems or held.wrong else 0


def _tell(summary: "Summary", check: checks.Check) -> None:
    """Say what is not in order; at the end a note again, and of what is missing what came of it."""
    if check.state == checks.NOTE:
        summary.warn(check.line)
    elif check.state != checks.OK:
        summary.say(check.line)


def _make(
    context: Context,
    writer: "Writer",
    display: "Display",
    drawn: Sequence[str],
    wanted: Mapping[str, str],
    afresh: Afresh,
) -> list[str]:
    """Draw, train, measure and write; return the sections that failed."""
    failed = [name for name in drawn if not writer.draw(name)]
    if wanted:
        from building.builder import Builder

        builder = Builder(context, writer, list(wanted), display)
        builder.build(afresh)
        failed += builder.failed + builder.undrawn
    else:
        writer.write_all(final=True)
    return failed + [it for it in writer.unprintable if it not in failed]


def _complete_views(context: Context, writer: "Writer", display: "Display") -> None:
    """Make again what the views of searches lack, and remove those of searches that are no more.

    They lack what this build had no other reason to open.
    """
    from building import clean

    states = planning.make_plan(context)
    if lacking := views.gone(context, states):
        from building.builder import Builder

        searches = {one.name: one for of_view in lacking.values() for one in of_view}
        Builder(context, writer, [], display).complete_views(searches.values())
    asked = [one.name for state in states.values() for one in state.searches]
    if old := clean.drop_views(context.request.output, asked):
        display.say(f"removed the views of searches that the report no longer has: {and_list(old)}")


def to_print(context: Context, states: Mapping[str, State]) -> list[str]:
    """Return why the report's files are to be written again; empty if they are current."""
    from building.writer import shown, versions

    return printing.reasons(context, shown(states), versions())


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
    from experiments.lab.search.admission import name_of, port_of
    from experiments.lab.search.crew import Crew

    name = name_of(name)
    host, port = os.environ["KERASTUNER_ORACLE_IP"], port_of(os.environ["KERASTUNER_ORACLE_PORT"])
    await_chief(host, port)
    gpus = _gpus()
    crew = Crew(
        asked.output,
        (host, port),
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


def await_chief(host: str, port: int) -> None:
    """Wait until something listens at a chief's address, and say every ten seconds that nothing does.

    Raises WorkError if the address cannot be, or if that takes longer than CHIEF_MAY_START.
    """
    until = time.monotonic() + CHIEF_MAY_START
    while time.monotonic() < until:
        try:
            socket.create_connection((host, port), timeout=ASK_EVERY).close()
            return
        except (socket.gaierror, UnicodeError):
            raise WorkError(
                f"KERASTUNER_ORACLE_IP is {host[:60]!r}: there is no such machine"
            ) from None
        except OSError:
            _say(f"no answer yet from {host}:{port}")
            time.sleep(ASK_EVERY)
    raise WorkError(f"no answer from {host}:{port} in {CHIEF_MAY_START / 60:.0f} minutes")


def keep_options(context: Context, states: Mapping[str, State]) -> None:
    """Keep in the folder how it is built, and say first what a change of that measures anew."""
    asked = context.request
    data = {name: source.identity.label for name, source in context.sources.items()}
    changed = remembered.changes(asked.output, asked.options, data)
    again = [name for name, it in states.items() if it.record is not None and not it.measured]
    if changed and again:
        _say(f"{'; '.join(changed)}: measured anew: {', '.join(again)}")
    remembered.write(asked.output, asked.options, data)


def find_data(
    asked: Request, download: bool, say: Callable[[str], None] | None = None
) -> dict[str, Source]:
    """Return where each data set comes from; DataError if one cannot be used."""
    return sources.find_all(DATA_SETS, asked.data, asked.data_dir, say or _say, download)


def find_context(asked: Request, download: bool) -> Context:
    """Return the context; DataError if the data cannot be used."""
    return Context(asked, find_data(asked, download), _replicas(asked), _say)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _replicas(asked: Request) -> int:
    count = replicas(asked.strategy, _gpus)
    if asked.strategy == "mirrored" and count < 2:
        raise RequestError(
            "--strategy mirrored splits over GPUs, and there are fewer than two here"
        )
    return count


def _cores() -> int:
    from building.builder import jobs

    return jobs(0)


def _gpus() -> int:
    from experiments.lab.training import devices

    return devices.gpu_count()
