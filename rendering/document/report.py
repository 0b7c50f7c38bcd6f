"""What the page prints, as plain data: the builder fills it, the templates read it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.lab.evidence.claims import Claim, claims_of
from experiments.lab.store.drawings import Drawn
from experiments.lab.store.records import Record
from experiments.lab.store.results import SearchResult
from rendering.wording import data_name, substituted

FRESH, STALE, PENDING, FAILED, LEFT_OUT = "fresh", "stale", "pending", "failed", "left out"
STAND_IN, OFFICIAL = "stand-in", "official"

TASKS = {
    "1": "Visualizing a CNN with CIFAR-10",
    "2": "Key ideas of the deconvnet",
    "3": "An RNN on MNIST",
}
FURTHER = "Further sections"
MAIN, FULL = "main", "full"
EDITIONS = (MAIN, FULL)  # without and with the appendix


@dataclass(frozen=True)
class SectionView:
    """A section in its place, with or without results.

    `number` counts from 1, `task` is the assignment's numbering ("1b i"). `state` is "fresh", "stale",
    "pending", "failed" or "left out"; `why` says the reason of any but the first in words, and `command`
    builds the section. A stale section still shows its `record`, the last that was made, and what was
    `drawn` from it. `parts` stand below the section, each with a state of its own.
    """

    name: str
    number: int
    task: str
    title: str
    state: str
    why: str = ""
    command: str = ""
    record: Record | None = None
    drawn: Drawn | None = None
    parts: Sequence["SectionView"] = ()

    @property
    def label(self) -> str:
        """What the section is called in references: its task, or its place if it has none."""
        return self.task or str(self.number)

    @property
    def all(self) -> "list[SectionView]":
        """The section itself, then its parts."""
        return [self, *self.parts]

    @property
    def shown(self) -> bool:
        """Whether there are results to print."""
        return self.record is not None and self.record.status == "done"

    @property
    def claims(self) -> dict[str, Claim]:
        """The record's claims by name."""
        return claims_of(self.record) if self.shown else {}

    @property
    def stand_ins(self) -> list[str]:
        """The labels of the stand-in data sets that the results come from."""
        return _stand_ins(self.record.data) if self.shown else []

    @property
    def seeds(self) -> list[int]:
        """The seeds of the runs that the results come from, in order."""
        shown = [view for view in self.all if view.shown]
        return sorted({row["seed"] for view in shown for row in view.record.trials})

    @property
    def seconds(self) -> float | None:
        """How long it took with its parts, None if nothing is there to be shown."""
        shown = [view.record.seconds for view in self.all if view.shown]
        return sum(shown) if shown else None


@dataclass(frozen=True)
class Report:
    """The whole report: its sections in order, and how and from what it was made.

    `data` maps a data set's name to its identity (`label`, `kind`, `fingerprint`, `origin`, counts);
    `environment` describes the machine and `versions` its libraries; `built_at` is an ISO 8601 moment;
    `command` builds the whole. The `edition` is "main" or "full", which has the appendix. The report is
    `growing` while its build goes on.
    """

    title: str
    author: str
    profile: str
    sections: Sequence[SectionView]
    environment: Mapping[str, Any]
    data: Mapping[str, Mapping[str, Any]]
    built_at: str
    command: str
    versions: Mapping[str, str] = field(default_factory=dict)
    searches: Sequence[SearchResult] = ()
    course: str = ""
    tasks: Mapping[str, str] = field(default_factory=lambda: dict(TASKS))
    edition: str = FULL
    growing: bool = False

    def section_of(self, view: SectionView) -> SectionView:
        """Return the section that a view is or belongs to."""
        return next(section for section in self.sections if any(it is view for it in section.all))

    @property
    def parts(self) -> list[tuple[str, str, list[SectionView]]]:
        """The sections under the assignment's tasks: number, title and sections of each.

        Those of no task of the assignment come under FURTHER, whose number is empty.
        """
        grouped: dict[str, list[SectionView]] = {}
        for section in self.sections:
            task = re.match(r"\d*", section.task).group()
            grouped.setdefault(task if task in self.tasks else "", []).append(section)
        tasks = {**self.tasks, "": FURTHER}
        return [(task, title, grouped[task]) for task, title in tasks.items() if task in grouped]

    @property
    def stand_ins(self) -> list[str]:
        """The labels of all stand-in data sets."""
        return _stand_ins(self.data)

    @property
    def machines(self) -> list[tuple[Mapping[str, Any], list[SectionView]]]:
        """The environments that results were measured in, each with its sections."""
        found: list[tuple[Mapping[str, Any], list[SectionView]]] = []
        for section in self.all:
            if section.shown:
                known = [
                    shared for machine, shared in found if machine == section.record.environment
                ]
                if known:
                    known[0].append(section)
                else:
                    found.append((section.record.environment, [section]))
        return found

    @property
    def unfinished(self) -> list[SectionView]:
        """The sections whose results are missing or no longer true of the settings."""
        return [section for section in self.all if section.state != FRESH]

    @property
    def all(self) -> list[SectionView]:
        """The sections and their parts."""
        return [view for section in self.sections for view in section.all]

    @property
    def quick(self) -> bool:
        """Whether any results shown come from the quick profile."""
        return any(section.shown and section.record.profile == "quick" for section in self.all)

    @property
    def marks(self) -> list[str]:
        """What the title page says in a few words of results that are not all they might be."""
        found = ["Quick run"] if self.quick else []
        found += ["Stand-in data"] if self.stand_ins else []
        found += [f"Unverified copy of {title}" for title in self.copied]
        found += [f"Other images in place of {title}" for title in self.substituted]
        found += ["Not complete"] if self.unfinished else []
        return found + (["Main text without its appendix"] if self.edition == MAIN else [])

    @property
    def copied(self) -> list[str]:
        """The names of the data sets that may be the originals, but are not verified."""
        kinds = (STAND_IN, OFFICIAL)
        sets = (one for one in self.data.values() if not substituted(one))
        return [_title(one) for one in sets if one["kind"] not in kinds]

    @property
    def substituted(self) -> list[str]:
        """The names of the data sets in whose place other images stand."""
        return [_title(one) for one in self.data.values() if substituted(one)]

    @property
    def data_names(self) -> list[str]:
        """How the abstract names the data sets, stand-ins and other images as such."""
        return [data_name(one) for one in self.data.values()]

    @property
    def trained_once(self) -> bool:
        """Whether some results shown come from one seed alone."""
        return any(len(section.seeds) == 1 for section in self.sections)

    @property
    def verdicts(self) -> list[str]:
        """The verdicts of all single comparisons in the report."""
        claims = [claim for view in self.all for claim in view.claims.values()]
        return [claim.verdict for claim in claims if not claim.members]

    @property
    def stamp(self) -> str:
        """What every page says: that results are quick, or data stand-ins; empty for neither."""
        words = ["quick run"] if self.quick else []
        words += ["stand-in data"] if self.stand_ins else []
        return " · ".join(words)


def _stand_ins(data: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [identity["label"] for identity in data.values() if identity["kind"] == STAND_IN]


def _title(identity: Mapping[str, Any]) -> str:
    return data_name({**identity, "kind": OFFICIAL})
