"""`build_report.py` with the small sections and a plain page, in this process or in one of its own.

    python -m toy.command ARGUMENT ...

With TOY_IMPORTS set, the process says on its last line whether TensorFlow was imported.
"""

import os
import signal
import sys
from pathlib import Path
from unittest import mock

import experiments
from experiments.lab.profiles import PROFILES, Profile
from toy import sections

# What every toy build asks for; a wide search of so few trials is all at random.
PROFILE = Profile("standard", seeds=1, epochs=2, iterations=24, wide_trials=3)
ARGUMENTS = ("--epochs", str(PROFILE.epochs), "--iterations", str(PROFILE.iterations))


def page(report, output: Path) -> str:
    """Return a page that says of every section where it stands."""
    lines = [f"{it.number} {it.name}: {it.state} {it.why}".strip() for it in report.sections]
    return "<html><body>" + "<br>".join(lines) + "</body></html>\n"


def pdf(html: str, path: Path) -> None:
    """Write something in the place of a PDF."""
    path.write_bytes(b"%PDF toy " + html.encode())


def replacements() -> list:
    """Return the patches that put the small sections into the place of the report's own."""
    return [
        mock.patch.dict(PROFILES, {PROFILE.name: PROFILE}),
        mock.patch.object(experiments, "SECTIONS", tuple(sections.MODULES)),
        mock.patch.object(experiments, "module_name", lambda section: "experiments.lab.study"),
        mock.patch.object(experiments, "module", sections.MODULES.__getitem__),
        mock.patch("rendering.page.render", page),
        mock.patch("rendering.pdf.write_pdf", pdf),
    ]


def main(arguments: list[str]) -> int:
    """Run the command with the small sections; return its exit status."""
    # A test run that was itself started in the background would hand on an ignored Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for replacement in replacements():
        replacement.start()
    import build_report

    status = build_report.main(arguments)
    if os.environ.get("TOY_IMPORTS"):
        for name in ("tensorflow", "rich"):
            print(f"{name} imported:", name in sys.modules, flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
