"""Which definitions of this project a training run's result depends on."""

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any

from experiments.lab.settings import RunSettings, Search
from experiments.lab.store import closure

ROOTS = (
    "experiments.lab.training.execution:images",
    "experiments.lab.training.execution:execute",
    "experiments.lab.training.devices:prepare_process",
)


def training_code(settings: RunSettings | Search) -> str:
    """Return the key of the definitions that training with the settings of a run or search can reach.

    Of what is chosen by name (networks, cells, optimizers, transforms), only what is named there counts.
    """
    return _key(frozenset(strings(settings)))


@functools.cache
def _key(names: frozenset[str]) -> str:
    return closure.project().closure(ROOTS, names).key


def strings(held: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield every string that settings hold as a value, in dataclasses, mappings and sequences too."""
    if isinstance(held, str):
        yield held
    elif dataclasses.is_dataclass(held):
        yield from strings(vars(held))
    elif isinstance(held, Mapping):
        for value in held.values():
            yield from strings(value)
    elif isinstance(held, list | tuple):
        for value in held:
            yield from strings(value)
