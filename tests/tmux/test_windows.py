"""Windows and panes of a real session, by id."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from tests.tmux.specs import HOSTILE, SAVE, saved, saver, sleeper, spec
from tests.tmuxfixture import commands
from tests.waiting import until
from tmuxorch.errors import Bug, NotFound
from tmuxorch.tmux import words
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.errors import TmuxTargetMissing
from tmuxorch.tmux.model import WindowRow
from tmuxorch.tmux.quote import literal_path
from tmuxorch.tmux.windows import Windows


async def row(windows: Windows, key: str) -> WindowRow:
    return next(row for row in await windows.list_windows() if row.key == key)


async def test_an_open_window_is_listed_with_its_key(windows: Windows, tmp_path: Path) -> None:
    window = await windows.open(sleeper("W1", tmp_path))
    listed = await row(windows, "W1")
    (pane,) = listed.panes
    assert (listed.window_id, listed.name, pane.pane_id) == (window.window_id, "W1", window.pane_id)
    assert (pane.dead, pane.dead_status, pane.active) == (False, None, True)
    # tmux answers when it has forked, which may be before the program runs.
    until(lambda: commands().get(pane.pid) == "sleep 1000")


@pytest.mark.parametrize("status", [0, 3])
async def test_a_window_stays_when_its_program_ends_at_once(
    windows: Windows, tmp_path: Path, status: int
) -> None:
    opened = await asyncio.gather(
        *(windows.open(spec(f"W{n}", tmp_path, "sh", "-c", f"exit {status}")) for n in range(30))
    )
    assert len({window.window_id for window in opened}) == 30
    rows = [listed for listed in await windows.list_windows() if listed.key != "controller"]
    assert len(rows) == 30
    while not all(pane.dead for listed in rows for pane in listed.panes):
        rows = [listed for listed in await windows.list_windows() if listed.key != "controller"]
    assert {pane.dead_status for listed in rows for pane in listed.panes} <= {status, None}


async def test_two_hundred_windows_at_once(windows: Windows, tmp_path: Path) -> None:
    keys = [f"W{n}" for n in range(200)]
    opened = await asyncio.gather(*(windows.open(sleeper(key, tmp_path)) for key in keys))
    listed = {row.window_id: (row.key, row.name) for row in await windows.list_windows()}
    assert [listed[window.window_id] for window in opened] == [(key, key) for key in keys]
    assert len(listed) == 201


async def test_our_windows_keep_their_names_against_hooks_and_programs(
    client: ControlClient, windows: Windows, tmp_path: Path
) -> None:
    await client.cmd("set-option", "-gw", "allow-rename", "on")
    await client.cmd("set-option", "-gw", "automatic-rename", "on")
    await client.cmd(
        "set-hook", "-g", "after-new-window", "rename-window hacked ; set-option -w automatic-rename on"
    )
    script = r"printf '\033khacked\033\\'; touch done; exec sleep 1000"
    window = await windows.open(spec("W1", tmp_path, "sh", "-c", script))
    until(lambda: (tmp_path / "done").exists())
    options = await client.cmd("show-options", "-w", "-t", window.window_id)
    for option in ("allow-rename off", "automatic-rename off", "remain-on-exit on", "@tmuxorch-key W1"):
        assert option in options
    assert (await row(windows, "W1")).name == "W1"


async def test_a_hook_that_opens_windows_leaves_ours_as_it_must_be(
    client: ControlClient, windows: Windows, tmp_path: Path
) -> None:
    await client.cmd("set-hook", "-g", "after-new-window", "new-window -d -n theirs sleep 1000")
    window = await windows.open(sleeper("W1", tmp_path))
    names = {(listed.key, listed.name) for listed in await windows.list_windows()}
    assert names == {("controller", "controller"), ("W1", "W1"), (None, "theirs")}
    assert "remain-on-exit on" in await client.cmd("show-options", "-w", "-t", window.window_id)
    assert "remain-on-exit on" not in await client.cmd("show-options", "-w", "-t", ":theirs")


async def test_a_window_whose_opening_was_interrupted_is_known_and_can_be_kept(
    client: ControlClient, windows: Windows, tmp_path: Path
) -> None:
    half = msgspec.structs.replace(sleeper("W1", tmp_path), mark="W1.try-2")
    await client.cmd(*words.open_window(client.session.session_id, half))
    listed = await row(windows, "W1")
    assert (listed.finished, listed.panes[0].mark) == (False, "W1.try-2")
    await windows.keep(listed.window_id, "W1")
    assert (await row(windows, "W1")).finished
    await windows.close(listed.window_id)
    await windows.keep(listed.window_id, "W1")
    assert await windows.find(listed.window_id) is None


async def test_a_pane_of_ours_in_a_window_of_others_does_not_make_it_ours(
    client: ControlClient, windows: Windows, tmp_path: Path
) -> None:
    theirs = await client.cmd("new-window", "-d", "-P", "-F", "#{window_id}", "--", "sleep", "1000")
    worker = await windows.open(sleeper("W1", tmp_path))
    agent = await windows.open(sleeper("app", tmp_path))
    below = await windows.split(agent.window_id, ["sleep", "1000"], cwd=tmp_path, mark="app.server-1")
    await client.cmd("join-pane", "-d", "-b", "-s", worker.pane_id, "-t", theirs[0])
    await client.cmd("break-pane", "-d", "-s", below)
    listed = {row.window_id: row.key for row in await windows.list_windows()}
    assert listed.pop(agent.window_id) == "app"
    assert sorted(map(str, listed.values())) == ["None", "None", "controller"]


async def test_a_mark_is_that_of_the_newest_program_and_a_single_word_can_have_one(
    windows: Windows, tmp_path: Path
) -> None:
    window = await windows.open(sleeper("W1", tmp_path))
    for mark, argv in (("W1.W1", ["sleep", "1000"]), ("W1.try-2", ["true"]), (None, ["sleep", "1000"])):
        await windows.respawn(window.pane_id, argv, cwd=tmp_path, mark=mark)
        found = await windows.find(window.window_id)
        assert found
        assert (found.key, found.panes[0].mark) == ("W1", mark)


@pytest.mark.parametrize("name", ["their own", "a\n@0 %0 0 0 1 1 W7 spoof\t", "", *HOSTILE])
async def test_windows_of_others_in_our_session_have_no_key(
    client: ControlClient, windows: Windows, name: str
) -> None:
    await client.cmd("new-window", "-d", "-n", literal_path(name), "--", "sleep", "1000")
    mine, other = await windows.list_windows()
    assert (mine.key, other.key) == ("controller", None)
    if name == "their own":
        assert other.name == name


async def test_a_window_comes_into_view_only_if_asked(
    windows: Windows, client: ControlClient, tmp_path: Path
) -> None:
    async def current() -> list[str]:
        return await client.cmd(
            "display-message", "-p", "-t", f"{client.session.session_id}:", "#{window_name}"
        )

    hidden = await windows.open(sleeper("hidden", tmp_path))
    assert await current() == ["controller"]
    await windows.open(msgspec.structs.replace(sleeper("shown", tmp_path), detached=False))
    assert await current() == ["shown"]
    await windows.select(hidden.window_id)
    assert await current() == ["hidden"]


async def test_a_pane_is_split_off_replaced_and_closed(
    windows: Windows, client: ControlClient, tmp_path: Path
) -> None:
    window = await windows.open(sleeper("app", tmp_path))
    env = {"A": "#(touch pwned) ' \" $HOME\n"}
    words = ("sh", "-c", f"{SAVE}; exec sleep 1000")
    file = tmp_path / "above"
    above = await windows.split(
        window.window_id, [*words, str(file), *HOSTILE], cwd=tmp_path, percent=70, above=True
    )
    assert until(lambda: saved(file)) == list(HOSTILE)
    listed = await row(windows, "app")
    assert [(pane.pane_id, pane.active) for pane in listed.panes] == [(above, False), (window.pane_id, True)]
    heights = await client.cmd("list-panes", "-t", window.window_id, "-F", "#{pane_height}")
    assert int(heights[0]) in range(33, 37)
    below = await windows.split(window.window_id, ["sleep", "1000"], cwd=tmp_path, env=env)
    assert [pane.pane_id for pane in (await row(windows, "app")).panes] == [above, window.pane_id, below]

    file = tmp_path / "again"
    await windows.respawn(
        above, ["sh", "-c", SAVE.replace("$@", "$TMUXORCH_ENV"), str(file)], cwd=tmp_path, env=env
    )
    assert [json.loads(text) for text in until(lambda: saved(file)) or []] == [env]
    await windows.respawn(above, ["sleep", "1000"], cwd=tmp_path)

    assert not (tmp_path / "pwned").exists()


async def test_what_has_left_the_screen_is_forgotten(
    windows: Windows, client: ControlClient, tmp_path: Path
) -> None:
    (before,) = await windows.list_windows()
    pane = before.panes[0].pane_id
    await windows.respawn(pane, ["sh", "-c", "seq 200; printf end; sleep 1000"], cwd=tmp_path)

    async def kept() -> int:
        (size,) = await client.cmd("display-message", "-p", "-t", pane, "#{history_size}")
        return int(size)

    while "end" not in await client.cmd("capture-pane", "-p", "-t", pane):
        pass
    assert await kept() > 100
    await windows.clear_history(pane)
    assert await kept() == 0


async def test_a_closed_window_is_gone_and_its_program_too(windows: Windows, tmp_path: Path) -> None:
    window = await windows.open(sleeper("W1", tmp_path))
    (pane,) = (await row(windows, "W1")).panes
    await windows.close(window.window_id)
    await windows.close(window.window_id)
    assert [listed.key for listed in await windows.list_windows()] == ["controller"]
    until(lambda: pane.pid not in commands())


async def test_a_missing_target_is_said_and_nothing_else_is_hit(windows: Windows, tmp_path: Path) -> None:
    before = await windows.list_windows()
    for call in (
        windows.rename("@99", "x"),
        windows.select("@99"),
        windows.split("@99", ["true"], cwd=tmp_path),
        windows.respawn("%99", ["true"], cwd=tmp_path),
        windows.clear_history("%99"),
    ):
        with pytest.raises(TmuxTargetMissing):
            await call
    with pytest.raises(NotFound, match="nowhere"):
        await windows.open(sleeper("W1", tmp_path / "nowhere"))
    await windows.close("@99")
    assert await windows.list_windows() == before


async def test_hostile_names_and_words_stay_data(
    windows: Windows, client: ControlClient, tmp_path: Path
) -> None:
    files = [tmp_path / f"saved{n}" for n in range(len(HOSTILE))]
    specs = [saver(f"W{n}", tmp_path, files[n], text) for n, text in enumerate(HOSTILE)]
    named = [msgspec.structs.replace(spec, name=text) for spec, text in zip(specs, HOSTILE, strict=True)]
    opened = await asyncio.gather(*map(windows.open, named))
    for window, text in zip(opened, HOSTILE, strict=True):
        await windows.rename(window.window_id, text)
    assert [until(lambda f=file: saved(f)) for file in files] == [[text] for text in HOSTILE]  # type: ignore[misc]
    assert len(await windows.list_windows()) == len(HOSTILE) + 1
    assert not (tmp_path / "pwned").exists()


def test_a_key_is_a_label_and_begins_the_mark(tmp_path: Path) -> None:
    with pytest.raises(Bug):
        sleeper("W 1", tmp_path)
    with pytest.raises(Bug):
        msgspec.structs.replace(sleeper("W1", tmp_path), mark="W2.W2")
