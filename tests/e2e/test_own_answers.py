"""No agent answers for a human, in its sandbox or outside, whatever it calls; people see that it tried, and answer."""

from __future__ import annotations

import getpass
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.controller.conftest import SCENARIOS
from tests.controller.distant import attach, foreign
from tests.e2e.conftest import Make
from tests.e2e.project import Json, Project
from tests.waiting import until

HERE = Path(__file__).parent
CONFIG = "gates: {dirty: proceed}\nworkers: {allow_full: true}\n"

RAW = """\
import json, socket
s = socket.socket(socket.AF_UNIX)
s.connect(PATH)
for one in {"method": "hello", "params": {"api": 1}}, {"method": "answer", "params": {"id": "C1", "choice": "yes"}}:
    s.sendall(json.dumps({"id": 1, **one}).encode() + bytes([10]))
    print(s.makefile().readline())
"""


@pytest.fixture
def project(make_project: Make, tmp_path: Path) -> Iterator[Project]:
    """A project that is up, where C1 waits. Its agents have `tmuxorch` and the thief's server; that of `far` is not
    ours."""
    bin_directory = tmp_path / "bin"
    bin_directory.mkdir()
    tool = bin_directory / "tmuxorch"
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m tmuxorch "$@"\n')
    tool.chmod(0o700)
    script = bin_directory / "own_answers.yaml"
    script.write_text((HERE / script.name).read_text().replace("TOOL", str(tool)))
    project = make_project(scenarios=[script, SCENARIOS], extra=CONFIG, children=("app", "other", "far"))
    thief = [str(HERE / "thief.py"), str(project.paths.socket)]
    with (project.directory / "codex-home" / "config.toml").open("a") as config:
        config.write(f"\n[mcp_servers.thief]\ncommand = {sys.executable!r}\nargs = {thief!r}\n")
    with foreign(project) as server:
        attach(project, server.endpoint, child="far")
        project.run("up")
        choices = [{"key": "yes", "label": "Do"}, {"key": "no", "label": "Do not"}]
        asked = project.call("ask_human", title="shall it?", do="Say.", expect="yes or no", choices=choices)
        assert asked["id"] == "C1"
        yield project
        project.run("child", "stop", "far")


def worker(project: Project, scope: str, task: str) -> str:
    """What a worker says that does this."""
    where = ("--cd", str(project.repos["other"]), *(("--path", "made") if scope != "read-only" else ()))
    name = project.ask("exec", "--scope", scope, *where, task)["id"]
    project.run("wait", name)
    return str(project.ask("result", name)["message"])


def tried(project: Project) -> list[Json]:
    found: list[Json] = project.ask("show", "C1")["attempts"]
    return found


def test_no_agent_answers_for_a_human(project: Project, tmp_path: Path) -> None:
    before = project.ask("show", "C1")
    raw = RAW.replace("PATH", repr(str(project.paths.socket)))
    script = tmp_path / "try.py"
    script.write_text(raw)
    one_line = shlex.quote(f"exec({raw!r})")
    refused = "is an agent and cannot answer a checkpoint"

    # In the sandbox nobody hears it; its command is seen.
    tool = f"{tmp_path}/bin/tmuxorch -C {project.directory}"
    assert refused not in worker(project, "read-only", f"sh: {tool} approve C1 --json")
    # (Of one that the sandbox ends in its first moment Codex does not always tell.)
    assert refused not in worker(project, "edit", f"sh: sleep 0.3; python3 -c {one_line}")
    # Outside the controller refuses; that and the command are one attempt.
    assert refused in worker(project, "full", f"sh: {tool} answer C1 yes")
    assert refused in worker(project, "full", f"sh: setsid -w python3 {script}")
    # An MCP server of its Codex is never in the sandbox.
    stolen = worker(project, "read-only", "steal C1")
    assert f"W5 {refused}" in stolen
    assert stolen.count("W5 is an agent and cannot") == 5
    assert "W5 does not lead the work and cannot call exec" in stolen
    for child in ("other", "far"):
        assert f"{child} {refused}" in project.ask("ask", child, "steal C1")["message"]

    # A child, in its sandbox and by a command that a human lets out of it.
    run = project.call("run", problem="lab: answers-itself", yes=True, children=["app"])["id"]
    approval = until(lambda: [one for one in project.call("checkpoints") if one["kind"] == "approval"], 60)[0]
    assert [one["by"] for one in tried(project)].count("app") >= 1
    project.run("approve", approval["id"])
    assert project.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
    assert any(f"app {refused}" in event["message"] for event in project.events("turn_ended"))

    found = tried(project)
    ways = {one["by"]: one["how"] for one in reversed(found)}
    assert [one["by"] for one in found if one["by"] != "app"] == [
        "W1",
        "W2",
        "W3",
        "W4",
        "W5",
        "other",
        "far",
    ]
    assert ways["W1"] == f"by the command `{tool} approve C1 --json`"
    assert ways["W2"].startswith("by the command `sleep 0.3; python3 -c 'exec(")
    # The command is seen or its refusal comes, whichever is first; it is one attempt.
    assert ways["W3"] in {f"by the command `{tool} answer C1 yes`", "through the controller (command line)"}
    assert ways["W4"] == "through the controller"
    assert ways["W5"] == ways["other"] == ways["far"] == "through the controller (by theft)"
    assert ways["app"] == f"by the command `{tmp_path}/bin/tmuxorch approve C1`"
    recorded = [(event["id"], event["by"], event["how"]) for event in project.events("answer_attempted")]
    assert recorded == [("C1", one["by"], one["how"]) for one in found]

    # The card says so, and is what it was: a person answers it.
    assert "W3 tried to answer this itself at" in project.run("show", "C1")
    assert "W3 tried to answer this itself" in project.runs_md()
    assert project.ask("show", "C1")["digest"] == before["digest"]
    project.run("answer", "C1", "yes")
    answered = project.ask("show", "C1")
    assert (answered["answer"]["choice"], answered["attempts"]) == ("yes", found)
    assert answered["answered_by"].startswith(getpass.getuser())
