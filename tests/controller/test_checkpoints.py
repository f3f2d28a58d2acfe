"""Every kind of checkpoint, asked by the real Codex: shown whole, answered, and closed exactly once, whatever dies."""

from __future__ import annotations

import getpass
import json
import os
import signal
import time

import pytest

from tests.codex.live import Client
from tests.controller.conftest import Begin
from tests.e2e.project import Json, Project
from tests.waiting import auntil, until
from tmuxorch.core import events as e
from tmuxorch.core.model import Answer
from tmuxorch.errors import UsageError
from tmuxorch.store.journal import Journal


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
    first = asked(lab, "question")
    answered(lab, first, values={first["fields"][0]["id"]: "1"})
    second = asked(lab, "question")
    answered(lab, second, text="neither")
    assert first["id"] != second["id"]


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
    failure = asked(lab, "failure")
    assert "interrupted" in failure["title"]
    withdrawn = lab.call("show", id=second["id"])
    assert (withdrawn["state"], withdrawn["answered_by"]) == ("lapsed", None)
    assert withdrawn["reason"] == f"the turn that asked was ended by the answer to {first['id']}"
    answered(lab, failure, "abort")
    assert lab.call("wait_run", id=run, timeout=20)["outcome"] == "failed"
    assert not (lab.repos["app"] / "both").exists()


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


async def test_whoever_dies_each_answer_arrives_once_and_one_that_comes_too_late_is_refused(
    lab: Project, begin: Begin
) -> None:
    """Of four commands that one turn asks for, one after the other."""
    begin("four")
    await _one_in_codexs_own_client_closes_the_checkpoint(lab)
    _one_that_was_on_its_way_when_the_controller_died_arrives_once(lab)
    _one_that_was_only_recorded_when_the_controller_died_arrives_once(lab)
    _one_after_the_turn_has_ended_is_refused(lab)
    assert [ran(lab, number) for number in range(1, 5)] == [1, 1, 1, 0]


def ran(lab: Project, number: int) -> int:
    """How often that command was run."""
    left = lab.repos["app"] / f"four-{number}"
    return left.read_text().count("red") if left.exists() else 0


async def _one_in_codexs_own_client_closes_the_checkpoint(lab: Project) -> None:
    card = asked(lab, "approval")
    child: Json = lab.call("status")["children"][0]
    other = await Client().connect(lab.paths.app_socket("app"))
    await other.resume(child["thread"])
    await other.answer(await other.request(), "accept")
    await auntil(
        lambda: lab.call("show", id=card["id"])["state"] == "closed", what="the end of the checkpoint"
    )
    await other.link.close()
    closed = lab.call("show", id=card["id"])
    assert closed["answered_by"] == "Codex's own TUI"
    late = lab.start("approve", card["id"])
    assert "was answered already, by Codex's own TUI" in late.communicate(timeout=30)[1]
    assert late.returncode == 3
    assert lab.answers()[card["id"]] == 0


def _one_that_was_on_its_way_when_the_controller_died_arrives_once(lab: Project) -> None:
    """And it was one to the card that was seen."""
    card = asked(lab, "approval")
    server = lab.server_pid("app")
    os.kill(server, signal.SIGSTOP)
    try:
        approving = lab.start("approve", card["id"])
        until(lambda: lab.answers()[card["id"]] == 1, what="the answer in the journal")
        lab.kill_controller()
        approving.communicate(timeout=30)
    finally:
        os.kill(server, signal.SIGCONT)
    lab.run("up")
    until(lambda: lab.call("show", id=card["id"])["state"] == "closed", what="the end of the checkpoint")
    assert lab.call("show", id=card["id"])["answered_by"] == f"{getpass.getuser()} (command line)"
    assert lab.events("checkpoint_answered")[-1]["digest"] == card["digest"]


def _one_that_was_only_recorded_when_the_controller_died_arrives_once(lab: Project) -> None:
    card = asked(lab, "approval")
    lab.kill_controller()
    journal = Journal.open(lab.paths.journal)
    event = e.CheckpointAnswered(
        id=card["id"], answer=Answer(choice="accept"), by="ada", digest=card["digest"]
    )
    journal.append(e.encode(event), time.time())
    journal.commit()
    journal.close()
    lab.run("up")
    until(lambda: lab.call("show", id=card["id"])["state"] == "closed", what="the end of the checkpoint")
    assert lab.call("show", id=card["id"])["answered_by"] == "ada"


def _one_after_the_turn_has_ended_is_refused(lab: Project) -> None:
    card = asked(lab, "approval")
    lab.call("interrupt", name="app")
    assert lab.call("show", id=card["id"])["state"] == "lapsed"
    late = lab.start("approve", card["id"], "--json")
    error = json.loads(late.communicate(timeout=30)[0])["error"]
    assert (late.returncode, error["message"]) == (
        3,
        f"{card['id']} has lapsed: the turn that asked was interrupted",
    )
