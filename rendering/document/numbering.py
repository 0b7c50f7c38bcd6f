"""The numbers of a page's figures and tables, and of the works it cites; references wait for them."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from rendering.document.references import Citations
from rendering.document.report import FULL, MAIN

APPENDIX = "A"  # before the numbers of its figures and tables

# A reference that waits for its number. The marks are from Unicode's private use area.
_WAITING = re.compile("\ue000(figure|table) ([^\ue001]+?)/([^\ue001]+?)\ue001")


class PageError(Exception):
    """The page cannot be made; the message says why, and `section` whose part it is, if one's.

    `figure` is the file of the figure that is the reason, if one is: it can be drawn again.
    """

    def __init__(
        self, message: str, section: str | None = None, figure: Path | None = None
    ) -> None:
        super().__init__(f"section {section}: {message}" if section else message)
        self.section, self.figure = section, figure


def waiting(kind: str, section: str, name: str) -> Markup:
    """Return a reference to a figure or table that waits for its number."""
    return Markup(f"\ue000{kind} {section}/{name}\ue001")  # noqa: S704


@dataclass
class Numbers:
    """The numbers that figures, tables and cited works were given, and references that wait for them."""

    given: dict[tuple[str, str, str], str] = field(default_factory=dict)
    citations: Citations = field(default_factory=Citations)
    edition: str = FULL

    def give(self, kind: str, section: str, name: str, appendix: bool = False) -> str:
        """Return the next number of the kind, "3", or "A3" in the appendix; PageError if it has one."""
        if (kind, section, name) in self.given:
            raise PageError(f"the {kind} {name!r} is printed twice", section)
        used = sum(
            key[0] == kind and number.startswith(APPENDIX) == appendix
            for key, number in self.given.items()
        )
        self.given[kind, section, name] = f"{APPENDIX if appendix else ''}{used + 1}"
        return self.given[kind, section, name]

    def resolve(self, html: str) -> str:
        """Put the numbers into the references; PageError for one that points nowhere."""
        return _WAITING.sub(self._link, html)

    def _link(self, waiting: re.Match[str]) -> str:
        kind, section, name = waiting.groups()
        number = self.given.get((kind, section, name))
        if number is None:
            raise PageError(f"a reference names the {kind} {name!r} of {section}: not printed")
        words = f"{kind.capitalize()}\u00a0{number}"
        if self.edition == MAIN and number.startswith(APPENDIX):
            return f"{words} of the full edition"
        return f'<a href="#{kind}-{section}-{name}">{words}</a>'

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Forget the works that are cited meanwhile: what cites them is not printed."""
        kept, self.citations = self.citations, Citations()
        yield
        self.citations = kept
