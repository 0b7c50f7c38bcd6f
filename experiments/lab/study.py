"""What a section is, and what it is handed when it measures.

Every module in `experiments/` has the same face:

    SECTION = Section(...)                      who it is, and what it needs
    def searches(study) -> list[Search]         what has to be trained for it
    def measure(study) -> Findings              what the trainings, the data and the networks say
    def draw(record) -> list[Drawing]           its figures, from the record alone

`searches` must not import TensorFlow; `measure` may, through `experiments.lab`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.lab.profiles import Profile
from experiments.lab.store.records import Record
from experiments.lab.store.results import SearchResult

if TYPE_CHECKING:
    from experiments.lab.data.splits import Identity, Splits
    from experiments.lab.data.views import View


MOST_AT_STAKE = 500  # iterations between two states: what an interruption loses at most
# Points of a curve over iterations; few where validating would take longer than training.
POINTS, FEW = 12, 4
SHORT = 100  # iterations


@dataclass(frozen=True)
class Section:
    """A section of the report. `task` is the assignment's numbering, `data` the sets it reads.

    `needs` names the sections whose records it reads; they are built before it. What is `slow` to
    measure is trained before all others that can be, so that it is measured while they train.
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

    The functions load when they are called: `identity` and `record` are cheap, `splits` reads arrays
    of a data set or of a view of one (with the profile's limit applied), `result` is there for the
    section's own searches once they have ended, and for those of the sections that it needs.
    """

    section: Section
    profile: Profile
    identity: Callable[[str], "Identity"]
    splits: Callable[["str | View"], "Splits"]
    result: Callable[[str], SearchResult]
    record: Callable[[str], Record]
    replicas: int = 1

    @property
    def quick(self) -> bool:
        """Whether the profile only has to show that everything works: it keeps few images."""
        return self.profile.limit is not None

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
