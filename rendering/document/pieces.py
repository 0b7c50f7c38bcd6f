"""What a partial says for other places of the report: answers, the abstract, the appendix."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from experiments.lab.evidence.findings import VERDICTS
from rendering import marks

# The blocks of `templates/section.html` that are printed elsewhere too.
PLACES = ("question", "abstract", "answer", "finding", "verdict", "conclusion")

_NOT_COUNTED = re.compile(
    r'<(table|style|script|figcaption|svg|details(?= class="source"))\b.*?</\1>', re.DOTALL
)
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w[\w’'.,-]*")


class PlaceError(ValueError):
    """A partial says something for a place that there is not, or no verdict that there is."""


@dataclass
class Pieces:
    """What a partial says by place, empty where nothing, and what of it goes into the appendix."""

    said: dict[str, Markup] = field(default_factory=lambda: dict.fromkeys(PLACES, Markup()))
    appendix: list[Markup] = field(default_factory=list)

    def keep(self, place: str, text: str) -> None:
        """Keep a text without space around it.

        Raises PlaceError for an unknown place, and for a verdict that is not one of VERDICTS.
        """
        text = Markup(marks.stripped(text))  # noqa: S704
        if place == "verdict" or not marks.bare(text).strip():
            text = marks.bare(text).strip()
        if place not in PLACES:
            raise PlaceError(f"there is no place {place!r}; there are {', '.join(PLACES)}")
        if place == "verdict" and text and text not in VERDICTS:
            raise PlaceError(f"{str(text)!r} is no verdict; there are {', '.join(VERDICTS)}")
        self.said[place] = text


@dataclass(frozen=True)
class Study:
    """What a part of a section says: its name, its title, and its `said` by place."""

    name: str
    title: str
    said: Mapping[str, Markup]

    @property
    def record_path(self) -> str:
        """Where the part stands in `results.json`, for those that are counted."""
        return f"{self.name}/status"

    @property
    def link(self) -> Markup:
        """The title, linked to where the part stands."""
        return Markup('<a href="#section-{}">{}</a>').format(self.name, self.title)


def plain(text: str) -> str:
    """Return some HTML as plain text in one line; what keeps words together stays."""
    return re.sub(r"[ \n]+", " ", html.unescape(_TAG.sub("", marks.bare(text)))).strip()


def word_count(text: str) -> int:
    """Return how many words of running text some HTML has, headings included.

    Tables, captions, figures and formulas are not counted.
    """
    return len(_WORD.findall(_TAG.sub(" ", _NOT_COUNTED.sub(" ", marks.bare(text)))))
