"""What changed since another build: a table on the terminal, and a page in the output folder."""

import json
from pathlib import Path
from typing import Any

from building.request import RequestError
from experiments.lab.store.files import read_whole, write_whole
from rendering.comparing import changes, page, table

PAGE, RESULTS = "comparison.html", "results.json"


def show(output: Path, old: str, title: str) -> int:
    """Print what changed since the build `old`, a results.json or an output folder, and write the page.

    Raises RequestError if one of the two holds no results.
    """
    place = Path(old)
    folder = place if place.is_dir() else place.parent
    before, after = (
        _results(place / RESULTS if place.is_dir() else place),
        _results(output / RESULTS),
    )
    found = changes.compare(before, after)
    pairs = page.figures(found, folder if (folder / "figures").is_dir() else None, output)
    html = page.render(found, pairs, title, str(place), str(output))
    write_whole(output / PAGE, html.encode())
    print(table.text(found))
    print(f"{output / PAGE} has it all, with {len(pairs)} figures that differ side by side")
    return 0


def _results(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_whole(path))
    except (FileNotFoundError, ValueError, RecursionError) as error:
        raise RequestError(f"--compare: {path} holds no results of a build ({error})") from error
    if not isinstance(found, dict) or not isinstance(found.get("sections"), dict):
        raise RequestError(f"--compare: {path} holds no results of a build (it has no sections)")
    return found
