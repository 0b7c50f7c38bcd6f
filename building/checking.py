"""The check of a built report against its own results, as a command and at the end of a build."""

from collections.abc import Iterator
from pathlib import Path

from building.request import Request, RequestError
from rendering.wording import plural

FEW = 5  # faults that a build names; `--check` has all


def show(output: Path) -> int:
    """Print a line for each fault of the report in a folder; 0 without any, 1 with some.

    Raises RequestError if there is no report to check.
    """
    found = list(_faults(output))
    for line in found:
        print(line)
    said = plural(len(found), "fault") if found else "no fault"
    print(f"{output}: {said}; every value, claim, link and figure was held against results.json")
    return 1 if found else 0


def told(output: Path, pdf: bool) -> Iterator[str]:
    """Yield what a build says of the report it has written: nothing where it has no fault."""
    try:
        found = list(_faults(output, pdf))
    except RequestError as error:
        found = [str(error)]
    if found:
        yield from found[:FEW]
        yield (
            f"the report does not agree with its results: {plural(len(found), 'fault')}; "
            f"{Request(output=output).again('--check')} lists them"
        )


def _faults(output: Path, pdf: bool = True) -> Iterator[str]:
    from rendering.checking.check import NothingToCheck, faults

    try:
        yield from faults(output, pdf)
    except NothingToCheck as error:
        raise RequestError(f"{error}; build it first") from error
