"""The lease as a lock: taken once, asked about without harm."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import pytest

from tmuxorch.host import lease


def test_taken_once(tmp_path: Path) -> None:
    directory = str(tmp_path)
    assert not lease.held(directory)
    fd = lease.take(directory)
    assert fd is not None
    assert lease.held(directory)
    assert lease.take(directory) is None
    os.close(fd)
    assert not lease.held(directory)


def test_holders_are_the_other_processes(tmp_path: Path) -> None:
    fd = lease.take(str(tmp_path))
    assert fd is not None
    assert lease.holders(str(tmp_path)) == set()
    os.close(fd)


def asked(directory: str) -> int:
    """What `held` does for some microseconds, for as long as the file descriptor is open."""
    fd = os.open(os.path.join(directory, lease.NAME), os.O_RDONLY | os.O_CREAT)
    fcntl.flock(fd, fcntl.LOCK_SH)
    return fd


def test_asking_keeps_nobody_from_taking_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if who asks is kept from going on in the middle of it."""
    asking = asked(str(tmp_path))
    monkeypatch.setattr(lease, "PATIENCE", 0)
    monkeypatch.setattr(time, "sleep", lambda _: os.close(asking))
    fd = lease.take(str(tmp_path))
    assert fd is not None
    os.close(fd)


def test_two_who_ask_do_not_see_each_other(tmp_path: Path) -> None:
    asking = asked(str(tmp_path))
    assert not lease.held(str(tmp_path))
    os.close(asking)
