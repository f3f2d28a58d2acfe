"""One controller per project."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from tmuxorch.errors import Refused
from tmuxorch.store.atomic import write_atomic


class ControllerLock:
    """The lock at `path`, held from a successful `acquire` to `release` or the end of the process, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path, mode=0o600)

    def acquire(self) -> None:
        """Raises Refused, naming the holder, if another process has it; waits for nothing."""
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            pid = holder(self._path)
            who = f"process {pid}" if pid else "another process"
            raise Refused(f"{who} is this project's controller already", hint="tmuxorch status") from None
        write_atomic(_pid_file(self._path), str(os.getpid()).encode())

    def release(self) -> None:
        _pid_file(self._path).unlink(missing_ok=True)
        self._lock.release()


def holder(path: Path) -> int | None:
    """The pid of the living process that last said it holds the lock: a hint for people, never a ground to act on."""
    try:
        pid = int(_pid_file(path).read_bytes())
        os.kill(pid, 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return None
    except PermissionError:
        pass
    return pid


def _pid_file(path: Path) -> Path:
    return path.with_suffix(".pid")
