"""The lead in its window, as a person has it: they type the kickoff in Codex's own TUI, detach, and come back for the
report. The lead ends its turns instead of waiting, and is woken for each thing that it waits for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e import leading
from tests.e2e.conftest import Make
from tests.e2e.leading import DEVICE
from tests.e2e.project import Json, Project
from tests.person import Person, at_terminal
from tests.waiting import until
from tmuxorch.demo.script import NO_SUMMARY
from tmuxorch.demo.stories import LEAD
from tmuxorch.skill.files import OWN

QUIET = "lead: {quiet: 1}\n"

READY = "? for shortcuts"
"""What Codex's TUI says when nothing is typed."""

BEFORE = [
    "status",
    "start_run",
    "get_briefs",
    "propose_plan",
    "propose_plan",
    "ask_human",
    "start_items",
    "run_pattern",
]
BEFORE += ["start_items", "get_result"]
"""What the lead calls before its thread is compacted."""


@contextmanager
def at_the_lead(project: Project) -> Iterator[Person]:
    """Somebody at a terminal who types `tmuxorch lead`, and at last detaches."""
    words = [sys.executable, "-m", "tmuxorch", "-C", str(project.directory), "lead"]
    with at_terminal(words, columns=120, rows=40, env=project.environ) as person:
        person.sees(READY, timeout=60)
        yield person
        person.presses("C-b", "d")
        assert person.ends() == 0


def test_a_lead_in_its_window_is_woken_through_the_whole_run(
    make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = leading.requests(monkeypatch)
    project = make_project(story=LEAD, pace=0, extra=QUIET, screens=True)
    with at_the_lead(project) as person:
        person.pastes(leading.kickoff(project))
        person.sees("- firmware=")
        person.presses("Enter")
        person.sees("I have begun R1 and wait for the briefs", timeout=60)
    leading.approves(project)
    project.answer(leading.waits(project, "approval"))
    until(lambda: "get_result" in tools(project) and idle(project), 90, "a lead that has read the review")

    with at_the_lead(project) as person:
        person.sees("The reviewers of P1 say: it fails because")
        person.types("/compact")
        person.sees("› /compact")
        person.presses("Enter")
        person.sees("Context compacted")
        until(lambda: idle(project), what="the end of the compaction")
    before, called = len(asked), len(tools(project))
    leading.ends(project)
    until(lambda: project.events("report_given") and idle(project), 60, "the report")
    with at_the_lead(project) as person:
        person.sees("R1 is over (succeeded): both repos are mended, the report is written.")

    assert (OWN / "SKILL.md").read_text() in texts(asked[0])
    assert tools(project)[:called] == BEFORE
    until(lambda: tools(project)[called + 2 :], what="all that is gathered of what it called")
    assert tools(project)[called:] == ["status", "get_checkpoint", "report_run"]
    afterwards = [texts(body) for body in asked[before:]]
    (first,) = (told for told in afterwards if f"answer={DEVICE}" in told and "your_move" not in told)
    assert NO_SUMMARY in first
    assert "The reviewers of P1 say" not in first
    assert f"It is the device {DEVICE}. My move:" in afterwards[-1]
    leading.done_and_checked(project)
    assert "I was woken for each thing" in project.run("report")
    one_wake_for_each_batch(project)


def one_wake_for_each_batch(project: Project) -> None:
    """What the lead waits for is told in one turn, with all that came since the one before; every turn tells some."""
    told = [event["news"] for event in project.events("turn_queued") if event["purpose"] == "wake"]
    news = project.call("news", since=0)["news"]
    assert [first for first, _ in told] == [1, *(last + 1 for _, last in told[:-1])]
    waking = [one["number"] for one in news if one["wakes"]]
    counts = [sum(first <= number <= last for number in waking) for first, last in told]
    assert min(counts) >= 1
    assert sum(counts) == len(waking) >= 6
    assert not [tool for tool in tools(project) if tool.startswith("wait")]


def texts(body: Json) -> str:
    """All that a request to the model says."""
    parts = (item.get("content") or item.get("output") or "" for item in body["input"])
    return "\n".join(
        part if isinstance(part, str) else "\n".join(one.get("text") or "" for one in part) for part in parts
    )


def tools(project: Project) -> list[str]:
    """The tools of ours that it has called, in order."""
    return [item["tool"] for item in done(project) if item["type"] == "mcpToolCall"]


def done(project: Project) -> list[Json]:
    ended = (one for one in project.frames("orchestrator") if one.get("method") == "item/completed")
    return [one["params"]["item"] for one in ended]


def idle(project: Project) -> bool:
    """Whether every turn of the lead is over."""
    begun = [*project.events("turn_queued"), *project.events("turn_seen")]
    mine = {event["id"] for event in begun if event["agent"] == "orchestrator"}
    return mine <= {event["id"] for event in project.events("turn_ended")}
