"""Build the report of the assignment: train, search, study, write.

    python build_report.py                      everything that is missing or stale, then the report
    python build_report.py SECTION[.PART] ...   these measured again, then the report; with --retrain
                                                their networks are trained again too
    python build_report.py SEARCH/N --retrain   this trial trained again, what uses it measured again
    python build_report.py --list [SECTION]     each section: fresh, missing, or to be measured, drawn or
                                                printed, and why
    python build_report.py --dry-run            what would run, why, and about how long
    python build_report.py --trials [SEARCH]    the searches, or one search's trials, as a table
    python build_report.py --check              the built report held against its own results
    python build_report.py --compare OLD        what changed since another build, a folder or results.json
    python build_report.py --doctor             what this machine has and lacks, and what mends it
    python build_report.py --clean [--yes]      what nothing needs any more, and removing it

Exit status: 0 all built; 1 the report was written but a section failed; 2 the request or the data
cannot be used.
"""

import argparse
import contextlib
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import experiments
from building import terminal
from experiments.lab.profiles import PROFILES, Profile

if TYPE_CHECKING:  # what shows trials is imported when they are shown
    from building.trials import Wanted

OK, INCOMPLETE, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
SIGNALLED = 128  # and the signal's number, as shells have it
BROKEN_PIPE = 13  # SIGPIPE's number, which Windows has no name for
MOST_SEEDS, MOST_DIGITS = 1000, 9  # of an option's number
PROJECT = Path(__file__).resolve().parent
ALL = ""
TRIAL = re.compile(r"[A-Za-z0-9_-]+/[0-9]+")
DEFAULT_PROFILE = "standard"
EDITIONS = ("main", "full")  # of the report: without and with its appendix
FORMS = ("table", "csv", "json")  # of the trials
EXPORTS = ("optuna", "csv", "json", "parquet")  # of the trials, to a file
SEARCHES = {"grid": False, "wide": True}  # whether the wide searches are made


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    terminal.survive()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = parser().parse_intermixed_args(given)
        if options.yes and not options.clean:
            parser().error("--yes goes with --clean")
        if options.retrain and not options.sections:
            parser().error("--retrain goes with a SECTION: without one, what is missing is trained")
        if not options.retrain and (trial := next(filter(is_trial, options.sections), None)):
            parser().error(
                f"{trial} is a trial: --retrain trains it again, --trials {trial} shows it"
            )
        if options.trials is None and (named := of_trials(options)):
            parser().error(f"{named} goes with --trials")
        return run(options, given)
    except KeyboardInterrupt:
        return leave("\ninterrupted; the same command goes on from here", INTERRUPTED)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if (PROJECT / missing).exists():
            raise
        print(
            f"build_report: {missing} is not installed here: source .venv/bin/activate, "
            "or python -m pip install -r requirements.txt",
            file=sys.stderr,
        )
        return UNUSABLE


def run(options: argparse.Namespace, given: Sequence[str]) -> int:
    """Do what the parsed options ask for and return the exit status; `given` is told in the report."""
    from building import signals
    from building.request import RequestError
    from experiments.lab.data.splits import DataError
    from experiments.lab.search.assignments import WorkError
    from experiments.lab.store.files import StorageError

    try:
        with signals.heard():
            status = do(options, given)
            if sys.stdout is not None:  # closed by who began the program
                sys.stdout.flush()
            return status
    except BrokenPipeError:
        terminal.fall_silent()
        return SIGNALLED + BROKEN_PIPE
    except (RequestError, DataError, WorkError, StorageError) as error:
        return leave(f"build_report: {error}", UNUSABLE)
    except OSError as error:
        return leave(f"build_report: {error}; what stood before is untouched", UNUSABLE)
    except signals.Stopped as stopped:
        said = f"\nstopped by {stopped}; the same command goes on from here"
        return leave(said, SIGNALLED + stopped.number)


def leave(line: str, status: int) -> int:
    """Say why the program ends, if there is still somebody to hear it, and return `status`."""
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(line, file=sys.stderr, flush=True)
    return status


def do(options: argparse.Namespace, given: Sequence[str]) -> int:
    """Make the request of the options, do it, and return the exit status."""
    from building import checking, commands, remembered, status, trials

    kept, taken = as_built(options)
    for name, value in vars(parser().parse_intermixed_args(remembered.arguments(taken))).items():
        if name in taken:
            setattr(options, name, value)
    request = commands.request(
        output=options.output,
        sections=tuple(it for it in dict.fromkeys(options.sections) if not is_trial(it)),
        trials=tuple(filter(is_trial, dict.fromkeys(options.sections))),
        retrain=options.retrain,
        profile=profile(options),
        data=options.data or "auto",
        data_dir=options.data_dir,
        jobs=options.jobs,
        strategy=options.strategy or "auto",
        author=options.author or "",
        course=options.course or "",
        title=options.title or "",
        edition=options.edition or "full",
        command=shlex.join(["python", "build_report.py", *given, *remembered.arguments(taken)]),
        options=kept,
    )
    elsewhere = trials.is_elsewhere(options.trials or ALL)  # what this folder holds does not matter
    if taken and not commands.worker_name() and not elsewhere:
        leave(remembered.said(request.output, taken), OK)
    if options.trials is not None:
        return trials.show(request, wanted(options))
    if options.list is not None:
        return status.show_list(request, options.list)
    if options.check:
        return checking.show(request.output)
    if options.compare is not None:
        from building import comparing

        return comparing.show(request.output, options.compare, request.title or "Assignment 2")
    if options.doctor:
        return status.show_machine(request)
    if options.dry_run:
        return status.show_plan(request)
    if options.clean:
        return status.clean(request, remove=options.yes)
    if worker := commands.worker_name():
        return commands.work(request, worker)
    return commands.build(request)


def as_built(options: argparse.Namespace) -> tuple[dict[str, str], dict[str, str]]:
    """Return all options that a build keeps in its folder, and those that the folder brings along."""
    from building import remembered

    output = Path(options.output)
    given = {
        name: str(value)
        for name in remembered.KEPT
        if (value := getattr(options, name)) is not None
    }
    held = remembered.offered(output, given)
    parser(f"{output / remembered.NAME}: ").parse_intermixed_args(remembered.arguments(held))
    taken = remembered.taken_over(held, given)
    usual = {"profile": DEFAULT_PROFILE}
    # What holds anyway is not worth a line.
    told = {name: text for name, text in taken.items() if usual.get(name) != text}
    return {**usual, **taken, **given}, told


class OneLineParser(argparse.ArgumentParser):
    """Says in one line what is wrong with the command line, or with the place of what it reads."""

    place = ""

    def error(self, message: str) -> NoReturn:
        """Print the message and leave with status 2."""
        self.exit(UNUSABLE, f"build_report: {self.place}{message}\n")


class Export(argparse.Action):
    """Takes a kind of file and its name."""

    def __call__(self, parser, namespace, values, option=None) -> None:  # noqa: ANN001
        """Keep the two; an error of the command line if there is no such kind, or no name."""
        kind, name = values
        if kind not in EXPORTS:
            parser.error(f"there is no --export {kind[:40]!r}; there are: {', '.join(EXPORTS)}")
        if not name:
            parser.error("--export: name a file")
        setattr(namespace, self.dest, (kind, name))


def parser(place: str = "") -> argparse.ArgumentParser:
    """Return the parser of the command line, or of options that come from another `place`."""
    made = OneLineParser(
        prog="build_report.py",
        description="Train, search, study, and write the report of the assignment.",
        epilog="Sections: " + ", ".join(experiments.SECTIONS),
    )
    made.place = place
    made.add_argument(
        "sections",
        nargs="*",
        metavar="SECTION",
        type=section_or_trial,
        help="measure these sections again",
    )
    made.add_argument(
        "--retrain",
        action="store_true",
        help="with SECTION: train its networks again too; with SEARCH/N: train this trial again",
    )
    _add_looks(made)
    made.add_argument("--yes", action="store_true", help="with --clean: remove it")
    _add_settings(made)
    made.add_argument(
        "--output", default="report", metavar="DIR", help="where all that is built goes"
    )
    made.add_argument("--author", metavar="NAME", help="the name on the title page")
    made.add_argument("--course", metavar="NAME", help="the course on the title page")
    made.add_argument("--title", metavar="TEXT", help="the title of the report")
    made.add_argument(
        "--edition",
        choices=EDITIONS,
        help="main: without the appendix; full: with it (the default)",
    )
    return made


def _add_looks(made: argparse.ArgumentParser) -> None:
    """Add the options that show something instead of building."""
    shown = made.add_mutually_exclusive_group()
    shown.add_argument(
        "--list",
        nargs="?",
        const=ALL,
        type=listed,
        metavar="SECTION",
        help="show where each section stands, or each part of one",
    )
    shown.add_argument("--dry-run", action="store_true", help="show what would run, and why")
    shown.add_argument(
        "--trials",
        nargs="?",
        const=ALL,
        metavar="SEARCH|FOLDER",
        help="show the searches, the trials of one, one trial (SEARCH/N), or a keras-tuner project",
    )
    shown.add_argument(
        "--clean",
        action="store_true",
        help="show what nothing needs any more; with --yes remove it",
    )
    shown.add_argument(
        "--check",
        action="store_true",
        help="hold the built report against its own results: a line for each fault",
    )
    shown.add_argument(
        "--compare",
        metavar="OLD",
        help="show what changed since another build: its output folder, or its results.json",
    )
    shown.add_argument(
        "--doctor",
        action="store_true",
        help="show what this machine has, what is missing, and what mends it",
    )
    _add_choices_of_trials(made)


def _add_settings(made: argparse.ArgumentParser) -> None:
    """Add the options that say how much is trained, on what, and by what."""
    made.add_argument("--profile", choices=PROFILES, help="how much to do")
    made.add_argument("--seeds", type=seeds, metavar="N", help="runs of each trial")
    made.add_argument("--epochs", type=positive, metavar="N", help="epochs of each CNN")
    made.add_argument("--iterations", type=positive, metavar="N", help="iterations of each RNN")
    made.add_argument(
        "--search", choices=SEARCHES, help="the assignment's grids, or wide ones besides"
    )
    made.add_argument("--data", choices=("auto", "real", "stand-in"))
    made.add_argument("--data-dir", metavar="DIR", help="folder with mnist.npz and cifar10.npz")
    made.add_argument("--jobs", type=positive, metavar="N", help="training runs at once")
    made.add_argument("--strategy", choices=("auto", "single", "mirrored"))


def _add_choices_of_trials(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--sort", default="", metavar="COLUMN", help="with --trials: scores best first"
    )
    made.add_argument("--reverse", action="store_true", help="with --trials: the other way round")
    made.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="CONDITION",
        help="with --trials: such as units>=128, cell!=gru, message~nan; may be repeated",
    )
    made.add_argument(
        "--top", type=positive, default=0, metavar="N", help="with --trials: the best N"
    )
    made.add_argument("--format", choices=FORMS, default=FORMS[0], help="with --trials")
    made.add_argument(
        "--html",
        type=named,
        metavar="FILE",
        help="with --trials: write them as a page to browse",
    )
    made.add_argument(
        "--export",
        nargs=2,
        action=Export,
        metavar=("KIND", "FILE"),
        help=f"with --trials: write them as {', '.join(EXPORTS)}",
    )


def of_trials(options: argparse.Namespace) -> str:
    """Return the first given option that only says which trials to show and how; empty if none is."""
    given = vars(options)
    names = [name for name in ("sort", "reverse", "filter", "top", "html") if given[name]]
    names += ["export"] if options.export else []
    names += ["format"] if options.format != FORMS[0] else []
    return f"--{names[0]}" if names else ""


def wanted(options: argparse.Namespace) -> "Wanted":
    """Return which trials the options ask for, and in what order and form."""
    from building.trials import Wanted

    return Wanted(
        which="" if options.trials == ALL else options.trials,
        conditions=tuple(options.filter),
        sort=options.sort,
        reverse=options.reverse,
        top=options.top,
        form=options.format,
        html=options.html or "",
        export=options.export,
    )


def positive(text: str) -> int:
    """Return `text` as a whole number from 1 up, as argparse wants its types."""
    if not text.isdecimal() or len(text) > MOST_DIGITS or int(text) < 1:
        raise argparse.ArgumentTypeError(
            f"{text[:40]!r} is not a whole number from 1 to 999,999,999"
        )
    return int(text)


def named(text: str) -> str:
    """Return `text` as the name of a file; there has to be one."""
    if not text:
        raise argparse.ArgumentTypeError("name a file")
    return text


def seeds(text: str) -> int:
    """Return `text` as a number of runs of each trial."""
    if (number := positive(text)) > MOST_SEEDS:
        raise argparse.ArgumentTypeError(f"{text} is too many: {MOST_SEEDS} at most")
    return number


def section(text: str) -> str:
    """Return `text` if a section or part has that name, as argparse wants its types."""
    from building.request import LONGEST, or_meant

    if text in experiments.names():
        return text
    home, _, own = text.partition(".")
    if "." in text and home in experiments.SECTIONS:
        kind, parts = "part", experiments.parts(home) or ("none in this section",)
        hint = or_meant(own, parts, parts)
    else:
        kind, hint = "section", or_meant(text, experiments.names(), experiments.SECTIONS)
    raise argparse.ArgumentTypeError(f"there is no {kind} {text[:LONGEST]!r}. {hint}")


def section_or_trial(text: str) -> str:
    """Return `text` if it is a section's name, or could be a trial's."""
    return text if is_trial(text) else section(text)


def is_trial(text: str) -> bool:
    """Return whether `text` could name a trial: SEARCH/N."""
    return bool(TRIAL.fullmatch(text))


def listed(text: str) -> str:
    """Return `text` as what --list takes: a section, a part, or nothing for all sections."""
    return text if text == ALL else section(text)


def profile(options: argparse.Namespace) -> Profile:
    """Return the profile with what the command line overrides."""
    overrides = {
        name: getattr(options, name)
        for name in ("seeds", "epochs", "iterations")
        if getattr(options, name) is not None
    }
    if options.search is not None:
        overrides["wide"] = SEARCHES[options.search]
    return replace(PROFILES[options.profile or DEFAULT_PROFILE], **overrides)


if __name__ == "__main__":
    sys.exit(main())
