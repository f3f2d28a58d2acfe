"""Commands about workers without a controller: what they print for people and for programs, and what they refuse."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from tests.cli.command import environment
from tests.cli.conftest import Run
from tmuxorch.cli import render
from tmuxorch.controller import orders
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.pattern import Pattern, Step
from tmuxorch.core.text import width
from tmuxorch.ledger import public_workers
from tmuxorch.store.journal import Journal
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.store.templates import Templates

REVIEW = Pattern(
    name="review",
    title="Triangulated review",
    about="",
    steps=(Step(name="look", role="reviewer", task="x"), Step(name="brief", role="free", task="x")),
)


def recorded(project: Path, *events: e.Event) -> ProjectPaths:
    """A project in whose journal this is, and whose controller is gone."""
    paths = ProjectPaths(project)
    paths.ensure()
    journal = Journal.open(paths.journal)
    for event in events:
        journal.append(e.encode(event), time.time())
    journal.commit()
    journal.close()
    return paths


def queued(number: int, label: str = "free", **spec: object) -> e.WorkerQueued:
    given = {"label": label, "task": "Do it", "cwd": "/repos/app"} | spec
    return e.WorkerQueued(id=f"W{number}", spec=m.WorkerSpec(**given))  # type: ignore[arg-type]


def started(number: int) -> tuple[e.Event, e.Event]:
    name = f"W{number}"
    return e.JobStarting(id=name), e.JobStarted(id=name, pid=2, host_pid=1)


def exited(number: int, outcome: m.Outcome = m.Outcome.SUCCEEDED, **more: object) -> e.JobExited:
    return e.JobExited(id=f"W{number}", outcome=outcome, **more)  # type: ignore[arg-type]


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    """A project with workers and patterns in many states."""
    spec = m.PatternSpec(pattern=REVIEW, task="Look at it", cwd="/repos/app")
    tree = m.WorkerPlace(repo="/repos/it's", path="/state/W5/it's", branch="tmuxorch/W5", base="b" * 40)
    found = recorded(
        tmp_path,
        queued(1, role="scout"),
        *started(1),
        exited(1, code=0, thread="t1", tokens=m.Tokens(12000, 0, 345)),
        queued(
            2, "implementer", role="implementer", scope="edit", lease=("/repos/app/src", "/repos/app/it's")
        ),
        *started(2),
        queued(3, "implementer", role="implementer", scope="edit", lease=("/repos/app",)),
        queued(4),
        *started(4),
        e.WorkerPutBack(
            id="W4", kind=m.Kind.AGAIN, reason="at capacity\nsay it", earliest=time.time() + 3600
        ),
        queued(5, scope="edit", cwd="/repos/it's/docs", lease=("/state/W5/it's",), worktree=True),
        e.JobStarting(id="W5"),
        e.WorkerPlaced(id="W5", place=tree),
        e.JobStarted(id="W5", pid=2, host_pid=1),
        exited(
            5, m.Outcome.FAILED, code=1, reason="no\x1b[31m", changed=("docs/a",), violations=("漢" * 40, "b")
        ),
        e.PatternStarted(id="P1", spec=spec),
        e.StepBegun(pattern="P1", workers=()),
        e.PatternEnded(id="P1", outcome=m.PatternOutcome.SUCCEEDED, summary="6 findings, 3 of them serious"),
        e.PatternStarted(id="P2", spec=spec),
        queued(6, scope="full", lease=("/",)),
    )
    orders.write(found, "W1", "TASK: Do it", None)
    (found.worker("W1") / "last_message.md").write_text("All is well.\n")
    found.pattern("P1").mkdir(parents=True)
    (found.pattern("P1") / "result.md").write_text("# Review\n")
    (found.pattern("P1") / "result.json").write_text('{"findings": []}')
    return found


@pytest.mark.usefixtures("paths")
def test_ls_says_who_writes_what_who_waits_for_whom_and_what_went_wrong(run: Run) -> None:
    *_, one, two, three, four, five, six = run("ls").out.splitlines()
    assert one.split() == ["W1", "succeeded", "0", "s", "12.3k", "tokens", "scout", "free"]
    assert two.endswith("implementer  implementer  writes src, it's")
    assert three.endswith("implementer  implementer  writes . · waits for W2")
    assert "  tried again in 59 min: at capacity · try 2" in four
    assert five.endswith(f"changed outside of its paths: b, {'漢' * 40}")
    assert six.endswith("writes everywhere · waits for W2, W3")


@pytest.mark.usefixtures("paths")
def test_programs_are_told_all_of_it_in_the_public_form(run: Run) -> None:
    found = msgspec.convert(run("ls", "--json").json, list[public_workers.Worker])
    assert [worker.id for worker in found] == ["W1", "W2", "W3", "W4", "W5", "W6"]
    _, two, three, four, five, six = found
    assert (two.state, two.paths, two.scope) == ("running", ("/repos/app/src", "/repos/app/it's"), "edit")
    assert (three.state, three.waits_for, three.started) == ("queued", ("W2",), None)
    assert (four.attempts, four.reason, four.retry_at is None) == (2, "at capacity\nsay it", False)
    assert (five.cwd, five.worktree, five.branch) == ("/state/W5/it's/docs", "/state/W5/it's", "tmuxorch/W5")
    assert five.violations == ("b", "漢" * 40)
    assert five.merge[-1] == "git -C '/repos/it'\"'\"'s' worktree remove '/state/W5/it'\"'\"'s'"
    assert six.waits_for == ("W2", "W3")
    ended, begun = msgspec.convert(run("status", "--json").json["patterns"], list[public_workers.PatternRun])
    assert (ended.state, ended.outcome, ended.summary) == (
        "ended",
        "succeeded",
        "6 findings, 3 of them serious",
    )
    assert [step.status for step in begun.steps] == ["in_progress", "pending"]


@pytest.mark.usefixtures("paths")
def test_results_of_workers_and_patterns(run: Run) -> None:
    assert run("result", "W1").out == "All is well.\n"
    told = run("result", "W1", "--json").json
    assert set(told) == {"worker", "message", "path"}
    assert Path(told["path"]).read_text().strip() == told["message"] == "All is well."
    assert run("result", "P1").out == "# Review\n"
    told = run("result", "P1", "--json").json
    assert (told["pattern"]["id"], told["message"], told["result"]) == ("P1", "# Review", {"findings": []})
    failed = run("result", "W5")
    assert failed.code == 0
    assert "W5 changed outside of its paths: " in failed.err
    assert "to merge what W5 did, type:\n  git -C " in failed.err
    for name, code in (("W2", 3), ("W3", 3), ("P2", 3), ("W9", 5), ("P9", 5), ("../x", 5)):
        assert (name, run("result", name).code) == (name, code)
    assert run("result", "P2", "--json").error["message"] == "P2 had not ended when the controller did"


def on_a_terminal(project: Path, columns: int, *words: str) -> list[str]:
    """The lines of a command whose stdout is a terminal of that many columns."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    command = [sys.executable, "-m", "tmuxorch", *words]
    with subprocess.Popen(
        command,
        cwd=project,
        env=environment() | {"NO_COLOR": "1"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        said = b""
        while chunk := _read(ours):
            said += chunk
    os.close(ours)
    assert process.returncode == 0, said
    return said.decode().replace("\r", "").splitlines()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # nobody has the other end any more
        return b""


@pytest.mark.parametrize("columns", [80, 200])
def test_on_a_terminal_every_line_of_ls_fits(paths: ProjectPaths, columns: int) -> None:
    lines = on_a_terminal(paths.project, columns, "ls")
    assert max(map(width, lines)) <= columns
    assert [line.split()[0] for line in lines if line[0] in "WP"] == [
        *("P1", "P2", "W1", "W2", "W3", "W4", "W5", "W6")
    ]
    assert [line for line in lines if line.endswith("…")] == [
        line for line in lines if "漢" in line and columns == 80
    ]
    assert sum("waits for W2" in line for line in lines) == 2
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize(
    ("paths_", "cwd", "said"),
    [
        (["/r/a"], "/r/a", "writes ."),
        (["/r/a/src", "/r/a/b.txt"], "/r/a", "writes src, b.txt"),
        (["/r/a/..src"], "/r/a", "writes ..src"),
        (["/"], "/r/a", "writes everywhere"),
        (["/home/me/state/W1/a"], "/r/a", "writes ~/state/W1/a"),
        ([], "/r/a", ""),
    ],
)
def test_what_a_worker_may_write_is_said_as_it_is_called_there(
    paths_: Sequence[str], cwd: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    worker = {"state": "queued", "paths": paths_, "cwd": cwd}
    assert render.worker_note(worker) == said
    assert render.worker_note(worker | {"state": "exited"}) == ""


STRICT = {
    "type": "object",
    "properties": {"answer": {"type": "integer"}},
    "required": ["answer"],
    "additionalProperties": False,
}


def test_show_prompt_needs_no_controller_and_starts_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pack.md").write_text("Goal: all of it\n")
    (tmp_path / "strict.json").write_text(json.dumps(STRICT))
    options = ("--role", "reviewer", "--lens", "timeouts", "--context", "pack.md", "--schema", "strict.json")
    shown = run("exec", "--show-prompt", *options, "--scope", "edit", "--path", "src", "Look")
    asked = orders.Prompt(
        task="Look",
        role="reviewer",
        scope="edit",
        paths=("src",),
        lens="timeouts",
        context={"Goal": "all of it"},
        schema=STRICT,
    )
    assert shown.out == orders.built(Templates(tmp_path, os.environ), asked) + "\n"
    assert run("exec", "--show-prompt", "--json", "Look").json["prompt"].startswith("CONTEXT: WORKER\n")
    assert not ProjectPaths(tmp_path).state.exists()


ROLE = "do: Count {what}.\noutput: A number.\n"


def test_the_projects_roles_count_before_the_users_and_those_before_ours(
    run: Run, tmp_path: Path, home: Path
) -> None:
    def told(role: str) -> str:
        return run("exec", "--show-prompt", "--role", role, "x").out

    user, project = home / "config" / "tmuxorch" / "roles", tmp_path / "tmuxorch" / "roles"
    for directory in (user, project):
        directory.mkdir(parents=True)
    (user / "counter.yaml").write_text(ROLE.format(what="sheep"))
    (user / "scout.yaml").write_text(ROLE.format(what="the ways"))
    assert "DO: Count sheep." in told("counter")
    (project / "counter.yaml").write_text(ROLE.format(what="goats"))
    assert "DO: Count goats." in told("Counter")
    assert "DO: Count the ways." in told("scout")
    (project / "broken.yaml").write_text("do: x\n")
    done = run("exec", "--show-prompt", "--role", "broken", "x")
    assert (done.code, "broken.yaml" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "says", "hint"),
    [
        (("--role", "reviwer"), "reviwer", "reviewer"),
        (("--lens", "timeout"), "timeout", "timeouts"),
        (("--context", "missing.md"), "missing.md", ""),
        (("--context", "Gaol=x"), "Gaol", "Goal"),
        (("--schema", "missing.json"), "missing.json", ""),
        (("--schema", "list.json"), "is not a JSON object", ""),
        (("--schema", "deep.json"), "cannot be read as JSON", ""),
        (("--schema", "loose.json"), "$: additionalProperties is not false", ""),
        (("--cd", "missing"), "there is no directory missing", ""),
        (("--scope", "everything"), "everything", "full"),
    ],
)
def test_what_cannot_be_asked_of_a_worker_is_said_before_anything_is_started(
    run: Run, tmp_path: Path, words: Sequence[str], says: str, hint: str
) -> None:
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "loose.json").write_text(json.dumps(STRICT | {"additionalProperties": True}))
    done = run("exec", *words, "x", "--json")
    assert done.code == 2
    assert says in done.error["message"]
    assert hint in done.error["message"] + done.error["hint"]
    assert not ProjectPaths(tmp_path).state.exists()
