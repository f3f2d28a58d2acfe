"""The control client: answers find their questions, events arrive, and no end of anything hangs."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import msgspec
import pytest

from tests.tmux.specs import sleeper
from tests.tmux.terminal import terminal
from tests.tmuxfixture import run_tmux
from tests.waiting import auntil
from tmuxorch.errors import NotFound, TimedOut
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.errors import TmuxCommandError, TmuxGone, TmuxTargetMissing
from tmuxorch.tmux.model import Session
from tmuxorch.tmux.protocol import (
    ClientDetached,
    ClientSessionChanged,
    Exited,
    Notification,
    Reply,
    SessionWindowChanged,
    WindowAdded,
    WindowClosed,
    WindowRenamed,
)
from tmuxorch.tmux.quote import chain
from tmuxorch.tmux.server import attach_argv, kill_session, open_window


def tmux(session: Session, *args: str) -> str:
    return run_tmux("-u", "-S", session.socket_path, *args)


async def test_a_command_answers_with_its_lines(client: ControlClient) -> None:
    assert await client.cmd("display-message", "-p", "a b ☃") == ["a b ☃"]
    assert await client.cmd("set-environment", "-g", "A", "b") == []


async def test_a_refusal_carries_the_reason_of_tmux_and_not_the_values(client: ControlClient) -> None:
    with pytest.raises(TmuxCommandError, match="unknown command: no-such") as raised:
        await client.cmd("no-such", "secret")
    assert "secret" not in raised.value.message
    with pytest.raises(TmuxTargetMissing, match="can't find window: @99") as missing:
        await client.cmd("kill-window", "-t", "@99")
    assert isinstance(missing.value, NotFound)


async def test_a_batch_goes_on_after_a_refusal_and_keeps_its_order(client: ControlClient) -> None:
    replies = await client.batch(
        [["display-message", "-p", str(n)] if n % 3 else ["no-such"] for n in range(300)]
    )
    assert [reply.ok for reply in replies] == [bool(n % 3) for n in range(300)]
    assert [reply.lines for reply in replies if reply.ok] == [(str(n),) for n in range(300) if n % 3]
    assert await client.batch([]) == []


async def test_a_chain_is_one_reply_and_stops_at_its_first_refusal(client: ControlClient) -> None:
    say = [["display-message", "-p", text] for text in "abc"]
    replies = await client.batch(
        [chain(*say), chain(say[0], ["kill-window", "-t", "@99"], say[1]), chain(["no-such"], say[0]), say[2]]
    )
    assert [reply.lines for reply in replies] == [
        ("a", "b", "c"),
        ("can't find window: @99",),
        ("parse error: unknown command: no-such",),
        ("c",),
    ]


async def test_commands_of_many_tasks_do_not_mix(client: ControlClient) -> None:
    said = await asyncio.gather(*(client.cmd("display-message", "-p", str(n)) for n in range(200)))
    assert said == [[str(n)] for n in range(200)]


async def test_a_caller_that_gave_up_does_not_shift_the_answers(client: ControlClient) -> None:
    task = asyncio.create_task(client.cmd("display-message", "-p", "lost"))
    await asyncio.sleep(0)
    task.cancel()
    assert await client.cmd("display-message", "-p", "found") == ["found"]


async def test_answers_to_a_users_hooks_are_not_ours(client: ControlClient) -> None:
    hook = "display-message -p hook ; list-sessions ; kill-window -t @99"
    await client.cmd("set-hook", "-g", "after-list-windows", hook)
    replies = await client.batch([["list-windows", "-F", str(n)] for n in range(20)])
    assert replies == [Reply(ok=True, lines=(str(n),)) for n in range(20)]


async def test_an_answer_of_ten_megabytes(client: ControlClient, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_text("x" * 999 + "\n")
    big.write_text(big.read_text() * 10_000)
    await client.cmd("load-buffer", str(big))
    assert await client.cmd("show-buffer") == ["x" * 999] * 10_000 + [""]


async def test_a_server_that_hangs_ends_in_a_timeout_and_later_answers_fit_again(
    client: ControlClient,
) -> None:
    os.kill(client.session.server_pid, signal.SIGSTOP)
    try:
        with pytest.raises(TimedOut, match="display-message"):
            await client.cmd("display-message", "-p", "late", deadline=0.05)
        # More than a pipe holds, so that even the sending waits.
        with pytest.raises(TimedOut):
            await client.batch([["display-message", "-p", "x" * 1000]] * 2000, deadline=0.05)
    finally:
        os.kill(client.session.server_pid, signal.SIGCONT)
    assert await client.cmd("display-message", "-p", "in time") == ["in time"]


async def test_a_killed_server_ends_everything_under_way(session: Session) -> None:
    events: list[Notification] = []
    client = await ControlClient.connect(session, events.append)
    os.kill(session.server_pid, signal.SIGSTOP)
    under_way = [asyncio.create_task(client.cmd("list-windows")) for _ in range(3)]
    await asyncio.sleep(0)
    os.kill(session.server_pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        ends = await asyncio.gather(*under_way, return_exceptions=True)
        await client.closed.wait()
    assert [type(end) for end in ends] == [TmuxGone] * 3
    with pytest.raises(TmuxGone, match="fleet"):
        await client.cmd("list-windows")
    await client.close()
    assert isinstance(events[-1], Exited)


async def test_an_ended_session_closes_the_client(session: Session) -> None:
    events: list[Notification] = []
    client = await ControlClient.connect(session, events.append)
    kill_session(session)
    async with asyncio.timeout(20):
        await client.closed.wait()
    await client.close()
    assert isinstance(events[-1], Exited)


async def test_only_the_session_meant_is_attached(session: Session) -> None:
    for other in (
        msgspec.structs.replace(session, session_id="$77"),
        msgspec.structs.replace(session, server_pid=session.server_pid + 1),
        msgspec.structs.replace(session, socket_path=f"{session.socket_path}-none"),
    ):
        async with asyncio.timeout(20):
            with pytest.raises(TmuxGone):
                await ControlClient.connect(other)


async def test_attaching_changes_neither_environment_nor_size(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = ["list-windows", "-t", session.session_id, "-F", "#{window_width}x#{window_height}"]
    before = tmux(session, *look), tmux(session, "show-environment", "-t", session.session_id)
    monkeypatch.setenv("DISPLAY", ":77")  # one of update-environment
    client = await ControlClient.connect(session)
    assert (tmux(session, *look), tmux(session, "show-environment", "-t", session.session_id)) == before
    await client.close()


async def test_what_happens_in_the_session_is_told(session: Session, tmp_path: Path) -> None:
    events: list[Notification] = []
    client = await ControlClient.connect(session, events.append)
    window = open_window(session, sleeper("w", tmp_path)).window_id
    tmux(session, "select-window", "-t", window)
    tmux(session, "rename-window", "-t", window, "%end 1 1 1")
    tmux(session, "kill-window", "-t", window)
    with terminal(attach_argv(session)):
        await auntil(lambda: [event for event in events if isinstance(event, ClientSessionChanged)])
    await auntil(lambda: [event for event in events if isinstance(event, ClientDetached)])
    await client.close()
    for expected in (
        WindowAdded(window_id=window),
        SessionWindowChanged(session_id=session.session_id, window_id=window),
        WindowRenamed(window_id=window, name="%end 1 1 1"),
        WindowClosed(window_id=window),
    ):
        assert expected in events
    assert events[-1] == Exited(reason="")
