"""A session on a private server and a control client on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.tmux.specs import sleeper
from tests.tmuxfixture import own_tmux, private_tmux
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.model import Session
from tmuxorch.tmux.server import Address, ensure_session
from tmuxorch.tmux.windows import Windows

__all__ = ["own_tmux", "private_tmux"]


@pytest.fixture
def session(private_tmux: Address, tmp_path: Path) -> Session:
    return ensure_session(private_tmux, "fleet", str(tmp_path), sleeper("controller", tmp_path))


@pytest.fixture
async def client(session: Session) -> AsyncIterator[ControlClient]:
    client = await ControlClient.connect(session)
    yield client
    await client.close()


@pytest.fixture
def windows(client: ControlClient) -> Windows:
    return Windows(client)
