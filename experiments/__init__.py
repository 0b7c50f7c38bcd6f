"""The experiments, one module for each section of the report.

`SECTIONS` lists them in the report's order. A module is imported when its section is asked for.
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


def module_name(section: str) -> str:
    """Return the dotted name of the module of `section` ("learning-rates")."""
    return f"experiments.{section.replace('-', '_')}"


def module(section: str) -> ModuleType:
    """Return the module of `section`; it has SECTION, searches, measure and draw."""
    return importlib.import_module(module_name(section))
