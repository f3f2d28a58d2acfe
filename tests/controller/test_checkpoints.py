"""Every kind of checkpoint, asked by the real Codex: shown whole, answered, and closed exactly once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.controller.conftest import Begin
from tests.e2e.project import Json, Project
from tests.waiting import until
from tmuxorch.errors import UsageError


def asked(lab: Project, kind: str) -> Json:
    """The checkpoint that is open, which has to be of that kind."""
    found: Json = lab.call("next", timeout=20)
    assert found["kind"] == kind
    assert lab.call("show", id=found["id"]) == found
    return found


def answered(lab: Project, checkpoint: Json, choice: str = "", **more: object) -> Json:
    """The checkpoint after that answer."""
    found: Json = lab.call("answer", id=checkpoint["id"], choice=choice, digest=checkpoint["digest"], **more)
    assert (found["state"], found["answer"]["choice"]) == ("closed", choice)
    assert found["answered_by"]
    return found


def told(lab: Project, run: str) -> str:
    """What the model was told in the turn of the run's item, once that has ended."""

    def ended() -> list[Json]:
        ids = [e["id"] for e in lab.events("turn_queued") if (e["run"], e["purpose"]) == (run, "item")]
        return [event for event in lab.events("turn_ended") if event["id"] in ids]

    return str(until(ended, timeout=60, what=f"the end of the item of {run}")[0]["message"])


def test_a_command_is_shown_whole_and_runs_once_when_accepted(lab: Project, begin: Begin) -> None:
    run = begin("command-accept")
    card = asked(lab, "approval")
    assert (card["source"], card["item"], card["blocks"]) == ("app", "1", ["1"])
    assert r"echo \x1b[31mred >> command-accept" in card["body"]
    assert "the agent's reason: because\nof a \\x1b]0;title\\x07" in card["body"]
    assert not any(ord(char) < 32 and char != "\n" for char in card["body"])
    answered(lab, card, "accept")
    assert "exited with code 0" in told(lab, run)
    assert (lab.repos["app"] / "command-accept").read_text() == "\x1b[31mred\n"


def test_a_declined_command_does_not_run_and_the_turn_goes_on(lab: Project, begin: Begin) -> None:
    run = begin("command-decline")
    answered(lab, asked(lab, "approval"), "decline")
    assert "rejected by user" in told(lab, run)
    assert not (lab.repos["app"] / "command-decline").exists()


def test_cancel_ends_the_turn_and_asks_what_becomes_of_the_item(lab: Project, begin: Begin) -> None:
    run = begin("command-cancel")
    answered(lab, asked(lab, "approval"), "cancel")
    failure = asked(lab, "failure")
    assert "interrupted" in failure["title"]
    answered(lab, failure, "abort")
    assert lab.call("wait_run", id=run, timeout=20)["outcome"] == "failed"
    assert not (lab.repos["app"] / "command-cancel").exists()


def test_a_command_accepted_for_the_session_is_not_asked_again(lab: Project, begin: Begin) -> None:
    run = begin("again")
    card = asked(lab, "approval")
    answered(lab, card, "accept-for-session")
    assert told(lab, run).count("exited with code 0") == 2
    assert (lab.repos["app"] / "again").read_text() == "ran\nran\n"
    assert lab.call("checkpoints", all=True)[-1]["id"] == card["id"]


@pytest.mark.parametrize("choice", ["accept", "decline"])
def test_a_file_change_shows_the_diff_of_its_thread_item(lab: Project, begin: Begin, choice: str) -> None:
    run = begin(f"edit-{choice}")
    card = asked(lab, "approval")
    path = lab.repos["app"] / ".git" / f"edit-{choice}"
    assert card["body"] == f"--- /dev/null\n+++ {path}\n+first line\n+    {{{{second}}}} `line`"
    assert card["title"] == f"change {path}"
    answered(lab, card, choice)
    told(lab, run)
    assert path.exists() == (choice == "accept")


@pytest.mark.parametrize(("choice", "granted"), [("accept", True), ("decline", False)])
def test_permissions(lab: Project, begin: Begin, choice: str, granted: bool) -> None:
    run = begin(f"permission-{choice}")
    card = asked(lab, "permission")
    assert card["body"] == "write: /p\nthe agent's reason: to write"
    answered(lab, card, choice)
    assert ('"write":["/p"]' in told(lab, run)) == granted


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"values": {"colour": "Blue"}}, "Blue"),
        ({"values": {"colour": "2"}}, "Blue"),
        ({"text": "green, with dots"}, "green, with dots"),
    ],
)
def test_a_question_is_answered_by_option_or_text(
    lab: Project, begin: Begin, more: dict[str, Any], said: str
) -> None:
    run = begin("question-answered")
    card = asked(lab, "question")
    assert card["body"].startswith("Which colour?\nThink \\x1b[1mwell.\n  Red — like a rose\n")
    assert [field["id"] for field in card["fields"]] == ["colour"]
    answered(lab, card, **more)
    assert f'{{"answers":{{"colour":{{"answers":["{said}"]}}}}}}' in told(lab, run)


def test_a_question_may_be_left_without_an_answer(lab: Project, begin: Begin) -> None:
    run = begin("question-declined")
    answered(lab, asked(lab, "question"), "decline")
    assert '{"answers":{}}' in told(lab, run)


def test_two_questions_wait_for_an_answer_each(lab: Project, begin: Begin) -> None:
    run = begin("questions")
    first = asked(lab, "question")
    answered(lab, first, values={first["fields"][0]["id"]: "1"})
    second = asked(lab, "question")
    answered(lab, second, text="neither")
    assert first["id"] != second["id"]
    said = told(lab, run)
    assert '"answers":["A"]' in said
    assert '"answers":["neither"]' in said


def test_the_form_of_an_mcp_server(lab: Project, begin: Begin) -> None:
    run = begin("form")
    card = asked(lab, "elicitation")
    assert card["title"] == "lab asks: Who are you?"
    with pytest.raises(UsageError, match="age: '200' does not fit"):
        lab.call("answer", id=card["id"], choice="accept", values={"name": "Bob", "age": "200"})
    assert lab.call("show", id=card["id"])["state"] == "open"
    answered(lab, card, "accept", values={"name": "Bob", "age": "30", "ok": "yes", "colour": "red"})
    said = json.loads(told(lab, run).partition("Output:\n")[2])
    assert said["content"] == {"name": "Bob", "age": 30, "ok": True, "colour": "red"}


@pytest.mark.parametrize(
    ("choice", "said"), [("accept", "wrote"), ("decline", "rejected"), ("cancel", "user cancelled")]
)
def test_a_tool_of_an_mcp_server_is_an_approval(lab: Project, begin: Begin, choice: str, said: str) -> None:
    run = begin(f"tool-{choice}")
    card = asked(lab, "approval")
    assert card["title"] == 'Allow the lab MCP server to run tool "write"?'
    assert "the tool's own description: Writes." in card["body"]
    answered(lab, card, choice)
    assert said in told(lab, run)


def test_what_was_asked_beside_a_cancelled_command_has_lapsed(lab: Project, begin: Begin) -> None:
    begin("both")
    until(lambda: len(lab.call("checkpoints")) == 2, what="two checkpoints")
    first, second = lab.call("checkpoints")
    answered(lab, lab.call("show", id=first["id"]), "cancel")
    asked(lab, "failure")
    withdrawn = lab.call("show", id=second["id"])
    assert (withdrawn["state"], withdrawn["answered_by"]) == ("lapsed", None)
    assert withdrawn["reason"] == f"the turn that asked was ended by the answer to {first['id']}"


def test_two_requests_at_once_survive_the_controller(lab: Project, begin: Begin) -> None:
    run = begin("both")
    until(lambda: len(lab.call("checkpoints")) == 2, what="two checkpoints")
    before = lab.call("checkpoints")
    lab.kill_controller()
    lab.run("up")
    assert lab.call("checkpoints") == before
    for checkpoint in before:
        answered(lab, lab.call("show", id=checkpoint["id"]), "accept")
    assert told(lab, run).count("exited with code 0") == 2
    assert sorted((lab.repos["app"] / "both").read_text().split()) == ["first", "second"]
