"""The stand-ins: data sets that this project makes itself, so that no network is needed.

MNIST's is made of the digits that scikit-learn carries (`enlarged_digits`), CIFAR-10's is drawn
(`drawn_scenes`). Each is made in seconds and kept in the cache folder under a name with the digest
of the code that makes it: changed code makes it anew, a changed comment does not.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np

from experiments.lab.data.files import NAMES, RULES, DataError, fingerprint, read
from experiments.lab.data.splits import Identity, Source
from experiments.lab.store.cache import cache_folder, remembered
from experiments.lab.store.closure import project
from experiments.lab.store.files import write_whole

MAKERS = {
    "mnist": "experiments.lab.data.standins.enlarged_digits",
    "cifar10": "experiments.lab.data.standins.drawn_scenes",
}

LABELS = {
    "mnist": "the stand-in for MNIST (scikit-learn's digits, enlarged)",
    "cifar10": "the drawn stand-in for CIFAR-10",
}

ORIGINS = {
    "mnist": "made by this project from scikit-learn's load_digits",
    "cifar10": "drawn by this project",
}


def source(name: str, say: Callable[[str], None] = print) -> Source:
    """The stand-in for "mnist" or "cifar10", made now unless it is in the cache.

    A damaged file in the cache is made again. Raises DataError when the cache cannot be written.
    """
    file = cache_folder() / f"stand-in-{name}-{_code(name)[:16]}.npz"
    try:
        mark = _mark(name, file)
    except (DataError, OSError):
        say(f"making {LABELS[name]}, once")
        _make(name, file)
        mark = _mark(name, file)
    classes = _classes(name)
    return Source(Identity(name, "stand-in", LABELS[name], mark, classes, ORIGINS[name]), str(file))


def _code(name: str) -> str:
    return project().closure([f"{MAKERS[name]}:build"]).key


def _classes(name: str) -> tuple[str, ...]:
    if name == "mnist":
        return tuple("0123456789")
    from experiments.lab.data.standins.drawn_objects import OBJECTS

    return tuple(OBJECTS)


def _mark(name: str, file: Path) -> str:
    question = f"fingerprint of the stand-in for {name} by rules {RULES}"
    return remembered(question, file, lambda: fingerprint(read(file, name, grouped=True)))


def _make(name: str, file: Path) -> None:
    arrays = import_module(MAKERS[name]).build()
    content = io.BytesIO()
    np.savez(content, **{key: getattr(arrays, key) for key in (*NAMES, "group_train")})
    try:
        write_whole(file, content.getvalue())
    except OSError as error:
        raise DataError(
            f"{file}: cannot be written ({error.strerror or error}); "
            "name a folder that can with ASSIGNMENT2_CACHE"
        ) from None
