"""Finding, making and ending our session in a real server, whatever that server's owner has configured."""

from __future__ import annotations

import resource
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from tests.tmux.specs import SAVE, saved, sleeper, spec
from tests.tmux.terminal import terminal
from tests.tmuxfixture import commands, run_tmux
from tests.waiting import until
from tmuxorch.errors import Refused, TmuxorchError
from tmuxorch.tmux.errors import TmuxGone
from tmuxorch.tmux.model import Session
from tmuxorch.tmux.oneshot import utf8_environment
from tmuxorch.tmux.server import (
    Address,
    attach_argv,
    close_window,
    ensure_session,
    find_session,
    kill_session,
    list_windows,
    open_window,
)

HOSTILE_CONF = """
set -g base-index 1
setw -g pane-base-index 1
set -g renumber-windows on
set -g automatic-rename on
set -g allow-rename on
set -g default-command 'exit 3'
set -g default-shell /bin/false
set -g destroy-unattached on
set -g remain-on-exit off
set-hook -g after-new-window 'rename-window hacked; set -w automatic-rename on'
set-hook -g after-new-session 'rename-window hacked'
set-hook -g session-created 'rename-session hacked'
"""


def show(session: Session, *args: str) -> str:
    return run_tmux("-u", "-S", session.socket_path, *args)


def test_a_session_is_made_once_and_found_again(private_tmux: Address, tmp_path: Path) -> None:
    project = str(tmp_path / "a #{b} 'c' ü\n:d")
    assert find_session(private_tmux, project) is None
    made = ensure_session(private_tmux, "my fleet", project, sleeper("controller", tmp_path))
    assert made.name == "my-fleet"
    assert ensure_session(private_tmux, "my fleet", project, sleeper("controller", tmp_path)) == made
    show(made, "rename-session", "-t", made.session_id, "renamed: by hand")
    again = find_session(private_tmux, project)
    assert again == msgspec.structs.replace(made, name="renamed_ by hand")
    (window,) = list_windows(made)
    assert (window.key, window.name, len(window.panes)) == ("controller", "controller", 1)
    assert (
        show(made, "display-message", "-p", "-t", made.session_id, "#{window_width} #{window_height}")
        == "200 50\n"
    )


def test_two_projects_of_one_name_get_two_sessions(private_tmux: Address, tmp_path: Path) -> None:
    first, second = (ensure_session(private_tmux, "fleet", of, sleeper("w", tmp_path)) for of in ("a", "b"))
    assert first.name == "fleet"
    assert second.name.startswith("fleet-")
    assert second.session_id != first.session_id
    kill_session(second)
    show(first, "new-session", "-d", "-s", second.name)
    with pytest.raises(Refused, match=second.name):
        ensure_session(private_tmux, "fleet", "b", sleeper("w", tmp_path))


def test_two_starting_at_once_make_one_session(private_tmux: Address, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(
            pool.map(lambda _: ensure_session(private_tmux, "fleet", "p", sleeper("w", tmp_path)), range(4))
        )
    assert len(set(made)) == 1
    assert len(show(made[0], "list-sessions").splitlines()) == 1


def test_hostile_configuration(
    own_tmux: Address, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".tmux.conf").write_text(HOSTILE_CONF)
    monkeypatch.setenv("LC_ALL", "C")
    session = ensure_session(own_tmux, "fleet", "p", spec("first", tmp_path, "true"))
    assert session.name == "fleet"
    window = open_window(session, spec("W1", tmp_path, "sh", "-c", "exit 4"))
    until(lambda: all(pane.dead for row in list_windows(session) for pane in row.panes))
    first, second = list_windows(session)
    assert (first.key, first.name) == ("first", "first")
    assert (second.window_id, second.key, second.name) == (window.window_id, "W1", "W1")
    assert find_session(own_tmux, "p") == session


def test_a_session_that_a_hook_renames_at_once_is_still_ours(
    own_tmux: Address, home: Path, tmp_path: Path
) -> None:
    (home / ".tmux.conf").write_text("set-hook -g after-new-session 'rename-session hacked'\n")
    session = ensure_session(own_tmux, "fleet", "p", sleeper("w", tmp_path))
    assert find_session(own_tmux, "p") == session
    assert session.name == "fleet"
    assert "destroy-unattached off" in show(session, "show-options", "-t", session.session_id)


def test_a_configuration_that_lets_no_session_live_is_named(
    own_tmux: Address, home: Path, tmp_path: Path
) -> None:
    (home / ".tmux.conf").write_text("set-hook -g after-new-session 'kill-session -t =fleet'\n")
    with pytest.raises(TmuxorchError) as raised:
        ensure_session(own_tmux, "fleet", "p", sleeper("w", tmp_path))
    assert "hooks" in raised.value.hint


def test_names_survive_a_locale_that_is_not_utf8(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(session, "rename-session", "-t", session.session_id, "flöte")
    show(session, "rename-window", "-t", session.session_id, "übersicht")
    monkeypatch.setenv("LC_ALL", "C")
    found = find_session(Address(socket_name=Path(session.socket_path).name), str(tmp_path))
    assert found == msgspec.structs.replace(session, name="flöte")
    assert [row.name for row in list_windows(session)] == ["übersicht"]


def test_a_running_server_of_the_user_keeps_its_settings(
    own_tmux: Address, home: Path, tmp_path: Path
) -> None:
    (home / ".tmux.conf").write_text(HOSTILE_CONF.replace("destroy-unattached on", "destroy-unattached off"))
    run_tmux("new-session", "-d", "-s", "mine", "sleep", "1000")
    look = [
        "show-options -g",
        "show-options -s",
        "show-options -gw",
        "show-hooks -g",
        "list-keys",
        "show-environment -g",
    ]
    look += [
        "list-panes -s -t hacked -F '#{window_id}#{window_name}'",
        "show-options -t hacked",
        "show-options -w -t hacked",
    ]
    before = [run_tmux(*shlex.split(command)) for command in look]
    session = ensure_session(own_tmux, "fleet", "p", sleeper("controller", tmp_path))
    open_window(session, sleeper("W1", tmp_path))
    assert [run_tmux(*shlex.split(command)) for command in look] == before
    kill_session(session)
    kill_session(session)
    assert run_tmux("list-sessions", "-F", "#{session_name}") == "hacked\n"


def test_inside_tmux_the_server_of_that_terminal_is_used(
    private_tmux: Address, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "attach-session" in attach_argv(session)
    monkeypatch.setenv("TMUX", f"{session.socket_path},{session.server_pid},0")
    assert find_session(Address(), str(tmp_path)) == session
    assert attach_argv(session, "@3")[-3:] == ["switch-client", "-t", f"{session.session_id}:@3"]
    monkeypatch.setenv("TMUX", f"{tmp_path}/other,1,0")
    assert "attach-session" in attach_argv(session)


def test_a_window_is_closed_once(session: Session, tmp_path: Path) -> None:
    window = open_window(session, sleeper("w", tmp_path))
    close_window(session, window.window_id)
    close_window(session, window.window_id)
    assert [row.key for row in list_windows(session)] == ["controller"]


def test_attaching_shows_the_window_that_was_asked_for(session: Session, tmp_path: Path) -> None:
    windows = [
        open_window(session, spec(key, tmp_path, "sh", "-c", f"echo {key}-text; sleep 99")) for key in "ab"
    ]
    with terminal(attach_argv(session, windows[1].window_id)) as screen:
        until(lambda: b"b-text" in screen.seen)
        assert b"a-text" not in screen.seen


def test_a_private_server_ends_with_its_last_session(private_tmux: Address, tmp_path: Path) -> None:
    first, second = (ensure_session(private_tmux, of, of, sleeper("w", tmp_path)) for of in ("a", "b"))
    kill_session(first)
    assert find_session(private_tmux, "b") == second
    kill_session(second)
    until(lambda: second.server_pid not in commands())
    assert find_session(private_tmux, "b") is None
    with pytest.raises(TmuxGone):
        list_windows(second)


def test_a_session_of_an_earlier_server_is_not_confused_with_one_of_the_same_number(
    private_tmux: Address, session: Session, tmp_path: Path
) -> None:
    stale = msgspec.structs.replace(session, server_start=session.server_start - 1)
    kill_session(stale)
    with pytest.raises(TmuxGone):
        list_windows(stale)
    assert find_session(private_tmux, str(tmp_path)) == session


def test_a_server_that_we_start_may_open_many_files(private_tmux: Address, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, limits[1]))
    try:
        file = tmp_path / "saved"
        first = spec("w", tmp_path, "sh", "-c", SAVE.replace("$@", "$(ulimit -S -n)"), str(file))
        ensure_session(private_tmux, "fleet", "p", first)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (200, limits[1])
        assert [int(text) > 200 for text in until(lambda: saved(file)) or []] == [True]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"LANG": "de_DE.UTF-8"}, {"LANG": "de_DE.UTF-8"}),
        ({"LANG": "C", "LC_CTYPE": "en_US.utf8"}, {"LANG": "C", "LC_CTYPE": "en_US.utf8"}),
        ({}, {"LC_CTYPE": "C.UTF-8"}),
        ({"LANG": "de_DE.ISO-8859-1"}, {"LANG": "de_DE.ISO-8859-1", "LC_CTYPE": "C.UTF-8"}),
        (
            {"LC_ALL": "C", "LANG": "de_DE.UTF-8", "LC_TIME": "x", "A": "b"},
            {"LANG": "C", "LC_CTYPE": "C.UTF-8", "A": "b"},
        ),
    ],
)
def test_a_server_that_we_start_speaks_utf8(
    given: dict[str, str], made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert utf8_environment(given) == made


def test_the_private_configuration_has_no_errors(private_tmux: Address, session: Session) -> None:
    conf = private_tmux.conf_path
    assert conf is not None
    told = subprocess.run(
        ["tmux", *private_tmux.flags, "source-file", str(conf)], capture_output=True, text=True
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
