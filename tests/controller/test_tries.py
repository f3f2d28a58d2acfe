"""Workers that are tried again: by what may pass, when they are lost, for the form of their answer; and silent ones."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.e2e.project import Json, Project
from tests.waiting import until

CONFIG = """\
limits: {exec_workers: 4, retries: 2}
timeouts: {retry: 1, stall: 1}
"""

STRICT = {
    "type": "object",
    "properties": {"answer": {"type": "integer"}},
    "required": ["answer"],
    "additionalProperties": False,
}


def start(lab: Project, task: str, *options: str) -> Json:
    """A new worker."""
    worker: Json = lab.ask("exec", "--cd", str(lab.repos["app"]), *options, task)
    return worker


def ended(lab: Project, worker: Json) -> Json:
    """The worker, once it has ended for good."""
    found: Json = lab.call("wait", ids=[worker["id"]], timeout=60)[0]
    return found


def put_back(lab: Project, worker: Json) -> list[Json]:
    """The times that it was put back into the queue."""
    return [event for event in lab.events("worker_put_back") if event["id"] == worker["id"]]


def test_what_may_pass_is_tried_again_under_the_same_id(lab: Project) -> None:
    worker = start(lab, "overloaded")
    found = ended(lab, worker)
    assert (found["outcome"], found["attempts"]) == ("succeeded", 2)
    assert lab.run("result", worker["id"]) == "at last\n"
    assert [(event["kind"], event["counts"]) for event in put_back(lab, worker)] == [("again", True)]
    assert (lab.paths.worker(worker["id"]) / "try-2" / "exit.json").exists()
    assert [name for name in lab.windows() if name.startswith(f"{worker['id']}-")] == [f"{worker['id']}-free"]
    assert "at last" in lab.run("logs", worker["id"])


def test_tries_are_counted_and_end(lab: Project) -> None:
    found = ended(lab, start(lab, "always overloaded"))
    assert (found["outcome"], found["attempts"]) == ("failed", 3)
    assert found["reason"].endswith("(tried 3 times)")


def test_a_worker_whose_host_is_killed_is_tried_again(lab: Project) -> None:
    worker = start(lab, "sh: sleep 54321")
    seen = ("worker_seen", worker["id"])
    until(lambda: seen in {(event["type"], event.get("id")) for event in lab.events()}, what="its thread")
    record = json.loads((lab.paths.worker(worker["id"]) / "start.json").read_text())
    os.kill(record["host_pid"], signal.SIGKILL)
    until(lambda: put_back(lab, worker), what="its next try")
    assert put_back(lab, worker)[0]["reason"] == "its host is gone and left no exit record"
    until(lambda: (lab.paths.attempt(worker["id"], 2) / "start.json").exists(), what="the second try")
    assert lab.call("stop", id=worker["id"])["outcome"] == "cancelled"


def test_a_refused_account_is_waited_for_and_costs_no_try(lab: Project) -> None:
    worker = start(lab, "refused once")
    until(lambda: lab.call("status")["paused"], what="the pause")
    waits = lab.call("status")["workers"][-1]
    assert (waits["id"], waits["state"], waits["attempts"]) == (worker["id"], "queued", 2)
    lab.run("up", "--resume-now")
    assert ended(lab, worker)["outcome"] == "succeeded"
    assert [event["counts"] for event in put_back(lab, worker)] == [False]


@pytest.fixture
def schema(tmp_path: Path) -> str:
    """A file with a schema in strict form."""
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(STRICT))
    return str(path)


def test_an_answer_in_another_form_is_asked_for_once_more(lab: Project, schema: str) -> None:
    worker = start(lab, "say it", "--schema", schema)
    found = ended(lab, worker)
    assert (found["outcome"], found["attempts"]) == ("succeeded", 2)
    (event,) = put_back(lab, worker)
    assert event["kind"] == "repair"
    assert "it is not JSON" in event["reason"]
    argv = json.loads((lab.paths.attempt(worker["id"], 2) / "start.json").read_text())["argv"]
    assert argv[1:3] == ["exec", "resume"]
    assert json.loads(lab.run("result", worker["id"])) == {"answer": 42}


def test_an_answer_that_never_has_the_form_is_a_failure(lab: Project, schema: str) -> None:
    worker = lab.ask("exec", "--cd", str(lab.repos["other"]), "--schema", schema, "say it")
    found = ended(lab, worker)
    assert (found["outcome"], found["attempts"]) == ("failed", 2)
    assert found["reason"].startswith("its answer is not in the form asked for: it is not JSON")


def test_a_silent_worker_becomes_a_checkpoint_and_lives_on(lab: Project) -> None:
    worker = start(lab, "sh: sleep 54321")
    point = lab.next("stall", 30)
    assert (point["source"], point["state"]) == (worker["id"], "open")
    assert lab.call("status")["workers"][-1]["state"] == "waiting"
    lab.run("answer", point["id"], "wait")
    again = lab.next("stall", 30)
    assert again["id"] != point["id"]
    lab.run("answer", again["id"], "stop")
    assert ended(lab, worker)["outcome"] == "cancelled"
