"""Exec workers on the real Codex: how they end, that nothing of them is left, and what can be done with them again."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.controller.holding import ended, start
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

STUBBORN = "sh: trap '' INT TERM; setsid -f sh -c 'sleep 54321'; sleep 54321; sleep 54321"


def sleeping(lab: Project, task: str = SLEEP, sleeps: int = 1, **more: object) -> Json:
    """A worker in whose command the model waits."""
    before = asleep(lab)
    worker = start(lab, lab.repos["app"], task, **more)
    until(lambda: asleep(lab) == before + sleeps, what="the command of the worker")
    return worker


def asleep(lab: Project) -> int:
    """How many such commands run."""
    return list(processes_of(lab.directory).values()).count("sleep 54321")


def left(lab: Project, worker: Json) -> dict[int, str]:
    """What is alive of a worker; its window's process, which shows the end, does not count."""
    found = processes_of(lab.paths.worker(worker["id"]))
    children = processes_of(lab.directory)
    sleeps = {pid: command for pid, command in children.items() if command == "sleep 54321"}
    return {pid: command for pid, command in found.items() if "host" not in command} | sleeps


def record(lab: Project, worker: Json, name: str = "start.json") -> Json:
    """A record of the worker's host."""
    found: Json = json.loads((lab.paths.worker(worker["id"]) / name).read_text())
    return found


def window_names(lab: Project) -> list[str]:
    """Names of the windows of workers."""
    return [name for name in lab.windows() if name.startswith("W")]


def windows_known(lab: Project) -> int:
    """How many windows of workers the controller knows: of one that it closes it knows so a moment later."""
    return sum(one["window"] is not None for one in lab.call("status")["workers"])


def stop(lab: Project, worker: Json) -> None:
    stopped = lab.call("stop", id=worker["id"])
    assert (stopped["state"], stopped["outcome"]) == ("exited", "cancelled")


def kill(lab: Project, worker: Json) -> None:
    os.kill(record(lab, worker)["pid"], signal.SIGKILL)
    found = ended(lab, worker)
    assert (found["outcome"], found["reason"]) == ("killed", "killed by SIGKILL")


def close_window(lab: Project, worker: Json) -> None:
    lab.tmux("kill-window", "-t", worker["window"])
    found = ended(lab, worker)
    assert (found["outcome"], found["reason"]) == ("killed", "its window was closed")


BOTH = ("read-only", "full")


@pytest.mark.parametrize(("end", "scopes"), [(stop, BOTH[:1]), (kill, BOTH), (close_window, BOTH)])
def test_a_worker_leaves_no_process_whoever_ends_it(
    lab: Project, end: Callable[[Project, Json], None], scopes: tuple[str, ...]
) -> None:
    """One without a sandbox that is stopped is the next test's."""
    for scope in scopes:
        worker = sleeping(lab, scope=scope)
        end(lab, worker)
        assert not left(lab, worker)


def test_a_worker_that_nothing_but_kill_ends_is_gone_within_5_seconds(lab: Project) -> None:
    worker = sleeping(lab, STUBBORN, 2, scope="full")
    assert sum(record(lab, worker, "spec.json")["grace"]) < 5
    stop(lab, worker)
    assert not left(lab, worker)


def test_a_worker_whose_host_is_killed_is_lost_and_gone(lab: Project) -> None:
    worker = sleeping(lab, scope="full")
    os.kill(record(lab, worker)["host_pid"], signal.SIGKILL)
    found = ended(lab, worker)
    assert (found["outcome"], found["reason"]) == ("lost", "its host is gone and left no exit record")
    assert not left(lab, worker)


def test_a_worker_that_takes_too_long_is_stopped_and_failed(lab: Project) -> None:
    worker = lab.ask("exec", "--cd", str(lab.repos["app"]), SLEEP, "--timeout", "0.3")
    found = ended(lab, worker)
    assert (found["outcome"], found["reason"]) == ("failed", "timed out after 0.3 s")
    assert not left(lab, worker)


def test_workers_over_the_limit_queue_and_start_in_order(lab: Project) -> None:
    """There is no result of one that runs."""
    app = lab.repos["app"]
    first, second = sleeping(lab), sleeping(lab)
    third, fourth = start(lab, app, "greet"), start(lab, app, "greet")
    assert [third["state"], fourth["state"]] == ["queued", "queued"]
    assert third["window"] is None
    assert lab.call("status")["counts"]["queued"] == 2
    with pytest.raises(TimedOut):
        lab.call("wait", ids=[third["id"], second["id"]], any=True, timeout=0.05)
    for method, more in (("result", {}), ("resume", {"text": "go on"})):
        with pytest.raises(Refused, match=f"{first['id']} still runs"):
            lab.call(method, id=first["id"], **more)
    dropped = lab.call("stop", id=third["id"])
    assert (dropped["state"], dropped["outcome"], dropped["started"]) == ("exited", "cancelled", None)
    lab.call("stop", id=first["id"])
    assert lab.call("stop", id=first["id"])["outcome"] == "cancelled", "stopping twice is no error"
    assert ended(lab, fourth)["outcome"] == "succeeded"
    assert lab.call("wait", ids=[second["id"], fourth["id"]], any=True, timeout=60)
    lab.call("stop", id=second["id"])


def said(lab: Project, worker: Json) -> str:
    """What the worker said at its end, which has to be a good one."""
    assert ended(lab, worker)["outcome"] == "succeeded"
    return str(lab.call("result", id=worker["id"])["message"])


def test_what_has_ended_is_run_again_or_goes_on_in_its_thread_and_its_sandbox(lab: Project) -> None:
    """Of the windows of all these the newest stay, and `prune` closes them."""
    app = lab.repos["app"]
    reads = start(lab, app, "sh: echo x > by-rerun", role="scout")
    assert "exited with code 0" not in said(lab, reads)
    again = lab.ask("rerun", reads["id"])
    assert "exited with code 0" not in said(lab, again)
    assert not (app / "by-rerun").exists()

    new = lab.ask("rerun", reads["id"], "--context", "feeling")
    assert (said(lab, new), new["role"]) == ("once more with feeling", "scout")
    old_prompt, new_prompt = ((lab.paths.worker(one["id"]) / "prompt.md").read_text() for one in (reads, new))
    assert new_prompt.startswith(old_prompt)
    assert ended(lab, new)["thread"] != ended(lab, reads)["thread"]

    edits = start(lab, app, "greet", scope="edit")
    assert said(lab, edits) == "hello"
    more = []
    for scope, old in (("read-only", new), ("edit", edits)):
        more.append(lab.ask("resume", old["id"], f"sh: echo x > by-{scope}"))
        assert ("exited with code 0" in said(lab, more[-1])) == (scope == "edit")
        assert ended(lab, more[-1])["thread"] == ended(lab, old)["thread"]
        assert (app / f"by-{scope}").exists() == (scope == "edit")
        assert not Path(lab.directory, f"by-{scope}").exists()

    labelled = lab.ask("exec", "--cd", str(app), "--label", "quick", "greet")
    ended(lab, labelled)
    kept = [*(f"{one['id']}-{one['label']}" for one in more), f"{labelled['id']}-quick"]
    until(
        lambda: window_names(lab) == kept and windows_known(lab) == 3, what="the newest three windows alone"
    )
    assert len(lab.ask("prune")["closed"]) == 3
    assert window_names(lab) == []
    assert lab.run("result", edits["id"]) == "hello\n"
    assert "hello" in lab.run("logs", labelled["id"])
    assert lab.ask("prune")["closed"] == []


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


def test_a_worker_without_a_result_has_failed_and_says_why(lab: Project) -> None:
    for task, reason in (("be silent", "it gave no final message"), ("fail", "Bad request (scripted).")):
        lab.run("exec", "--wait", task, status=1)
        found = lab.call("status")["workers"][-1]
        assert found["outcome"] == "failed"
        assert reason in found["reason"]
