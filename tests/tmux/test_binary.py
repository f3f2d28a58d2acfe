"""The tmux program: which one is found, and whether it is new enough."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tmuxfixture import run_tmux
from tmuxorch.errors import ToolMissing
from tmuxorch.tmux.binary import is_new_enough, version


def test_version_is_that_of_the_program() -> None:
    assert f"tmux {version()}\n" == run_tmux("-V")


@pytest.mark.parametrize(
    ("found", "enough"),
    [
        *[
            (old, False)
            for old in ("1.8", "2.9a", "3.0", "3.1c", "3.2", "3.2-rc3", "next-3.2", "", "nonsense")
        ],
        *[
            (new, True)
            for new in ("3.2a", "3.3", "3.3a", "3.10", "4.0", "next-3.8", "3.4-rc2", "master", "openbsd-7.4")
        ],
    ],
)
def test_old_versions_are_told_from_new_ones(found: str, enough: bool) -> None:
    assert is_new_enough(found) is enough


def test_no_tmux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing) as raised:
        version()
    assert "apt install tmux" in raised.value.hint


@pytest.mark.parametrize("script", ["echo tmux 3.1c", "exit 1"])
def test_a_tmux_that_is_too_old_or_broken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str
) -> None:
    old = tmp_path / "tmux"
    old.write_text(f"#!/bin/sh\n{script}\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(ToolMissing, match="tmux"):
        version()
