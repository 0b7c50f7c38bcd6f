"""The project's source files, read into definitions when they are asked for.

What was read is remembered by content, since parsing everything takes longer than a build with nothing
to do may.
"""

import contextlib
import functools
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.lab.store import definitions, keys, sealed, statements, syntax
from experiments.lab.store.cache import cache_folder
from experiments.lab.store.definitions import Module, read_module
from experiments.lab.store.files import Damaged
from experiments.lab.store.keys import PACKAGES, PROJECT, file_digest

MOST_REMEMBERED = 300  # source files, in two or three editions each


class SourceFiles:
    """The modules of the project in `root`, by dotted name, as the files are now.

    `overlay` has texts that stand in the place of files or beside them, by path in the project
    ("experiments/dataset.py"): what would a change do? Nothing is remembered of it.
    """

    def __init__(self, root: Path = PROJECT, overlay: Mapping[str, str] | None = None) -> None:
        self._changed = bool(overlay)
        self._contents = {path: (root / path).read_bytes() for path in _source_files(root)}
        self._contents |= {path: text.encode() for path, text in (overlay or {}).items()}
        self._paths = {module_name(path): path for path in self._contents}
        # A folder without `__init__.py` is a package too, with nothing in it.
        folders = {
            name.rsplit(".", depth)[0]
            for name in self._paths
            for depth in range(1, name.count(".") + 1)
        }
        self._modules = {name: Module() for name in folders - set(self._paths)}
        self._used: dict[str, Any] = {}
        self._learnt = False

    @functools.cached_property
    def fingerprint(self) -> str | None:
        """A SHA-256 of all files as 64 hex digits, None with an overlay."""
        if self._changed:
            return None
        digests = [[path, _sha256(content)] for path, content in sorted(self._contents.items())]
        return keys.digest(digests)

    @functools.cached_property
    def _known(self) -> dict[str, Any]:
        return _recalled()

    def __contains__(self, name: object) -> bool:
        """Return whether there is a module of that dotted name."""
        return name in self._paths or name in self._modules

    def module(self, name: str) -> Module:
        """Return the module of that dotted name.

        Raises KeyError if there is none, and SyntaxError if it cannot be parsed.
        """
        if name not in self._modules:
            self._modules[name] = Module.from_json(self._read(name))
        return self._modules[name]

    def _read(self, name: str) -> list[Any]:
        path = self._paths[name]
        content = self._contents[path]
        key = _sha256(path.encode() + b"\0" + content)
        if key not in self._known:
            module = read_module(content, name, path.endswith("__init__.py"))
            self._known[key] = module.to_json()
            self._learnt = not self._changed
        self._used[key] = self._known[key]
        return self._known[key]

    def remember(self) -> None:
        """Write what was learnt to the cache folder; a memory that cannot be written costs time alone."""
        if self._learnt:
            unused = {key: held for key, held in self._known.items() if key not in self._used}
            kept = dict(list({**unused, **self._used}.items())[-MOST_REMEMBERED:])
            with contextlib.suppress(OSError):
                sealed.write_bytes(_memory(), json.dumps(kept, separators=(",", ":")).encode())
            self._learnt = False


def module_name(path: str) -> str:
    """Return the dotted name of the module at a path in the project."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _source_files(root: Path) -> Iterator[str]:
    """Yield the paths of the project's source files, relative to `root`."""
    for package in PACKAGES:
        for folder, _, files in os.walk(root / package):
            inside = Path(folder).relative_to(root).as_posix()
            yield from (f"{inside}/{file}" for file in sorted(files) if file.endswith(".py"))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _recalled() -> dict[str, Any]:
    try:
        return dict(json.loads(sealed.read_bytes(_memory())))
    except (OSError, Damaged, ValueError, TypeError, RecursionError):
        return {}


def _memory() -> Path:
    return cache_folder() / f"definitions-{_edition()}.json"


@functools.cache
def _edition() -> str:
    """Return a digest of what reads definitions, so that another way of reading begins a new memory."""
    readers = (definitions, keys, statements, syntax)
    digests = "".join(file_digest(Path(reader.__file__)) for reader in readers)
    return _sha256(digests.encode())[:16]
