"""Whoever reads a journal that is written meanwhile sees whole commits, each once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

from tests.store.test_journal import number, numbers, write
from tests.waiting import until
from tmuxorch.store.journal import Journal
from tmuxorch.store.reading import Cursor, follow


def test_a_cursor_goes_on_where_it_was(tmp_path: Path) -> None:
    journal, cursor, seen = Journal.open(tmp_path, segment_bytes=200), Cursor(tmp_path), []
    for each in range(1, 20):
        write(journal, each)
        if each % 3 == 0:
            seen.append([number(record) for record in cursor.read()])
    journal.close()
    assert seen == [[n, n + 1, n + 2] for n in range(1, 19, 3)]
    assert [number(record) for record in cursor.read()] == [19]


WRITER = """
import sys
from pathlib import Path
from tmuxorch.store.journal import Journal
journal = Journal.open(Path(sys.argv[1]), segment_bytes=4000)
while True:
    for n in range(journal.last + 1, journal.last + 4):
        journal.append(b'{"n":%d}' % n, 0.0)
    journal.commit()
    print(journal.last, flush=True)
"""


def _read_along(cursor: Cursor, enough: int) -> list[int]:
    seen = list[int]()

    def whole_commits() -> bool:
        seen.extend(number(record) for record in cursor.read())
        assert len(seen) % 3 == 0
        return len(seen) > enough

    until(whole_commits)
    return seen


def test_readers_see_whole_commits_while_a_writer_writes_and_is_killed(tmp_path: Path) -> None:
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE)
        assert writer.stdout
        try:
            before = int(writer.stdout.readline())
            seen = _read_along(Cursor(tmp_path), before + 200)
            os.kill(writer.pid, signal.SIGKILL)
            promised = int(writer.stdout.read().split()[-1])
        finally:
            writer.kill()
            writer.wait()
            writer.stdout.close()
        journal = Journal.open(tmp_path)
        journal.close()
        assert journal.last >= max(promised, seen[-1])
        assert numbers(tmp_path) == list(range(1, journal.last + 1))


async def test_follow_gives_what_is_there_and_what_comes(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, segment_bytes=200)
    write(journal, 1, 2)
    seen = list[int]()
    async with asyncio.timeout(20), aclosing(follow(tmp_path, since=1)) as records:
        async for record in records:
            seen.append(number(record))
            if len(seen) == 6:
                break
            write(journal, journal.last + 1)
    journal.close()
    assert seen == [2, 3, 4, 5, 6, 7]
