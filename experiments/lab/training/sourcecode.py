"""Which definitions of this project a training run's result depends on."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from experiments.lab.store import closure

ROOTS = (
    "experiments.lab.training.course:train",
    "experiments.lab.training.trainer:Trainer.scores",
    "experiments.lab.training.trainer:Trainer.take_over",
    "experiments.lab.training.trainer:Trainer.parameters",
    "experiments.lab.training.devices:prepare_process",
    "experiments.lab.data.splits:Source.load",
    "experiments.lab.data.views:apply",
)


def training_code(settings: Mapping[str, Any]) -> str:
    """Return the key of the definitions that training with `settings` can reach.

    `settings` is the plain data of a run or of a search: of what is chosen by name (networks, cells,
    optimizers, transforms), only what is named there counts.
    """
    return _key(frozenset(strings(settings)))


@functools.cache
def _key(names: frozenset[str]) -> str:
    return closure.project().closure(ROOTS, names).key


def strings(plain: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield every string that plain data hold as a value."""
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, Mapping):
        for value in plain.values():
            yield from strings(value)
    elif isinstance(plain, list | tuple):
        for value in plain:
            yield from strings(value)
