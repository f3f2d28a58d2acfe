"""Children whose App Server runs already: connected to, lost and found again, let go of, and never ended."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.codex.foreign import TOKEN, Foreign
from tests.controller.conftest import Make
from tests.controller.distant import VARIABLE, Line, attach, child, foreign, in_state
from tests.e2e.project import Json, Project
from tests.reaping import processes_of
from tests.waiting import until
from tmuxorch.cli.client import connect
from tmuxorch.codex import appserver
from tmuxorch.controller.appserver import AppServerLink

WITH_TOKEN = {VARIABLE: TOKEN}


def the_failure(project: Project) -> Json:
    """The checkpoint about the server, once it is open."""
    until(lambda: project.call("checkpoints"), 30, "a checkpoint")
    (found,) = project.call("checkpoints")
    shown: Json = project.call("show", id=found["id"])
    assert shown["kind"] == "failure"
    return shown


def ended_by_itself(project: Project, checkpoint: Json) -> None:
    """Waits until the checkpoint has lapsed."""
    until(lambda: not project.call("checkpoints"), 30, "the end of the checkpoint")
    assert project.call("show", id=checkpoint["id"])["state"] == "lapsed"


def answer_next(project: Project, **answer: object) -> Json:
    """Answers the next checkpoint; what it was."""
    found: Json = project.call("next", timeout=40)
    project.call("answer", id=found["id"], digest=found["digest"], **answer)
    return found


@pytest.fixture
def far(make_lab: Make) -> Iterator[tuple[Project, Foreign]]:
    """A project, and a server on a port that wants a token."""
    project = make_lab()
    with foreign(project, web=True, token=TOKEN) as server:
        yield project, server


def test_a_socket_of_a_server_that_runs_already(make_lab: Make, tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    project = make_lab(codex=f'[mcp_servers.tmuxorch]\ncommand = "touch"\nargs = ["{ours}"]\n')
    with foreign(project) as server:
        attach(project, server.endpoint)
        project.run("up")
        first = child(project)
        assert (first["state"], first["endpoint"]) == ("idle", server.endpoint)
        assert server.endpoint in project.run("child", "ls")
        assert project.ask("ask", "app", "say hello")["message"] == "said hello"
        assert not ours.exists(), "who is led has no tools to lead"
        panes = project.tmux("list-panes", "-a", "-F", "#{window_name}").split()
        assert panes.count("app-app") == 1, "the live view alone"
        assert not list(project.paths.child("app").glob("server-*"))

        view = project.ask("tui", "app")

        def screen() -> str:
            return project.tmux("capture-pane", "-p", "-t", view["pane"])

        until(lambda: "said hello" in screen() and "? for shortcuts" in screen(), what="Codex's TUI")
        assert project.ask("tui", "app") == {**view, "showing": "view"}
        until(lambda: "? for shortcuts" not in screen() and "said hello" in screen(), what="our view")

        assert project.ask("child", "stop", "app")["state"] == "stopped"
        assert server.alive
        project.run("ask", "app", "say no", status=3)
        project.run("child", "start", "app")
        project.run("child", "restart", "app")
        assert project.ask("ask", "app", "say again")["message"] == "said again"
        assert child(project)["thread"] == first["thread"]
        project.run("down", "--kill-agents")
        assert server.alive
        project.run("up")
        assert child(project)["thread"] == first["thread"]
        project.run("child", "rm", "app")
        assert server.alive
        assert "app-app" not in project.windows()
        repo = str(project.repos["app"])
        project.run("child", "add", "app", repo, "--endpoint", "ftp://x", status=2)
        project.run("child", "add", "app", repo, "--endpoint", server.endpoint)
        assert child(project)["state"] == "idle"


def test_the_token_is_shown_to_the_server_and_kept_nowhere(far: tuple[Project, Foreign]) -> None:
    project, server = far
    attach(project, server.endpoint, token=True)
    project.run("up", env=WITH_TOKEN)
    assert project.ask("ask", "app", "say hello")["message"] == "said hello"
    project.run("ask", "orchestrator", "say here")
    view = project.ask("tui", "app")
    until(lambda: "? for shortcuts" in project.tmux("capture-pane", "-p", "-t", view["pane"]), what="the TUI")
    project.run("tui", "app")
    told = [project.run(*words) for words in (["status", "--json"], ["child", "ls"], ["config", "show"])]
    assert not [one for one in told if TOKEN in one]
    project.run("child", "restart", "app")
    ours = [path for path in project.directory.rglob("*") if path.is_file() and "far" not in path.parts]
    kept = [*ours, *(path for path in project.paths.state.rglob("*") if path.is_file())]
    assert project.paths.frames("app") in kept
    assert not [path for path in kept if TOKEN.encode() in path.read_bytes()]
    running = processes_of(project.directory)
    assert not [command for command in running.values() if TOKEN in command]
    agent = project.server_pid("orchestrator")
    assert TOKEN.encode() not in Path(f"/proc/{agent}/environ").read_bytes()


def test_a_token_that_is_missing_or_wrong_is_told_by_its_variable(far: tuple[Project, Foreign]) -> None:
    project, server = far
    attach(project, server.endpoint, token=True)
    said = project.ask("up", status=2)["error"]
    assert said["message"].startswith(f"child app: the environment variable {VARIABLE}, ")
    assert said["hint"] == f"export {VARIABLE}=…; tmuxorch down; tmuxorch up"
    project.run("down")
    project.run("up", env={VARIABLE: "wrong-9"}, status=1)
    asked = the_failure(project)
    assert asked["title"] == "no connection to the thread of app"
    assert f"the App Server at {server.endpoint} does not take the token that it was shown" in asked["body"]
    assert "wrong-9" not in str(asked)
    assert child(project)["state"] == "failed"
    error = project.ask("child", "restart", "app", status=1)["error"]
    assert "does not take the token" in error["message"]
    asked = the_failure(project)
    project.run("down")
    project.run("up", env=WITH_TOKEN)
    in_state(project, "idle")
    ended_by_itself(project, asked)


def test_a_server_that_nobody_has_started_yet(make_lab: Make) -> None:
    project = make_lab()
    server = foreign(project)
    attach(project, server.endpoint)
    project.run("up", status=1)
    asked = the_failure(project)
    assert f"no App Server answers at {server.endpoint}: No such file or directory" in asked["body"]
    assert [choice["key"] for choice in asked["choices"]] == ["retry", "abort"]
    project.call("answer", id=asked["id"], choice="retry", digest=asked["digest"])
    again = the_failure(project)
    assert again["id"] != asked["id"]
    with server:
        ended_by_itself(project, again)
        in_state(project, "idle")
        assert project.ask("ask", "app", "say late")["message"] == "said late"


def test_a_repo_on_another_machine_can_be_asked_about_and_has_no_run(make_lab: Make) -> None:
    project = make_lab()
    with foreign(project) as server:
        attach(project, server.endpoint)
        text = project.config.read_text()
        project.config.write_text(text.replace("path: repos/app", "path: /srv/nowhere/app"))
        project.run("up")
        assert project.ask("ask", "app", "say hello")["message"] == "said hello"
        error = project.ask("run", "lab: write", status=3)["error"]
        assert error["message"].startswith("the repo of app is not on this machine: /srv/nowhere/app")


def test_a_turn_goes_on_while_the_line_is_cut_and_its_question_too(make_lab: Make) -> None:
    """And a run whose one child has such a server comes to its report."""
    project = make_lab()
    with foreign(project, web=True) as server, Line(server.endpoint) as line:
        attach(project, line.endpoint)
        project.run("up")
        run = project.call("run", problem="lab: command-accept", yes=True, children=["app"])["id"]
        asked = project.call("next", timeout=40)
        before = len(project.events("agent_ready"))
        line.cut()
        until(lambda: len(project.events("agent_ready")) > before, 30, "the connection")
        assert project.call("show", id=asked["id"])["state"] == "open"
        line.cut()
        project.call("answer", id=asked["id"], choice="accept", digest=asked["digest"])
        assert project.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
        assert (project.repos["app"] / "command-accept").read_text() == "\x1b[31mred\n"
        assert project.events("turn_requeued") == []
        assert len({one["generation"] for one in project.events("agent_ready") if one["name"] == "app"}) == 1
        assert project.paths.report(run).exists()


def test_a_turn_is_sent_once_more_when_its_server_was_killed(make_lab: Make) -> None:
    project = make_lab()
    with foreign(project) as server:
        attach(project, server.endpoint)
        project.run("up")
        run = project.call("run", problem="lab: command-accept", yes=True, children=["app"])["id"]
        asked = project.call("next", timeout=40)
        server.kill()
        until(lambda: project.events("agent_unready"), what="the end of the connection")
        server.start()
        until(
            lambda: project.call("show", id=asked["id"])["state"] == "lapsed", 30, "the end of the question"
        )
        again = answer_next(project, choice="accept")
        assert (again["kind"], again["item"]) == ("approval", "1")
        assert project.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
        (requeued,) = project.events("turn_requeued")
        assert requeued["reason"] == "its server was started anew"
        assert (project.repos["app"] / "command-accept").read_text() == "\x1b[31mred\n"


def test_a_turn_that_ended_while_nobody_was_connected_is_taken(make_lab: Make) -> None:
    project = make_lab()
    with foreign(project) as server:
        attach(project, server.endpoint)
        project.run("up")
        with connect(project.paths) as client:
            number = client.send("ask", {"name": "app", "prompt": "run sleep 1"})
            until(lambda: project.events("turn_started"), what="the begin of the turn")
            project.run("child", "stop", "app")
            home = project.directory / "far" / "home" / "sessions"
            rollouts = list(home.rglob("*.jsonl"))
            until(lambda: any("task_complete" in one.read_text() for one in rollouts), 30, "its end")
            assert not project.events("turn_ended")
            project.run("child", "start", "app")
            while not client.answered(number):
                client.pump()
            assert client.taken(number)["outcome"] == "completed"
        assert project.events("turn_requeued") == []


def test_who_holds_a_thread_of_ours_is_told(make_lab: Make) -> None:
    project = make_lab()
    project.run("up")
    project.run("ask", "app", "say hello")
    thread = child(project)["thread"]
    project.run("child", "stop", "app")
    place = project.directory / "other"
    place.mkdir()
    home = project.directory / "codex-home"
    with Foreign(place, {**os.environ, "CODEX_HOME": str(home)}) as holder:
        asyncio.run(_hold(holder.endpoint, thread))
        error = project.ask("child", "start", "app", status=1)["error"]
        asked = the_failure(project)
        assert error["message"] == f"{asked['title']}\n{asked['body']}"
        assert error["hint"] == f"tmuxorch show {asked['id']}"
        assert f"process {holder.process.pid}: " in asked["body"]
        assert "codex app-server --listen unix://" in asked["body"]
        assert f"kill {holder.process.pid}. Then type: tmuxorch child restart app" in asked["body"]
        project.run("child", "restart", "app", status=1)
        asked = the_failure(project)
    in_state(project, "idle")
    ended_by_itself(project, asked)
    assert child(project)["thread"] == thread


async def _hold(endpoint: str, thread: str) -> None:
    """Has that server load the thread, which it keeps then."""
    link = await AppServerLink.connect(
        endpoint, on_frame=lambda _: None, on_notification=lambda _: None, on_request=lambda _: None
    )
    await link.call(appserver.THREAD_RESUME, appserver.thread_resume(thread))
    await link.close()


def test_who_holds_the_thread_of_a_worker_is_told_when_it_is_to_go_on(make_lab: Make) -> None:
    project = make_lab()
    project.run("up")
    project.run("exec", "greet", "--wait")
    (worker,) = project.call("status")["workers"]
    thread = worker["thread"]
    place = project.directory / "other"
    place.mkdir()
    with Foreign(place, {**os.environ, "CODEX_HOME": str(project.directory / "codex-home")}) as holder:
        asyncio.run(_hold(holder.endpoint, thread))
        again = project.ask("resume", worker["id"], "say again")
        project.run("wait", again["id"], status=1)
        (failed,) = (one for one in project.call("status")["workers"] if one["id"] == again["id"])
        said = f"thread {thread} already has an active writer: process {holder.process.pid}: "
        assert failed["reason"].startswith(said)
