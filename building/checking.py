"""The check of a built report against its own results, as a command and at the end of a build."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from building.request import Request, RequestError
from experiments.lab.store.files import StorageError
from rendering.wording import plural

FEW = 5  # faults that a build names; `--check` has all


@dataclass(frozen=True)
class Outcome:
    """What a build says of the report it has written, and whether that states what is wrong.

    `lines` are empty where the report has no fault. It is `wrong` where a number or a claim in it is not
    that of its results.
    """

    lines: tuple[str, ...] = ()
    wrong: bool = False


def show(output: Path) -> int:
    """Print a line for each fault of the report in a folder, then notes; return 1 for any fault, else 0.

    Raises RequestError if there is no report to check, StorageError if it cannot be read.
    """
    from rendering.checking.check import notes

    found = list(_faults(output))
    for line in (*found, *(f"note: {one}" for one in notes(output))):
        print(line)
    said = plural(len(found), "fault") if found else "no fault"
    print(f"{output}: {said}; every value, claim, link and figure was held against results.json")
    return 1 if found else 0


def outcome(output: Path, pdf: bool) -> Outcome:
    """Return what comes of checking a report at the end of its build; with `pdf`, of its PDF too."""
    from rendering.checking.reading import Wrong

    try:
        found = list(_faults(output, pdf))
    except (RequestError, StorageError) as error:
        found = [str(error)]
    if not found:
        return Outcome()
    wrong = [line for line in found if isinstance(line, Wrong)]
    others = [line for line in found if not isinstance(line, Wrong)]
    last = (
        f"the report does not agree with its results: {plural(len(found), 'fault')}; "
        f"{Request(output=output).again('--check')} lists them"
    )
    return Outcome((*(wrong + others)[:FEW], last), bool(wrong))


def _faults(output: Path, pdf: bool = True) -> Iterator[str]:
    from rendering.checking.check import NothingToCheck, faults

    try:
        yield from faults(output, pdf)
    except NothingToCheck as error:
        raise RequestError(f"{error}; build it first") from error
