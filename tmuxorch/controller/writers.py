"""Who holds a thread: Codex lets one process write in each, by a lock on a file in its home (0.163:
`thread-writer-locks/<thread>.lock`, flock), and refuses all others with "already has an active writer".

What holds the lock is found in /proc: Linux only. Of another user's process the command line may be seen, of one in
a container or on another machine nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

from tmuxorch.codex.visible import visible_line
from tmuxorch.core import text

REFUSAL = "already has an active writer"
"""What Codex says then."""

WIDTH = 160
"""Characters of a command line that are shown."""

_SECRET = re.compile(r"(?i)(token|secret|passw|api[_-]?key|authorization|bearer|cookie)")


class Writer(Struct, frozen=True, kw_only=True):
    """A process that holds a thread, and its command line as people may see it."""

    pid: int
    command: str


def writers(home: Path, thread: str) -> list[Writer]:
    """Who holds `thread` in the CODEX_HOME `home`, as far as can be seen; nobody if `thread` is no id."""
    lock = home / "thread-writer-locks" / f"{thread}.lock"
    try:
        known = lock.stat() if re.fullmatch(r"[0-9A-Za-z-]+", thread) else None
    except OSError:
        known = None
    if known is None:
        return []
    pids = [pid for pid in _pids() if _has_open(pid, known)] or _lockers(known)
    return [Writer(pid=pid, command=safe_command(_argv(pid))) for pid in pids]


def explanation(agent: str, thread: str, found: Iterable[Writer], window: Callable[[int], str]) -> str:
    """What keeps `thread` from being loaded, for people: who holds it and what to type next.

    `window` gives the name of our window that a process belongs to, or nothing.
    """
    found = list(found)
    ends = " ; ".join(f"kill {writer.pid}" for writer in found)
    return "\n".join(
        [
            f"Codex lets one process at a time write in a thread. That of {agent} ({thread}) is held by",
            *(f"  {words}" for words in _described(found, window)),
            f"End that process{f': quit it, or type {ends}' if ends else ''}."
            f" Then type: tmuxorch child restart {agent}",
        ]
    )


def blamed(reason: str, home: Path, window: Callable[[int], str]) -> str:
    """Why a worker failed: where Codex says that its thread is held, with who holds it."""
    refused = re.search(rf"thread ([0-9A-Za-z-]+) {REFUSAL}", reason)
    if refused is None:
        return reason
    return f"{refused[0]}: {'; '.join(_described(writers(home, refused[1]), window))}"


def _described(found: Iterable[Writer], window: Callable[[int], str]) -> list[str]:
    """Each writer in words; in their stead, that none can be seen."""
    places = [(writer, window(writer.pid)) for writer in found]
    return [
        f"process {writer.pid}{f' in window {place}' if place else ''}: {writer.command or '(unknown)'}"
        for writer, place in places
    ] or ["a process that cannot be seen: another user's, in a container, or on another machine"]


def safe_command(argv: list[str]) -> str:
    """A command line on one line, controls visible, not too long, without what looks like a secret."""
    shown: list[str] = []
    hide = False
    for word in argv:
        found = _SECRET.search(word)
        if hide:
            shown.append("•••")
        elif found and ("=" in word or " " in word or ":" in word):
            shown.append(word[: found.end()] + "•••")
        else:
            shown.append(word)
        hide = not hide and found is not None and word.startswith("-") and "=" not in word
    return text.clip(visible_line(" ".join(shown)), WIDTH)


def _pids() -> list[int]:
    with contextlib.suppress(OSError):
        return sorted(int(name) for name in os.listdir("/proc") if name.isdecimal())
    return []


def _has_open(pid: int, known: os.stat_result) -> bool:
    """Whether the process has that file open; of another user's this cannot be seen."""
    with contextlib.suppress(OSError):
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.path.samestat(os.stat(f"/proc/{pid}/fd/{descriptor}"), known):
                    return True
    return False


def _lockers(known: os.stat_result) -> list[int]:
    """Processes that hold a lock on that file, as the kernel lists them for everybody (proc(5))."""
    place = f"{os.major(known.st_dev):02x}:{os.minor(known.st_dev):02x}:{known.st_ino}"
    with contextlib.suppress(OSError):
        rows = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
        return [int(row[4]) for row in rows if len(row) > 5 and row[1:2] == ["FLOCK"] and row[5] == place]
    return []


def _argv(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        data = Path(f"/proc/{pid}/cmdline").read_bytes()
        return data.rstrip(b"\0").decode(errors="replace").split("\0")
    return []
