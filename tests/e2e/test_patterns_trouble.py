"""Runs of patterns when something goes wrong: a worker, a person who changes their mind, kill -9, bad input."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.patternlab import entries, labs, one_step_at_a_time, play, result_of, told
from tests.e2e.project import Project
from tests.e2e.refusals import refused
from tests.reaping import processes_of
from tests.waiting import until
from tmuxorch.codex.appserver import PROMPT_LIMIT
from tmuxorch.core import results
from tmuxorch.errors import ConfigError, UsageError

RELAY = """\
title: One passes it on to the next
parameters:
  first: {about: A gate, max: 1}
  second: {about: A gate, max: 1}
  third: {about: A gate, max: 1}
steps:
  - {name: one, role: free, task: "Pass {{first}}"}
  - {name: two, role: implementer, edit: true, needs: [one], task: "Pass {{second}}"}
  - {name: three, role: free, needs: [two], answer: brief, task: "Sum up behind {{third}}"}
"""

GIT = """\
#!/bin/sh
# git, which does nothing as long as somebody holds it.
if test -e "$HELD"; then : > "$HELD.waits"; fi
while test -e "$HELD"; do sleep 0.02; done
PATH=${PATH#*:} exec git "$@"
"""


@pytest.fixture(scope="module")
def lab(_session_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project that is up, has a pattern of its own, and a git that can be held."""
    directory = tmp_path_factory.mktemp("l")
    with labs(directory) as project:
        (directory / "git").write_text(GIT)
        (directory / "git").chmod(0o700)
        path = f"{directory}:{project.environ['PATH']}"
        project.environ |= {"PATH": path, "HELD": str(directory / "held")}
        pattern(project, "relay", RELAY)
        project.run("up")
        yield project


def pattern(lab: Project, name: str, text: str) -> Path:
    """A pattern of the project's own."""
    file = lab.directory / "tmuxorch" / "patterns" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_what_one_of_several_does_not_find_is_missing_in_the_result(lab: Project) -> None:
    lenses = ["--lens=clarity", "--lens=risks", "--lens=tests"]
    played = play(lab, "A", "half", f"--cd={lab.directory / 'repos'}", *lenses)
    one_step_at_a_time(lab, played)
    assert (played.code, played.run["outcome"]) == (0, "succeeded"), played.err
    ((_, lost, _), (synthesis,)) = played.workers
    found = result_of(lab, played.id)
    assert [one.file for one in found.findings] == ["clarity.py", "tests.py"]
    (missing,) = found.missing
    assert (missing.worker, missing.about) == (lost, "risks")
    assert "Bad request (scripted)." in missing.problem
    assert f"- {lost} (risks): failed: " in played.out.partition("## What is missing\n")[2]
    assert told(lab, synthesis)[1]["missing"][0]["worker"] == lost
    sarif = lab.run("result", played.id, "--sarif")
    assert '"executionSuccessful": false' in sarif
    assert entries(lab, played.id) == 1


def test_a_step_in_which_nobody_came_to_anything_is_the_end(lab: Project) -> None:
    played = play(lab, "A", "nothing", f"--cd={lab.directory / 'repos'}", "--lens=clarity", "--lens=risks")
    one, _ = played.workers[0]
    assert played.workers[1:] == [[]]
    assert (played.code, played.run["outcome"]) == (1, "failed")
    assert played.run["reason"].startswith(f"step review: {one} failed: ")
    assert "Bad request (scripted)." in played.run["reason"]
    assert [step["status"] for step in played.run["steps"]] == ["failed", "pending"]
    assert (
        lab.run("result", played.id)
        == f"{played.id} came to no result: {played.run['reason']}\n"
        == played.out
    )
    assert played.err.count("Bad request") == 0, "it is told once"
    assert lab.ask("result", played.id)["result"] is None
    assert entries(lab, played.id) == 1


def test_a_run_that_is_stopped_is_cancelled_with_its_workers(lab: Project) -> None:
    words = ("pattern", "run", "A", "for ever", f"--cd={lab.directory / 'repos'}")
    run = lab.run(*words, "--lens=clarity", "--lens=risks").strip()
    workers = lab.call("status")["patterns"][-1]["steps"][0]["workers"]

    def sleeping() -> int:
        return list(processes_of(lab.directory).values()).count("sleep 54321")

    until(lambda: sleeping() == 2, what="both at work")
    refused(lab, "result", run, status=3, says=f"{run} still runs", hint=f"tmuxorch wait {run}")
    stopped = lab.ask("stop", run)
    assert sleeping() == 0
    assert (stopped["id"], stopped["state"], stopped["outcome"]) == (run, "ended", "cancelled")
    assert stopped["reason"].startswith("stopped by ")
    ends = {one["id"]: one["outcome"] for one in lab.call("status")["workers"] if one["id"] in workers}
    assert ends == dict.fromkeys(workers, "cancelled")
    assert [step["status"] for step in stopped["steps"]] == ["failed", "pending"]
    assert lab.run("wait", run, status=1).startswith(f"{run}  cancelled")
    assert lab.ask("stop", run) == stopped, "stopping twice is no error"
    assert entries(lab, run) == 1


def has_ended(lab: Project, worker: str) -> bool:
    """Whether nothing of it runs, whoever knows it."""
    return (lab.paths.worker(worker) / "exit.json").exists()


def test_a_run_goes_on_whenever_the_controller_is_killed(lab: Project, tmp_path: Path) -> None:
    """At work; between two steps; while a step is prepared; before the result."""
    gates = {name: tmp_path / name for name in ("first", "second", "third")}
    held = Path(lab.environ["HELD"])
    given = [f"--set={name}={path}" for name, path in gates.items()]
    words = ("pattern", "run", "relay", "pass it on", f"--cd={lab.repos['backend']}", "--worktree", *given)
    run = lab.run(*words).strip()
    number = int(lab.call("status")["patterns"][-1]["steps"][0]["workers"][0][1:])
    one, two, three = (f"W{number + place}" for place in range(3))
    until(lambda: begun(lab, one), what="the first worker")
    lab.kill_controller()
    gates["first"].touch()
    until(lambda: has_ended(lab, one), what="the end of the first worker")
    assert not begun(lab, two)

    held.touch()
    lab.run("up")
    until(Path(f"{held}.waits").exists, what="the preparation of the second step")
    assert [event["id"] for event in lab.events("job_exited")][-1] == one
    assert not begun(lab, two)
    (left,) = {event["pid"] for event in lab.events("controller_started")[-1:]}
    os.kill(left, signal.SIGKILL)
    lab.paths.worker(two).mkdir()
    (lab.paths.worker(two) / "prompt.md").write_text("half of what it was to be to")
    held.unlink()

    lab.run("up")
    until(lambda: begun(lab, two), what="the second step")
    assert told(lab, two)[1]["texts"][0]["text"] == f"passed {gates['first']}"
    gates["second"].touch()
    until(lambda: begun(lab, three), what="the third step")
    lab.kill_controller()
    gates["third"].touch()
    until(lambda: has_ended(lab, three), what="the end of the third worker")
    assert not lab.paths.pattern(run).exists()

    assert lab.run("wait", run).startswith(f"{run}  succeeded")
    assert result_of(lab, run).brief == results.Brief(summary="All passed.", points=(), next_step="Go on.")
    steps = [event["workers"] for event in lab.events("step_begun") if event["pattern"] == run]
    assert steps == [[one], [two], [three]]
    for kind in ("worker_queued", "job_starting", "job_exited"):
        seen = Counter(event["id"] for event in lab.events(kind))
        assert [seen[worker] for worker in (one, two, three)] == [1, 1, 1], kind
    assert [event["id"] for event in lab.events("pattern_ended")].count(run) == 1
    assert entries(lab, run) == 1


def begun(lab: Project, worker: str) -> bool:
    """Whether it is known that it runs, or ran."""
    return worker in [event["id"] for event in lab.events("job_started")]


WRONG: list[tuple[str, dict[str, object], str, str]] = [
    ("A", {"given": {"lens": ["clarty", "risks"]}}, "no lens 'clarty'", "did you mean 'clarity'?"),
    ("A", {"given": {"lense": ["risks"]}}, "review: there is no parameter 'lense'", "did you mean 'lens'?"),
    ("A", {"given": {"section": ["a"]}}, "review: there is no parameter 'section'", "there are: lens"),
    ("A", {"given": {"lens": [*"abcde"]}}, "lens: expected 2 to 4 values, got 5", "a reviewer for each"),
    ("A", {"given": {"lens": ["risks", " "]}}, "review: lens: a value is empty", "a reviewer for each"),
    ("D", {}, "sections: section: expected 2 to 16 values, got 0", "a worker for each"),
    ("A", {"task": "x" * PROMPT_LIMIT}, "characters, Codex takes ", "Pointers"),
    ("A", {"task": " \n"}, "the task is empty", "tmuxorch pattern run review"),
    ("A", {"worktree": True}, "nobody edits in the pattern review: --path and --worktree", "show review"),
    ("C", {"paths": ["../up"]}, "--path: ../up is not below ", "--path P"),
    ("C", {"worktree": True}, "repos is in no git repo", "git init"),
    ("C", {"cd": "/nowhere"}, "there is no directory /nowhere", ""),
    ("C", {"context": {"Gaol": "y"}}, "there is no context 'Gaol'", "did you mean 'Goal'?"),
]
"""What is refused before anything has begun."""


def test_what_cannot_be_run_begins_nothing_and_says_why(lab: Project) -> None:
    before = lab.call("status")
    usual = {"task": "x", "cd": str(lab.directory / "repos")}
    for name, params, says, hint in WRONG:
        with pytest.raises(UsageError) as caught:
            lab.call("pattern_run", **usual | {"name": name} | params)
        assert says in caught.value.message
        assert hint in (caught.value.hint or ""), caught.value
    run, place = ("pattern", "run"), f"--cd={lab.directory / 'repos'}"
    refused(
        lab, *run, "reviev", "x", place, status=2, says="no pattern 'reviev'", hint="did you mean 'review'?"
    )
    refused(lab, *run, "A", "x", "--path=a", status=2, says="nobody edits in the pattern review", hint="show")
    refused(
        lab,
        *run,
        "A",
        "x",
        "--set=lens",
        status=2,
        says="lens is not NAME=TEXT",
        hint="tmuxorch pattern show A",
    )
    refused(lab, *run, "A", "x", "--lens=risks", status=2, says="expected 2 to 4 values, got 1", hint="each")
    refused(lab, "result", "P99", status=5, says="P99", hint="tmuxorch ls")
    after = lab.call("status")
    assert (after["patterns"], after["workers"]) == (before["patterns"], before["workers"])


def test_a_pattern_of_the_projects_own_says_where_it_is_wrong(lab: Project) -> None:
    file = pattern(lab, "mine", RELAY.replace("role: implementer", "role: implementor"))
    says = f"{file}, line 8: steps[1].role: there is no role 'implementor'"
    refused(lab, "pattern", "run", "mine", "x", status=2, says=says, hint="did you mean 'implementer'?")
    assert f"mine        {says}" in lab.run("pattern", "ls")
    for text, problem in (
        ("title: [\n", "line 2: not valid YAML"),
        (RELAY.replace("answer: brief", "answer: notes"), "line 9: steps[2].answer: the last step"),
        (RELAY.replace("max: 1}\nsteps", "max: 99}\nsteps"), "line 5: parameters.third: expected 1 <= min"),
    ):
        file.write_text(text)
        with pytest.raises(ConfigError, match=re.escape(f"{file}, {problem}")):
            lab.call("pattern", name="mine")
    file.unlink()
    lines = lab.run("pattern", "show", "relay").splitlines()
    assert "  2  two    implementer  edits  after one  answers: text" in lines
