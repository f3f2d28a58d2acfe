"""The core does no I/O, so its tests need no home of their own and leave no process to look for."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def home() -> None:
    """Nothing, in place of the fixture of that name for everything else."""
