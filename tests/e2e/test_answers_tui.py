"""What Codex asks is answered in Codex's own TUI, by the keys of somebody who is attached; what it does not know of is
not.
"""

from __future__ import annotations

import getpass
import itertools
from pathlib import Path

from tests.controller.conftest import FORMS, SCENARIOS
from tests.e2e.conftest import Make
from tests.e2e.project import Json, Project
from tests.person import Person, at_terminal
from tests.waiting import until
from tmuxorch.core.decide.checkpoints import CODEX

SCRIPT = Path(__file__).with_name("answers_tui.yaml")

PROCEED, SHORTCUTS = "Yes, proceed (y)", "? for shortcuts"
AGAIN = 100
"""Looks after which a key is pressed again that had no effect: a dialog that has just appeared does not hear it."""


def waits(project: Project, kind: str) -> Json:
    """The open checkpoint of that kind."""
    found: list[Json] = until(
        lambda: [one for one in project.call("checkpoints") if one["kind"] == kind], what=f"a card: {kind}"
    )
    return found[0]


def shown(project: Project, card: Json) -> Json:
    found: Json = project.call("show", id=card["id"])
    return found


def pressed(project: Project, person: Person, card: Json, key: str) -> str:
    """Presses the key until that has closed the checkpoint; who has answered it."""
    looks = itertools.count()

    def closed() -> bool:
        if next(looks) % AGAIN == 0:
            person.presses(key)
        return bool(shown(project, card)["state"] == "closed")

    until(closed, what=f"the effect of {key}")
    return str(shown(project, card)["answered_by"])


def test_codexs_own_tui_answers_what_codex_asks(make_project: Make) -> None:
    project = make_project(scenarios=[SCRIPT, SCENARIOS / "run.yaml"], children=("app",))
    with (project.directory / "codex-home" / "config.toml").open("a") as config:
        config.write(FORMS)
    project.run("up")
    project.call("run", problem="lab: here", children=["app"])
    gate = waits(project, "plan")
    project.run("tui", "app")
    session = project.ask("status")["project"]["session"]
    attach = ["tmux", "-u", "-L", project.socket, "attach", "-t", f"={session}:app-app"]
    repo = project.repos["app"]
    with at_terminal(attach, columns=100, rows=40) as person:
        person.sees(SHORTCUTS)
        assert shown(project, gate)["state"] == "open"
        project.run("approve", gate["id"])

        asked = waits(project, "approval")
        person.sees("$ echo ran >> accepted", PROCEED)
        assert pressed(project, person, asked, "y") == CODEX
        until(lambda: (repo / "accepted").exists(), what="the command's effect")

        (repo / "go-question").touch()
        asked = waits(project, "question")
        person.sees("Which colour?", "2. Blue")
        assert pressed(project, person, asked, "2") == CODEX
        person.sees("answer: Blue")

        (repo / "go-form").touch()
        asked = waits(project, "elicitation")
        person.sees("Who are you?", "2. No, but continue without it")
        assert pressed(project, person, asked, "2") == CODEX

        here = waits(project, "approval")
        person.sees("$ echo ran >> elsewhere", PROCEED)
        project.run("decline", here["id"])
        person.misses(PROCEED)
        assert shown(project, here)["answered_by"].startswith(getpass.getuser())

        (repo / "go-cancel").touch()
        asked = waits(project, "approval")
        person.sees("$ echo ran >> cancelled", PROCEED)
        assert pressed(project, person, asked, "Escape") == CODEX
        person.sees("Conversation interrupted")

        task = waits(project, "human")
        assert task["title"] not in person.text
    assert "interrupted" in waits(project, "failure")["title"]
    assert [path.name for path in repo.glob("[!.g]*")] == ["accepted"]
    until(lambda: endings(project)[3:], what="the end of all that was asked")
    assert endings(project) == ["completed", '{"action": "decline"}', "declined", "declined"]
    assert project.answers() == {gate["id"]: 1, here["id"]: 1}


def endings(project: Project) -> list[str]:
    """What came of each thing that was asked in an approval or a form, as Codex says."""
    ended = (one["params"]["item"] for one in project.frames("app") if one.get("method") == "item/completed")
    found = []
    for item in ended:
        if item["type"] == "mcpToolCall":
            found.append(str(item["result"]["content"][0]["text"]))
        elif item["type"] == "commandExecution" and "echo" in item["command"]:
            found.append(str(item["status"]))
    return found
