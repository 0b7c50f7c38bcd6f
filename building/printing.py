"""What the report's files depend on, and whether they are current."""

import json
from collections.abc import Iterator
from pathlib import Path

import experiments
from building import code
from building.context import Context
from experiments.lab.store.files import write_whole
from experiments.lab.store.keys import file_digest
from rendering.document.page import TEMPLATES, partial

NOTE = "page.json"
FILES = ("assignment2.html", "assignment2.pdf", "results.json", "trials.html", "trials.csv")


def inputs(context: Context) -> dict[str, str]:
    """Return what the report's files depend on, by name: records, drawings, templates, code, request."""
    found = {
        f"template:{path.relative_to(TEMPLATES).as_posix()}": file_digest(path)
        for path in sorted(TEMPLATES.rglob("*"))
        if path.is_file()
    }
    for name in experiments.names():
        record, drawn = context.held.any_record(name), context.held.drawn(name)
        found[f"record:{name}"] = record.digest if record else "none"
        found[f"drawn:{name}"] = drawn.digest if drawn else "none"
    found["code"] = code.printing().key
    found["setting:author"] = context.request.author
    return found | {f"setting:{key}": str(value) for key, value in context.settings().items()}


def note(context: Context) -> None:
    """Note what the files were printed from."""
    content = json.dumps(inputs(context), indent=1).encode()
    write_whole(context.held.records_folder / NOTE, content)


def changed(context: Context) -> dict[str, str]:
    """Return the sections and parts that are to be printed for a reason of their own, and that reason."""
    before = _noted(context)
    if before is None:
        return {}
    now = inputs(context)
    return dict(_own_reasons(before, now))


def reasons(context: Context) -> list[str]:
    """Return why the report's files are to be written again, in words; empty if they are current."""
    before, output = _noted(context), context.request.output
    if before is None:
        return ["never printed"]
    missing = [f"{name} is missing" for name in FILES if not (output / name).exists()]
    now = inputs(context)
    return missing + [
        _words(name) for name in {**before, **now} if before.get(name) != now.get(name)
    ]


def _own_reasons(before: dict[str, str], now: dict[str, str]) -> Iterator[tuple[str, str]]:
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
        "code": "the code that prints changed",
    }[kind]


def _noted(context: Context) -> dict[str, str] | None:
    path: Path = context.held.records_folder / NOTE
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
