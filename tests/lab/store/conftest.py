"""A cache of its own for each test of the store."""

import pytest


@pytest.fixture
def own_memory(tmp_path, monkeypatch):
    """The folder in which a test's memory of source files lies."""
    monkeypatch.setenv("ASSIGNMENT2_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"
