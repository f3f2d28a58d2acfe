"""What a worker is given, and what is refused before anything is started: real Codex, odd and far too large input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.controller.gitrepos import write
from tests.controller.holding import Gate, ended, start
from tests.controller.test_digest import answer, asked
from tests.e2e.project import Project
from tmuxorch.cli.client import connect
from tmuxorch.codex.appserver import PROMPT_LIMIT
from tmuxorch.controller import orders
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.errors import NotFound, UsageError
from tmuxorch.store.journal import Journal

CONFIG = "limits: {exec_workers: 6, retries: 0}\n"

ROLE = "do: Count the {what}.\noutput: A number.\ncalls_itself: counter of {what}\n"


def queued(lab: Project) -> int:
    """How many workers there have been."""
    return len(lab.call("status")["workers"])


@pytest.fixture(scope="module")
def roles(lab: Project) -> None:
    """Roles of the user's and of the project's."""
    user = Path(lab.environ["XDG_CONFIG_HOME"]) / "tmuxorch" / "roles"
    write(user, {"mine.yaml": ROLE.format(what="stars"), "counter.yaml": ROLE.format(what="sheep")})
    write(lab.directory / "tmuxorch" / "roles", {"counter.yaml": ROLE.format(what="goats")})


@pytest.mark.usefixtures("roles")
def test_what_show_prompt_prints_is_what_the_worker_is_told(lab: Project) -> None:
    place = ("--cd", str(lab.repos["app"]))
    options = ("--role", "Counter", "--lens", "timeouts", "--context", "goal=all of them")
    asked = (*place, *options, "--scope", "edit", "--path", "src", "--path", "a b.txt", "greet <them> ü")
    before = queued(lab)
    shown = lab.run("exec", "--show-prompt", *asked)
    assert lab.ask("exec", "--show-prompt", *asked) == {"prompt": shown.removesuffix("\n")}
    assert queued(lab) == before, "nothing is started"
    for words in (
        "ROLE: counter of goats",
        "SCOPE: edit: src, a b.txt",
        "Goal: all of them",
        "LENS: timeouts: ",
    ):
        assert words in shown
    assert "ROLE: counter of stars" in lab.run("exec", "--show-prompt", "--role", "mine", "x")
    worker = lab.ask("exec", *asked)
    assert (worker["role"], worker["label"]) == ("counter", "Counter")
    prompt = lab.paths.worker(worker["id"]) / "prompt.md"
    assert prompt.read_text() == shown.removesuffix("\n")
    assert ended(lab, worker)["outcome"] == "succeeded"


def test_what_is_too_much_for_codex_is_refused_before_it_is_queued(lab: Project) -> None:
    before = queued(lab)
    for task in ("x" * (PROMPT_LIMIT + 1), "ü" * PROMPT_LIMIT):
        done = lab.start("exec", "-", "--json", stdin=task)
        out, _ = done.communicate(task, timeout=60)
        assert done.returncode == 2
        assert f"characters, Codex takes {PROMPT_LIMIT}" in json.loads(out)["error"]["message"]
    old = start(lab, lab.repos["app"], "greet")
    ended(lab, old)
    for method, more in (
        ("rerun", {"context": "x" * PROMPT_LIMIT}),
        ("resume", {"text": "x" * PROMPT_LIMIT}),
    ):
        with pytest.raises(UsageError, match=f"Codex takes {PROMPT_LIMIT}"):
            lab.call(method, id=old["id"], **more)
    assert queued(lab) == before + 1
    largest = start(lab, lab.repos["app"], f"greet {'x' * (PROMPT_LIMIT - 2000)}")
    assert ended(lab, largest)["outcome"] == "succeeded"
    assert len(largest["task"]) == 2000, "not all of it goes to everybody who looks"


def test_a_stdin_that_is_never_closed_holds_up_nobody(lab: Project) -> None:
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "tmuxorch", "-C", str(lab.directory), "exec", "--wait", "greet"]
    try:
        done = subprocess.run(
            command, stdin=reader, capture_output=True, text=True, env=lab.environ, timeout=60, check=False
        )
    finally:
        os.close(reader)
        os.close(writer)
    assert (done.returncode, done.stdout) == (0, "hello\n")


def test_fifty_megabytes_of_output_end_like_any_other(lab: Project) -> None:
    with connect(lab.paths) as client:
        number = asked(client)
        worker = start(lab, lab.repos["app"], "sh: head -c 50000000 /dev/zero | tr '\\0' x", label="loud")
        told = answer(client, number)
    assert ended(lab, worker)["outcome"] == "succeeded"
    assert "xxx" in lab.run("result", worker["id"])
    assert "xxx" in lab.run("logs", worker["id"])
    assert told["after"] == worker["id"]
    assert len(told["text"]) < 1000


def test_workers_from_before_there_were_leases_are_run_again_with_one(lab: Project, tmp_path: Path) -> None:
    gate, app = Gate(tmp_path), str(lab.repos["app"])
    thread = ended(lab, start(lab, lab.repos["app"], "greet"))["thread"]
    lab.run("down")
    spec = m.WorkerSpec(label="old", task="greet", cwd=app, scope="edit")
    journal = Journal.open(lab.paths.journal)
    for event in (
        e.WorkerQueued(id="W900", spec=spec),
        e.JobStarting(id="W900"),
        e.JobStarted(id="W900", pid=1, host_pid=1),
        e.JobExited(id="W900", outcome=m.Outcome.SUCCEEDED, code=0, thread=thread),
    ):
        journal.append(e.encode(event), time.time())
    journal.commit()
    journal.close()
    orders.write(lab.paths, "W900", f"TASK: sh: {gate.wait}", None)
    lab.run("up")
    again, more = lab.call("rerun", id="W900"), lab.call("resume", id="W900", text="greet")
    assert (again["id"], again["paths"], again["scope"], again["parent"]) == ("W901", [app], "edit", "W900")
    assert (more["paths"], more["waits_for"]) == ([app], ["W901"])
    gate.open()
    assert [ended(lab, one)["outcome"] for one in (again, more)] == ["succeeded", "succeeded"]


def test_a_worker_whose_files_are_gone_cannot_be_run_again_and_that_is_said(lab: Project) -> None:
    old = start(lab, lab.repos["app"], "greet")
    ended(lab, old)
    (lab.paths.worker(old["id"]) / "prompt.md").unlink()
    with pytest.raises(NotFound, match=f"what {old['id']} was told is not there any more"):
        lab.call("rerun", id=old["id"])
