"""Plain data and arrays in files that notice when they were cut, garbled, exchanged or moved.

A sealed file is JSON with the digest of its content and place. Where there are arrays they lie beside it
in an .npz file that is named by its own content. So what the JSON names is what was written with it, and
a new version becomes visible in one step, when the JSON takes its name: a reader sees the old one whole
or the new one whole. Runs, records, searches, drawings and the build's notes are kept so, each with its
format's number. A training's state is plain bytes after their digest.
"""

import dataclasses
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.lab.store.files import (
    READ,
    Damaged,
    StorageError,
    names_in,
    read_whole,
    remove,
    write_whole,
)
from experiments.lab.store.keys import digest

DIGEST_SIZE = hashlib.sha256().digest_size
# How often a file is read again whose arrays a writer replaces meanwhile.
READINGS = 5
_ARRAYS = re.compile(r"(.+)-[0-9a-f]{16}\.npz")


class OtherFormat(Damaged):
    """The file is another edition's of this project: as good as missing."""


def write(
    path: Path,
    plain: Mapping[str, Any],
    number: int,
    arrays: Mapping[str, np.ndarray] | None = None,
    *,
    any_float: bool = False,
) -> str:
    """Write `plain`, of the format `number`, to `path` with `arrays` beside it; return the digest.

    With `any_float` NaN and infinity are allowed, as Python's JSON writes them. Raises StorageError if a
    file cannot be written, TypeError or ValueError for what is not plain data; what stood stays.
    """
    content = npz(arrays) if arrays else b""
    mark = hashlib.sha256(content).hexdigest() if content else ""
    sealed = {**plain, "format": number, "arrays": mark}
    # What JSON makes of it is what will be read again, and what the digest is of.
    sealed = json.loads(json.dumps(sealed, allow_nan=any_float, default=as_plain))
    if content:
        write_whole(_arrays(path, mark), content)
    whole = {"digest": _digest(path, sealed), **sealed}
    write_whole(path, json.dumps(whole, indent=1).encode())
    drop_arrays(path, but=mark)
    return whole["digest"]


def read(path: Path, number: int) -> tuple[dict[str, Any], "Arrays"]:
    """Return what `write` was given, with its "digest", and the arrays.

    Raises FileNotFoundError where there is no such file, Damaged, which says what is wrong with it, and
    StorageError where it cannot be read.
    """
    before = None
    for _ in range(READINGS):
        content = read_whole(path)
        plain = _opened(path, content, number)
        mark = plain.pop("arrays")
        try:
            return plain, Arrays(_whole_arrays(path, mark) if mark else None)
        except FileNotFoundError:
            # A writer that has put a new version in place has dropped these; else they are lost.
            if content == before:
                break
            before = content
    raise Damaged(f"the arrays of {path.name} are missing")


def _opened(path: Path, content: bytes, number: int) -> dict[str, Any]:
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{path.name} is no JSON ({error})") from error
    if not isinstance(plain, dict):
        raise Damaged(f"{path.name} holds no object")
    mark = plain.pop("digest", None)
    # The digest comes first, and is every format's: a garbled number is no other format.
    if mark != _digest(path, plain):
        raise Damaged(f"{path.name} does not match its digest")
    if plain.pop("format", None) != number:
        raise OtherFormat(f"{path.name} has another format")
    return {"digest": mark, **plain}


def _whole_arrays(path: Path, mark: str) -> Path:
    """Return the file of the arrays once it has been seen to be what was written."""
    beside = _arrays(path, mark)
    if hashlib.sha256(read_whole(beside)).hexdigest() != mark:
        raise Damaged(f"{beside.name} does not match its digest")
    return beside


def _digest(path: Path, sealed: Mapping[str, Any]) -> str:
    """Return the digest of what stands at a place; the same elsewhere is something else."""
    return digest([_place(path), sealed])


def _place(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _arrays(path: Path, mark: str) -> Path:
    return path.with_name(f"{path.name.removesuffix('.json')}-{mark[:16]}.npz")


def array_files(path: Path) -> list[Path]:
    """Return the files of arrays that lie beside `path`, whether it names them or not."""
    stem = path.name.removesuffix(".json")
    found = ((name, _ARRAYS.fullmatch(name)) for name in names_in(path.parent))
    return [path.with_name(name) for name, match in found if match and match[1] == stem]


def drop_unnamed(folder: Path) -> None:
    """Remove the arrays in `folder` that a writer which was killed has left: those that no JSON names."""
    for stem in {match[1] for match in map(_ARRAYS.fullmatch, names_in(folder)) if match}:
        path = folder / f"{stem}.json"
        try:
            drop_arrays(path, but=json.loads(read_whole(path))["arrays"])
        except FileNotFoundError:
            drop_arrays(path)
        except (ValueError, KeyError, TypeError, RecursionError):
            pass  # damaged: it is set aside with its arrays when it is made again


def drop_arrays(path: Path, but: str = "") -> None:
    """Remove the arrays of earlier versions of `path`, all except those marked `but`."""
    for beside in array_files(path):
        if not but or beside != _arrays(path, but):
            remove(beside)


class Arrays(Mapping):
    """The arrays of an .npz file, read when first asked for; none without a file.

    Raises StorageError where the file, which was there, cannot be read any more.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._arrays: dict[str, np.ndarray] = {}

    def _read(self) -> Mapping[str, np.ndarray]:
        if self._path is not None:
            self._arrays, self._path = arrays_of(_still_there(self._path)), None
        return self._arrays

    def named(self, prefix: str) -> dict[str, np.ndarray]:
        """Return the arrays whose names begin with `prefix`; they are read anew, and not kept."""
        if self._path is None:
            return {name: array for name, array in self._arrays.items() if name.startswith(prefix)}
        return arrays_of(_still_there(self._path), prefix)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def _still_there(path: Path) -> bytes:
    try:
        return read_whole(path)
    except FileNotFoundError as error:
        raise StorageError(error, path, READ) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` whole, after the SHA-256 of its place and of itself."""
    write_whole(path, _mark(path, content) + content)


def read_bytes(path: Path) -> bytes:
    """Return what `write_bytes` wrote; raises as `files.read_whole`, and Damaged for anything else."""
    held = read_whole(path)
    content = held[DIGEST_SIZE:]
    if _mark(path, content) != held[:DIGEST_SIZE]:
        raise Damaged(f"{path.name} does not match its digest")
    return content


def _mark(path: Path, content: bytes) -> bytes:
    return hashlib.sha256(f"{_place(path)}\n".encode() + content).digest()


def npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return `arrays` as the bytes of an .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def arrays_of(content: bytes, prefix: str = "") -> dict[str, np.ndarray]:
    """Return the arrays that `npz` made `content` of, or those whose names begin with `prefix`."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files if name.startswith(prefix)}


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
