"""What a section is, and what it is handed when it measures.

Every module of a section or part has the same face:

    SECTION = Section(...)                      who it is, and what it needs
    def searches(study) -> list[Search]         what has to be trained for it
    def measure(study) -> Findings              what the trainings, the data and the networks say
    def draw(record) -> list[Drawing]           its figures, from the record alone

`searches` must not import TensorFlow; `measure` may, through `experiments.lab`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from experiments.lab.profiles import Profile
from experiments.lab.store.held import Held
from experiments.lab.store.records import Record
from experiments.lab.store.results import SearchResult

if TYPE_CHECKING:
    from experiments.lab.data.splits import Identity, Source, Splits
    from experiments.lab.data.views import View


MOST_AT_STAKE = 500  # iterations between two states: what an interruption loses at most
# Points of a curve over iterations; few where validating would take longer than training.
POINTS, FEW = 12, 4
SHORT = 100  # iterations


@dataclass(frozen=True)
class Section:
    """A section of the report or a part of one. `task` is the assignment's numbering, `data` the sets
    it reads.

    A part's `name` has its section's in front: "deconvnet.occlusion". `needs` names the sections whose
    records it reads; they are built before it. What is `slow` to measure is trained before all others
    that can be, so that it is measured while they train.
    """

    name: str
    task: str
    title: str
    data: tuple[str, ...]
    needs: tuple[str, ...] = ()
    slow: bool = False


@dataclass(frozen=True)
class Study:
    """A section's view of the build: profile, data, search results and the records it needs.

    All of it is read when it is asked for. A search's result is there for the section's own searches
    once they have ended, and for those of the sections that it needs. `loaded` has the data sets that
    were read, which studies may share; `read` the results that this one was given.
    """

    section: Section
    profile: Profile
    sources: Mapping[str, "Source"]
    held: Held
    replicas: int = 1
    loaded: dict[str, "Splits"] = field(default_factory=dict, repr=False)
    read: dict[str, SearchResult] = field(default_factory=dict, repr=False)

    @property
    def quick(self) -> bool:
        """Whether the profile only has to show that everything works: it keeps few images."""
        return self.profile.limit is not None

    def identity(self, data: str) -> "Identity":
        """Return what the data set is; it is not read for that."""
        return self.sources[data].identity

    def splits(self, asked: "str | View") -> "Splits":
        """Return a data set divided, or a view of one, with the profile's limit applied."""
        from experiments.lab.data import views

        view = views.View(asked) if isinstance(asked, str) else asked
        if view.name not in self.loaded:
            self.loaded[view.name] = self.sources[view.name].load(self.profile.limit)
        return views.apply(view, self.loaded[view.name])

    def result(self, search: str) -> SearchResult:
        """Return the result of a search by its name; NotReady if it has not been made."""
        self.read[search] = self.held.result(search)
        return self.read[search]

    def record(self, section: str) -> Record:
        """Return the record of a section that this one needs; NotReady if it has none."""
        return self.held.record(section)

    def training(self) -> Mapping[str, object]:
        """Return the profile's settings that every search of CNNs takes: Search(**..., ...)."""
        return {
            "length": self.profile.epochs,
            "seeds": self.profile.seeds,
            "limit": self.profile.limit,
            "replicas": self.replicas,
        }

    def iterations(self) -> Mapping[str, object]:
        """Return the same for searches whose length is counted in iterations."""
        iterations = self.profile.iterations
        points = FEW if iterations < SHORT else POINTS
        return {
            **self.training(),
            "length": iterations,
            "unit": "iterations",
            "validate_every": min(MOST_AT_STAKE, max(1, iterations // points)),
        }
