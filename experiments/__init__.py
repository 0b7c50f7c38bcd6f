"""The experiments: what each section of the report measures and draws.

A section is a module, `experiments/learning_rates.py`, or a package with parts, `experiments/deconvnet/`:
the section itself is then its module `section`, and each part a module that has a section's face. Parts
are built like sections and go by both names, "deconvnet.occlusion". Modules are imported when they are
asked for.
"""

import importlib
from types import ModuleType

SECTIONS = (
    "dataset",
    "learning-rates",
    "optimizers",
    "filters",
    "deconvnet",
    "rnn",
    "cells",
    "units",
    "cnn-vs-rnn",
)


def parts(section: str) -> tuple[str, ...]:
    """Return the names of the section's parts in order, "deconvnet.ideas"; empty if it has none."""
    home = importlib.import_module(_home(section))
    return tuple(f"{section}.{part}" for part in home.PARTS) if _is_package(home) else ()


def whole(section: str) -> tuple[str, ...]:
    """Return all that is built for a section: the section itself, then its parts."""
    return (section, *parts(section))


def names() -> tuple[str, ...]:
    """Return the names of all sections and parts, in the report's order."""
    return tuple(name for section in SECTIONS for name in whole(section))


def module_name(name: str) -> str:
    """Return the dotted name of the module of a section or part ("learning-rates", "deconvnet.ideas")."""
    section, _, part = name.partition(".")
    if part:
        return f"{_home(section)}.{part.replace('-', '_')}"
    home = _home(section)
    return f"{home}.section" if _is_package(importlib.import_module(home)) else home


def module(name: str) -> ModuleType:
    """Return the module of a section or part; it has SECTION, searches, measure and draw."""
    return importlib.import_module(module_name(name))


def _is_package(module: ModuleType) -> bool:
    return hasattr(module, "__path__")


def _home(section: str) -> str:
    return f"experiments.{section.replace('-', '_')}"
