"""What tests of whole sections share."""

import pytest

from experiments.lab.evidence import comparisons


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    """Resample less than the report does: the claims read here are clear ones."""
    monkeypatch.setattr(comparisons, "RESAMPLES", 999)
