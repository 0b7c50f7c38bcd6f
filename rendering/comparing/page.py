"""A comparison of two builds as a page: what changed, and the figures that differ side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from rendering.comparing.changes import Comparison
from rendering.comparing.table import UNEXPLAINED, shown, signed
from rendering.document.embedding import FigureError, picture
from rendering.document.environment import environment_of
from rendering.document.partials import TEMPLATES

STYLES = ("common", "screen", "comparison")


@dataclass(frozen=True)
class FigurePair:
    """A figure in both builds, as data URIs, empty where a build has none that can be shown."""

    section: str
    name: str
    old: str
    new: str


def figures(comparison: Comparison, old: Path | None, new: Path) -> list[FigurePair]:
    """Return the figures whose files differ between two output folders, or that only one has.

    Without a folder `old` there is nothing to hold the figures against, and the list is empty.
    """
    return list(_differing(comparison, old, new)) if old else []


def _differing(comparison: Comparison, old: Path, new: Path) -> Iterator[FigurePair]:
    for section in comparison.sections:
        for file in section.figures:
            before, after = _shown(old / file), _shown(new / file)
            if before != after:
                yield FigurePair(section.name, Path(file).stem, before, after)


def _shown(path: Path) -> str:
    try:
        return picture(path).uri
    except FigureError:
        return ""


def render(
    comparison: Comparison, pairs: Sequence[FigurePair], title: str, old: str, new: str
) -> str:
    """Return the page; `old` and `new` are what the builds are called."""
    styles = [(TEMPLATES / f"{name}.css").read_text(encoding="utf-8") for name in STYLES]
    return (
        environment_of(TEMPLATES)
        .get_template("comparison.html")
        .render(
            comparison=comparison,
            pairs=pairs,
            title=title,
            names=(old, new),
            shown=shown,
            signed=signed,
            unexplained=UNEXPLAINED,
            styles=Markup("\n".join(styles)),  # noqa: S704
        )
    )
