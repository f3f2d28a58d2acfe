"""Commands on a live project: real Codex, real tmux, the scripted model."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import msgspec

from tests.cli.command import git_repo
from tests.cli.conftest import Project, Run
from tests.waiting import until
from tmuxorch.ledger import public, public_checkpoints, public_workers

SLOW = {
    "rich",
    "asyncio",
    "websockets",
    "msgspec",
    "yaml",
    "watchfiles",
    "markdown_it",
    "filelock",
}


def test_status_has_the_contracts_shape(project: Project, here: Run) -> None:
    status = msgspec.convert(here("status", "--json").json, public.Status)
    assert [child.name for child in status.children] == ["backend", "firmware", "mobile"]
    assert status.project.controller is not None
    assert status.project.dir == str(project.dir)
    text = project("status").out
    assert "controller not running" not in text
    assert "backend" in text


def test_status_imports_nothing_slow(project: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tmuxorch", "status"],
        cwd=project.dir,
        capture_output=True,
        text=True,
        env=project.environ,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "click" in imported
    assert imported & SLOW == set()


def test_a_worker_from_a_second_terminal(project: Project, here: Run) -> None:
    done = project("exec", "--wait", "--role", "reviewer", "--cd", "repos", "Review the waiting.")
    assert done.code == 0
    assert "The task was: Review the waiting." in done.out
    name = done.err.split()[0]
    workers = msgspec.convert(here("ls", "--json").json, list[public_workers.Worker])
    (worker,) = [worker for worker in workers if worker.id == name]
    assert (worker.role, worker.outcome, worker.exit_code) == ("reviewer", "succeeded", 0)
    assert here("result", name).out == done.out
    assert "git log --oneline" in project("logs", name).out
    raw = [json.loads(line) for line in project("logs", name, "--raw").out.splitlines()]
    assert raw[0]["type"] == "thread.started"
    assert here("wait", name, "--json").json[0]["outcome"] == "succeeded"
    again = here("rerun", name, "--context", "Be quick.").out.strip()
    assert here("wait", again).code == 0
    more = project("resume", name, "-", given="And now?").out.strip()
    assert here("wait", more, "--any").code == 0
    assert len(here("prune", "--json").json["closed"]) >= 3


def test_a_worker_id_is_printed_as_soon_as_its_window_exists(project: Project, here: Run) -> None:
    done = project("exec", "--label", "a b#{x};c", "--role", "scout", "-", given="Look around.")
    name = done.out.strip()
    windows = project.tmux("list-windows", "-F", "#{window_name}").split()
    assert [window for window in windows if window.startswith(f"{name}-a-b-")]
    assert here("stop", name, "--json").json["state"] == "exited"
    assert here("result", name, "--json").code == 0


def test_what_the_controller_refuses_keeps_its_code(here: Run) -> None:
    for arguments, code in (
        (["show", "C99"], 5),
        (["approve", "C99"], 5),
        (["wait", "W99"], 5),
        (["ask", "nobody", "x"], 5),
        (["cancel", "R99"], 5),
        (["interrupt", "backend"], 3),
        (["next", "--timeout", "0.05"], 4),
        (["plan", "approve"], 3),
        (["exec", "--context", "Goal=x", "--schema", "s.json", "x"], 2),
    ):
        done = here(*arguments, "--json")
        assert (arguments, done.code) == (arguments, code)
        assert set(done.error) == {"code", "message", "hint"}


def test_children_are_asked_stopped_added_and_removed(project: Project, here: Run) -> None:
    answer = here("ask", "backend", "Where do you stand?")
    assert "d2df063" in answer.out
    assert here("child", "stop", "mobile", "--json").json["state"] == "stopped"
    assert here("child", "start", "mobile", "--json").json["state"] == "idle"
    repo = git_repo(project.dir / "repos" / "docs")
    assert here("child", "add", "docs", repo, "--json").json["state"] == "idle"
    config = project.stage.paths.config
    assert "name: docs" in config.read_text()
    assert "app-docs" in project.tmux("list-windows", "-F", "#{window_name}").split()
    assert here("child", "rm", "docs").code == 0
    assert "name: docs" not in config.read_text()
    names = [child["name"] for child in here("child", "ls", "--json").json]
    assert names == ["backend", "firmware", "mobile"]


def test_a_run_is_seen_and_answered_in_its_windows(project: Project, here: Run) -> None:
    """The gate is revised by keys in the window `checkpoints`, then declined on the command line."""
    run = project("run", "--detach", "Mend it.").out.strip()
    assert here("run", "Another.", "--json").code == 3
    point = msgspec.convert(here("next", "--json").json, public_checkpoints.CheckpointShown)
    assert point.kind == "plan"
    assert "| 1 |" in here("plan", "show").out
    assert here("plan", "validate").code == 0
    until(lambda: "plan again" in project.screen("checkpoints"), what="the gate in the inbox")
    for text in (f"{run} gate", "Answer a registration at once"):
        until(lambda text=text: text in project.screen("overview"), what="the run in the overview")  # type: ignore[misc]
    window = f"={project.session}:=checkpoints"

    def counts() -> bool:
        """Presses a key that has no effect on any card, and says so once keys count."""
        project.tmux("send-keys", "-t", window, "0")
        return "there is no 0" in project.screen("checkpoints")

    until(counts, what="that keys count for the gate")
    project.tmux("send-keys", "-t", window, "2")
    until(lambda: "revise: what" in project.screen("checkpoints"), what="the question for words")
    project.tmux("send-keys", "-t", window, "-l", "split item 2")
    project.tmux("send-keys", "-t", window, "Enter")
    until(lambda: "closed: revise, split item 2, by " in project.screen("checkpoints"))
    second = here("next", "--after", point.id, "--json").json["id"]
    assert here("approve", point.id, "--json").code == 3
    until(lambda: second in project.screen("checkpoints"), what="the next gate in the inbox")
    declined = here("decline", second, "-m", "not today")
    assert "declin" in declined.out
    (ended,) = [one for one in here("runs", "--json").json if one["id"] == run]
    assert msgspec.convert(ended, public.Run).outcome == "cancelled"
    until(lambda: "nothing waits for you" in project.screen("checkpoints"))
    points = msgspec.convert(here("checkpoints", "--all", "--json").json, list[public_checkpoints.Checkpoint])
    assert {one.id: one.state for one in points}[second] == "closed"
    assert here("runs-md").out.startswith("# Runs")


def test_a_run_goes_on_when_nobody_follows_it(project: Project, here: Run) -> None:
    command = [sys.executable, "-m", "tmuxorch", "run", "Mend it."]
    with subprocess.Popen(command, cwd=project.dir, env=project.environ, stderr=subprocess.PIPE) as follower:
        assert follower.stderr
        for line in follower.stderr:
            if b"phase" in line:
                break
        follower.send_signal(signal.SIGINT)
        rest = follower.stderr.read().decode()
    assert follower.returncode == 130
    run = here("status", "--json").json["run"]
    assert run["outcome"] is None
    assert f"{run['id']} goes on" in rest
    assert here("cancel", run["id"], "--json").json["outcome"] == "cancelled"


OLD = """
import json, os, socket, sys, threading
from pathlib import Path
from tmuxorch.store.paths import ProjectPaths
listener = socket.socket(socket.AF_UNIX)
listener.bind(str(ProjectPaths(Path.cwd()).bind_socket()))
listener.listen()
print("listens", flush=True)

def serve(connection):
    for line in connection.makefile("rb"):
        request = json.loads(line)
        result = {"api": 1, "version": "0.0.9"} if request["method"] == "hello" else {}
        connection.sendall(json.dumps({"id": request["id"], "result": result}).encode() + b"\\n")
        if request["method"] == "down":
            os._exit(0)

while True:
    threading.Thread(target=serve, args=(listener.accept()[0],)).start()
"""


def test_windows_outlive_the_controller_and_looking_needs_none(project: Project, here: Run) -> None:
    """The next one starts when it can, and takes over from an older one."""
    assert here("ask", "backend", "Are you there?").code == 0
    before = here("status", "--json").json
    assert project("down").code == 0
    offline = msgspec.convert(here("status", "--json").json, public.Status)
    assert offline.project.controller is None
    assert [child.name for child in offline.children] == ["backend", "firmware", "mobile"]
    until(lambda: "tmuxorch up" in project.screen("overview"), what="the overview says what to do")
    until(lambda: "tmuxorch up" in project.screen("checkpoints"), what="the inbox says what to do")
    for arguments in (["ls"], ["child", "ls"], ["runs"], ["checkpoints"], ["journal"], ["config", "show"]):
        assert here(*arguments, "--json").code == 0
    lines = [json.loads(line) for line in here("journal", "--since", "1").out.splitlines()]
    assert [line["seq"] for line in lines] == list(range(2, len(lines) + 2))
    what_keeps_one_from_starting_is_told(project)
    an_older_one_is_replaced_and_that_is_said(project)
    after = here("status", "--json").json
    assert after["project"]["controller"]["pid"] != before["project"]["controller"]["pid"]
    assert after["children"][0]["thread"] == before["children"][0]["thread"]
    until(lambda: "tmuxorch up" not in project.screen("overview"), what="the overview is connected again")
    names = project.tmux("list-windows", "-F", "#{window_name}").split()
    assert names.count("controller") == 1
    assert {"model", "overview", "checkpoints", "orchestrator", "app-backend"} <= set(names)


def what_keeps_one_from_starting_is_told(project: Project) -> None:
    journal = project.stage.paths.journal
    whole = {path: path.read_bytes() for path in journal.glob("*.jsonl")}
    first = min(whole)
    first.write_bytes(b"not a journal\n" + whole[first])
    done = project("up", "--json")
    assert done.code == 6
    assert "journal" in done.error["message"]
    for path, content in whole.items():
        path.write_bytes(content)


def an_older_one_is_replaced_and_that_is_said(project: Project) -> None:
    command = [sys.executable, "-c", OLD]
    with subprocess.Popen(command, cwd=project.dir, env=project.environ, stdout=subprocess.PIPE) as old:
        assert old.stdout
        assert old.stdout.readline() == b"listens\n"
        up = project("up")
        assert old.wait() == 0
    assert up.code == 0
    assert "0.0.9, which is older" in up.err
    assert project("status", "--json").json["project"]["controller"]["pid"] != old.pid


def test_one_controller_for_commands_that_come_at_once(project: Project) -> None:
    """Also for one that is about something else, and needs it."""
    assert project("down").code == 0
    up, work = ("up", "--json"), ("exec", "--wait", "--role", "scout", "Look around.")
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tmuxorch", *words],
            cwd=project.dir,
            env=project.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for words in (work, up, up)
    ]
    said = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    pids = {json.loads(words)["project"]["controller"]["pid"] for words in said[1:]}
    assert len(pids) == 1
