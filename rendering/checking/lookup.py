"""Looks up in `results.json` what a printed value says of where it stands."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from rendering.traced import SIGN


class Unknown(LookupError):
    """There is no such place in the results; the message is its path."""


def at(results: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401
    """Return what stands at a path, as `rendering.traced` gives them; Unknown if nothing does.

    "rnn/facts/rows/length" is how many rows there are; a path with SIGN before it is that of the opposite
    number.
    """
    first, *steps = map(unquote, path.removeprefix(SIGN).split("/"))
    try:
        found = results[first] if first in ("data", "environment") else _section(results, first)
        for step in steps:
            found = _inside(found, step)
    except (KeyError, IndexError, ValueError, TypeError, StopIteration):
        raise Unknown(path) from None
    return -found if path.startswith(SIGN) and isinstance(found, int | float) else found


def key(path: str) -> str:
    """Return the last step of a path."""
    return unquote(path.rpartition("/")[2])


def _section(results: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401
    home, _, part = name.partition(".")
    section = results["sections"][home]
    return section["parts"][part] if part else section


def _inside(found: Any, step: str) -> Any:  # noqa: ANN401
    if isinstance(found, Mapping) and (step in found or step != "length"):
        return found[step]
    if step == "length":
        return len(found)
    if found and isinstance(found[0], Mapping) and "verdict" in found[0]:
        return next(row for row in found if row["name"] == step)
    return found[int(step)]
