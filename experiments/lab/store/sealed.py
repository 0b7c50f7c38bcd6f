"""Plain data and arrays in files that notice when they were cut, garbled or exchanged.

A sealed file is JSON with the digest of its content and, where there are arrays, of the .npz file beside
it. Runs, records, searches and drawings are kept so, each with its format's number. A training's state is
plain bytes after their digest.
"""

import dataclasses
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.lab.store.files import write_whole
from experiments.lab.store.keys import digest

NONE = ""  # in the place of the arrays' digest
DIGEST_SIZE = hashlib.sha256().digest_size


def write(
    path: Path,
    plain: Mapping[str, Any],
    number: int,
    arrays: Mapping[str, np.ndarray] | None = None,
    beside: Path | None = None,
    *,
    any_float: bool = False,
) -> str:
    """Write `plain`, of the format `number`, to `path` and `arrays` to `beside`; return the digest.

    The arrays come first, so that the JSON never names missing ones. With `any_float` NaN and infinity
    are allowed, as Python's JSON writes them. Raises OSError if a file cannot be written, TypeError or
    ValueError for what is not plain data.
    """
    content = npz(arrays) if arrays else b""
    if content:
        write_whole(beside, content)
    sealed = {**plain, "format": number, "arrays": _sha256(content) if content else NONE}
    # What JSON makes of it is what will be read again, and what the digest is of.
    sealed = json.loads(json.dumps(sealed, allow_nan=any_float, default=as_plain))
    mark = digest(sealed)
    write_whole(path, json.dumps({"digest": mark, **sealed}, indent=1).encode())
    return mark


def read(path: Path, number: int, beside: Path | None = None) -> dict[str, Any]:
    """Return what `write` was given, with its "digest"; ValueError says what is wrong with it.

    Raises OSError where a file is not there or cannot be read.
    """
    plain = json.loads(path.read_bytes())
    if not isinstance(plain, dict):
        raise ValueError(f"{path.name} holds no object")
    mark = plain.pop("digest", None)
    if mark != digest(plain):
        raise ValueError(f"{path.name} does not match its digest")
    if plain.pop("format") != number:
        raise ValueError(f"{path.name} has another format")
    expected = plain.pop("arrays")
    if expected and beside is not None:
        with open(beside, "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                raise ValueError(f"{beside.name} does not match its digest")
    return {"digest": mark, **plain}


class Arrays(Mapping):
    """The arrays of an .npz file, read when first asked for; none if there is no such file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._arrays: dict[str, np.ndarray] | None = None

    def _read(self) -> dict[str, np.ndarray]:
        if self._arrays is None:
            self._arrays = {}
            if self._path.exists():
                with np.load(self._path, allow_pickle=False) as stored:
                    self._arrays = {name: stored[name] for name in stored.files}
        return self._arrays

    def __getitem__(self, name: str) -> np.ndarray:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` whole, after its SHA-256."""
    write_whole(path, hashlib.sha256(content).digest() + content)


def read_bytes(path: Path) -> bytes:
    """Return what `write_bytes` wrote; OSError if it is not there, ValueError if it is damaged."""
    held = path.read_bytes()
    content = held[DIGEST_SIZE:]
    if hashlib.sha256(content).digest() != held[:DIGEST_SIZE]:
        raise ValueError(f"{path.name} does not match its digest")
    return content


def npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return `arrays` as the bytes of an .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def as_plain(value: Any) -> Any:  # noqa: ANN401
    """Turn NumPy scalars and arrays, dataclasses and mappings into what JSON knows."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if dataclasses.is_dataclass(value):
        return dataclasses.asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a record holds plain data only, not {type(value).__name__}")


def as_mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """Return a dataclass's fields, or a mapping as it is."""
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
