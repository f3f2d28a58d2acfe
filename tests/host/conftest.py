from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.hosting import HostDir
from tests.host.tmux import Tmux


@pytest.fixture
def host(tmp_path: Path) -> Iterator[HostDir]:
    directory = HostDir(tmp_path)
    yield directory
    directory.clear_away()


@pytest.fixture
def tmux(home: Path) -> Iterator[Tmux]:
    server = Tmux("host")
    server.start()
    yield server
    server.clear_away(home / "tmux")
