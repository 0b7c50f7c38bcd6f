"""The numbers of a page's figures and tables, and of the works it cites; references wait for them."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from rendering.document.pieces import plain
from rendering.document.references import Citations
from rendering.document.report import FULL, MAIN

# Where the first statement of a caption ends: its sentence, or the part before an explanation.
_SAID_FIRST = re.compile(r"(?<=\w[.?!])\s+(?=[A-Z“])|[:;]\s|\s\(")
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


@dataclass(frozen=True)
class Listed:
    """A figure or table in the list of all: its number, its place in the page, and what it shows."""

    kind: str
    number: str
    identifier: str
    title: str

    @property
    def order(self) -> tuple[bool, int]:
        """What the list is sorted by: the main text's come first."""
        return self.number.startswith(APPENDIX), int(self.number.removeprefix(APPENDIX))


@dataclass
class Numbers:
    """The numbers that figures, tables and cited works were given, and references that wait for them."""

    given: dict[tuple[str, str, str], str] = field(default_factory=dict)
    citations: Citations = field(default_factory=Citations)
    edition: str = FULL
    entries: list[Listed] = field(default_factory=list)

    def list(self, kind: str, number: str, identifier: str, caption: str) -> None:
        """Put a figure or table on the list, under what its caption says first."""
        first = _SAID_FIRST.split(plain(caption), maxsplit=1)[0]
        self.entries.append(Listed(kind, number, identifier, first.removesuffix(".")))

    def listed(self) -> dict[str, tuple[Listed, ...]]:
        """Return the figures and tables by the headings of their lists, in the order of their numbers."""
        ordered = sorted(self.entries, key=lambda entry: entry.order)
        return {
            heading: tuple(entry for entry in ordered if entry.kind == kind)
            for kind, heading in (("figure", "Figures"), ("table", "Tables"))
        }

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
            return f'<span class="elsewhere">{words} of the full edition</span>'
        far = ' class="far"' if number.startswith(APPENDIX) else ""  # print adds the page
        return f'<a{far} href="#{kind}-{section}-{name}">{words}</a>'

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Forget what is cited and listed meanwhile: it is not printed."""
        kept = self.citations, self.entries
        self.citations, self.entries = Citations(), []
        yield
        self.citations, self.entries = kept
