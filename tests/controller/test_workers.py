"""Exec workers on the real Codex: how they end, that nothing of them is left, and what can be done with them again."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.e2e.project import Json, Project
from tests.reaping import processes_of
from tests.waiting import until
from tmuxorch.errors import Refused, TimedOut

CONFIG = """\
limits: {exec_workers: 2, retries: 0}
windows: {keep_finished: 3}
workers: {allow_full: true}
"""

SLEEP = "sh: sleep 54321"


def start(lab: Project, task: str, *options: str) -> Json:
    """A new worker."""
    worker: Json = lab.ask("exec", "--cd", str(lab.repos["app"]), *options, task)
    return worker


def sleeping(lab: Project, *options: str) -> Json:
    """A worker in whose command the model waits."""
    worker = start(lab, SLEEP, *options)
    until(lambda: "sleep 54321" in left(lab, worker).values(), what="the command of the worker")
    return worker


def left(lab: Project, worker: Json) -> dict[int, str]:
    """What is alive of a worker; its window's process, which shows the end, does not count."""
    found = processes_of(lab.paths.worker(worker["id"]))
    children = processes_of(lab.directory)
    sleeps = {pid: command for pid, command in children.items() if command == "sleep 54321"}
    return {pid: command for pid, command in found.items() if "host" not in command} | sleeps


def ended(lab: Project, worker: Json) -> Json:
    """The worker, once it has ended."""
    found: Json = lab.call("wait", ids=[worker["id"]], timeout=30)[0]
    return found


def record(lab: Project, worker: Json, name: str = "start.json") -> Json:
    """A record of the worker's host."""
    found: Json = json.loads((lab.paths.worker(worker["id"]) / name).read_text())
    return found


def window_names(lab: Project) -> list[str]:
    """Names of the windows of workers."""
    return [name for name in lab.windows() if name.startswith("W")]


@pytest.mark.parametrize("scope", ["read-only", "full"])
def test_a_worker_that_is_stopped_leaves_no_process_within_5_seconds(lab: Project, scope: str) -> None:
    worker = sleeping(lab, "--scope", scope)
    before = time.monotonic()
    stopped = lab.call("stop", id=worker["id"])
    assert time.monotonic() - before < 5
    assert (stopped["state"], stopped["outcome"]) == ("exited", "cancelled")
    assert not left(lab, worker)


def test_a_worker_that_nothing_but_kill_ends_is_gone_within_5_seconds(lab: Project) -> None:
    stubborn = "trap '' INT TERM; setsid -f sh -c 'sleep 54321'; sleep 54321; sleep 54321"
    worker = start(lab, f"sh: {stubborn}", "--scope", "full")
    until(lambda: list(left(lab, worker).values()).count("sleep 54321") == 2, what="two sleeps")
    before = time.monotonic()
    assert lab.call("stop", id=worker["id"])["outcome"] == "cancelled"
    assert time.monotonic() - before < 5
    assert not left(lab, worker)


@pytest.mark.parametrize("scope", ["read-only", "full"])
def test_a_worker_whose_codex_is_killed_is_killed_and_gone(lab: Project, scope: str) -> None:
    worker = sleeping(lab, "--scope", scope)
    os.kill(record(lab, worker)["pid"], signal.SIGKILL)
    found = ended(lab, worker)
    assert (found["outcome"], found["reason"]) == ("killed", "killed by SIGKILL")
    assert not left(lab, worker)


def test_a_worker_whose_host_is_killed_is_lost_and_gone(lab: Project) -> None:
    worker = sleeping(lab, "--scope", "full")
    os.kill(record(lab, worker)["host_pid"], signal.SIGKILL)
    found = ended(lab, worker)
    assert (found["outcome"], found["reason"]) == ("lost", "its host is gone and left no exit record")
    assert not left(lab, worker)


def test_workers_over_the_limit_queue_and_start_in_order(lab: Project) -> None:
    first, second = sleeping(lab), sleeping(lab)
    third, fourth = start(lab, "greet"), start(lab, "greet")
    assert [third["state"], fourth["state"]] == ["queued", "queued"]
    assert third["window"] is None
    assert lab.call("status")["counts"]["queued"] == 2
    with pytest.raises(TimedOut):
        lab.call("wait", ids=[third["id"], second["id"]], any=True, timeout=0.05)
    dropped = lab.call("stop", id=third["id"])
    assert (dropped["state"], dropped["outcome"], dropped["started"]) == ("exited", "cancelled", None)
    lab.call("stop", id=first["id"])
    assert ended(lab, fourth)["outcome"] == "succeeded"
    assert lab.call("wait", ids=[second["id"], fourth["id"]], any=True, timeout=1)
    lab.call("stop", id=second["id"])


def test_of_finished_windows_the_newest_stay_and_prune_closes_them(lab: Project) -> None:
    workers = []
    for _ in range(5):
        workers.append(start(lab, "greet", "--label", "quick"))
        ended(lab, workers[-1])
    kept = [f"{worker['id']}-quick" for worker in workers[-3:]]
    until(lambda: window_names(lab) == kept, what="the newest three windows alone")
    closed = lab.ask("prune")["closed"]
    assert len(closed) == 3
    assert window_names(lab) == []
    assert lab.run("result", workers[0]["id"]) == "hello\n"
    assert "hello" in lab.run("logs", workers[-1]["id"])
    assert lab.ask("prune")["closed"] == []


def test_rerun_says_the_same_and_more(lab: Project) -> None:
    old = start(lab, "greet", "--role", "scout")
    ended(lab, old)
    new = lab.ask("rerun", old["id"], "--context", "feeling")
    assert (ended(lab, new)["outcome"], new["role"]) == ("succeeded", "scout")
    assert lab.run("result", new["id"]) == "once more with feeling\n"
    old_prompt, new_prompt = ((lab.paths.worker(one["id"]) / "prompt.md").read_text() for one in (old, new))
    assert new_prompt.startswith(old_prompt)
    assert ended(lab, new)["thread"] != ended(lab, old)["thread"]


@pytest.mark.parametrize("scope", ["read-only", "edit"])
def test_resume_goes_on_in_the_same_thread_and_sandbox(lab: Project, scope: str) -> None:
    old = start(lab, "greet", "--scope", scope)
    thread = ended(lab, old)["thread"]
    new = lab.ask("resume", old["id"], f"sh: echo x > by-{scope}")
    assert ended(lab, new)["thread"] == thread
    said = lab.run("result", new["id"])
    assert ("exited with code 0" in said) == (scope == "edit"), said
    assert (lab.repos["app"] / f"by-{scope}").exists() == (scope == "edit")
    assert not Path(lab.directory, f"by-{scope}").exists()


def test_a_schema_goes_with_the_worker(lab: Project, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    properties = {"answer": {"type": "integer"}}
    strict = {
        "type": "object",
        "properties": properties,
        "required": ["answer"],
        "additionalProperties": False,
    }
    schema.write_text(json.dumps(strict))
    done = lab.ask("exec", "--schema", str(schema), "--wait", "facts")
    assert json.loads(done["message"]) == {"answer": 42}
    given = lab.paths.worker(done["worker"]["id"]) / "schema.json"
    assert json.loads(given.read_text()) == strict
    assert str(given) in record(lab, done["worker"])["argv"]
    schema.write_text(json.dumps({"type": "object", "properties": properties}))
    lab.run("exec", "--schema", str(schema), "facts", status=2)


def test_a_worker_that_takes_too_long_is_stopped_and_failed(lab: Project) -> None:
    worker = start(lab, SLEEP, "--timeout", "0.3")
    found = ended(lab, worker)
    assert (found["outcome"], found["reason"]) == ("failed", "timed out after 0.3 s")
    assert not left(lab, worker)


@pytest.mark.parametrize(
    ("task", "reason"),
    [("be silent", "it gave no final message"), ("fail", "Bad request (scripted).")],
)
def test_a_worker_without_a_result_has_failed_and_says_why(lab: Project, task: str, reason: str) -> None:
    worker = start(lab, task)
    found = ended(lab, worker)
    assert found["outcome"] == "failed"
    assert reason in found["reason"]
    lab.run("exec", "--wait", task, status=1)


def test_a_worker_whose_account_is_refused_pauses_all(lab: Project) -> None:
    worker = start(lab, "be refused")
    paused = until(lambda: lab.call("status")["paused"], what="the pause")
    assert (paused["by"], paused["kind"]) == (worker["id"], "usage")
    assert "You’ve hit your usage limit" in paused["reason"]
    ahead = datetime.fromisoformat(paused["until"]).timestamp() - time.time()
    assert 3500 < ahead <= 3660, "to the minute: a worker is not told the second"
    waits = start(lab, "greet")
    assert waits["state"] == "queued"
    lab.call("stop", id=worker["id"])
    lab.run("up", "--resume-now")
    assert ended(lab, waits)["outcome"] == "succeeded"


def test_there_is_no_result_while_a_worker_runs(lab: Project) -> None:
    worker = sleeping(lab)
    for method in ("result", "resume"):
        more = {"text": "go on"} if method == "resume" else {}
        with pytest.raises(Refused, match=f"{worker['id']} still runs"):
            lab.call(method, id=worker["id"], **more)
    lab.call("stop", id=worker["id"])
    assert lab.call("stop", id=worker["id"])["outcome"] == "cancelled", "stopping twice is no error"


def test_a_worker_that_only_reads_cannot_write_when_it_is_run_again_either(lab: Project) -> None:
    old = start(lab, "sh: echo x > by-rerun")
    new = lab.ask("rerun", old["id"])
    for worker in (old, new):
        assert ended(lab, worker)["outcome"] == "succeeded"
        assert "exited with code 0" not in lab.run("result", worker["id"])
    assert not (lab.repos["app"] / "by-rerun").exists()


@pytest.mark.parametrize("scope", ["read-only", "full"])
def test_a_worker_whose_window_is_closed_is_killed_and_gone(lab: Project, scope: str) -> None:
    worker = sleeping(lab, "--scope", scope)
    lab.tmux("kill-window", "-t", worker["window"])
    found = ended(lab, worker)
    assert (found["outcome"], found["reason"]) == ("killed", "its window was closed")
    assert not left(lab, worker)
