"""`tmuxorch plan edit`: a copy in an editor, in force whole or not at all, and what has changed is shown."""

from __future__ import annotations

import json
import sys

from tests.controller.conftest import Begin
from tests.controller.test_checkpoints import answered, asked
from tests.controller.test_plan_edits import accepted, executed, plan
from tests.e2e.project import Json, Project
from tests.tmux.terminal import terminal
from tests.waiting import until


def editor(*replacements: str) -> dict[str, str]:
    """An editor that changes `old=>new` and saves."""
    script = "import sys,pathlib as p;f=p.Path(sys.argv[-1]);t=f.read_text();"
    for one in replacements:
        old, _, new = one.partition("=>")
        script += f"assert {old!r} in t;t=t.replace({old!r},{new!r});"
    return {"VISUAL": "", "EDITOR": f'{sys.executable} -c "{script}f.write_text(t)"'}


def edited(lab: Project, *replacements: str, status: int = 0) -> Json:
    found: Json = json.loads(lab.run("plan", "edit", "--json", env=editor(*replacements), status=status))
    return found


def test_plan_edit(lab: Project, begin: Begin) -> None:
    """At the gate of one run, one edit after the other."""
    run = begin("three-waits", gate=True)
    gate = asked(lab, "plan")
    _without_a_controller_the_file_is_written_and_counts_after_up(lab, gate)
    _an_edit_is_in_force_at_once_and_its_changes_are_shown(lab, gate)
    _a_broken_one_changes_nothing_and_the_next_one_goes_on_from_it(lab, gate)
    _one_can_be_begun_anew(lab)
    _on_a_terminal_one_may_mend_it_at_once(lab)
    _an_editor_that_fails_changes_nothing(lab)
    _what_changed_in_the_plan_meanwhile_stays(lab, run, gate)


def _without_a_controller_the_file_is_written_and_counts_after_up(lab: Project, gate: Json) -> None:
    lab.run("down")
    assert edited(lab, "`echo two`=>`echo duo`")["changes"][0] == "item 2: verification"
    assert edited(lab, "| 3 | app |=>| 3 | nobody |", status=2)["error"]["code"] == "plan"
    lab.run("plan", "edit", "--fresh", env={"VISUAL": "true"})
    lab.run("up")
    until(lambda: "echo duo" in lab.call("show", id=gate["id"])["body"], what="the edit")


def _an_edit_is_in_force_at_once_and_its_changes_are_shown(lab: Project, gate: Json) -> None:
    said = lab.run("plan", "edit", env=editor("echo duo=>echo zwei", "| 3 | app | 1 |=>| 3 | app | 2 |"))
    assert said.splitlines()[1:] == [
        "  item 2: verification",
        "    - echo duo",
        "    + echo zwei",
        "  item 3: depends 1 → 2",
    ]
    assert "`echo zwei`" in plan(lab)
    assert "echo zwei" in lab.call("show", id=gate["id"])["body"]
    assert edited(lab)["changes"] == []


def _a_broken_one_changes_nothing_and_the_next_one_goes_on_from_it(lab: Project, gate: Json) -> None:
    before = plan(lab)
    error = edited(lab, "| 3 | app |=>| 3 | nobody |", "Item 2: two=>Item 2: deux", status=2)["error"]
    assert error["message"].startswith("item 3: unknown owner 'nobody'")
    copy = lab.paths.state / "edit" / "plan.md"
    assert error["message"].endswith(f"\nthe edit is kept in {copy}")
    assert error["hint"] == "tmuxorch plan edit"
    assert (plan(lab), "nobody" in copy.read_text()) == (before, True)
    broken = edited(lab, "| 3 | nobody |=>| 3 |", status=2)["error"]["message"]
    line = next(n for n, row in enumerate(copy.read_text().splitlines(), 1) if row.startswith("| 3 |"))
    assert broken.startswith(f"plan.md line {line}: expected 5 cells")
    assert edited(lab, "| 3 | 2 |=>| 3 | app | 2 |")["changes"] == ["item 2: title two → deux"]
    assert not copy.exists()
    assert "item 2: deux (app, after 1)" in lab.call("show", id=gate["id"])["body"]


def _one_can_be_begun_anew(lab: Project) -> None:
    edited(lab, "| 3 | app |=>| 3 | nobody |", status=2)
    env = editor("`echo three`=>`echo tres`")
    assert "nobody" not in lab.run("plan", "edit", "--fresh", env=env)
    assert "`echo tres`" in plan(lab)


def _on_a_terminal_one_may_mend_it_at_once(lab: Project) -> None:
    script = lab.directory / "twice.py"
    script.write_text(
        "import sys,pathlib\nf=pathlib.Path(sys.argv[1])\nt=f.read_text()\n"
        "f.write_text(t.replace('nobody','app') if 'nobody' in t else t.replace('| 3 | app |','| 3 | nobody |'))\n"
    )
    words = [sys.executable, "-m", "tmuxorch", "-C", str(lab.directory), "plan", "edit"]
    environ = {**lab.environ, "VISUAL": f"{sys.executable} {script}", "TERM": "xterm"}
    with terminal(["env", *(f"{name}={value}" for name, value in environ.items()), *words]) as seen:
        until(lambda: b"Edit again?" in seen.seen, what="the question")
        assert b"unknown owner 'nobody'" in seen.seen
        seen.types(b"\n")
        until(lambda: b"nothing is another in the plan" in seen.seen, what="the end")


def _an_editor_that_fails_changes_nothing(lab: Project) -> None:
    before = plan(lab)
    for command, says in (
        ("false", "ended with exit code 1"),
        ("/no/such", "does not start"),
        ("'", "no command"),
    ):
        done = lab.start("plan", "edit", env={"VISUAL": command})
        _, err = done.communicate(timeout=30)
        assert (done.returncode in (1, 2), says in err) == (True, True), err
    lab.run("plan", "edit", "--fresh", env={"VISUAL": "true"})
    assert plan(lab) == before


def _what_changed_in_the_plan_meanwhile_stays(lab: Project, run: str, gate: Json) -> None:
    """The editor is open while somebody else edits plan.md, and while statuses are written into it."""
    go, script = lab.directory / "go", lab.directory / "slow.py"
    script.write_text(
        "import sys,pathlib,time\nf=pathlib.Path(sys.argv[1])\n"
        f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(.01)\n"
        "f.write_text(f.read_text().replace('`echo zwei`','`echo dos`'))\n"
    )
    slow = lab.start("plan", "edit", "--json", env={"VISUAL": f"{sys.executable} {script}"})
    until((lab.paths.state / "edit" / "before.md").exists, what="the copy")
    (lab.directory / "plan.md").write_text(plan(lab).replace("`echo tres`", "`echo drei`"))
    accepted(lab, gate)
    approval = asked(lab, "approval")
    until(lambda: "| 1 | app |  | waiting |" in plan(lab), what="the status of item 1")
    go.touch()
    out, err = slow.communicate(timeout=30)
    assert slow.returncode == 0, (out, err)
    changes = ["item 2: verification", "  - echo zwei", "  + echo dos"]
    assert json.loads(out)["changes"] == changes
    answered(lab, approval, "accept")
    assert executed(lab, run) == (["one-waits", "deux", "three"], ["echo one", "echo dos", "echo drei"])
    edits = [tuple(event["changes"]) for event in lab.events("plan_edited") if event["run"] == run]
    assert edits[-1] == tuple(changes)
    assert "  + echo dos" in lab.runs_md()
