"""Places of templates."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tmuxorch.store.templates import Templates

ROLE = "do: Do it.\noutput: Say it.\n"
PATTERN = "title: T\nsteps:\n- {name: a, role: free, task: 'Do {{task}}', answer: brief}\n"


class Place:
    """A directory of templates."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def write(self, name: str, said: str | bytes) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(said.encode() if isinstance(said, str) else said)
        return path


@pytest.fixture
def project(tmp_path: Path) -> Place:
    return Place(tmp_path / "tmuxorch")


@pytest.fixture
def user(home: Path) -> Place:
    return Place(home / "config" / "tmuxorch")


@pytest.fixture
def templates(tmp_path: Path, home: Path) -> Templates:
    return Templates(tmp_path, os.environ)
