"""Who answers first wins, wherever; an answer is sent exactly once, whatever dies; no agent answers for a human."""

from __future__ import annotations

import getpass
import json
import os
import shlex
import signal
import sys
import time

from tests.codex.live import Client
from tests.controller.conftest import Begin, Make
from tests.controller.test_checkpoints import answered, asked, told
from tests.e2e.project import Json, Project
from tests.waiting import auntil, until
from tmuxorch.core import events as e
from tmuxorch.core.model import Answer
from tmuxorch.store.journal import Journal


def test_of_two_answers_at_once_one_wins_and_the_other_is_told_who(lab: Project, begin: Begin) -> None:
    begin("command-race")
    card = asked(lab, "approval")
    both = [lab.start("approve", card["id"]), lab.start("decline", card["id"])]
    errors = [process.communicate(timeout=30)[1] for process in both]
    codes = [process.returncode for process in both]
    assert sorted(codes) == [0, 3]
    assert f"{card['id']} was answered already, by {getpass.getuser()}" in errors[codes.index(3)]
    won = lab.call("show", id=card["id"])
    assert won["answer"]["choice"] == ("accept", "decline")[codes.index(0)]


async def test_an_answer_in_codexs_own_client_closes_the_checkpoint(lab: Project, begin: Begin) -> None:
    run = begin("command-elsewhere")
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
    assert "exited with code 0" in told(lab, run)
    assert lab.answers()[card["id"]] == 0


def test_an_answer_after_the_turn_has_ended_is_refused(lab: Project, begin: Begin) -> None:
    begin("command-late")
    card = asked(lab, "approval")
    lab.call("interrupt", name="app")
    assert lab.call("show", id=card["id"])["state"] == "lapsed"
    late = lab.start("approve", card["id"], "--json")
    error = json.loads(late.communicate(timeout=30)[0])["error"]
    assert (late.returncode, error["message"]) == (
        3,
        f"{card['id']} has lapsed: the turn that asked was interrupted",
    )


def test_an_answer_to_another_card_than_the_one_that_was_seen_is_refused(lab: Project, begin: Begin) -> None:
    begin("command-digest")
    card = asked(lab, "approval")
    lab.run("approve", card["id"], status=0)
    assert lab.events("checkpoint_answered")[-1]["digest"] == card["digest"]


def test_an_answer_that_was_on_its_way_when_the_controller_died_arrives_once(
    lab: Project, begin: Begin
) -> None:
    run = begin("command-underway")
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
    assert "exited with code 0" in told(lab, run)
    assert (lab.repos["app"] / "command-underway").read_text().count("red") == 1
    assert lab.call("show", id=card["id"])["answered_by"] == f"{getpass.getuser()} (command line)"


def test_an_answer_that_was_only_recorded_when_the_controller_died_arrives_once(
    lab: Project, begin: Begin
) -> None:
    run = begin("command-recorded")
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
    assert "exited with code 0" in told(lab, run)
    assert (lab.repos["app"] / "command-recorded").read_text().count("red") == 1
    assert lab.call("show", id=card["id"])["answered_by"] == "ada"


def test_an_agent_cannot_answer_its_own_checkpoint(make_lab: Make) -> None:
    """Neither as it is, nor cut loose from its shell, nor while it is being stopped."""
    lab = make_lab("workers: {allow_full: true}\n")
    lab.run("up")
    lab.call("run", problem="lab: command-own", yes=True)
    card = asked(lab, "approval")
    log, script = lab.directory / "log", lab.directory / "script"
    tool = shlex.join([sys.executable, "-m", "tmuxorch", "-C", str(lab.directory)])
    script.write_text(f"while :; do {tool} approve {card['id']} >>{log} 2>&1; echo status $? >>{log}; done")

    # Not in the repo of the item that waits, where nobody else may write.
    elsewhere = ("--scope", "full", "--cd", str(lab.repos["app"].parent), "--path", "elsewhere")
    for words, why in (
        (f"approve {card['id']}", "is an agent and cannot answer a checkpoint"),
        (f"decline {card['id']}", "is an agent and cannot answer a checkpoint"),
        ("run --yes --detach again", "does not lead the work and cannot call run"),
    ):
        worker = lab.ask("exec", *elsewhere, f"sh: {tool} {words}")
        lab.run("wait", worker["id"])
        refused = lab.ask("result", worker["id"])["message"]
        assert why in refused
        assert "exited with code 3" in refused

    stubborn = f"trap '' INT TERM; setsid -f sh {script}; sleep 60"
    worker = lab.ask("exec", *elsewhere, f"sh: {stubborn}")
    until(lambda: log.exists() and "status 3" in log.read_text(), what="the first try")
    stopping = lab.start("stop", worker["id"])
    until(lambda: lab.events("job_stopping"), what="the begin of the stop")
    tried = log.read_text().count("status")
    until(lambda: log.read_text().count("status") > tried + 1, what="tries while it is being stopped")
    stopping.communicate(timeout=30)
    assert stopping.returncode == 0
    assert lab.call("show", id=card["id"])["state"] == "open"
    assert lab.answers()[card["id"]] == 0
    answered(lab, card, "decline")
