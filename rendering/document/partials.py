"""Where the templates are, and the words in them."""

import re
from pathlib import Path

from experiments.lab.store.keys import PROJECT

TEMPLATES = PROJECT / "templates"


def partial(name: str) -> str:
    """Return the template of a section or part: "sections/deconvnet/ideas.html"."""
    return f"sections/{name.replace('.', '/')}.html"


def files(templates: Path = TEMPLATES) -> list[Path]:
    """Return all files of the templates, styles and scripts, in order."""
    return sorted(path for path in templates.rglob("*") if path.is_file())


def words(templates: Path = TEMPLATES) -> set[str]:
    """Return every word in the templates: among them what they call of the objects they are given."""
    return {
        word
        for path in files(templates)
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }
