"""An answer is sent exactly once, whatever dies; one that comes too late is refused; no agent answers for a human."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import json
import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.codex.live import Client
from tests.controller.conftest import Begin
from tests.controller.holding import events, start
from tests.controller.relay import relayed
from tests.controller.test_checkpoints import answered, asked, told
from tests.controller.test_crowds import tmux_stopped
from tests.e2e.project import Json, Project
from tests.waiting import auntil, until
from tmuxorch.controller import history
from tmuxorch.controller.frames import FrameLog
from tmuxorch.controller.thread import AgentThread
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.store.journal import Journal


async def test_two_requests_at_once_survive_the_controller(
    lab: Project, begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin("both")
    until(lambda: len(lab.call("checkpoints")) == 2, what="two checkpoints")
    monkeypatch.setattr("tmuxorch.controller.thread.SETTLE", 60.0)  # however long the test takes meanwhile
    assert await _loaded_again(lab, tmp_path, slow=1) == [msg.ServerAsked] * 2
    monkeypatch.setattr("tmuxorch.controller.thread.SETTLE", 0.0)
    first, *_ = await _loaded_again(lab, tmp_path, slow=2)
    assert first is msg.ServerAsked, "one of them is sure to come"
    before = lab.call("checkpoints")
    lab.kill_controller()
    lab.run("up")
    assert lab.call("checkpoints") == before
    for checkpoint in before:
        answered(lab, lab.call("show", id=checkpoint["id"]), "accept")
    assert told(lab, run).count("exited with code 0") == 2
    assert sorted((lab.repos["app"] / "both").read_text().split()) == ["first", "second"]


async def _loaded_again(lab: Project, path: Path, slow: int) -> list[type]:
    """What is told of the two open requests, which Codex repeats one by one, the last of them slowly: a slow one must
    not pass for resolved."""
    state, heard = history.load(lab.paths), list[msg.Message]()
    origins = [one.origin for one in state.checkpoints.values() if one.is_open]
    held = frozenset(origin.request for origin in origins if isinstance(origin, m.FromServer))
    assert len(held) == 2
    async with relayed(lab.paths.app_socket("app"), path / "r", passes=2 - slow) as relay:
        thread = AgentThread(
            state.agents["app"],
            str(path / "r"),
            FrameLog(path / "frames", str),
            heard.append,
            lambda: None,
        )
        loading = asyncio.create_task(thread.load(held))
        await auntil(lambda: relay.requests > 2 - slow, what="the first slow request")
        await auntil(lambda: len(thread.asking) == 2 - slow, what="the requests before it")
        assert not loading.done()
        relay.open.set()
        await loading
        thread.release()
        await thread.close()
    return [type(one) for one in heard if isinstance(one, msg.ServerAsked | msg.ServerResolved)]


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
        id=card["id"], answer=m.Answer(choice="accept"), by="ada", digest=card["digest"]
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


def test_an_agent_cannot_answer_its_own_checkpoint(lab: Project, begin: Begin) -> None:
    """Neither as it is, nor cut loose from its shell, nor while it is being stopped."""
    begin("command-own")
    card = asked(lab, "approval")
    log, direct, loose = (lab.directory / name for name in ("log", "direct", "loose"))
    tool = shlex.join([sys.executable, "-m", "tmuxorch", "-C", str(lab.directory)])

    def tries(words: str) -> str:
        return f"{tool} {words} >>{log} 2>&1; echo status $? >>{log}"

    whys = {
        f"approve {card['id']}": "is an agent and cannot answer a checkpoint",
        f"decline {card['id']}": "is an agent and cannot answer a checkpoint",
        "run --yes --detach again": "does not lead the work and cannot call run",
    }
    direct.write_text("\n".join(map(tries, whys)))
    loose.write_text(f"while sleep 0.1; do {tries(next(iter(whys)))}; done")

    # Not in the repo of the item that waits, where nobody else may write.
    stubborn = f"sh: sh {direct}; trap '' INT TERM; setsid -f sh {loose}; sleep 60"
    full = {"scope": "full", "really_full": True, "paths": ["elsewhere"]}
    worker = start(lab, lab.repos["app"].parent, stubborn, **full)
    until(lambda: log.exists() and log.read_text().count("status 3") > 3, what="the first tries")
    with _host_stopped(lab, worker):
        stopping = lab.start("stop", worker["id"])
        until(lambda: events(lab, worker, "job_stopping"), what="the begin of the stop")
        tried = log.read_text().count("status")
        until(lambda: log.read_text().count("status") > tried + 1, what="tries while it is being stopped")
        logged = log.read_text()
    stopping.communicate(timeout=30)
    assert stopping.returncode == 0
    assert set(re.findall(r"status \d+", logged)) == {"status 3"}
    for why, said in zip(whys.values(), logged.split("status 3"), strict=False):
        assert f"{worker['id']} {why}" in said
    assert lab.call("show", id=card["id"])["state"] == "open"
    assert lab.answers()[card["id"]] == 0
    answered(lab, card, "decline")


@contextlib.contextmanager
def _host_stopped(lab: Project, worker: Json) -> Iterator[None]:
    """It does what it is told only afterwards: its stop ladder leaves a slow machine no time for tries. tmux is stopped
    too, which would wake it."""
    host = events(lab, worker, "job_started")[0]["host_pid"]
    with tmux_stopped(lab):
        os.kill(host, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(host, signal.SIGCONT)
