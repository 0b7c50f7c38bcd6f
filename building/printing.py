"""What the report's files depend on, and whether they are current."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import experiments
from building import code
from building.context import Context
from experiments.lab.store.files import write_whole
from experiments.lab.store.keys import file_digest
from rendering.document import partials
from rendering.document.partials import partial

NOTE = "page.json"
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
    found["setting:author"] = context.request.author
    return found | {f"setting:{key}": str(value) for key, value in context.settings().items()}


def note(context: Context, shown: Mapping[str, str], versions: Mapping[str, str]) -> None:
    """Note what the files were printed from, and how each section and part is shown in them."""
    content = {"inputs": inputs(context) | _versions(versions), "shown": dict(shown)}
    write_whole(context.held.records_folder / NOTE, json.dumps(content, indent=1).encode())


def withdraw(context: Context) -> None:
    """Take the note back: what the files hold is no longer what it says."""
    (context.held.records_folder / NOTE).unlink(missing_ok=True)


def changed(context: Context) -> dict[str, str]:
    """Return the sections and parts that are to be printed for a reason of their own, and that reason."""
    before = _noted(context)["inputs"]
    return dict(_own_reasons(before, inputs(context))) if before else {}


def reasons(context: Context, shown: Mapping[str, str], versions: Mapping[str, str]) -> list[str]:
    """Return why the report's files are to be written again, in words; empty if they are current.

    `shown` says how each section and part would be shown now, `versions` with which libraries.
    """
    noted, output = _noted(context), context.request.output
    before = noted["inputs"]
    if not before:
        return ["never printed"]
    now = inputs(context) | _versions(versions)
    found = [f"{name} is missing" for name in FILES if not (output / name).exists()]
    found += [_words(name) for name in {**before, **now} if before.get(name) != now.get(name)]
    return found + [
        f"{name} is no longer {noted['shown'].get(name, 'there')}"
        for name, state in shown.items()
        if noted["shown"].get(name) != state
    ]


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


def _noted(context: Context) -> dict[str, dict[str, str]]:
    path: Path = context.held.records_folder / NOTE
    try:
        content = json.loads(path.read_text())
        return {name: dict(content[name]) for name in ("inputs", "shown")}
    except (OSError, ValueError, TypeError, KeyError):
        return {"inputs": {}, "shown": {}}
