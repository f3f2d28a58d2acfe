"""One controller per project, whatever becomes of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tmuxorch.errors import Refused
from tmuxorch.store.lock import ControllerLock, holder

HOLDER = """
import sys
from pathlib import Path
from tmuxorch.store.lock import ControllerLock
lock = ControllerLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_controller_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "controller.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout
        assert first.stdout.readline() == b"held\n"
        assert holder(path) == first.pid
        with pytest.raises(Refused, match=f"process {first.pid} is this project's controller already"):
            ControllerLock(path).acquire()
        first.kill()
        first.wait()
        assert holder(path) is None
    second = ControllerLock(path)
    second.acquire()
    assert path.stat().st_mode & 0o777 == 0o600
    second.release()
    assert holder(path) is None
    third = ControllerLock(path)
    third.acquire()
    third.release()


def test_a_spoilt_pid_file_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "controller.pid").write_text("nonsense")
    assert holder(tmp_path / "controller.lock") is None
