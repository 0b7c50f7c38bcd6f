"""What the report's files depend on, and whether they are current."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import experiments
from building import code
from building.context import Context
from building.remembered import PRINTED
from experiments.lab.store import files, sealed
from experiments.lab.store.files import Damaged, remove
from experiments.lab.store.keys import file_digest
from rendering.document import partials
from rendering.document.partials import partial

NOTE, FORMAT = "page.json", 1
FILES = ("assignment2.html", "assignment2.pdf", "results.json", "trials.html", "trials.csv")


def inputs(context: Context) -> dict[str, str]:
    """Return what the report's files depend on, by name: records, drawings, templates, code, request."""
    templates = partials.TEMPLATES
    found = {
        f"template:{path.relative_to(templates).as_posix()}": file_digest(path)
        for path in partials.files(templates)
    }
    for name in experiments.names():
        record, drawn = context.held.any_record(name), context.held.drawn(name)
        found[f"record:{name}"] = record.digest if record else "none"
        found[f"drawn:{name}"] = drawn.digest if drawn else "none"
    found["order"] = " ".join(experiments.names())
    found["code"] = code.printing().key
    for name in PRINTED:
        found[f"setting:{name}"] = getattr(context.request, name)
    return found | {f"setting:{key}": str(value) for key, value in context.settings().items()}


@dataclass(frozen=True)
class Note:
    """What the report's files were printed from.

    `shown` says how each section and part is shown in them; `files` has the SHA-256 of each.
    """

    inputs: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def note(context: Context, shown: Mapping[str, str], versions: Mapping[str, str]) -> None:
    """Note what the files, which have just been written, were printed from."""
    output = context.request.output
    written = {name: file_digest(output / name) for name in FILES}
    made = Note(inputs(context) | _versions(versions), dict(shown), written)
    sealed.write(context.held.records_folder / NOTE, dataclasses.asdict(made), FORMAT)


def withdraw(context: Context) -> None:
    """Take the note back: what the files hold is no longer what it says."""
    remove(context.held.records_folder / NOTE)


def changed(context: Context) -> dict[str, str]:
    """Return the sections and parts that are to be printed for a reason of their own, and that reason."""
    before = _noted(context).inputs
    return dict(_own_reasons(before, inputs(context))) if before else {}


def reasons(context: Context, shown: Mapping[str, str], versions: Mapping[str, str]) -> list[str]:
    """Return why the report's files are to be written again, in words; empty if they are current.

    `shown` says how each section and part would be shown now, `versions` with which libraries.
    """
    noted = _noted(context)
    before = noted.inputs
    if not before:
        return ["never printed"]
    now = inputs(context) | _versions(versions)
    found = damaged(context)
    found += [_words(name) for name in {**before, **now} if before.get(name) != now.get(name)]
    return found + [
        f"{name} is no longer {noted.shown.get(name, 'there')}"
        for name, state in shown.items()
        if noted.shown.get(name) != state
    ]


def damaged(context: Context) -> list[str]:
    """Return, in words, which of the report's files are not as they were written."""
    return list(files.changed(context.request.output, _noted(context).files))


def _versions(versions: Mapping[str, str]) -> dict[str, str]:
    return {f"version:{name}": number for name, number in versions.items()}


def _own_reasons(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for section in experiments.names():
        template = f"template:{partial(section)}"
        for name in (f"record:{section}", f"drawn:{section}", template):
            if before.get(name) != now.get(name):
                yield section, _words(name)
                break


def _words(name: str) -> str:
    kind, _, what = name.partition(":")
    return {
        "template": f"the template {what} changed",
        "record": f"{what} was measured anew",
        "drawn": f"{what} was drawn anew",
        "setting": f"{what} is another",
        "version": f"the version of {what} is another",
        "order": "the sections are others, or in another order",
        "code": "the code that prints changed",
    }[kind]


def _noted(context: Context) -> Note:
    try:
        plain, _ = sealed.read(context.held.records_folder / NOTE, FORMAT)
        return Note(**{item.name: plain[item.name] for item in dataclasses.fields(Note)})
    except (FileNotFoundError, Damaged, KeyError):
        return Note()
