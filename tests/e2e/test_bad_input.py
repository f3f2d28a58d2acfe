"""What a person or a lead can get wrong: each is a clear error, and nothing is lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.e2e.conftest import Make
from tests.e2e.project import Json, Project
from tests.e2e.refusals import nothing_was_begun, refused
from tests.waiting import until
from tmuxorch.codex.appserver import PROMPT_LIMIT

HERE = Path(__file__).parent

CONFIGURATIONS = [
    ("[{name: a, path: repos/none}]", "the path of child a is not there: ", "tmuxorch child rm a"),
    ("[{name: a, path: repos}]", "the path of child a is not a git repo: ", "git init "),
    ("[{name: a, path: orchestrator.config.yaml}]", "is not a directory: ", "tmuxorch child rm a"),
    ("[{name: a, path: repos/a/src}]", "inside a git repo and not its top: ", "/repos/a"),
    ("[{name: a, path: repos/a}, {name: a, path: repos/b}]", "two children are named a", "a name of its own"),
    ("[{name: a, path: repos/a}, {name: b, path: ./repos/a}]", "a and b are the same repo", "rm b"),
    ("[{name: a, path: repos/a}, {name: in, path: repos/a/in}]", "one lies inside the other: ", "rm in"),
    ("[{name: human, path: repos/a}]", "a child cannot be named human: ", "config validate"),
    ("[{name: a, path: repos/a]", "line 1: not valid YAML: ", "tmuxorch config validate"),
    (
        "[{name: a, path: repos/a, test: [x]}]",
        "unknown key children[].test; the nearest known key is tests",
        "keys",
    ),
    (
        "[{name: a, path: 7}]",
        "line 1: children[0].path: Expected `str`, got `int`",
        "tmuxorch config validate",
    ),
]


def test_a_configuration_that_cannot_be_used_begins_nothing(make_project: Make) -> None:
    project = make_project(children=("a", "b"))
    (project.repos["a"] / "src").mkdir()
    subprocess.run(["git", "init", "-q", project.repos["a"] / "in"], check=True)
    usual = project.config.read_text()
    others = usual[usual.index("codex:") :]
    for children, says, hint in CONFIGURATIONS:
        project.config.write_text(f"children: {children}\n{others}")
        refused(project, "up", status=2, says=says, hint=hint)
    project.config.write_bytes(b"children: []\n# \xff")
    refused(project, "run", "p", status=2, says="is not UTF-8 (byte 15)", hint="config validate")
    project.config.write_text(usual)
    refused(
        project, "run", "p", "c=repos/none", status=2, says="path of child c is not there", hint="a git repo"
    )
    refused(
        project, "child", "add", "a", "repos/b", status=3, says="the child a is repos/a", hint="child rm a"
    )
    assert project.config.read_text() == usual
    nothing_was_begun(project)


UNKNOWN = (
    *(("show", "C99"), ("approve", "C99"), ("answer", "C99", "yes"), ("result", "W99"), ("wait", "W99")),
    *(("stop", "W99"), ("logs", "W99"), ("rerun", "W99"), ("resume", "W99", "go on"), ("cancel", "R99")),
    *(("report", "R99"), ("ask", "c", "how?"), ("steer", "c", "so!"), ("interrupt", "c"), ("tui", "c")),
    *(("child", "start", "c"), ("child", "stop", "c"), ("child", "restart", "c"), ("child", "rm", "c")),
)


def test_a_lead_whose_plans_are_wrong_and_a_human_who_breaks_one(make_project: Make) -> None:
    project = make_project(
        scenarios=[HERE / "bad_plans.yaml", HERE / "slow.yaml"],
        children=("a",),
        extra="limits: {plan_repairs: 2}\n",
    )
    assert project.run("run", "make it good", "--detach") == "R1\n"
    point = project.next("failure")
    assert point["title"] == "the lead gave no plan that can be executed, in 3 tries"
    assert "item 1: unknown owner 'nobody'; the children are: a" in point["body"]
    told = [list(event["problems"]) for event in project.events("plan_refused")]
    assert told[0][0].startswith("the answer is not the JSON asked for: ")
    assert told[1] == ["the dependencies go in a circle: 1 → 2 → 1"]
    project.run("answer", point["id"], "instruct", "begin at the beginning")
    gate = project.next("plan")
    before = len(project.events())
    _not_now(project, point["id"])
    _not_like_this(project)
    assert len(project.events()) == before, "what is refused changes nothing"
    _not_yet(project)
    _broken_plan(project, gate)
    until(project.has_ended, 30, "the end of R1")
    assert project.run_object()["outcome"] == "succeeded"
    assert "I did the thing as mended." in project.run("report")


def _not_now(project: Project, answered: str) -> None:
    """What does not exist, and what is not possible in this state."""
    for words in UNKNOWN:
        refused(project, *words, status=5, says=words[-1] if words[0] == "child" else words[1])
    refused(
        project, "run", "another", status=3, says="R1 is still in its phase gate", hint="tmuxorch cancel R1"
    )
    again = ("answer", answered, "retry")
    refused(project, *again, status=3, says="was answered already, by ", hint=f"tmuxorch show {answered}")
    refused(project, "child", "rm", "a", status=3, says="a takes part in R1", hint="tmuxorch cancel R1")
    refused(project, "steer", "a", "faster", status=3, says="a has no active turn", hint="tmuxorch ask a")
    refused(project, "next", "--after", "C2", "--timeout", "0.05", status=4, says="not within 0.05 s")


def _not_like_this(project: Project) -> None:
    """Words that cannot be taken; nothing of them is left."""
    long = "x" * (PROMPT_LIMIT + 1)
    too_long = f"characters, Codex takes {PROMPT_LIMIT}"
    refused(project, "exec", " ", status=2, says="the task is empty", hint="tmuxorch exec")
    refused(
        project,
        "exec",
        "--cd",
        "no/where",
        "x",
        status=2,
        says="there is no directory no/where",
        hint="ls ",
    )
    refused(
        project,
        "exec",
        "--role",
        "boss",
        "x",
        status=2,
        says="there is no role 'boss'",
        hint="there are: free",
    )
    refused(
        project,
        "exec",
        "--scope",
        "full",
        "x",
        status=3,
        says="takes every sandbox away",
        hint="--yes-really-full",
    )
    refused(project, "exec", "-", status=2, says=too_long, hint="Pointers", stdin=long)
    refused(project, "ask", "a", "-", status=2, says=too_long, hint="file", stdin=long)
    refused(project, "steer", "a", "-", status=2, says=too_long, hint="file", stdin=long)
    refused(project, "run", "-", status=2, says="the problem has ", hint="file", stdin=long)
    refused(
        project,
        "exec",
        "-",
        status=2,
        says="too much for one request",
        hint="tmuxorch exec --help",
        stdin=long * 33,
    )
    refused(project, "ask", "a", "", status=2, says="there are no words", hint="tmuxorch ask")
    refused(project, "answer", "C2", status=2, says="C2 wants an answer: accept or ", hint="tmuxorch show C2")
    refused(project, "answer", "C2", "perhaps", status=2, says="C2", hint="tmuxorch show C2")
    assert list(project.paths.workers.iterdir()) == []


def _not_yet(project: Project) -> None:
    """What is only possible once a worker has ended."""
    worker = project.run("exec", "take your time").strip()
    refused(
        project,
        "wait",
        worker,
        "--timeout",
        "0.05",
        status=4,
        says=f"end of {worker}",
        hint="tmuxorch status",
    )
    refused(project, "result", worker, status=3, says=f"{worker} still runs", hint=f"tmuxorch wait {worker}")
    refused(project, "resume", worker, "go on", status=3, says=f"{worker} still runs", hint="tmuxorch wait")
    project.run("stop", worker)
    assert project.ask("result", worker)["worker"]["outcome"] == "cancelled"


def _broken_plan(project: Project, gate: Json) -> None:
    """An edit that is no plan cannot be accepted and stays where it is; once it is mended it is what is executed."""
    good = project.paths.plan.read_text()
    row = "| 1 | a |"
    for broken, says in (
        (good.replace(row, "| 1 | nobody |"), "item 1: unknown owner 'nobody'"),
        (
            good.replace(row, row + " |"),
            "line 19: expected 5 cells (Item, Owner, Dependencies, Status, Verif",
        ),
    ):
        project.paths.plan.write_text(broken)
        refused(project, "approve", gate["id"], status=3, says=says, hint="tmuxorch plan validate")
        refused(project, "plan", "validate", status=2, says=says, hint="tmuxorch plan edit")
        assert project.paths.plan.read_text() == broken
        assert project.run_object()["items"][0]["owner"] == "a", "the last good plan is in force"
    project.paths.plan.write_text(good.replace("the small thing", "the thing as mended"))
    assert project.ask("plan", "validate")["valid"]
    project.run("approve", gate["id"])
