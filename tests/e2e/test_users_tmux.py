"""On the user's own tmux: nothing of theirs is changed, and nothing of theirs gets in the way."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.conftest import Make
from tests.e2e.project import Project
from tests.tmuxfixture import run_tmux

CONF = """\
set -g base-index 1
setw -g pane-base-index 1
set -g renumber-windows on
setw -g automatic-rename on
setw -g allow-rename on
set -g default-command 'sleep 1'
set -g default-shell /bin/false
set -g status-right 'mine #S'
set -g remain-on-exit off
set-hook -g after-new-window 'rename-window hijacked'
bind-key O display-message mine
"""


def _on_server(project: Project, socket: str) -> None:
    """Has the project on that private server; on the user's own when `socket` is empty."""
    text = project.config.read_text()
    project.config.write_text(text.replace(project.socket, socket or '""'))
    project.socket = socket


def _settings() -> str:
    """All that a user can see of their server's options, keys and hooks."""
    shown = [
        run_tmux(*words.split()) for words in ("show -g", "showw -g", "show -s", "list-keys", "show-hooks -g")
    ]
    return "\n".join(shown)


def _socket(*words: str) -> str:
    """What TMUX is inside a server."""
    return run_tmux(*words, "display-message", "-p", "#{socket_path},#{pid},0").strip()


def _sessions(*words: str) -> list[str]:
    return run_tmux(*words, "list-sessions", "-F", "#{session_name}").split()


def test_a_hostile_configuration_and_sessions_of_the_users_own(make_project: Make, home: Path) -> None:
    (home / ".tmux.conf").write_text(CONF)
    run_tmux("new-session", "-d", "-s", "mine", "sleep", "1000")
    run_tmux("-L", "other", "new-session", "-d", "-s", "elsewhere", "sleep", "1000")
    before = _settings()
    project = make_project(children=("backend",), screens=True)
    _on_server(project, "")
    project.run("up")
    worker = project.ask("exec", "--label", "one", "--role", "scout", "Look around")
    assert project.ask("wait", worker["id"])[0]["outcome"] == "succeeded"
    listed = run_tmux("list-windows", "-t", "=tmuxorch-p", "-F", "#{window_name}").split()
    assert {"controller", "overview", "checkpoints", "orchestrator", "app-backend", "W1-one"} <= set(listed)
    assert _settings() == before
    assert run_tmux("list-windows", "-t", "=mine", "-F", "#{window_panes}").split() == ["1"]

    # Inside a tmux of the user's own, the same session is found again, on this server and from another one.
    project.run("down")
    project.run("up", env={"TMUX": _socket(), "TMUX_PANE": "%0"})
    other = {"TMUX": _socket("-L", "other")}
    for words in (["up"], ["exec", "--wait", "Look around"], ["down"], ["up"]):
        project.run(*words, env=other)
    assert _sessions("-L", "other") == ["elsewhere"]
    assert _sessions() == ["mine", "tmuxorch-p"]

    # Where that has gone, it is made in the one where somebody is; and `down` leaves theirs alone.
    run_tmux("kill-server")
    project.run("up", env=other)
    assert _sessions("-L", "other") == ["elsewhere", "tmuxorch-p"]
    project.run("exec", "--wait", "Look around")
    project.run("down", "--kill-agents", env=other)
    assert _sessions("-L", "other") == ["elsewhere"]


def test_two_projects_of_one_name_share_a_server(make_project: Make) -> None:
    one, two = make_project("a/p", children=("a",)), make_project("b/p", children=("a",))
    _on_server(two, one.socket)
    one.run("up")
    two.run("up")
    names = {project.call("status")["project"]["session"] for project in (one, two)}
    assert len(names) == 2
    one.run("down", "--kill-agents")
    assert two.ask("status")["children"][0]["state"] == "idle"
