"""The small sections in this process, and folders that a build has left."""

import shutil

import pytest
from toy import command

from building import commands
from building.context import Context
from building.request import Request
from experiments.lab.data import sources


@pytest.fixture
def small(monkeypatch, toy_environment):
    """Put the small sections into the place of the report's own."""
    monkeypatch.setenv("ASSIGNMENT2_CACHE", toy_environment["ASSIGNMENT2_CACHE"])
    command.replace(monkeypatch.setattr, monkeypatch.setitem)


@pytest.fixture
def copied(built, tmp_path):
    """The folder of an undisturbed build, to change."""
    return shutil.copytree(built.output, tmp_path / "report")


@pytest.fixture
def context_of(small, toy_data):
    """Return the context of a request: `context_of(output, profile=..., sections=...)`."""

    def make(output, **given) -> Context:
        request = Request(output=output, **{"profile": command.PROFILE, **given})
        found = {name: sources.find(name, data_dir=str(toy_data)) for name in commands.DATA_SETS}
        said: list[str] = []
        context = Context(request, found, 1, said.append)
        context.said = said
        return context

    return make
