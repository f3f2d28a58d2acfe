"""The story whose journal is kept in journal_v1.jsonl: everything that can be recorded happens in it once.

The file was written by `python -m tests.core.golden FILE`, and is never written again: it stands for the
journals that are out there. A new sort of event gets a new file, journal_v2.jsonl and so on.
"""

from __future__ import annotations

import sys
from pathlib import Path

from msgspec import Raw, Struct, json
from msgspec.structs import replace

from tests.core.play import Story, asks, plan_said, task, understood
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD

FILE = Path(__file__).with_name("journal_v1.jsonl")


class Record(Struct, frozen=True):
    """One line of the file."""

    at: float
    event: Raw


def read() -> list[Record]:
    """The records of the file."""
    return [json.decode(line, type=Record) for line in FILE.read_bytes().splitlines()]


def tell() -> Story:
    """The whole story."""
    story = understood(settings=msg.Settings(tests={"backend": ("make test",)}))
    _around(story)
    _plan(story)
    _backend(story)
    _mobile(story)
    _aborted(story)
    story.tell(msg.AddAgent(name="web", path="/repos/web"))
    story.tell(msg.WantAgent(name="web", wanted=False, by="ann"))
    story.dies("web")
    story.tell(msg.RemoveAgent(name="web"))
    return story


def _around(story: Story) -> None:
    """A controller, a tmux, a worker."""
    story.tell(msg.Woke(pid=5, version="0.1.0"))
    server = m.TmuxServer(pid=6, start=1000, session="$1", name="tmuxorch")
    story.tell(msg.SawTmux(server=server))
    for key in ("overview", "backend"):
        window = m.Window(id=f"@{key}", pane="%1", view="%2", opened=1.0)
        story.tell(msg.SawWindow(key=key, window=window))
    story.tell(msg.SawWindow(key="overview", window=None))
    story.tell(msg.SawGit(agent="backend", git=m.Git("main", "a" * 40, ("src/token.py",))))
    spec = m.WorkerSpec(label="scout", role="scout", task="find the token", cwd="/repos", parent=LEAD)
    story.tell(msg.QueueWorker(id="W1", spec=spec))
    story.tell(msg.WorkerTold(id="W1", thread="thread of W1"))
    story.tell(msg.StopJob(id="W1", by="ann"))
    story.ends("W1", m.Outcome.KILLED)


def _plan(story: Story) -> None:
    """One plan is refused, one edited and accepted."""
    story.finishes(LEAD, plan_said(task("1", "frontend")))
    tasks = task("1", "backend"), task("2", "mobile", "1"), task("3", LEAD, "2"), task("4", "mobile")
    story.finishes(LEAD, plan_said(*tasks))
    assert story.run.plan
    items = (*story.run.plan.items[:3], replace(story.run.plan.items[3], depends=("3",)))
    story.tell(msg.PlanRead(plan=replace(story.run.plan, items=items)))
    story.accepts()


def _backend(story: Story) -> None:
    """Item 1: an approval, an addition, the death of the server, a check that fails once."""
    story.begins("backend")
    story.tell(asks("backend", codex_turn=story.turn_id("backend")))
    story.accepts()
    story.tell(msg.ServerResolved(agent="backend", generation=1, request=0))
    story.tell(msg.Steer(agent="backend", text="mind the docs"))
    story.tell(msg.SteerEnded(turn=story.turn("backend").id, number=1))
    story.tell(asks("backend", "two", codex_turn=story.turn_id("backend")))
    story.dies("backend")
    story.up("backend")
    turn = story.begins("backend")
    story.tell(
        msg.TurnFinished(
            agent="backend",
            codex_turn=story.turn_id("backend"),
            outcome=m.TurnOutcome.COMPLETED,
            message=f"{turn.item} is done \x1b[31m✔",
            seconds=12.5,
            tokens=m.Tokens(1000, 800, 50),
        )
    )
    story.check_ends(passes=False)
    story.finishes("backend", "Mended.")
    story.check_ends(passes=True)


def _mobile(story: Story) -> None:
    """Item 2 is interrupted and skipped, item 3 a human's, item 4 fails and ends the run."""
    story.begins("mobile")
    story.tell(msg.Interrupt(agent="mobile", by="ann"))
    story.finishes("mobile", outcome=m.TurnOutcome.INTERRUPTED)
    story.answers("skip")
    story.answers(answer="a green light")
    story.fails("mobile", "quota exceeded")


def _aborted(story: Story) -> None:
    story.answers("abort")
    story.finishes(LEAD, "It was given up.")
    assert story.run.end


def main() -> None:
    """Writes the journal of the story."""
    story = tell()
    lines = (json.encode(Record(at=at, event=Raw(e.encode(event)))) for at, event in story.journal)
    Path(sys.argv[1]).write_bytes(b"\n".join(lines) + b"\n")


if __name__ == "__main__":
    main()
