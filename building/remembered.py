"""How an output folder was built: `build.json` in it, and what a command takes over from there.

The file is plain JSON for people and programs: {"format": 1, "options": {"profile": "quick", ...},
"data": {"mnist": LABEL, ...}, "digest": ...}. It holds what was asked for, and no result. Where the
folder lies and what it is called is no part of it, so that it can be moved.
"""

import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from building.request import RequestError
from experiments.lab.store.files import Damaged, read_whole, write_whole
from experiments.lab.store.keys import digest

NAME, FORMAT = "build.json", 1
OF_PROFILE = ("seeds", "epochs", "iterations", "search")
PRINTED = ("author", "course", "title", "edition")  # what changes the printing alone
KEPT = ("profile", *OF_PROFILE, "data", "data_dir", "strategy", *PRINTED)
ENVIRONMENT = "ASSIGNMENT2_DATA"
USUAL = "as usual"
LONG = 60  # letters of an option's text that a line repeats

Options = dict[str, str]


def read(output: Path) -> Options:
    """Return the options that the folder was last built with; empty if it does not say.

    Damaged if the file is there and is not what a build wrote.
    """
    return {name: text for name, text in _read(output).get("options", {}).items() if name in KEPT}


def offered(output: Path, given: Mapping[str, str]) -> Options:
    """Return the options that the folder offers a command; none where its file is damaged.

    RequestError if so and the command gives no option either: a build with the usual ones might
    train everything again.
    """
    try:
        return read(output)
    except Damaged as error:
        if given:
            return {}
        raise RequestError(
            f"{output / NAME} is damaged ({error}): give the options of the build, "
            f"such as --profile standard, once more"
        ) from None


def _read(output: Path) -> dict[str, dict[str, str]]:
    file = output / NAME
    try:
        held = json.loads(read_whole(file)) if os.path.exists(file) else {}
    except Damaged:
        raise
    except (ValueError, RecursionError):
        raise Damaged("no JSON") from None
    if held != {} and not (isinstance(held, dict) and held.pop("digest", None) == digest(held)):
        raise Damaged("changed since it was written")
    return held if held.get("format") == FORMAT else {}


def taken_over(kept: Mapping[str, str], given: Mapping[str, str]) -> Options:
    """Return which of the folder's options hold for a command that gives `given`.

    What the command gives wins. A profile that it gives brings its own numbers, and stand-ins or a
    folder of data take the place of whatever data the folder was built on.
    """
    left = {name: text for name, text in kept.items() if name not in given}
    dropped: tuple[str, ...] = OF_PROFILE if "profile" in given else ()
    if "data" in given and given["data"] != "real":
        dropped += ("data_dir",)
    if "data_dir" in given and left.get("data") == "stand-in":
        dropped += ("data",)
    return {name: text for name, text in left.items() if name not in dropped}


def to_keep(options: Mapping[str, str]) -> Options:
    """Return what a build with these options leaves for the next command, folders by whole paths.

    A folder that the environment names is part of it: the next command may be given elsewhere.
    """
    found = {name: options[name] for name in KEPT if options.get(name)}
    if found.get("data") == "stand-in":
        found.pop("data_dir", None)
        return found
    if folder := found.get("data_dir") or os.environ.get(ENVIRONMENT):
        found["data_dir"] = str(Path(folder).expanduser().absolute())
    return found


def write(output: Path, options: Mapping[str, str], data: Mapping[str, str]) -> None:
    """Write how the folder is built, unless it says so already; `data` has the labels of the data."""
    made = {"format": FORMAT, "options": to_keep(options), "data": dict(data)}
    made["digest"] = digest(made)
    content = (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode()
    file = output / NAME
    if not file.is_file() or read_whole(file) != content:
        write_whole(file, content)


def changes(output: Path, options: Mapping[str, str], data: Mapping[str, str]) -> list[str]:
    """Return what differs from the folder's last build in profile, its numbers and the data."""
    try:
        held = _read(output)
    except Damaged:
        return []
    if not held:
        return []
    before, after = held["options"], to_keep(options)
    names = ("profile", *OF_PROFILE, "strategy")
    pairs = {name: (before.get(name, USUAL), after.get(name, USUAL)) for name in names}
    pairs |= {name: (held["data"].get(name, label), label) for name, label in data.items()}
    return [f"{name} was {old}, is now {new}" for name, (old, new) in pairs.items() if old != new]


def arguments(options: Mapping[str, str]) -> list[str]:
    """Return the options as a command line has them."""
    return [f"--{name.replace('_', '-')}={options[name]}" for name in KEPT if options.get(name)]


def said(output: Path, taken: Mapping[str, str]) -> str:
    """Return the line that says what was taken over."""
    words = {name: text if len(text) <= LONG else f"{text[:LONG]}…" for name, text in taken.items()}
    return f"as {output} was built: {shlex.join(arguments(words))}"
