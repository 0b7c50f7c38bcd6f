"""Digests of plain data and of files, and the versions of the libraries that results depend on."""

import functools
import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[3]
PACKAGES = ("experiments", "rendering", "building")
LIBRARIES = ("tensorflow", "keras", "numpy")


def digest(value: Any) -> str:  # noqa: ANN401
    """Return the SHA-256 of plain data as 64 hex digits; the order of mapping keys does not matter.

    Raises TypeError for what JSON does not know. Tuples count as lists.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_mapping)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache  # it looks through all that is installed
def library_version(name: str) -> str:
    """Return the version of a library without importing it."""
    return version(name)


@functools.cache
def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that results depend on, without importing them."""
    return {name: library_version(name) for name in LIBRARIES}


def _mapping(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not plain data")
