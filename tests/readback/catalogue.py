"""All scenes by section and part, each made once."""

import functools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.lab.store.records import Record

from . import convolutional, deconvnet, recurrent
from .printing import record_of
from .scenes import MAIN, Scene

SCENES: dict[str, Callable[[Path], dict[str, Scene]]] = {
    "dataset": convolutional.dataset,
    "learning-rates": convolutional.learning_rates,
    "optimizers": convolutional.optimizers,
    "filters": convolutional.filters,
    "deconvnet": deconvnet.whole,
    "deconvnet.ideas": deconvnet.key_ideas,
    "deconvnet.visualization": deconvnet.features,
    "deconvnet.evolution": deconvnet.course,
    "deconvnet.invariance": deconvnet.changes,
    "deconvnet.occlusion": deconvnet.hidden,
    "deconvnet.correspondence": deconvnet.parts,
    "deconvnet.architecture": deconvnet.first_layers,
    "deconvnet.depth": deconvnet.layers,
    "deconvnet.control": deconvnet.learned,
    "rnn": recurrent.rnn,
    "cells": recurrent.cells,
    "units": recurrent.units,
    "cnn-vs-rnn": recurrent.cnn_against_rnn,
}


@functools.cache
def folder() -> Path:
    """Return a folder for made-up runs, which goes with the process."""
    held = tempfile.TemporaryDirectory(prefix="readback-")
    folder.held = held
    return Path(held.name)


@functools.cache
def scenes(name: str) -> dict[str, Scene]:
    """Return the scenes of a section or part."""
    # Those of the deconvnet and of `filters` look at one network; others have runs of their own.
    own = folder() / "network" if name == "filters" or "deconvnet" in name else folder() / name
    own.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)  # what is made up need not outlive a crash
        return SCENES[name](own)


def around(name: str) -> Record | None:
    """Return the record of a part's section, None for a section."""
    section, _, part = name.partition(".")
    return record_of(section, scenes(section)[MAIN].findings) if part else None
