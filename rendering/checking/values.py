"""Rule: every printed value stands in `results.json`, and is printed as what it is there."""

from collections.abc import Iterator, Mapping
from typing import Any

from rendering.checking import lookup
from rendering.checking.reading import Page, Piece, Wrong
from rendering.checking.rounding import agrees, agrees_as_text
from rendering.traced import EACH


def faults(page: Page, results: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each value that is not what the results have at its path."""
    for block, piece in page.values():
        if said := _fault(piece, results):
            yield Wrong(f"{block.place}: “{piece.text}”: {said}")


def _fault(piece: Piece, results: Mapping[str, Any]) -> str:
    paths = piece.paths.split(" ")
    counted = paths[0] == EACH
    paths = paths[counted:]
    try:
        held = [lookup.at(results, path) for path in paths]
    except lookup.Unknown as unknown:
        return f"results.json has no {unknown}"
    if counted:
        held = [len(paths)]
    values = piece.values.split(" ")
    of_text = len(held) == 1 and not isinstance(held[0], int | float)
    if of_text or (not counted and values != [repr(one) for one in held] and _is_key(piece)):
        return _fault_of_text(piece, held[0])
    if values != [repr(one) for one in held]:
        return f"is made from {piece.values}; results.json has {' '.join(map(repr, held))}"
    if not agrees(piece.text, held):
        return f"is not {piece.values} at its rounding"
    return ""


def _is_key(piece: Piece) -> bool:
    """Return whether a piece prints the name under which something stands."""
    return piece.values == lookup.key(piece.paths)


def _fault_of_text(piece: Piece, held: Any) -> str:  # noqa: ANN401
    """Return what is wrong with a text or the key of a value, "" if nothing is."""
    if _is_key(piece):
        held = piece.values
    if held != piece.values:
        return f"is made from {piece.values!r}; results.json has {held!r}"
    return "" if agrees_as_text(piece.text, held) else f"is not {held!r}"
