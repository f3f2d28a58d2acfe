"""tmux asked once: a process per question, for set-up. What may hold secrets goes through stdin, never through argv."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import libtmux

from tmuxorch.errors import TimedOut
from tmuxorch.tmux.binary import find_tmux
from tmuxorch.tmux.errors import failure
from tmuxorch.tmux.quote import Word, line

DEADLINE = 30.0
"""Seconds; a starting server runs the user's whole configuration, plugins included, before it answers."""

FILES = 65536


def ask(server: libtmux.Server, *words: str) -> list[str]:
    """The lines that one command of constants and ids prints; TmuxGone if no server listens."""
    find_tmux()
    # -u: under LC_ALL=C tmux would print names mangled.
    answer = server.cmd("-u", *words)
    if answer.returncode != 0:
        raise failure(words[0], " ".join(answer.stderr))
    return answer.stdout


def feed(
    flags: Sequence[str], lines: Iterable[Iterable[Word]], *, start: bool = False
) -> tuple[list[str], str]:
    """Runs each line by `source-file -`; (printed lines, what tmux complained of, empty if nothing).

    A line stops at its first failing command; the next lines still run. `start` starts the server if none listens:
    with the caller's environment made UTF-8 and with as many open files as allowed, as a server that runs out of them
    hangs every new client.
    """
    argv = [find_tmux(), *flags, "-u", *(["start-server", ";"] if start else []), "source-file", "-"]
    try:
        with many_files(start):
            answer = subprocess.run(
                argv,
                input=b"".join(map(line, lines)),
                capture_output=True,
                timeout=DEADLINE,
                env=utf8_environment(os.environ) if start else None,
            )
    except subprocess.TimeoutExpired as error:
        raise TimedOut(f"tmux did not answer within {DEADLINE:.0f} s") from error
    complaint = answer.stderr.decode(errors="replace").strip()
    if answer.returncode != 0 and not complaint:
        complaint = f"exit code {answer.returncode}"
    return answer.stdout.decode(errors="replace").splitlines(), complaint


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
