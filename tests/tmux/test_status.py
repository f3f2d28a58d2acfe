"""The status line and the bell as they arrive in a person's terminal."""

from __future__ import annotations

from pathlib import Path

from tests.tmux.specs import sleeper, spec
from tests.tmux.terminal import terminal
from tests.waiting import auntil
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.server import Address, attach_argv, ensure_session, open_window
from tmuxorch.tmux.status import notify, push_status


async def test_a_pushed_status_is_drawn_at_once_and_literally(client: ControlClient, tmp_path: Path) -> None:
    text = "3 running #(touch pwned) #[fg=red] ## #{pid} 100%d ☃"
    with terminal(attach_argv(client.session)) as screen:
        await auntil(lambda: b"fleet" in screen.seen)
        screen.forget()
        await push_status(client, text + "\x1b[2J\nnext")
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
        drawn = []
        for number in range(10):
            screen.forget()
            await push_status(client, f"push-{number}")
            await auntil(lambda n=number: f"push-{n}".encode() in screen.seen, timeout=5)  # type: ignore[misc]
            drawn.append(len(screen.seen))
        # The first ones may fall together with what tmux still draws after attaching.
        assert sorted(drawn)[len(drawn) // 2] < 1000


async def test_two_projects_on_one_server_each_show_their_own(
    private_tmux: Address, client: ControlClient, tmp_path: Path
) -> None:
    other = await ControlClient.connect(
        ensure_session(private_tmux, "other", "other", sleeper("w", tmp_path))
    )
    await push_status(client, "status-of-fleet")
    await push_status(other, "status-of-other")
    for one, text in ((client, "status-of-fleet"), (other, "status-of-other")):
        shown = await one.cmd(
            "display-message", "-p", "-t", f"{one.session.session_id}:", "#{TMUXORCH_STATUS}"
        )
        assert shown == [text]
    await other.close()


async def test_a_notice_reaches_the_terminal_and_can_do_nothing_else(client: ControlClient) -> None:
    await notify(client, "nobody looks")
    with terminal(attach_argv(client.session)) as screen:
        await auntil(lambda: b"fleet" in screen.seen)
        await notify(client, "4;1 C3 waits\a\x1b]52;c;AAAA\a\x9b2J \udce9" + "x" * 500)
        await auntil(lambda: b"C3 waits" in screen.seen)
        start = screen.seen.index(b"\a\x1b]9; 4;1 C3 waits ]52;c;AAAA 2J ?xxx")
        notice = screen.seen[start + 1 :]
        assert notice[: notice.index(b"\a")].count(b"\x1b") == 1
        assert len(notice[: notice.index(b"\a")]) <= 205
