"""Which trial of a search is ahead, and from which others it cannot be told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Standing:
    """The trial with the best objective, and what a test says of it against the others.

    `leader` is its number. It cannot be told from those in `tied_with`; those in `ahead` have the higher
    `measure`, although the objective chose otherwise. `test` names the statistical test, which repeats
    over `count` of `unit` and is corrected for `comparisons`. Without one, `tied_with` has the trials
    with exactly the same objective, and nothing is known of the others.
    """

    leader: str
    tied_with: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    measure: str = ""
    test: str = ""
    unit: str = ""
    count: int = 0
    comparisons: int = 0
