"""Definitions that settings choose by name: networks, cells, optimizers, transforms of images.

A key follows only the entries that are named (`closure`), so that a new entry, or a change to one that a
result does not name, makes nothing stale. That works because a registry is written down as a literal:

    OPTIMIZERS = Registry("optimizer", {"adam": adam, "sgd": plain_descent})
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """A read-only mapping from names to definitions; `what` says what they are, in the singular."""

    def __init__(self, what: str, entries: Mapping[str, T]) -> None:
        self._what, self._entries = what, dict(entries)

    def named(self, name: str) -> T:
        """Return the entry `name`; ValueError, which lists the known names, if there is none."""
        if name not in self._entries:
            raise ValueError(f"no {self._what} named {name!r}; there are {', '.join(self)}")
        return self._entries[name]

    def __getitem__(self, name: str) -> T:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
