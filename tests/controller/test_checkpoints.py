"""Every kind of checkpoint, asked by the real Codex: shown whole, answered, and closed exactly once."""

from __future__ import annotations

import json

import pytest

from tests.controller.conftest import FORMS, Begin
from tests.e2e.project import Json, Project
from tests.waiting import until
from tmuxorch.errors import UsageError

CODEX = FORMS


def asked(lab: Project, kind: str) -> Json:
    """The checkpoint that is open, which has to be of that kind."""
    found: Json = lab.call("next", timeout=60)
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


def test_every_kind_is_shown_whole_and_answered_and_the_turn_goes_on(lab: Project, begin: Begin) -> None:
    """One of each after the other, in one turn."""
    run = begin("everything")
    _commands(lab)
    _file_changes(lab)
    _permissions(lab)
    _questions(lab)
    _a_form(lab)
    _tools(lab)
    said = told(lab, run)
    app = lab.repos["app"]
    assert (app / "everything").read_text() == "\x1b[31mred\n"
    assert not (app / "declined").exists()
    assert (app / "again").read_text() == "ran\nran\n"
    assert [(app / ".git" / choice).exists() for choice in ("accept", "decline")] == [True, False]
    assert said.count("exited with code 0") == 3
    assert said.partition("/p")[0].count("rejected by user") == 2, "a command and a change"
    assert said.count('"write":["/p"]') == 1
    for words, times in (("Blue", 2), ("green, with dots", 1)):
        assert said.count(f'{{"answers":{{"colour":{{"answers":["{words}"]}}}}}}') == times
    assert said.count('{"answers":{}}') == 1
    assert '"answers":["A"]' in said
    assert '"answers":["neither"]' in said
    form, tools = said.partition('{"action":')[2].partition("}}")[::2]
    assert json.loads(f'{{"action":{form}}}}}')["content"] == {
        "name": "Bob",
        "age": 30,
        "ok": True,
        "colour": "red",
    }
    at = [tools.index(words) for words in ("wrote", "rejected", "user cancelled")]
    assert at == sorted(at)
    assert tools.count("wrote") == 1


def _commands(lab: Project) -> None:
    card = asked(lab, "approval")
    assert (card["source"], card["item"], card["blocks"]) == ("app", "1", ["1"])
    assert r"echo \x1b[31mred >> everything" in card["body"]
    assert "the agent's reason: because\nof a \\x1b]0;title\\x07" in card["body"]
    assert not any(ord(char) < 32 and char != "\n" for char in card["body"])
    answered(lab, card, "accept")
    answered(lab, asked(lab, "approval"), "decline")
    card = asked(lab, "approval")
    assert "echo ran >> again" in card["body"]
    answered(lab, card, "accept-for-session")  # and what is asked next is something else


def _file_changes(lab: Project) -> None:
    """Each shows the diff of its thread item."""
    for choice in ("accept", "decline"):
        card = asked(lab, "approval")
        path = lab.repos["app"] / ".git" / choice
        assert card["body"] == f"--- /dev/null\n+++ {path}\n+first line\n+    {{{{second}}}} `line`"
        assert card["title"] == f"change {path}"
        answered(lab, card, choice)


def _permissions(lab: Project) -> None:
    for choice in ("accept", "decline"):
        card = asked(lab, "permission")
        assert card["body"] == "write: /p\nthe agent's reason: to write"
        answered(lab, card, choice)


def _questions(lab: Project) -> None:
    """Answered by an option, its number, or text; left without an answer; and two at once, which want one each."""
    answers: tuple[Json, ...] = (
        {"values": {"colour": "Blue"}},
        {"values": {"colour": "2"}},
        {"text": "green, with dots"},
        {"choice": "decline"},
    )
    for more in answers:
        card = asked(lab, "question")
        assert card["body"].startswith("Which colour?\nThink \\x1b[1mwell.\n  Red — like a rose\n")
        assert [field["id"] for field in card["fields"]] == ["colour"]
        answered(lab, card, **more)
    for _ in range(2):  # of two at once either may be asked first
        card = asked(lab, "question")
        (field,) = card["fields"]
        more = {"values": {"one": "1"}} if field["id"] == "one" else {"text": "neither"}
        answered(lab, card, **more)


def _a_form(lab: Project) -> None:
    """Of an MCP server."""
    card = asked(lab, "elicitation")
    assert card["title"] == "lab asks: Who are you?"
    with pytest.raises(UsageError, match="age: '200' does not fit"):
        lab.call("answer", id=card["id"], choice="accept", values={"name": "Bob", "age": "200"})
    assert lab.call("show", id=card["id"])["state"] == "open"
    answered(lab, card, "accept", values={"name": "Bob", "age": "30", "ok": "yes", "colour": "red"})


def _tools(lab: Project) -> None:
    """Of an MCP server: each is an approval."""
    for choice in ("accept", "decline", "cancel"):
        card = asked(lab, "approval")
        assert card["title"] == 'Allow the lab MCP server to run tool "write"?'
        assert "the tool's own description: Writes." in card["body"]
        answered(lab, card, choice)


def test_cancel_ends_the_turn_with_all_that_it_asks_and_wants_to_know_what_becomes_of_the_item(
    lab: Project, begin: Begin
) -> None:
    run = begin("both")
    until(lambda: len(lab.call("checkpoints")) == 2, what="two checkpoints")
    first, second = lab.call("checkpoints")
    answered(lab, lab.call("show", id=first["id"]), "cancel")
    until(lambda: lab.call("show", id=second["id"])["state"] != "open", what="the end of the other one")
    failure = asked(lab, "failure")
    assert "interrupted" in failure["title"]
    withdrawn = lab.call("show", id=second["id"])
    assert (withdrawn["state"], withdrawn["answered_by"]) == ("lapsed", None)
    assert withdrawn["reason"] == f"the turn that asked was ended by the answer to {first['id']}"
    answered(lab, failure, "abort")
    assert lab.call("wait_run", id=run, timeout=20)["outcome"] == "failed"
    assert not (lab.repos["app"] / "both").exists()
