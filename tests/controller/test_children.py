"""What a person does with a child: asks, steers, interrupts, stops and starts it, looks at it in Codex's own TUI."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.controller.conftest import Begin
from tests.e2e.project import Json, Project
from tests.reaping import processes_of
from tests.waiting import until
from tmuxorch.cli.client import Client, connect
from tmuxorch.errors import NotFound, Refused


@pytest.fixture
def asking(lab: Project) -> Iterator[Client]:
    """A connection for a request that takes long."""
    with connect(lab.paths) as client:
        yield client


def child(lab: Project, name: str = "app") -> Json:
    """The public object of a child."""
    return next(one for one in lab.call("status")["children"] if one["name"] == name)


def begun(lab: Project, client: Client, prompt: str) -> int:
    """Asks `app`, and waits until Codex works on it; the number of the request."""
    before = len(lab.events("turn_started"))
    number = client.send("ask", {"name": "app", "prompt": prompt})
    until(lambda: len(lab.events("turn_started")) > before, what="the begin of the turn")
    return number


def answer(client: Client, number: int) -> Json:
    """The result of that request."""
    while not client.answered(number):
        client.pump()
    result: Json = client.taken(number)
    return result


def refused(lab: Project, *words: str) -> Json:
    """The error of a command that is refused."""
    error: Json = json.loads(lab.run(*words, "--json", status=3))["error"]
    return error


def said(lab: Project, words: str, name: str = "app") -> None:
    """The agent can be asked, and answers."""
    assert lab.call("ask", name=name, prompt=f"say {words}")["message"] == f"said {words}"


def test_ask_gives_the_answer_of_a_turn_that_cannot_write(lab: Project) -> None:
    assert lab.run("ask", "orchestrator", "say here") == "said here\n"
    words = lab.ask("ask", "app", "run echo x > made")["message"]
    assert "Read-only file system" in words or "Permission denied" in words
    assert not (lab.repos["app"] / "made").exists()


def test_a_steer_reaches_the_running_turn(lab: Project, asking: Client) -> None:
    number = begun(lab, asking, "think long")
    turn = lab.ask("steer", "app", "say steered")["turn"]
    result = answer(asking, number)
    assert (result["turn"], result["outcome"], result["message"]) == (turn, "completed", "said steered")
    assert "has no active turn" in refused(lab, "steer", "app", "say late")["message"]


def test_an_interrupt_kills_the_running_command_too(lab: Project, asking: Client) -> None:
    number = begun(lab, asking, "run sleep 54321")

    def sleeps() -> list[str]:
        return [command for command in processes_of(lab.directory).values() if command == "sleep 54321"]

    until(sleeps, what="the command")
    turn = lab.ask("interrupt", "app")["turn"]
    until(lambda: not sleeps(), what="the end of the command")
    result = answer(asking, number)
    assert (result["turn"], result["outcome"]) == (turn, "interrupted")
    assert "has no active turn" in refused(lab, "interrupt", "app")["message"]


def test_a_child_keeps_its_thread_over_stop_and_start(lab: Project) -> None:
    said(lab, "before")
    before, window = child(lab), lab.windows().count("app-app")
    for way in (("restart",), ("stop", "start")):
        pid = lab.server_pid("app")
        for word in way:
            lab.run("child", word, "app")
        after = child(lab)
        assert (after["thread"], after["window"], after["state"]) == (
            before["thread"],
            before["window"],
            "idle",
        )
        assert lab.server_pid("app") != pid
        assert lab.windows().count("app-app") == window == 1
        said(lab, "after")
        assert child(lab)["thread"] == before["thread"]


def test_a_child_cannot_be_removed_while_a_run_needs_it_nor_the_lead_ever(lab: Project, begin: Begin) -> None:
    run = begin("command-held")
    lab.call("next", timeout=20)
    with pytest.raises(Refused, match=f"app takes part in {run}"):
        lab.call("child_rm", name="app")
    assert child(lab)["state"] == "waiting"
    lab.call("cancel", id=run)
    with pytest.raises(NotFound):
        lab.call("child_rm", name="orchestrator")
    assert "orchestrator" in lab.windows()


def test_the_next_controller_finds_who_was_stopped_and_where_codexs_own_tui_is_shown(lab: Project) -> None:
    """Which takes turns with our view. Who is stopped is gone and cannot be asked."""
    pid = lab.server_pid("other")
    assert lab.ask("child", "stop", "other")["state"] == "stopped"
    assert pid not in processes_of(lab.directory)
    error = refused(lab, "ask", "other", "say hello")
    assert (error["message"], error["hint"]) == ("other is stopped", "tmuxorch child start other")
    said(lab, "drawn")
    view = lab.ask("tui", "app")
    assert view["showing"] == "tui"

    def screen() -> str:
        return lab.tmux("capture-pane", "-p", "-t", view["pane"])

    def tuis() -> list[str]:
        return [command for command in processes_of(lab.directory).values() if "resume --remote" in command]

    until(lambda: "said drawn" in screen() and "? for shortcuts" in screen(), what="Codex's TUI")
    lab.kill_controller()
    lab.run("up")
    assert child(lab, "other")["state"] == "stopped", "and stays so"
    assert lab.ask("tui", "app") == {**view, "showing": "view"}
    until(lambda: "? for shortcuts" not in screen() and "said drawn" in screen(), what="our view")
    until(lambda: not tuis(), what="the end of Codex's TUI")
    assert lab.ask("child", "start", "other")["state"] == "idle"
    said(lab, "again", "other")
