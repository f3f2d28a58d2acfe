"""Starting the one child process: forked first, and let go when its start is on record."""

from __future__ import annotations

import contextlib
import os

from tmuxorch.host import signals
from tmuxorch.host.spec import Spec

GO = b"go"
SPAWN_FAILED = 127


class Child:
    """A forked process that waits at a gate. If the host dies before `release`, it ends without having run anything,
    so a program never runs without its start.json."""

    def __init__(self, spec: Spec, directory: str, environment: dict[str, str], lease: int) -> None:
        """`lease` is a file descriptor that the program inherits."""
        gate, self._gate = os.pipe()
        self._word, word = os.pipe()
        signals.block_all()  # the child must not hear a signal with our handlers
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._gate)
            _child(spec, directory, environment, lease, gate, word)
        signals.unblock_all()
        os.close(gate)
        os.close(word)

    def release(self) -> str | None:
        """Lets the program begin. None if it did, else why it could not (the process is then gone, not yet reaped)."""
        with contextlib.suppress(BrokenPipeError):  # somebody killed it at the gate: that is an end by signal
            os.write(self._gate, GO)
        return self._words()

    def dismiss(self) -> None:
        """Ends it at the gate."""
        os.close(self._gate)

    def _words(self) -> str | None:
        os.close(self._gate)
        with open(self._word, "rb") as word:
            return word.read().decode(errors="replace") or None


def _child(spec: Spec, directory: str, environment: dict[str, str], lease: int, gate: int, word: int) -> None:
    """Becomes the program; never returns. What hinders it is written to `word`, which exec closes."""
    try:
        os.setsid()
        signals.restore()
        if os.read(gate, len(GO)) != GO:
            os._exit(SPAWN_FAILED)
        _redirect(spec, directory)
        os.set_inheritable(lease, True)
        _enter(spec.cwd)
        _become(spec.argv, environment)
    except BaseException as error:
        os.write(word, str(error).encode("utf-8", "replace"))
    finally:
        os._exit(SPAWN_FAILED)


class _Hindered(Exception):
    """The child cannot begin."""


def _redirect(spec: Spec, directory: str) -> None:
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    os.dup2(_open(os.path.join(directory, spec.stdin or os.devnull), os.O_RDONLY), 0)
    os.dup2(_open(os.path.join(directory, spec.stdout), append), 1)
    os.dup2(_open(os.path.join(directory, spec.stderr), append), 2)


def _open(path: str, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_CLOEXEC | os.O_NOCTTY, 0o600)
    except OSError as error:
        raise _Hindered(f"{path}: {error.strerror}") from error


def _enter(cwd: str) -> None:
    try:
        os.chdir(cwd)
    except OSError as error:
        raise _Hindered(f"directory {cwd}: {error.strerror}") from error


def _become(argv: tuple[str, ...], environment: dict[str, str]) -> None:
    try:
        os.execvpe(argv[0], argv, environment)
    except OSError as error:
        raise _Hindered(f"{argv[0]}: {error.strerror}") from error
