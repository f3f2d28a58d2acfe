"""Workers that are tried again: by what may pass, when they are lost, for the form of their answer; and silent ones."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import datetime
from pathlib import Path

from tests.controller.holding import ended, events, start
from tests.e2e.project import Json, Project
from tests.waiting import until

STALL = 1

CONFIG = f"""\
limits: {{exec_workers: 4, retries: 2}}
timeouts: {{retry: 1, stall: {STALL}}}
"""

STRICT = {
    "type": "object",
    "properties": {"answer": {"type": "integer"}},
    "required": ["answer"],
    "additionalProperties": False,
}


def put_back(lab: Project, worker: Json) -> list[Json]:
    """The times that it was put back into the queue."""
    return events(lab, worker, "worker_put_back")


def silent(lab: Project, said: Path) -> Json:
    """The checkpoint that is open once nothing has been said there for long, after the beginning of a command.

    On a busy machine there may have been a silence before it, whose end takes its checkpoint away.
    """
    until(lambda: said.exists() and "sleep 54321" in said.read_text(), what="the command of the second try")
    until(lambda: time.time() >= said.stat().st_mtime + STALL, what="a silence after it")
    lab.call("resume_now")  # the end of another one was seen before this, and so is decided before it
    found: Json = lab.call("next", timeout=30)
    return found


def test_what_may_pass_is_tried_again_under_the_same_id(lab: Project) -> None:
    """So often, and no more."""
    always = start(lab, lab.repos["app"], "always overloaded")
    worker = start(lab, lab.repos["app"], "overloaded")
    found = ended(lab, worker)
    assert (found["outcome"], found["attempts"]) == ("succeeded", 2)
    assert lab.run("result", worker["id"]) == "at last\n"
    assert [(event["kind"], event["counts"]) for event in put_back(lab, worker)] == [("again", True)]
    assert (lab.paths.worker(worker["id"]) / "try-2" / "exit.json").exists()
    assert [name for name in lab.windows() if name.startswith(f"{worker['id']}-")] == [
        f"{worker['id']}-{worker['label']}"
    ]
    assert "at last" in lab.run("logs", worker["id"])

    found = ended(lab, always)
    assert (found["outcome"], found["attempts"]) == ("failed", 3)
    assert found["reason"].endswith("(tried 3 times)")


def test_one_whose_host_is_killed_is_tried_again_and_a_silent_one_becomes_a_checkpoint(lab: Project) -> None:
    worker = start(lab, lab.repos["app"], "sh: sleep 54321")
    until(lambda: events(lab, worker, "worker_seen"), what="its thread")
    record = json.loads((lab.paths.worker(worker["id"]) / "start.json").read_text())
    os.kill(record["host_pid"], signal.SIGKILL)
    until(lambda: put_back(lab, worker), what="its next try")
    assert put_back(lab, worker)[0]["reason"] == "its host is gone and left no exit record"
    point = silent(lab, lab.paths.attempt(worker["id"], 2) / "events.jsonl")
    assert (point["kind"], point["source"], point["state"]) == ("stall", worker["id"], "open")
    assert lab.call("status")["workers"][-1]["state"] == "waiting", "it lives on"
    lab.run("answer", point["id"], "wait")
    again = lab.call("next", timeout=30)
    assert (again["kind"], again["id"] != point["id"]) == ("stall", True)
    lab.run("answer", again["id"], "stop")
    assert ended(lab, worker)["outcome"] == "cancelled"


def test_a_refused_account_pauses_all_is_waited_for_and_costs_no_try(lab: Project) -> None:
    worker = start(lab, lab.repos["app"], "refused once")
    paused = until(lambda: lab.call("status")["paused"], what="the pause")
    assert (paused["by"], paused["kind"]) == (worker["id"], "usage")
    assert "You’ve hit your usage limit" in paused["reason"]
    ahead = datetime.fromisoformat(paused["until"]).timestamp() - time.time()
    assert 3500 < ahead <= 3660, "to the minute: a worker is not told the second"
    waits = lab.call("status")["workers"][-1]
    assert (waits["id"], waits["state"], waits["attempts"]) == (worker["id"], "queued", 2)
    other = start(lab, lab.repos["app"], "greet")
    assert other["state"] == "queued"
    lab.run("up", "--resume-now")
    assert ended(lab, worker)["outcome"] == "succeeded"
    assert [event["counts"] for event in put_back(lab, worker)] == [False]
    assert ended(lab, other)["outcome"] == "succeeded"


def test_an_answer_in_another_form_is_asked_for_once_more(lab: Project, tmp_path: Path) -> None:
    """One that never has the form is a failure."""
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(STRICT))
    worker, stubborn = (
        lab.ask("exec", "--cd", str(lab.repos[name]), "--schema", str(schema), "say it")
        for name in ("app", "other")
    )
    found = ended(lab, worker)
    assert (found["outcome"], found["attempts"]) == ("succeeded", 2)
    (event,) = put_back(lab, worker)
    assert event["kind"] == "repair"
    assert "it is not JSON" in event["reason"]
    argv = json.loads((lab.paths.attempt(worker["id"], 2) / "start.json").read_text())["argv"]
    assert argv[1:3] == ["exec", "resume"]
    assert json.loads(lab.run("result", worker["id"])) == {"answer": 42}

    found = ended(lab, stubborn)
    assert (found["outcome"], found["attempts"]) == ("failed", 2)
    assert found["reason"].startswith("its answer is not in the form asked for: it is not JSON")
