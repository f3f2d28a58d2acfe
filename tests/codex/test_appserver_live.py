"""The real App Server: what we send it is understood, and it says what we think it says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.codex.live import Bench, Client, Server, connected
from tests.codex.tinymodel import call, escalate, fail, hold, patch, say, shell
from tests.waiting import auntil
from tmuxorch.codex import appserver, items, results, schemas
from tmuxorch.codex.binary import MINIMUM
from tmuxorch.codex.notifications import (
    DiffUpdated,
    ErrorNotice,
    ItemCompleted,
    ItemStarted,
    Other,
    PlanStep,
    PlanUpdated,
    ServerEvent,
    ThreadStatus,
    TokenUsage,
    TurnStarted,
    Usage,
)
from tmuxorch.controller.appserver import AppServerLink, CallRefused
from tmuxorch.controller.dialing import LinkLost
from tmuxorch.errors import TimedOut


async def test_a_turn_from_start_to_end(codex: Client, bench: Bench) -> None:
    turn = await codex.turn(
        call("update_plan", explanation="so", plan=[{"step": "one", "status": "in_progress"}]),
        shell("echo hi; exit 3"),
        patch("*** Add File: new.txt\n+hello\n"),
        say("first"),
        writes=True,
    )
    end = await codex.ended(turn)

    assert (end.status, end.message, end.error) == ("completed", "first", "")
    assert codex.link.version >= MINIMUM
    assert TurnStarted(thread=codex.thread, turn=turn.id) in codex.events
    plan = await codex.seen(PlanUpdated)
    assert (plan.explanation, plan.steps) == ("so", (PlanStep("one", "inProgress"),))
    command = await codex.seen(ItemCompleted, lambda event: isinstance(event.item, items.CommandExecution))
    assert isinstance(command.item, items.CommandExecution)
    assert (command.item.exit_code, command.item.aggregated_output) == (3, "hi\n")
    assert items.describe(command.item) == "$ echo hi; exit 3 (exit 3)"
    change = await codex.seen(ItemStarted, lambda event: isinstance(event.item, items.FileChange))
    assert isinstance(change.item, items.FileChange)
    new = items.FileUpdate(path=str(bench.repo / "new.txt"), kind="add", diff="hello\n")
    assert change.item.changes == (new,)
    assert "+hello" in (await codex.seen(DiffUpdated)).diff
    usage = [event for event in codex.events if isinstance(event, TokenUsage)][-1]
    assert usage.total == Usage(input=400, cached=160, output=80, reasoning=20)
    await codex.seen(ThreadStatus, lambda event: event.type == "idle")
    statuses = [event.type for event in codex.events if isinstance(event, ThreadStatus)]
    assert (statuses[0], statuses[-1]) == ("active", "idle")
    warned = [event for event in codex.events if isinstance(event, Other) and event.method == "warning"]
    assert warned == []  # of the tools that we switched on
    assert "trust_level" not in bench.config.read_text()  # though it wrote
    (bench.repo / "new.txt").unlink()


async def test_our_id_of_a_turn_comes_back(codex: Client, bench: Bench) -> None:
    """By it a controller that crashed knows whether a turn was started."""
    first = await codex.turn(say("a"), client_id="T5")
    await codex.ended(first)
    held = await codex.turn(hold("mine"), client_id="T6")
    told = await codex.seen(
        ItemCompleted, lambda event: isinstance(event.item, items.UserMessage) and event.turn == held.id
    )
    turns = await codex.turns()
    bench.model.open("mine")
    await codex.ended(held)

    assert isinstance(told.item, items.UserMessage)
    assert told.item.client_id == "T6"
    assert [(turn.id, turn.status, turn.client_ids) for turn in turns] == [
        (held.id, "inProgress", ("T6",)),
        (first.id, "completed", ("T5",)),
    ]
    assert turns[1].message == "a"


async def test_steering_carries_our_id_too_and_interrupting_ends_the_turn(codex: Client) -> None:
    turn = await codex.turn(hold("never"))
    await codex.seen(ItemCompleted)
    steer = appserver.turn_steer(codex.thread, turn.id, "and also this", client_id="S1")
    await codex.link.call(appserver.TURN_STEER, steer)
    said = await codex.seen(
        ItemCompleted,
        lambda event: isinstance(event.item, items.UserMessage) and event.item.client_id == "S1",
    )
    await codex.link.call(appserver.TURN_INTERRUPT, appserver.turn_interrupt(codex.thread, turn.id))
    end = await codex.ended(turn)

    assert (said.turn, end.status) == (turn.id, "interrupted")
    (stored,) = await codex.turns()
    assert stored.client_ids == ("T1", "S1")
    with pytest.raises(CallRefused, match="no active turn to steer") as refused:
        await codex.link.call(appserver.TURN_STEER, steer)
    assert refused.value.server_code == -32600


async def test_a_command_left_running_is_killed_by_cleaning(codex: Client) -> None:
    turn = await codex.turn(shell("sleep 1000", yield_time_ms=250), say("left it"))
    await codex.ended(turn)
    await codex.link.call(appserver.TERMINALS_CLEAN, appserver.terminals_clean(codex.thread))
    command = await codex.seen(ItemCompleted, lambda event: isinstance(event.item, items.CommandExecution))
    assert isinstance(command.item, items.CommandExecution)
    assert command.item.status == "failed"


async def test_an_answer_in_a_strict_schema_is_asked_for(codex: Client, bench: Bench) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    assert schemas.check_strict(schema) == []
    await codex.ended(await codex.turn(say('{"a": "b"}'), schema=schema))
    assert bench.model.requests[-1]["text"]["format"]["schema"] == schema


async def test_a_failed_turn_tells_why(codex: Client) -> None:
    limit = await codex.turn(fail(429, type="usage_limit_reached", message="over", resets_in_seconds=60))
    end = await codex.ended(limit)
    notice = await codex.seen(ErrorNotice)
    assert (end.status, end.error_kind) == ("failed", "usageLimitExceeded")
    assert (notice.kind, notice.message, notice.retries) == ("usageLimitExceeded", end.error, False)
    later = await codex.ended(await codex.turn(say("again")))
    assert later.status == "completed"


async def test_a_request_has_a_deadline_and_an_unknown_one_is_refused(codex: Client) -> None:
    with pytest.raises(CallRefused, match="thread/nonsense"):
        await codex.link.call("thread/nonsense", {})
    with pytest.raises(CallRefused, match="not materialized yet"):
        await codex.turns()
    with pytest.raises(TimedOut, match="thread/read within 0 s"):
        await codex.link.call(appserver.THREAD_READ, appserver.thread_read(codex.thread), timeout=0)
    result = await codex.link.call(appserver.THREAD_READ, appserver.thread_read(codex.thread))
    assert results.thread_of(result).id == codex.thread  # the late answer went to nobody


async def test_a_socket_may_have_a_path_too_long_for_an_address(own: Bench, tmp_path: Path) -> None:
    own.socket = tmp_path / ("d" * 60) / ("e" * 60) / "app.sock"
    own.socket.parent.mkdir(parents=True)
    with Server(own):
        await (await connected(own.socket)).link.close()


async def test_nobody_listening_is_said(tmp_path: Path) -> None:
    with pytest.raises(LinkLost, match=r"no App Server answers at .*none\.sock"):
        await Client().connect(tmp_path / "none.sock")


async def test_a_failing_callback_closes_the_link_and_is_not_swallowed(codex: Client, bench: Bench) -> None:
    def fails(event: ServerEvent) -> None:
        if isinstance(event, ThreadStatus):
            raise ZeroDivisionError

    link = await AppServerLink.connect(
        str(bench.socket), on_frame=lambda _: None, on_notification=fails, on_request=lambda _: None
    )
    await codex.turn(say("so that a status changes"))
    with pytest.raises(ZeroDivisionError):
        await link.closed()
    with pytest.raises(LinkLost):
        await link.call(appserver.TURNS_LIST, appserver.turns_list(codex.thread))


async def test_a_turn_goes_on_without_us_and_is_found_again(codex: Client, bench: Bench) -> None:
    turn = await codex.turn(hold("alone"))
    await codex.seen(ItemCompleted)
    await codex.link.close()

    again = await connected(bench.socket)
    thread = await again.resume(codex.thread)
    assert (thread.status, thread.cwd) == ("active", str(bench.repo))
    bench.model.open("alone")
    assert (await again.ended(turn)).message == "after alone"
    await again.link.close()


def stored(bench: Bench) -> str:
    """What is in the files of all threads."""
    return "".join(path.read_text() for path in bench.home.glob("sessions/**/*.jsonl"))


async def test_after_kill_9_the_thread_is_resumed_and_knows_what_was_started(own: Bench) -> None:
    with Server(own) as server:
        client = await connected(own.socket)
        await client.start_thread(own)
        done = await client.turn(say("done"), client_id="T1")
        await client.ended(done)
        cut = await client.turn(escalate("touch /x", "to try"), client_id="T2")
        await client.request()
        await auntil(lambda: '"T2"' in stored(own), what="what is stored of the turn")
        waiting = asyncio.create_task(client.link.call("thread/never", {}, 20))
        server.kill()
        assert "no close frame" in await client.link.closed()
        with pytest.raises((LinkLost, CallRefused)):
            await waiting

    with Server(own):
        again = await connected(own.socket)
        result = await again.link.call(appserver.THREAD_READ, appserver.thread_read(client.thread))
        assert results.thread_of(result).status == "notLoaded"
        thread = await again.resume(client.thread)
        turns = thread.turns
        assert thread.status == "idle"
        assert turns == await again.turns()
        assert [(turn.client_ids, turn.status) for turn in turns] == [
            (("T2",), "interrupted"),
            (("T1",), "completed"),
        ]
        assert turns[0].id == cut.id
        end = await again.ended(await again.turn(say("on"), client_id="T3"))
        assert (end.status, end.message) == ("completed", "on")
        assert again.requests == []  # what waited is gone with its server
        await again.link.close()
