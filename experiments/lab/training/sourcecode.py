"""Which source files a training run's result depends on."""

import functools

from experiments.lab.store.keys import source_digests

TRAINING_MODULES = ("experiments.lab.training.course", "experiments.lab.data")


@functools.cache
def training_code() -> dict[str, str]:
    """Return the digests of the code that trains and of all it imports from this project."""
    return source_digests(TRAINING_MODULES)
