"""The real `codex exec` and `codex sandbox`, run by the argv that we build."""

from __future__ import annotations

import sys
import tomllib
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from tests.codex.live import Bench, Server
from tests.codex.tinymodel import call, fail, patch, say, shell, tell
from tests.waiting import until
from tmuxorch.codex import execargs, items
from tmuxorch.codex.execstream import (
    ExecEvent,
    ExecSummary,
    ItemChanged,
    TodoList,
    parse_line,
)
from tmuxorch.codex.notifications import PlanStep, Usage


def events(output: bytes) -> list[ExecEvent]:
    return [parse_line(line) for line in output.splitlines(keepends=True)]


def summary(output: bytes) -> ExecSummary:
    return reduce(ExecSummary.after, events(output), ExecSummary())


def argv(bench: Bench, out: Path, **more: Any) -> list[str]:
    options: dict[str, Any] = {"cwd": bench.repo, "sandbox": "read-only", "last_message": out} | more
    return execargs.exec_new(bench.binary, **options)


def test_what_a_worker_does_can_be_read(bench: Bench, tmp_path: Path) -> None:
    steps = [
        shell("echo hi; exit 3"),
        patch("*** Add File: made.txt\n+hello\n"),
        call(
            "update_plan", plan=[{"step": "one", "status": "completed"}, {"step": "two", "status": "pending"}]
        ),
        say("the end"),
    ]
    words = argv(bench, tmp_path / "out", sandbox="workspace-write", untrusted=[bench.repo])
    done = bench.run([*words[:2], "-c", "tools.update_plan.enabled=true", *words[2:]], tell(*steps))
    seen = [event.item for event in events(done.stdout) if isinstance(event, ItemChanged)]

    assert done.returncode == 0
    command = items.CommandExecution(
        id="item_0",
        command="/bin/bash -lc 'echo hi; exit 3'",
        status="failed",
        aggregated_output="hi\n",
        exit_code=3,
    )
    change = items.FileUpdate(path=str(bench.repo / "made.txt"), kind="add")
    assert command in seen
    assert items.FileChange(id="item_1", changes=(change,), status="completed") in seen
    assert TodoList(steps=(PlanStep("one", "completed"), PlanStep("two", "pending"))) in seen
    told = summary(done.stdout)
    assert (told.outcome, told.message, told.error, told.junk) == ("completed", "the end", "", 0)
    assert told.usage == Usage(input=400, cached=160, output=80, reasoning=20)
    assert told.events == len(done.stdout.splitlines())
    assert (tmp_path / "out").read_text() == "the end"


def test_a_failed_turn_has_its_reason(bench: Bench, tmp_path: Path) -> None:
    done = bench.run(argv(bench, tmp_path / "out"), tell(fail(400, message="bad words")))
    told = summary(done.stdout)
    assert (done.returncode, told.outcome) == (1, "failed")
    assert "bad words" in told.error


def test_a_worker_is_resumed_in_its_directory_with_a_sandbox_of_its_own(own: Bench, tmp_path: Path) -> None:
    first = summary(own.run(argv(own, tmp_path / "1"), tell(shell("touch one"), say("first"))).stdout)
    words = execargs.exec_resume(
        own.binary,
        first.thread,
        sandbox="workspace-write",
        last_message=tmp_path / "2",
        untrusted=[own.repo],
    )
    before = own.config.read_text()
    second = summary(own.run(words, tell(shell("touch two"), say("second"))).stdout)

    assert (second.thread, second.message) == (first.thread, "second")
    assert second.usage.input == first.usage.input + 200  # of the whole thread
    assert not (own.repo / "one").exists()
    assert (own.repo / "two").exists()
    assert own.config.read_text() == before


def test_a_writing_worker_makes_no_directory_trusted(own: Bench, tmp_path: Path) -> None:
    """Left to itself, 0.163 writes a trust entry; what the user has decided is not overridden."""
    before = own.config.read_text()
    named = execargs.undecided(before, str(own.repo), str(own.repo))
    writes = tell(shell("touch made"), say("end"))
    own.run(argv(own, tmp_path / "out", sandbox="workspace-write", untrusted=named), writes)
    assert named == [str(own.repo)]
    assert (own.repo / "made").exists()
    assert own.config.read_text() == before

    quoted = execargs.toml_text(str(own.repo))
    decided = f'{before}\n[projects.{quoted}]\ntrust_level = "trusted"\n'
    assert execargs.undecided(decided, str(own.repo / "sub"), str(own.repo)) == []
    assert execargs.undecided("no = toml = at all", "/a", None) == []
    assert execargs.undecided("", "/a", None) == ["/a"]


def test_outside_git_and_with_a_schema(bench: Bench, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "properties": {}, "required": [], "additionalProperties": false}')
    words = argv(bench, tmp_path / "out", cwd=tmp_path, in_git=False, schema=schema, model="gpt-5.4")
    done = bench.run(words, tell(say("{}")))
    body = bench.model.requests[-1]
    assert summary(done.stdout).message == "{}"
    assert (body["model"], body["text"]["format"]["strict"]) == ("gpt-5.4", True)


CONNECT = """
import socket, sys
def tried(family, address):
    try:
        socket.socket(family).connect(address)
    except OSError as error:
        return error.errno
print([tried(socket.AF_INET, ("127.0.0.1", int(sys.argv[1]))), tried(socket.AF_UNIX, sys.argv[2])])
"""


def test_a_command_in_the_sandbox(own: Bench, server: Server, bench: Bench) -> None:
    """It may write in its directory and nowhere else, and reach nobody, whatever the user's config.toml
    allows."""
    loose = f'[sandbox_workspace_write]\nnetwork_access = true\nwritable_roots = ["{own.home}"]\n'
    own.config.write_text('sandbox_mode = "danger-full-access"\n' + loose + own.config.read_text())
    until(bench.socket.exists)
    port = own.model.url.split(":")[2].removesuffix("/v1")
    connect = f"{sys.executable} -c '{CONNECT}' {port} {bench.socket.resolve()}"
    done = own.run(
        execargs.sandboxed(
            own.binary, f"echo x > inside; touch /etc/out .git/x; {connect}; exit 7", cwd=own.repo
        )
    )
    assert done.returncode == 7
    assert (own.repo / "inside").exists()
    assert done.stderr.count(b"Read-only file system") == 2
    assert done.stdout == b"[1, 1]\n"


@pytest.mark.parametrize("text", ['a"b', "back\\slash", "tab\tnew\nline\x7f", "#{x} ünï 🎉"])
def test_toml_text(text: str) -> None:
    assert tomllib.loads(f"x = {execargs.toml_text(text)}") == {"x": text}
