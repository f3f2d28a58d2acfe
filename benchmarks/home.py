"""A home of our own for everything that is started: nobody's configuration is read, nothing is left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FOREIGN = ("TMUX", "CODEX_", "OPENAI_", "GIT_", "XDG_", "PYTHONDONTWRITEBYTECODE")
"""Beginnings of the variables that must not reach what is measured."""


@contextmanager
def own_home() -> Iterator[Path]:
    """Gives this process an empty home; the directory beside it for files is gone at the end too.

    Paths are short, because Unix sockets need that.
    """
    before = dict(os.environ)
    base = Path(tempfile.mkdtemp(prefix="tobench-", dir="/tmp"))
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    places = {
        "HOME": ".",
        "XDG_STATE_HOME": "state",
        "XDG_RUNTIME_DIR": "run",
        "TMUX_TMPDIR": "tmux",
        "PYTHONPYCACHEPREFIX": "bytecode",  # compiled once, as installed, whoever may write where the package is
    }
    for name, place in places.items():
        (base / "home" / place).mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ[name] = str(base / "home" / place)
    try:
        yield base
    finally:
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(base, ignore_errors=True)  # a tmux server that ends takes its socket away itself


def until(condition: Callable[[], bool], timeout: float = 20.0) -> None:
    """Returns when `condition` holds. Raises TimeoutError."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout:g} s")
        time.sleep(0.01)
