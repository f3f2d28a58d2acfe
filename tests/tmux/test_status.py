"""The status line and the marks of windows as they arrive in people's terminals."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.person import at_terminal
from tests.tmux.specs import sleeper, spec
from tests.tmux.terminal import terminal
from tests.waiting import auntil
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.model import Session
from tmuxorch.tmux.server import Address, attach_argv, ensure_session, kill_session, open_window
from tmuxorch.tmux.status import Shown
from tmuxorch.tmux.windows import Windows

MARKS = "#W:#{E:@tmuxorch-mark}."
"""What somebody has in their window list who wants marks."""


async def variables(client: ControlClient) -> list[str]:
    """Everything of ours in the server's environment."""
    return [line for line in await client.cmd("show-environment", "-gh") if line.startswith("TMUXORCH_")]


async def of_session(client: ControlClient, name: str = "TMUXORCH_STATUS") -> list[str]:
    """What a status line of the session reads."""
    return await client.cmd("display-message", "-p", "-t", f"{client.session.session_id}:", f"#{{{name}}}")


async def test_a_pushed_status_is_drawn_at_once_and_literally(client: ControlClient, tmp_path: Path) -> None:
    text = "3 running #(touch pwned) #[fg=red] ## #{pid} 100%d ☃"
    with terminal(attach_argv(client.session)) as screen:
        await auntil(lambda: b"fleet" in screen.seen)
        screen.forget()
        await Shown(client).push(text + "\x1b[2J\nnext", {})
        await auntil(lambda: f"{text} [2J next".encode() in screen.seen, what=f"status in {screen.seen!r}")
    assert not (tmp_path / "pwned").exists()
    assert await client.cmd("show-environment", "-g") == [
        line for line in await client.cmd("show-environment", "-g") if "TMUXORCH_STATUS" not in line
    ]


async def test_every_push_is_drawn_and_redraws_the_status_line_alone(
    client: ControlClient, tmp_path: Path
) -> None:
    full = spec("full", tmp_path, "sh", "-c", f"yes {'x' * 100} | head -n 40; sleep 1000")
    window = open_window(client.session, full)
    with terminal(attach_argv(client.session, window.window_id)) as screen:
        await auntil(lambda: screen.seen.count(b"x" * 100) >= 20)
        drawn, shown = [], Shown(client)
        for number in range(10):
            screen.forget()
            await shown.push(f"push-{number}", {})
            await auntil(lambda n=number: f"push-{n}".encode() in screen.seen)  # type: ignore[misc]
            drawn.append(len(screen.seen))
        # The first ones may fall together with what tmux still draws after attaching.
        assert sorted(drawn)[len(drawn) // 2] < 1000


async def test_two_projects_on_one_server_each_show_their_own(
    private_tmux: Address, client: ControlClient, tmp_path: Path
) -> None:
    other = await ControlClient.connect(
        ensure_session(private_tmux, "other", "other", sleeper("w", tmp_path))
    )
    ours, theirs = Shown(client), Shown(other)
    await ours.push("status-of-fleet", {})
    await theirs.push("status-of-other", {})
    assert await of_session(client) == ["status-of-fleet"]
    assert await of_session(other) == ["status-of-other"]
    # One that ends takes back its own word alone.
    await ours.clear()
    assert await of_session(client) == [""]
    assert await variables(client) == ["TMUXORCH_STATUS=status-of-other"]
    await theirs.clear()
    assert await variables(client) == []
    await other.close()


async def test_marks_are_seen_by_who_wants_them_also_from_another_session(
    client: ControlClient, windows: Windows, tmp_path: Path
) -> None:
    one, two = [await windows.open(sleeper(name, tmp_path)) for name in ("one", "two")]
    await client.cmd("new-session", "-d", "-s", "mine", "sleep", "1000")
    await client.cmd("link-window", "-d", "-s", two.window_id, "-t", "mine:")
    ours = attach_argv(client.session)
    theirs = [*ours[:-1], "mine"]
    with at_terminal(ours) as ann, at_terminal(theirs) as bob:
        ann.sees("one")
        bob.sees("two")
        for option in ("window-status-format", "window-status-current-format"):
            await client.cmd("set-option", "-g", option, MARKS)
        ann.sees("one:. two:.")
        shown = Shown(client)
        await shown.push("", {one.window_id: "*", two.window_id: "!"})
        ann.sees("one:*. two:!.")
        bob.sees("two:!.")
        await shown.push("", {one.window_id: "", two.window_id: "+"})
        ann.sees("one:. two:+.")
        bob.sees("two:+.")
        await windows.close(two.window_id)
        await shown.push("", {one.window_id: "x"})
        assert await variables(client) == [f"TMUXORCH_MARK_{one.window_id[1:]}=x", "TMUXORCH_STATUS="]
        await shown.clear()
        ann.sees("one:.")
        assert await variables(client) == []


async def test_nothing_is_sent_when_nothing_is_new(client: ControlClient, windows: Windows) -> None:
    (row,) = await windows.list_windows()
    shown = Shown(client)
    await shown.push("busy", {row.window_id: "*"})
    await client.cmd("set-environment", "-gh", "TMUXORCH_STATUS", "as somebody set it")
    await client.cmd("set-environment", "-gu", f"TMUXORCH_MARK_{row.window_id[1:]}")
    await shown.push("busy", {row.window_id: "*"})
    assert await variables(client) == ["TMUXORCH_STATUS=as somebody set it"]


async def test_what_a_killed_controller_left_is_put_right(
    private_tmux: Address, client: ControlClient, windows: Windows, tmp_path: Path
) -> None:
    gone, stays = [await windows.open(sleeper(name, tmp_path)) for name in ("gone", "stays")]
    other = await ControlClient.connect(
        ensure_session(private_tmux, "other", "other", sleeper("w", tmp_path))
    )
    (theirs,) = await Windows(other).list_windows()
    await Shown(other).push("other", {theirs.window_id: "*"})
    await Shown(client).push("before", {gone.window_id: "*", stays.window_id: "!"})
    await windows.close(gone.window_id)
    await Shown(client).push("after", {stays.window_id: ""})
    assert await variables(client) == [f"TMUXORCH_MARK_{theirs.window_id[1:]}=*", "TMUXORCH_STATUS=after"]
    assert await of_session(client) == ["after"]
    await other.close()


async def test_a_session_that_somebody_ends_is_not_shown_elsewhere_for_ever(
    private_tmux: Address, session: Session, client: ControlClient, tmp_path: Path
) -> None:
    other = await ControlClient.connect(
        ensure_session(private_tmux, "other", "other", sleeper("w", tmp_path))
    )
    shown = Shown(client)
    await shown.push("busy", {"@0": "*"})
    assert await of_session(other) == ["busy"]
    await asyncio.to_thread(kill_session, session)
    await asyncio.to_thread(shown.clear_without)
    assert await variables(other) == []
    await other.close()
