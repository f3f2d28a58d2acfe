"""tmux asked once: a process per question, for set-up. What may hold secrets goes through stdin, never through argv."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from tmuxorch.errors import TimedOut
from tmuxorch.tmux.binary import find_tmux
from tmuxorch.tmux.errors import failure
from tmuxorch.tmux.quote import Word, line

DEADLINE = 30.0
"""Seconds; a starting server runs the user's whole configuration, plugins included, before it answers."""

SHOWN = 0.3
"""Seconds after which what tmux has not refused is on the screen."""

FILES = 65536


def at(socket_path: str) -> list[str]:
    """The flags that lead to the server at that path."""
    return ["-S", socket_path]


def ask(flags: Sequence[str], *commands: Sequence[str]) -> list[str]:
    """The lines that the commands print, run by one client up to the first that fails, on the server of the flags.

    Raises TmuxGone without a server, TimedOut, and the error of the first command that fails.
    """
    words = [word for command in commands for word in (*map(_whole, command), ";")]
    # -u: under LC_ALL=C tmux would print names mangled.
    answer = _run([find_tmux(), *flags, "-u", *words[:-1]])
    if answer.returncode != 0:
        raise failure(commands[0][0], _said(answer.stderr))
    return _lines(answer.stdout)


def feed(
    flags: Sequence[str], lines: Iterable[Iterable[Word]], *, start: bool = False
) -> tuple[list[str], str]:
    """Runs each line by `source-file -`; (printed lines, what tmux complained of, empty if nothing).

    A line stops at its first failing command; the next lines still run. `start` starts the server if none listens:
    with the caller's environment made UTF-8 and with as many open files as allowed, as a server that runs out of them
    hangs every new client.
    """
    argv = [find_tmux(), *flags, "-u", *(["start-server", ";"] if start else []), "source-file", "-"]
    with many_files(start):
        answer = _run(argv, b"".join(map(line, lines)), utf8_environment(os.environ) if start else None)
    complaint = answer.stderr.decode(errors="replace").strip()
    if answer.returncode != 0 and not complaint:
        complaint = f"exit code {answer.returncode}"
    return _lines(answer.stdout), complaint


def leave(flags: Sequence[str], command: Iterable[Word]) -> None:
    """Runs one command that lasts, as a menu until somebody has chosen; returns once it is on the screen.

    Its words go through stdin, as there is little room in an argument list. Raises as `ask`.
    """
    running = subprocess.Popen(
        [find_tmux(), *flags, "-u", "source-file", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert running.stdin is not None
    assert running.stderr is not None
    with suppress(BrokenPipeError):  # of a server that is gone; its client says so
        running.stdin.write(line(command))
        running.stdin.close()
    try:
        refused = running.wait(SHOWN) != 0
    except subprocess.TimeoutExpired:
        running.returncode = 0  # it goes on without us
        refused = False
    complaint = running.stderr.read() if refused else b""
    running.stderr.close()
    if refused:
        raise failure("display", _said(complaint))


def _run(
    argv: Sequence[str], given: bytes | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(argv, input=given, capture_output=True, timeout=DEADLINE, env=env)
    except subprocess.TimeoutExpired as error:
        raise TimedOut(f"tmux did not answer within {DEADLINE:.0f} s") from error


def _lines(printed: bytes) -> list[str]:
    """Lines end by LF alone: other ends of lines may stand in a name."""
    return printed.decode(errors="replace").split("\n")[:-1]


def _said(complaint: bytes) -> str:
    return " ".join(complaint.decode(errors="replace").split())


def _whole(word: str) -> str:
    """tmux takes a semicolon at the end of a word for the end of the command."""
    return word[:-1] + "\\;" if word.endswith(";") else word


def utf8_environment(env: Mapping[str, str]) -> dict[str, str]:
    """`env`, with a UTF-8 LC_CTYPE if its locale has another; the other categories keep their meaning."""
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if locale.lower().replace("-", "").endswith("utf8"):
        return dict(env)
    rest = {name: value for name, value in env.items() if name != "LC_ALL"}
    if env.get("LC_ALL"):
        rest = {name: value for name, value in rest.items() if not name.startswith("LC_")} | {
            "LANG": env["LC_ALL"]
        }
    return rest | {"LC_CTYPE": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"}


@contextmanager
def many_files(wanted: bool) -> Iterator[None]:
    """Raises this process's soft limit of open files, for a child to inherit, and sets it back."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if wanted:
        _raise_files(soft, hard)
    try:
        yield
    finally:
        if wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _raise_files(soft: int, hard: int) -> None:
    # macOS says "unlimited" and refuses more than kern.maxfilesperproc, which is 10240 or more.
    for most in (FILES, 10240):
        wanted = most if hard == resource.RLIM_INFINITY else min(hard, most)
        if soft == resource.RLIM_INFINITY or soft >= wanted:
            return
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return
