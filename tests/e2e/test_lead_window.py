"""Somebody talks to the lead in Codex's own TUI, in the lead's window: what is typed there works with our tools, is
seen, asks in the inbox, and survives what is killed under it.
"""

from __future__ import annotations

import itertools
import json
import os
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import Make
from tests.e2e.project import Json, Project
from tests.person import Person, at_terminal
from tests.waiting import until
from tmuxorch.core.plan import LEAD

SCRIPT = Path(__file__).with_name("lead_window.yaml")

SHORTCUTS, PROCEED = "? for shortcuts", "Yes, proceed (y)"
STEERED = "Messages to be submitted after next tool call"

AGAIN = 100
"""Looks after which Enter is pressed again: after keys that came fast, Codex takes one for a part of what is pasted."""

FULL = "--dangerously-bypass-approvals-and-sandbox"


def made(make_project: Make, tmp_path: Path) -> tuple[Project, Path]:
    """A project whose user has our MCP server in Codex's configuration, as another program; the file that it makes."""
    script, mark = tmp_path / "script.yaml", tmp_path / "started"
    ours = shlex.join([sys.executable, "-m", "tmuxorch", "-C", str(tmp_path / "p")])
    script.write_text(SCRIPT.read_text().replace("TMUXORCH", ours))
    project = make_project(scenarios=[script], children=("app",))
    with (project.directory / "codex-home" / "config.toml").open("a") as config:
        config.write(f'\n[mcp_servers.tmuxorch]\ncommand = "touch"\nargs = ["{mark}"]\n')
    return project, mark


def lead(project: Project) -> list[str]:
    return [sys.executable, "-m", "tmuxorch", "-C", str(project.directory), "lead"]


def says(person: Person, words: str, heard: Callable[[], object]) -> None:
    """Types words, and Enter until they were `heard`."""
    person.types(words)
    person.sees(f"› {words}")
    looks = itertools.count()

    def done() -> object:
        if next(looks) % AGAIN == 0:
            person.presses("Enter")
        return heard()

    try:
        until(done, what=f"the effect of {words!r}")
    except AssertionError:
        raise AssertionError(f"no effect of {words!r}:\n{person.text}") from None


def talks(project: Project, person: Person, words: str) -> str:
    """Types a prompt; the turn that it begins."""
    before = len(project.events("turn_seen"))
    says(person, words, lambda: len(project.events("turn_seen")) > before)
    return str(project.events("turn_seen")[-1]["id"])


def ended(project: Project, turn: str) -> Json:
    """Waits for the end of a turn."""
    found: list[Json] = until(
        lambda: [one for one in project.events("turn_ended") if one["id"] == turn], what=f"the end of {turn}"
    )
    assert len(found) == 1
    return found[0]


def card(project: Project) -> Json:
    """The one open checkpoint, waiting for it."""
    (found,) = until(lambda: project.call("checkpoints"), what="a card")
    return dict(found)


def heard(project: Project) -> list[str]:
    """The words of people that the lead's thread has, in order."""
    items = (one["params"]["item"] for one in project.frames(LEAD) if one.get("method") == "item/completed")
    return [str(item["content"][0]["text"]) for item in items if item["type"] == "userMessage"]


def test_somebody_talks_to_the_lead_whatever_is_killed(make_project: Make, tmp_path: Path) -> None:
    project, mark = made(make_project, tmp_path)
    with at_terminal(lead(project), columns=100, rows=40) as person:
        person.sees(SHORTCUTS)
        assert project.ask("status")["lead"] == {"open": True, "full": False}
        assert "talk to the lead: tmuxorch attach orchestrator" in project.run("status")
        assert not project.events("turn_seen") + project.events("turn_queued")

        turn = talks(project, person, "look around")
        person.sees("Called tmuxorch.status", "$ echo ran >> accepted", PROCEED)
        asked = card(project)
        assert (asked["kind"], asked["source"]) == ("approval", LEAD)
        project.run("approve", asked["id"])
        person.misses(PROCEED)
        person.sees("looked around")
        over = ended(project, turn)
        assert (over["outcome"], over["message"]) == ("completed", "looked around")
        assert over["tokens"]["input"] > 0
        assert project.events("checkpoint_opened")[-1]["origin"]["turn"] == turn
        assert (project.directory / "accepted").read_text() == "ran\n"

        pane = project.ask("lead")["pane"]
        shown = project.tmux("display-message", "-p", "-t", pane, "#{pane_pid}")
        assert project.ask("lead", "--no-attach")["turn"] is None
        assert project.tmux("display-message", "-p", "-t", pane, "#{pane_pid}") == shown
        os.kill(int(shown), signal.SIGKILL)  # a TUI that is gone is begun again below
        until(
            lambda: project.tmux("display-message", "-p", "-t", pane, "#{pane_dead}") == "1\n", what="its end"
        )
        person.presses("C-b", "d")
        assert person.ends() == 0

    asking = project.start("ask", LEAD, "think long")
    until(lambda: project.events("turn_started"), what="a turn that we began")
    with at_terminal(lead(project), columns=100, rows=40) as person:
        person.sees("looked around")
        says(person, "and be quick", lambda: STEERED in person.text)
        (project.directory / "go").touch()
        assert asking.communicate(timeout=30)[0] == "thought\n"
        until(lambda: heard(project)[-1] == "and be quick", what="the words in the turn")
        assert len(project.events("turn_seen")) == 1  # it was a part of ours
        (project.directory / "go").unlink()

        turn = talks(project, person, "think long")
        project.kill_controller()
        project.run("up")
        project.run("interrupt", LEAD)
        person.sees("Conversation interrupted")
        assert ended(project, turn)["outcome"] == "interrupted"

        turn = talks(project, person, "think long")
        os.kill(project.server_pid(LEAD), signal.SIGKILL)
        assert ended(project, turn)["outcome"] == "lost"
        until(lambda: project.call("lead_open")["pane"] == pane, what="the next server")
        turn = talks(project, person, "look again")
        assert ended(project, turn)["message"] == "looked again"  # the TUI came to the thread after us
        assert not project.events("turn_requeued")

        assert project.run("exec", "write something", "--wait", status=None)
        project.run("lead", "--stop")
        person.misses(SHORTCUTS)
        person.sees("turn done")  # the live view
    assert project.ask("status")["lead"] == {"open": False, "full": False}
    assert "the lead is not open" in project.ask("lead", "--stop", status=3)["error"]["message"]
    assert "has no tools" in project.run("ask", LEAD, "look again")
    assert not mark.exists()  # nobody got our MCP server from the user's configuration
    assert "talk (in Codex's own TUI)" in project.runs_md()

    project.run("ask", "app", "write nothing")
    project.run("tui", "app")
    with at_terminal([*lead(project)[:-1], "attach", "app"], columns=100, rows=40) as person:
        person.sees("told: ", SHORTCUTS)
        turn = talks(project, person, "write more")
        assert ended(project, turn)["outcome"] == "completed"
        assert project.events("turn_seen")[-1]["agent"] == "app"


def test_full_autonomy_is_wished_for_each_time_and_answers_nothing(
    make_project: Make, tmp_path: Path
) -> None:
    project, _ = made(make_project, tmp_path)
    opening = project.start("lead", "--no-attach", FULL, "here")
    said = opening.communicate(timeout=60)
    assert opening.returncode == 0, said
    assert "has no sandbox and asks nobody" in said[1]
    assert "begins turn T1" in said[0]
    told = ended(project, "T1")
    assert (project.directory / "here").read_text() == "ran\n"
    assert "only a human" in told["message"] or "is for a human" in told["message"], told["message"]
    assert card(project)["id"] == "C1"
    assert not project.answers()
    assert project.ask("status")["lead"] == {"open": True, "full": True}
    assert "full autonomy" in project.run("status")

    with at_terminal(lead(project), columns=100, rows=40) as person:
        person.sees(SHORTCUTS)
        assert project.ask("status")["lead"] == {"open": True, "full": False}
        turn = talks(project, person, "write there")
        assert "Read-only file system" in ended(project, turn)["message"]
    assert not (project.directory / "there").exists()
    assert json.loads(project.run("lead", "--stop", FULL, "--json", status=2))["error"]["code"]

    config = project.directory / "codex-home" / "config.toml"
    others, table, _ = config.read_text().partition("[mcp_servers.tmuxorch]\n")
    config.write_text(f'{others}{table}url = "http://127.0.0.1:9"\n')
    assert project.ask("lead", FULL)["full"] is True
    assert "looked elsewhere" in project.run("ask", LEAD, "look elsewhere")  # ours has another name there
    assert project.ask("lead", "--stop") == {"open": False, "full": False}
    assert "has no tools" in project.run("ask", LEAD, "look again")
