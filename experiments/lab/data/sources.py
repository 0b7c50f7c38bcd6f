"""Finds the data sets: in a folder that was named, through Keras, or as stand-ins.

The order of search, for `--data auto`:

1. the folder of `--data-dir`, or of the environment variable ASSIGNMENT2_DATA. A folder that was
   named is meant: where it has neither data set, or the file is faulty, that is an error, and
   nothing else is looked for. Where it has the other data set alone, the search goes on;
2. Keras's own cache, through Keras's loaders (`keras_cache`);
3. a download through them, given up within seconds where there is no network;
4. the stand-ins (`standins`), with a line that says so.

`--data real` is the same without the last step, `--data stand-in` is the last step alone, whatever
folder is named.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from textwrap import shorten

import numpy as np

from experiments.lab.data import keras_cache
from experiments.lab.data.facts import DATA_SETS
from experiments.lab.data.files import REMEDY, RULES, fingerprint, read
from experiments.lab.data.splits import DataError, Identity, Source
from experiments.lab.data.standins import made as standins
from experiments.lab.data.watched_loader import NotAvailableError
from experiments.lab.store.cache import remembered
from experiments.lab.store.plain_text import is_text, plain

# A folder's mnist.npz with these arrays is MNIST itself. CIFAR-10 has no such constant: the arrays
# in circulation as .npz are often copies by way of JPEG, and its official ones are only vouched for
# by the SHA-256 of the archive that Keras downloads. So a folder's cifar10.npz is never official.
MNIST_FINGERPRINT = "463a0ca2f8e4cd0ccb9e348c8153d3ff0dc3cff1a5402b610bb4b99dacada797"

MEND = "mend it with "  # what stands before the line of NumPy in a fault of `files`
MOST_OF_REASON = 60  # letters, in the line that warns of stand-ins

Say = Callable[[str], None]


def find(
    name: str,
    data: str = "auto",
    data_dir: str | None = None,
    say: Say = print,
    download: bool = True,
) -> Source:
    """Find a data set; see the module's first lines for where.

    Args:
        name: "cifar10" or "mnist".
        data: "auto", "real" or "stand-in".
        data_dir: a folder with `mnist.npz`, `cifar10.npz` or both; None for ASSIGNMENT2_DATA's.
        say: takes lines for the user.
        download: False to go on without asking the network.

    Raises:
        DataError: a folder was named and has no data set, or a file that cannot be used; or `data`
            is "real" and there is none; or the cache cannot be written.
    """
    return find_all([name], data, data_dir, say, download)[name]


def find_all(
    names: Sequence[str],
    data: str = "auto",
    data_dir: str | None = None,
    say: Say = print,
    download: bool = True,
) -> dict[str, Source]:
    """Find several data sets, each as `find` does; one line says of which there are only stand-ins."""
    found = {name: _found(name, data, data_dir, say, download) for name in names}
    if missed := {name: reason for name, reason in found.items() if isinstance(reason, str)}:
        say(warning(missed))
    made = {name: standins.source(name, say) for name in missed}
    return {name: made.get(name, source) for name, source in found.items()}


def warning(missed: Mapping[str, str]) -> str:
    """Return the line about data sets that there are only stand-ins for, and why, by their names."""
    titles = " and ".join(DATA_SETS[name].title for name in missed)
    why = shorten(next(iter(missed.values())), MOST_OF_REASON, placeholder=" …")
    return f"WARNING: NOT {titles} but stand-ins ({why}); see --data-dir"


def _found(name: str, data: str, data_dir: str | None, say: Say, download: bool) -> Source | str:
    """Return the source, or why there is none and a stand-in has to be made."""
    if data == "stand-in":
        return standins.source(name, say)
    if folder := data_dir or os.environ.get("ASSIGNMENT2_DATA"):
        if file := _in_folder(name, folder, "--data-dir" if data_dir else "ASSIGNMENT2_DATA"):
            return _of_file(name, folder, file, say)
        say(f"{plain(folder)} has no {name}.npz: {DATA_SETS[name].title} is looked for elsewhere")
    try:
        return _through_keras(name, data, say, download)
    except NotAvailableError as reason:
        if data != "real":
            return str(reason)
        raise DataError(
            f"{DATA_SETS[name].title}: not in Keras's cache ({keras_cache.keras_folder()}), and no "
            f"download ({reason}); name a folder that holds {name}.npz with --data-dir, or "
            "use --data stand-in"
        ) from None


def here(source: Source, data_dir: str | None = None, say: Say = print) -> Source:
    """The same data on this machine, where the source was found on another.

    A file that is here under the same path serves; else a folder's file is looked for in
    `data_dir` or ASSIGNMENT2_DATA, a stand-in is made, and anything else comes through Keras.

    Raises:
        DataError: the data are not here, or differ from the source's by their fingerprint.
    """
    identity = source.identity
    if Path(source.file).is_file():
        return source
    data = "stand-in" if identity.kind == "stand-in" else "real"
    found = find(identity.name, data, data_dir, say)
    if found.identity.fingerprint != identity.fingerprint:
        raise DataError(
            f"{found.file}: its arrays have the fingerprint {found.identity.fingerprint[:12]}, "
            f"but the build uses {identity.fingerprint[:12]}; use the same data and the same "
            "edition of this project on every machine"
        )
    return Source(identity, found.file)


def _in_folder(name: str, folder: str, named_by: str) -> Path | None:
    """Return the data set's file in a folder that was named; None if the folder has another one alone."""
    if not is_text(folder):
        raise DataError(
            f"{named_by} {plain(folder)}: its name is not valid UTF-8; rename the folder"
        )
    place = Path(folder).expanduser()
    if place.is_file():
        raise DataError(f"{named_by} {folder} is a file; name the folder that holds it")
    if not place.is_dir():
        raise DataError(f"{named_by} {folder}: no such folder; name one that holds {name}.npz")
    files = {one: place / f"{one}.npz" for one in DATA_SETS}
    if not any(file.is_file() for file in files.values()):
        raise DataError(
            f"{named_by} {folder}: neither {' nor '.join(it.name for it in files.values())} in it; "
            "add one, leave out the folder to look elsewhere, or use --data stand-in"
        )
    return files[name] if files[name].is_file() else None


def _of_file(name: str, folder: str, file: Path, say: Say) -> Source:
    """Return a checked file of `folder` as a source."""
    question = f"fingerprint of {name} by rules {RULES}"
    held = json.loads(remembered(question, file, lambda: _held(file, name)))
    mark = held["fingerprint"]
    if held["notes"]:
        say(f"{file}: {', '.join(held['notes'])}")
    if name == "mnist" and mark == MNIST_FINGERPRINT:
        return _official(name, file, mark, f"{file}, by the fingerprint of its arrays")
    label = f"{DATA_SETS[name].title} from {plain(folder)}, not verified"
    classes = tuple(held["classes"] or names_of(name, held["counts"]))
    identity = Identity(name, "unverified", label, mark, classes, str(file))
    return Source(identity, str(file.absolute()))


def _held(file: Path, name: str) -> str:
    """What a folder's file holds, as JSON: fingerprint, names of classes, and what was said of it."""
    notes: list[str] = []
    try:
        arrays = read(file, name, notes=notes)
    except DataError as error:
        raise DataError(_with_one_remedy(str(error))) from None
    counts = [np.bincount(labels).tolist() for labels in (arrays.y_train, arrays.y_test)]
    held = {"fingerprint": fingerprint(arrays), "classes": arrays.classes, "notes": notes}
    return json.dumps(held | {"counts": counts})


def _with_one_remedy(fault: str) -> str:
    """Return what is wrong with a file without the general remedy where there is a line of NumPy."""
    return fault.removesuffix(f"; {REMEDY}") if MEND in fault else fault


def names_of(name: str, counts: Sequence[Sequence[int]]) -> tuple[str, ...]:
    """Return what the classes of a file without names are called: as in the published set or by number.

    `counts` are the images of each class in its two parts. A file with as many as were published of
    CIFAR-10, equally many of each class, is taken for a copy of it; other images are no airplanes.
    """
    known = DATA_SETS[name]
    each = [size // len(known.classes) for size in (known.published_training, known.test)]
    copied = [[number] * len(known.classes) for number in each]
    if list(map(list, counts)) == copied:
        return known.classes
    return tuple(map(str, range(len(counts[0]))))


def _through_keras(name: str, data: str, say: Say, download: bool) -> Source:
    found = keras_cache.at_hand(name, say)
    if not found and not download:
        raise NotAvailableError("this command downloads nothing")
    file, mark = found or keras_cache.download(name, say, ask_again=data == "real")
    return _official(name, file, mark, f"keras.datasets.{name}, its file checked by SHA-256")


def _official(name: str, file: Path, mark: str, origin: str) -> Source:
    identity = Identity(
        name, "official", DATA_SETS[name].title, mark, DATA_SETS[name].classes, origin
    )
    return Source(identity, str(file.absolute()))
