"""Programs in windows: they meet no shell, and their environment is in no argv and no file."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from tests.tmux.specs import FILE_NAMES, SAVE, saved, saver, sleeper, spec
from tests.tmux.test_server import show
from tests.tmuxfixture import commands
from tests.waiting import until
from tmuxorch.errors import NotFound, TmuxorchError
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.model import Session
from tmuxorch.tmux.server import (
    Address,
    ensure_session,
    find_session,
    list_windows,
    open_window,
)


async def test_an_environment_is_in_no_argv_and_no_file_and_reaches_one_program_only(
    private_tmux: Address, home: Path, tmp_path: Path
) -> None:
    env = {"SECRET": "hunter2 #(touch pwned) $HOME ~ 'x' \"y\"\n;", "NAME": "caf\udce9 ☃"}
    file = tmp_path / "saved"
    script = f"{SAVE.replace('$@', '$TMUXORCH_ENV')}; exec sleep 1000"
    session = ensure_session(
        private_tmux, "fleet", "p", spec("a", tmp_path, "sh", "-c", script, str(file), env=env)
    )
    open_window(session, spec("b", tmp_path, "sh", "-c", script, f"{file}b", env=env))
    plain = saver("c", tmp_path, tmp_path / "c")
    open_window(
        session,
        msgspec.structs.replace(
            plain, argv=(*plain.argv[:2], SAVE.replace("$@", "$TMUXORCH_ENV"), plain.argv[3])
        ),
    )
    for saved_env in (file, Path(f"{file}b")):
        assert json.loads((until(lambda f=saved_env: saved(f)) or [""])[0]) == env  # type: ignore[misc]
    assert until(lambda: saved(tmp_path / "c")) == [""]
    seen = "".join(commands().values())
    assert "sleep 1000" in seen
    assert "hunter2" not in seen
    assert not [path for path in home.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]
    told = [
        show(session, *words)
        for words in (["show-environment", "-g"], ["show-environment", "-t", session.session_id])
    ]
    told.append(show(session, "list-panes", "-a", "-F", "#{pane_start_command}"))
    client = await ControlClient.connect(session)
    told += await client.cmd("show-messages")
    await client.close()
    assert "hunter2" not in "".join(told)
    assert not (tmp_path / "pwned").exists()


def test_an_environment_too_large_for_a_program_is_refused(session: Session, tmp_path: Path) -> None:
    fits = 128 * 1024 - 1 - len('TMUXORCH_ENV={"A":""}')
    window = open_window(session, spec("a", tmp_path, "sleep", "1000", env={"A": "x" * fits}))
    row = next(row for row in list_windows(session) if row.window_id == window.window_id)
    assert not row.panes[0].dead
    with pytest.raises(TmuxorchError, match="too large"):
        open_window(session, spec("b", tmp_path, "true", env={"A": "x" * (fits + 1)}))


@pytest.mark.parametrize("name", ["pro gram", "A=b", "x;", "$(touch pwned)", "-p"])
def test_a_program_without_arguments_meets_no_shell(session: Session, tmp_path: Path, name: str) -> None:
    program = tmp_path / name
    program.write_text("#!/bin/sh\ntouch ran\nexec sleep 1000\n")
    program.chmod(0o755)
    open_window(session, spec("w", tmp_path, str(program)))
    until(lambda: (tmp_path / "ran").exists())
    assert not (tmp_path / "pwned").exists()


def test_a_missing_directory_is_an_error_not_another_directory(session: Session, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        open_window(session, sleeper("w", tmp_path / "nowhere"))


@pytest.mark.parametrize("name", FILE_NAMES)
def test_hostile_text_stays_data(private_tmux: Address, tmp_path: Path, name: str) -> None:
    cwd = tmp_path / f"d{name}"
    cwd.mkdir()
    first = msgspec.structs.replace(saver("first", cwd, tmp_path / "first", name), name=name)
    session = ensure_session(private_tmux, name, f"{cwd}", first)
    file = tmp_path / "second"
    open_window(session, spec("second", cwd, "sh", "-c", SAVE.replace("$@", "$PWD"), str(file)))
    assert until(lambda: saved(tmp_path / "first")) == [name]
    assert until(lambda: saved(file)) == [str(cwd)]
    assert find_session(private_tmux, str(cwd)) == session
    assert len(show(session, "list-sessions").splitlines()) == 1
    assert len(list_windows(session)) == 2
    assert not list(tmp_path.rglob("pwned"))
