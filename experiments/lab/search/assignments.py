"""What the chief and its workers agree on: a search's definition and data, and a few signs.

The chief leaves the definition in the shared output folder.

keras-tuner carries hyper-parameters to a worker in single precision, and knows no None. The exact values
are in the search's own points; of a trial that keras-tuner proposed, in the trial's file, which it
writes before it hands the trial out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.lab.settings import Search
from experiments.lab.store.files import write_whole

FILE = "assignment.json"
PARENT = "ASSIGNMENT2_PARENT"  # the process without which a worker ends
LEFT_ALONE = 3  # the exit status of a worker whose chief does not answer, or whose parent is gone
UNFIT = 4  # the exit status of a worker whose machine cannot train what it was given
CHIEF_MAY_START = 600.0  # seconds that a worker waits for its chief's first answer
RETURNED = "returned"  # the metric by which a worker gives its trial back


class WorkError(Exception):
    """Trainings cannot be handed out or carried out here; the message says why, in one line."""


@dataclass(frozen=True)
class Assignment:
    """A search, and where its data and code come from.

    `environment` has `sources` (data set name -> what `data.Source.from_json` takes), `code` and
    `versions`, which a worker compares with its own.
    """

    search: Search
    environment: Mapping[str, Any]


def write_assignment(search: Search, environment: Mapping[str, Any], folder: Path) -> None:
    """Write the assignment of `search` into its keras-tuner project below `folder`."""
    content = {"search": search.to_json(), "environment": dict(environment)}
    write_whole(folder / search.name / FILE, json.dumps(content, indent=1).encode())


def read_assignment(name: str, folder: Path) -> Assignment:
    """Return the assignment of the search `name`; OSError or ValueError if there is none."""
    plain = json.loads((folder / name / FILE).read_text(encoding="utf-8"))
    return Assignment(Search.from_json(plain["search"]), plain["environment"])


def read_point(search: Search, number: str, folder: Path) -> dict[str, Any]:
    """Return the point of the trial of `search` with this number, in full precision.

    `folder` has the keras-tuner projects. Raises OSError if the chief stored no such trial.
    """
    path = folder / search.name / f"trial_{number}" / "trial.json"
    proposed = (
        {}
        if search.points
        else json.loads(path.read_text(encoding="utf-8"))["hyperparameters"]["values"]
    )
    return point_of(search, number, proposed)


def point_of(search: Search, number: str, proposed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the point of a trial: the search's own, else what keras-tuner `proposed`."""
    if search.points:
        return dict(search.points[int(number)])
    return {name: proposed[name] for name in search.space}
