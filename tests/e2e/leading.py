"""A Codex that leads by the skill and our MCP server, as a person has it: installed, trusted, begun with a prompt."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.project import Json, Project
from tests.e2e.test_answers_everywhere import WAYS, Window, seated
from tests.waiting import until
from tmuxorch.codex import binary
from tmuxorch.demo import conversation
from tmuxorch.demo.stories import LEAD

DEVICE = "SN-7"
CLIENT = "codex-mcp-client (mcp)"
"""What the tool calls a Codex that leads from outside."""

(PLAN,) = (way for way in WAYS if way.kind == "plan")


def kickoff(project: Project) -> str:
    """What a person types: the story's kickoff, with the directories that `pwd` would print."""
    return "Use $tmuxorch. " + LEAD.kickoff.replace("=repos/", f"={project.directory}/repos/").rstrip()


def installs(project: Project) -> None:
    """Gives the project's Codex the skill and our server; its user has said that they trust the project."""
    home = project.directory / "codex-home"
    with (home / "config.toml").open("a") as config:
        config.write(f'\n[projects."{project.directory}"]\ntrust_level = "trusted"\n')
    project.environ["CODEX_HOME"] = str(home)
    assert project.ask("skill", "install")["trusted"] is True


def requests(monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """What the scripted model is asked from now on, as it comes in."""
    heard: list[Json] = []
    read = conversation.read

    def spy(body: dict[str, Any]) -> conversation.Conversation:
        heard.append(body)
        return read(body)

    monkeypatch.setattr(conversation, "read", spy)
    return heard


class Exec:
    """`codex exec` in the project's directory, as a person runs it."""

    def __init__(self, project: Project, prompt: str) -> None:
        self.out = project.directory / f"exec-{len(list(project.directory.glob('exec-*')))}.jsonl"
        argv = [str(binary.find()), "exec", "--json", "--skip-git-repo-check", prompt]
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                argv,
                cwd=project.directory,
                env=project.environ | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def items(self) -> list[Json]:
        """What it has done so far."""
        return self._items("item.completed")

    @property
    def tools(self) -> list[str]:
        """The tools of ours that it has called so far, in order."""
        return [item["tool"] for item in self._items("item.started") if item["type"] == "mcp_tool_call"]

    def _items(self, kind: str) -> list[Json]:
        whole = self.out.read_bytes().rpartition(b"\n")[0]  # it may be in the midst of a line
        lines = (line for line in whole.split(b"\n") if line.startswith(b"{"))
        return [event["item"] for event in map(json.loads, lines) if event["type"] == kind]

    def ends(self) -> str:
        """Waits until it has ended by itself; its last message."""
        assert self.process.wait(90) == 0, self.out.read_text()
        return str([item["text"] for item in self.items if item["type"] == "agent_message"][-1])


@contextmanager
def leads(project: Project, prompt: str) -> Iterator[Exec]:
    """`codex exec` with that prompt; killed at the end if it still runs."""
    lead = Exec(project, prompt)
    try:
        yield lead
    finally:
        lead.process.kill()
        lead.process.wait()


def waits(project: Project, kind: str) -> Json:
    """The open checkpoint of that kind."""

    def found() -> list[Json]:
        return [one for one in project.call("checkpoints") if one["kind"] == kind]

    opened: list[Json] = until(found, 60, f"a card: {kind}")
    return opened[0]


def approves(project: Project) -> str:
    """A person approves the plan in the checkpoints window, before which nobody has written anything; its id."""
    gate = waits(project, "plan")
    for repo in project.repos.values():
        status = ["git", "-C", str(repo), "status", "--porcelain"]
        assert subprocess.run(status, capture_output=True, text=True, check=True).stdout == ""
    with seated(project, Window) as desk:
        desk.opens(gate, PLAN)
        desk.answers(gate, PLAN)
        until(lambda: desk.ended(gate), what="the answer")
    return str(gate["id"])


def ends(project: Project, run: str = "R1") -> None:
    """Answers what else is asked until the run has ended; what the lead asks only when its pattern has ended."""

    def ended() -> bool:
        for point in project.call("checkpoints"):
            if point["kind"] != "human":
                project.answer(point)
            elif project.events("pattern_ended"):
                project.run("answer", point["id"], DEVICE)
        return project.has_ended(run)

    until(ended, 90, f"the end of {run}")


def done_and_checked(project: Project) -> None:
    """Both items are done, and their checks were run by the tool."""
    run = project.run_object()
    assert (run["outcome"], [item["status"] for item in run["items"]]) == ("succeeded", ["done", "done"])
    queued: dict[str, Json] = {event["id"]: event for event in project.events("check_queued")}
    ended = (event for event in project.events("job_exited") if event["id"] in queued)
    checked = {(queued[event["id"]]["stage"], event["outcome"]) for event in ended}
    assert checked == {("before", "failed"), ("item", "succeeded"), ("after", "succeeded")}


def happened(project: Project) -> list[str]:
    """What matters of the journal, in order."""
    return [said for event in project.events() if (said := _said(event))]


def _said(event: Json) -> str:
    match event:
        case {"type": "run_started", "led": led}:
            return f"run of {led}"
        case {"type": "plan_proposed"} | {"type": "pattern_started"} | {"type": "run_ended"}:
            return str(event["type"])
        case {"type": "report_given"}:
            return "report"
        case {"type": "brief_recorded", "child": child}:
            return f"brief of {child}"
        case {"type": "checkpoint_opened", "card": {"kind": kind}, "source": source}:
            return f"{kind} of {source}"
        case {"type": "checkpoint_answered", "by": by}:
            return f"answer of {by}"
        case {"type": "items_ordered", "items": items, "by": by}:
            return f"{by} orders {' '.join(items)}"
        case {"type": "item_moved", "item": item, "progress": {"type": kind}}:
            return f"item {item} {kind}"
        case {"type": "pattern_ended", "outcome": outcome}:
            return f"pattern {outcome}"
        case _:
            return ""
