"""The trial browser's page: one HTML file that needs no server and reads nothing but itself."""

import base64
import functools
import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from experiments.lab.store.files import write_whole
from rendering.browser import page_data
from rendering.browser.model import Search
from rendering.document.environment import environment_of
from rendering.document.partials import TEMPLATES

SCRIPTS = TEMPLATES / "browser"
LEVEL = 6  # of packing: 9 makes data a fortieth smaller, and takes five times as long
MUCH = 1_000_000  # characters of data beyond which they are packed: to half, in a tenth of a second
# Nothing from outside the file. Plotly makes its shaders by code and sets styles by script, and the
# scripts stand in the file as data; https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
)


def render(
    searches: Sequence[Search],
    title: str,
    stamp: str = "",
    *,
    report: str = "",
    began: str = "",
    building: bool = False,
) -> str:
    """Return the trial browser: one HTML file with every search, its trials, runs and curves.

    `report` is the address of the report, if there is one; `began` is when the build began, before which
    a run was taken from the store. While a build goes on the page looks again by itself.
    """
    data = page_data.text(searches, began, building)
    return (
        environment_of(TEMPLATES)
        .get_template("browser/page.html")
        .render(
            title=title,
            stamp=stamp,
            report=report,
            building=building,
            policy=POLICY,
            css=Markup((SCRIPTS / "page.css").read_text(encoding="utf-8")),  # noqa: S704
            modules=Markup(_modules()),  # noqa: S704
            data=Markup(data),  # noqa: S704
            packed=Markup(_packed(data.encode()) if len(data) > MUCH else ""),  # noqa: S704
            plotly=Markup(_plotly()),  # noqa: S704
        )
    )


def write_html(
    searches: Sequence[Search], path: Path, title: str, stamp: str = "", **options
) -> None:  # noqa: ANN003
    """Write the trial browser to `path` whole; `options` are those of `render`."""
    write_whole(path, render(searches, title, stamp, **options).encode())


def _modules() -> str:
    """Return an import map that names each script of the page, which stands in it as data."""
    found = {
        f"browser/{path.relative_to(SCRIPTS).as_posix()}": _as_data(path.read_bytes())
        for path in sorted(SCRIPTS.rglob("*.js"))
    }
    return json.dumps({"imports": found})


def _as_data(script: bytes) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(script).decode()}"


@functools.cache
def _plotly() -> str:
    """Return Plotly's script as its Python package has it, packed: a third of its size, and no slower."""
    from plotly.offline import get_plotlyjs

    return _packed(get_plotlyjs().encode())


def _packed(held: bytes) -> str:
    return base64.b64encode(gzip.compress(held, LEVEL, mtime=0)).decode()
