"""The lease as a lock: taken once, asked about without harm."""

from __future__ import annotations

import os
import threading
from pathlib import Path

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


def test_asking_keeps_nobody_from_taking_it(tmp_path: Path) -> None:
    directory, over = str(tmp_path), threading.Event()
    os.close(lease.take(directory) or -1)

    def ask() -> None:
        while not over.is_set():
            lease.held(directory)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(100):
            fd = lease.take(directory)
            assert fd is not None
            os.close(fd)
    finally:
        over.set()
        asking.join()


def test_two_who_ask_do_not_see_each_other(tmp_path: Path) -> None:
    directory, seen = str(tmp_path), set()
    os.close(lease.take(directory) or -1)

    def ask() -> None:
        seen.update({lease.held(directory) for _ in range(2000)})

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert seen == {False}
