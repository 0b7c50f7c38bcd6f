"""Comparing what two builds found, times aside."""

import json
from pathlib import Path
from typing import Any

TIMES = {"seconds", "built_at", "environment", "command"}  # which names the folder


def without_times(value: Any) -> Any:
    """Return plain data without what tells how long something took and when and where it was made."""
    if isinstance(value, dict):
        return {name: without_times(held) for name, held in value.items() if name not in TIMES}
    if isinstance(value, list):
        return [without_times(held) for held in value]
    return value


def found(output: Path) -> dict[str, Any]:
    """Return the `results.json` of a build, times aside."""
    return without_times(json.loads((output / "results.json").read_text()))


def trials(output: Path) -> dict[str, list[Any]]:
    """Return the trials of each section, times aside."""
    return {name: held["trials"] for name, held in found(output)["sections"].items()}
