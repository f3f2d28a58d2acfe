"""One model and one App Server for all tests of a module; each test has a thread of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.codex.live import Bench, Client, Server, client
from tests.codex.tinymodel import TinyModel


@pytest.fixture(scope="module")
def model() -> Iterator[TinyModel]:
    with TinyModel() as model:
        yield model


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, model: TinyModel) -> Bench:
    return Bench(tmp_path_factory.mktemp("c"), model)


@pytest.fixture(scope="module")
def server(bench: Bench) -> Iterator[Server]:
    with Server(bench) as server:
        yield server


@pytest.fixture
async def codex(server: Server, bench: Bench) -> AsyncIterator[Client]:
    """A client with a new thread on the module's server."""
    async with client(bench) as made:
        yield made


@pytest.fixture
def own(tmp_path: Path, model: TinyModel) -> Bench:
    """A bench of this test alone, without a server."""
    return Bench(tmp_path, model)
