"""Children whose App Server runs already: connected to, lost and found again, let go of, and never ended."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from tests.codex.foreign import TOKEN, Foreign
from tests.controller.conftest import Make
from tests.controller.distant import VARIABLE, Line, attach, child, foreign, in_state, stopped
from tests.controller.holding import Gate, ended, start
from tests.controller.leftovers import contents
from tests.e2e.project import Json, Project
from tests.reaping import processes_of
from tests.waiting import until
from tmuxorch.cli.client import connect
from tmuxorch.codex import appserver
from tmuxorch.controller.appserver import AppServerLink
from tmuxorch.core.plan import LEAD

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


def screen(project: Project, view: Json) -> str:
    """What is on the screen of that view's pane."""
    return project.tmux("capture-pane", "-p", "-t", view["pane"])


def said(project: Project, words: str, child: str = "app") -> None:
    """The child can be asked, and answers."""
    assert project.call("ask", name=child, prompt=f"say {words}")["message"] == f"said {words}"


def test_a_server_that_nobody_has_started_yet_and_that_we_never_end(make_lab: Make, tmp_path: Path) -> None:
    """On a socket. It has the thread of a repo that is on another machine too."""
    ours = tmp_path / "ours"
    project = make_lab(
        codex=f'[mcp_servers.tmuxorch]\ncommand = "touch"\nargs = ["{ours}"]\n', children=("app", "other")
    )
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
        first = child(project)
        assert first["endpoint"] == server.endpoint
        assert server.endpoint in project.run("child", "ls")
        said(project, "hello")
        assert not ours.exists(), "who is led has no tools to lead"
        panes = project.tmux("list-panes", "-a", "-F", "#{window_name}").split()
        assert panes.count("app-app") == 1, "the live view alone"
        assert not list(project.paths.child("app").glob("server-*"))

        view = project.call("tui", name="app")
        until(
            lambda: all(words in screen(project, view) for words in ("said hello", "? for shortcuts")),
            what="Codex's TUI",
        )
        assert project.call("tui", name="app") == {**view, "showing": "view"}
        until(
            lambda: "? for shortcuts" not in screen(project, view) and "said hello" in screen(project, view),
            what="our view",
        )

        _a_turn_that_ends_while_nobody_is_connected_is_taken(project)
        project.run("child", "restart", "app")
        said(project, "again")
        assert child(project)["thread"] == first["thread"]
        project.run("down", "--kill-agents")
        assert server.alive
        attach(project, server.endpoint, child="other")
        text = project.config.read_text()
        project.config.write_text(text.replace("path: repos/other", "path: /srv/nowhere/other"))
        project.run("up")
        assert child(project)["thread"] == first["thread"]
        said(project, "there", "other")
        error = project.ask("run", "lab: write", status=3)["error"]
        assert error["message"].startswith("the repo of other is not on this machine: /srv/nowhere/other")
        project.run("child", "rm", "app")
        assert server.alive
        assert "app-app" not in project.windows()
        repo = str(project.repos["app"])
        project.run("child", "add", "app", repo, "--endpoint", "ftp://x", status=2)
        project.run("child", "add", "app", repo, "--endpoint", server.endpoint)
        assert child(project)["state"] == "idle"


def _a_turn_that_ends_while_nobody_is_connected_is_taken(project: Project) -> None:
    gate = Gate(project.directory)
    with connect(project.paths) as client:
        before = len(project.events("turn_started")), len(project.events("turn_ended"))
        number = client.send("ask", {"name": "app", "prompt": f"run {gate.wait}"})
        until(lambda: len(project.events("turn_started")) > before[0], what="the begin of the turn")
        done = finished(project)
        assert project.ask("child", "stop", "app")["state"] == "stopped"
        project.run("ask", "app", "say no", status=3)
        gate.open()
        until(lambda: finished(project) > done, 30, "its end")
        assert len(project.events("turn_ended")) == before[1]
        project.run("child", "start", "app")
        while not client.answered(number):
            client.pump()
        assert client.taken(number)["outcome"] == "completed"
    assert project.events("turn_requeued") == []


def finished(project: Project) -> int:
    """How many turns the server itself has recorded as ended."""
    rollouts = (project.directory / "far" / "home" / "sessions").rglob("*.jsonl")
    return sum(path.read_text().count("task_complete") for path in rollouts)


def test_a_server_on_a_port_that_wants_a_token(make_lab: Make) -> None:
    """And a line to it that is cut."""
    project = make_lab("gates: {dirty: proceed}\n")
    with foreign(project, web=True, token=TOKEN) as server, Line(server.endpoint) as line:
        attach(project, line.endpoint, token=True)
        _a_token_that_is_missing_or_wrong_is_told_by_its_variable(project, line)
        _the_token_is_shown_to_the_server_and_kept_nowhere(project)
        _a_turn_goes_on_while_the_line_is_cut_and_its_question_too(project, server, line)
        _a_turn_is_sent_once_more_when_its_server_was_killed(project, server)


def _a_token_that_is_missing_or_wrong_is_told_by_its_variable(project: Project, line: Line) -> None:
    """And taken once it is right."""
    error = project.ask("up", status=2)["error"]
    assert error["message"].startswith(f"child app: the environment variable {VARIABLE}, ")
    assert error["hint"] == f"export {VARIABLE}=…; tmuxorch down; tmuxorch up"
    project.run("down")
    project.run("up", env={VARIABLE: "wrong-9"}, status=1)
    asked = the_failure(project)
    assert asked["title"] == "no connection to the thread of app"
    assert f"the App Server at {line.endpoint} does not take the token that it was shown" in asked["body"]
    assert "wrong-9" not in str(asked)
    assert child(project)["state"] == "failed"
    error = project.ask("child", "restart", "app", status=1)["error"]
    assert "does not take the token" in error["message"]
    asked = the_failure(project)
    project.run("down")
    project.run("up", env=WITH_TOKEN)
    in_state(project, "idle")
    ended_by_itself(project, asked)


def _the_token_is_shown_to_the_server_and_kept_nowhere(project: Project) -> None:
    said(project, "hello")
    said(project, "here", LEAD)
    view = project.call("tui", name="app")
    until(lambda: "? for shortcuts" in screen(project, view), what="the TUI")
    project.call("tui", name="app")
    told = [project.run(*words) for words in (["status", "--json"], ["child", "ls"], ["config", "show"])]
    assert not [one for one in told if TOKEN in one]
    project.run("child", "restart", "app")
    kept = dict(contents(project.directory, project.paths.state, without="far"))
    assert project.paths.frames("app") in kept
    assert not [path for path, content in kept.items() if TOKEN.encode() in content]
    running = processes_of(project.directory)
    assert not [command for command in running.values() if TOKEN in command]
    agent = project.server_pid(LEAD)
    assert TOKEN.encode() not in Path(f"/proc/{agent}/environ").read_bytes()


def _a_turn_goes_on_while_the_line_is_cut_and_its_question_too(
    project: Project, server: Foreign, line: Line
) -> None:
    """And a run whose one child has such a server comes to its report."""
    run = project.call("run", problem="lab: command-cut", yes=True, children=["app"])["id"]
    asked = project.call("next", timeout=40)
    before = project.events("agent_ready")
    line.cut()
    until(lambda: len(project.events("agent_ready")) > len(before), 30, "the connection")
    assert project.call("show", id=asked["id"])["state"] == "open"
    with connect(project.paths) as client, stopped(server):
        client.send("answer", {"id": asked["id"], "choice": "accept", "digest": asked["digest"]})
        until(lambda: project.answers()[asked["id"]], what="the answer on its way")
        line.cut()
    assert project.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
    assert (project.repos["app"] / "command-cut").read_text() == "\x1b[31mred\n"
    assert project.events("turn_requeued") == []
    last = [one for one in before if one["name"] == "app"][-1:]
    after = [one for one in project.events("agent_ready")[len(before) :] if one["name"] == "app"]
    assert len({one["generation"] for one in (*last, *after)}) == 1
    assert project.paths.report(run).exists()


def _a_turn_is_sent_once_more_when_its_server_was_killed(project: Project, server: Foreign) -> None:
    run = project.call("run", problem="lab: command-killed", yes=True, children=["app"])["id"]
    asked = project.call("next", timeout=40)
    before = len(project.events("agent_unready"))
    server.kill()
    until(lambda: len(project.events("agent_unready")) > before, what="the end of the connection")
    server.start()
    until(lambda: project.call("show", id=asked["id"])["state"] == "lapsed", 30, "the end of the question")
    again = answer_next(project, choice="accept")
    assert (again["kind"], again["item"]) == ("approval", "1")
    assert project.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
    (requeued,) = project.events("turn_requeued")
    assert requeued["reason"] == "its server was started anew"
    assert (project.repos["app"] / "command-killed").read_text() == "\x1b[31mred\n"


def test_who_holds_a_thread_of_ours_is_told(make_lab: Make) -> None:
    """That of a child, and that of a worker which is to go on."""
    project = make_lab("limits: {retries: 0}\n")
    project.run("up")
    said(project, "hello")
    thread = child(project)["thread"]
    project.run("child", "stop", "app")
    worker = ended(project, start(project, project.repos["app"], "greet"))
    place = project.directory / "other"
    place.mkdir()
    home = project.directory / "codex-home"
    with Foreign(place, {**os.environ, "CODEX_HOME": str(home)}) as holder:
        asyncio.run(_hold(holder.endpoint, thread, worker["thread"]))
        error = project.ask("child", "start", "app", status=1)["error"]
        asked = the_failure(project)
        assert error["message"] == f"{asked['title']}\n{asked['body']}"
        assert error["hint"] == f"tmuxorch show {asked['id']}"
        assert f"process {holder.process.pid}: " in asked["body"]
        assert "codex app-server --listen unix://" in asked["body"]
        assert f"kill {holder.process.pid}. Then type: tmuxorch child restart app" in asked["body"]
        project.run("child", "restart", "app", status=1)
        asked = the_failure(project)
        failed = ended(project, project.call("resume", id=worker["id"], text="say again"))
        held = f"thread {worker['thread']} already has an active writer: process {holder.process.pid}: "
        assert failed["reason"].startswith(held)
    in_state(project, "idle")
    ended_by_itself(project, asked)
    assert child(project)["thread"] == thread


async def _hold(endpoint: str, *threads: str) -> None:
    """Has that server load the threads, which it keeps then."""
    link = await AppServerLink.connect(
        endpoint, on_frame=lambda _: None, on_notification=lambda _: None, on_request=lambda _: None
    )
    for thread in threads:
        await link.call(appserver.THREAD_RESUME, appserver.thread_resume(thread))
    await link.close()
