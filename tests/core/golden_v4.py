"""The journal in journal_v4.jsonl: all that came with muting.

Written by `python -m tests.core.golden_v4`.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import json

from tests.core.golden import Record
from tmuxorch.core import events as e
from tmuxorch.core import model as m

FILE = Path(__file__).with_name("journal_v4.jsonl")

EVENTS: tuple[e.Event, ...] = (
    e.AgentAdded(name="backend", path="/repos/backend"),
    e.AgentAdded(name="web", path="/repos/web"),
    e.WorkerQueued(id="W1", spec=m.WorkerSpec(label="look", cwd="/repos/a")),
    e.Muted(name="backend", by="notify.mute"),
    e.Muted(name="web", by="ann"),
    e.Muted(name="W1", by="ann"),
    e.Unmuted(name="W1", by="bob"),
    e.AgentRemoved(name="web"),
)


def read() -> list[Record]:
    """The records of the file."""
    return [json.decode(line, type=Record) for line in FILE.read_bytes().splitlines()]


if __name__ == "__main__":
    lines = (
        b'{"at":%.1f,"event":%s}\n' % (number, e.encode(event)) for number, event in enumerate(EVENTS, 1000)
    )
    FILE.write_bytes(b"".join(lines))
