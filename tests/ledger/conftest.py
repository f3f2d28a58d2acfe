"""The ledger does no I/O, so its tests need no home of their own and leave no process to look for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# Documents are large, and machines are busy: neither says anything about a property.
settings.register_profile(
    "documents",
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(autouse=True)
def home() -> None:
    """Nothing, in place of the fixture of that name for everything else."""
