"""Paper and screen: the same report, with what only one of them can show.

On paper, which is what WeasyPrint lays out, drawings are images. On a screen they are elements of the
page, so that they follow the reader's theme; notes fold in, values say where they come
from, and scripts come along.
"""

import base64
import hashlib
import itertools
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from markupsafe import Markup

from rendering import fonts
from rendering.document.embedding import PNG, FigureError, Picture, picture
from rendering.document.formulas import formula
from rendering.document.inline import StrangeElement, drawing
from rendering.document.pixels import smallest

_HEADING = re.compile(r'<h([1-5])(?! class="title"| id="abstract")([^>]*)>(.*?)</h\1>', re.DOTALL)
FONTS_HERE = "/* fonts */"  # in the template of the page for a screen
SCRIPTS = "report"  # the folder of the scripts, in that of the templates


class Paper:
    """How a page for paper shows pictures: as images, with the styles of a printed page."""

    template = "base"
    styles: tuple[str, ...] = ("common", "print")
    note = "aside"  # the macro for what stands beside the text
    source = "source"  # the macro for what a figure or table was made from
    traced = False  # whether values say where they come from

    def figure(self, path: Path, alt: str) -> Markup:
        """Return a figure's file as an element. Raises FigureError; see `embedding.picture`."""
        found = picture(path)
        try:
            return self._shown(found, alt, f"--width: {found.width:.1f}mm", "")
        except StrangeElement as error:
            raise FigureError(path, f"{error}: not drawn by this project") from error

    def formula(self, source: str, alt: str) -> Markup:
        """Return a formula in its line. Raises ValueError; see `formulas.formula`."""
        drawn, height, depth = formula(source)
        shape = f"height: {height:.3f}em; vertical-align: {-depth:.3f}em"
        return self._shown(drawn, alt, shape, "formula")

    def given(self, templates: Path) -> dict[str, Any]:
        """Return what the page's template is given besides the report: its styles."""
        return {"styles": {name: _text(templates / f"{name}.css") for name in self.styles}}

    def finished(self, html: str) -> str:
        """Return a page as it is written, here as it was given."""
        return html

    def _shown(self, found: Picture, alt: str, shape: str, kind: str) -> Markup:
        named = Markup(' class="{}"').format(kind) if kind else ""
        element = Markup('<img{} src="{}" alt="{}" style="{}">')
        return element.format(named, found.uri, alt, shape)


class Screen(Paper):
    """How a page for a screen shows pictures: drawings as elements of its own, photographs as images."""

    template = "screen"
    styles = ("common", "screen", "browser-print")
    note = "fold"
    source = "source_folded"
    traced = True

    def __init__(self) -> None:
        self._next: Callable[[], int] = itertools.count(1).__next__

    def given(self, templates: Path) -> dict[str, Any]:
        """Return the styles, the scripts, and the policy under which the page is shown."""
        files = sorted((templates / SCRIPTS).glob("*.js"))
        scripts = {path.stem: _text(path) for path in files}
        return super().given(templates) | {"scripts": scripts, "policy": policy(scripts.values())}

    def finished(self, html: str) -> str:
        """Return a page whose one h1 is its title, with fonts that have its letters in either case.

        The abstract is right below the title. On paper parts are of the first level, as bookmarks are.
        """
        html = _HEADING.sub(_a_level_deeper, html)
        letters = set(html) | set(html.upper()) | set(html.lower())
        return html.replace(FONTS_HERE, fonts.style_sheet(letters), 1)

    def _shown(self, found: Picture, alt: str, shape: str, kind: str) -> Markup:
        if found.kind == PNG:
            plain = Picture(smallest(found.content), PNG, found.width)
            return super()._shown(plain, alt, shape, kind or "photograph")
        return drawing(found.content, f"d{self._next()}", alt, shape, kind or "drawing")


def _a_level_deeper(heading: re.Match[str]) -> str:
    level, begin, words = heading.groups()
    return f"<h{int(level) + 1}{begin}>{words}</h{int(level) + 1}>"


def policy(scripts: Iterable[str]) -> str:
    """Return the Content-Security-Policy of a page that reads nothing from outside.

    Of scripts it runs those given and no others, by their SHA-256: see https://www.w3.org/TR/CSP3/.
    Styles stand in the page's own elements and attributes, and can read nothing either.
    """
    allowed = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    return (
        "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; "
        f"script-src {allowed}; base-uri 'none'; form-action 'none'"
    )


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _text(path: Path) -> Markup:
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704
