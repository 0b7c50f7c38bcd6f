"""`build_report.py` with the small sections and a plain page, in this process or in one of its own.

    python -m toy.command ARGUMENT ...

With TOY_IMPORTS set, the process says on its last line whether TensorFlow was imported.
"""

import operator
import os
import signal
import sys
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import experiments
from building import code
from experiments.lab.profiles import PROFILES, Profile
from experiments.lab.store.files import write_whole
from rendering.checking import paper
from rendering.document import page as pages
from rendering.document import pdf as pdfs
from toy import sections

# What every toy build asks for; a wide search of so few trials is all at random.
PROFILE = Profile("standard", seeds=1, epochs=2, iterations=24, wide_trials=3)
ARGUMENTS = ("--epochs", str(PROFILE.epochs), "--iterations", str(PROFILE.iterations))


def page(report, output: Path, **_) -> str:
    """Return a page that says of every section where it stands, and leads to it."""
    links = [f'<a href="#section-{it.name}">{escape(it.name)}</a>' for it in report.all]
    said = {it.name: f"{it.number} {it.name}: {it.state} {it.why}".strip() for it in report.all}
    lines = [f'<div id="section-{name}">{escape(text)}</div>' for name, text in said.items()]
    answers = f'<div id="answers">{" ".join(links)}</div>'
    return f"<html><body><h1>Toy</h1>{answers}{''.join(lines)}</body></html>\n"


def pdf(html: str, path: Path, attached: Sequence[Path] = ()) -> None:
    """Write something in the place of a PDF."""
    write_whole(path, b"%PDF toy " + html.encode())


REPLACED = (
    (experiments, "SECTIONS", tuple(name for name in sections.MODULES if "." not in name)),
    (experiments, "parts", sections.parts),
    (experiments, "module", sections.MODULES.__getitem__),
    (code, "roots", lambda section, *parts: ("experiments.lab.study:Study",)),
    (pages, "render", page),
    (pdfs, "write_pdf", pdf),
    (paper, "faults", lambda *_: iter(())),  # no PDF is written that has a structure
)


def replace(set_attribute: Callable = setattr, set_item: Callable = operator.setitem) -> None:
    """Put the small sections into the place of the report's own.

    Tests hand in the methods of their `monkeypatch`: what a test replaces besides, before or after,
    must be undone in the opposite order, or one test's replacement stays for all that follow.
    """
    set_item(PROFILES, PROFILE.name, PROFILE)
    for target, name, value in REPLACED:
        set_attribute(target, name, value)


def held() -> list:
    """Return what stands at each place that `replace` fills."""
    return [PROFILES[PROFILE.name], *(getattr(target, name) for target, name, _ in REPLACED)]


def main(arguments: list[str]) -> int:
    """Run the command with the small sections; return its exit status."""
    # A test run that was itself started in the background would hand on an ignored Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    replace()
    import build_report

    status = build_report.main(arguments)
    if os.environ.get("TOY_IMPORTS"):
        for name in ("tensorflow", "rich"):
            print(f"{name} imported:", name in sys.modules, flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
