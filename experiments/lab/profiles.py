"""How much a build does: one minute to see it work, the assignment's settings, or a thorough study."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """How much a build does.

    `limit` keeps that many training images of each data set. With `wide`, the wide searches are made
    besides the assignment's grids, of `wide_trials` trials each.
    """

    name: str
    seeds: int
    epochs: int
    iterations: int
    limit: int | None = None
    wide: bool = False
    wide_trials: int = 20


PROFILES = {
    "quick": Profile("quick", seeds=1, epochs=2, iterations=16, limit=1500, wide_trials=8),
    "standard": Profile("standard", seeds=1, epochs=10, iterations=3000),
    "thorough": Profile("thorough", seeds=6, epochs=10, iterations=3000, wide=True),
}
