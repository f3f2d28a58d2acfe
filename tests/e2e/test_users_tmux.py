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


def test_a_hostile_configuration_and_a_session_of_the_users_own(make_project: Make, home: Path) -> None:
    (home / ".tmux.conf").write_text(CONF)
    run_tmux("new-session", "-d", "-s", "mine", "sleep", "1000")
    before = _settings()
    project = make_project(screens=True)
    _on_server(project, "")
    project.run("up")
    worker = project.ask("exec", "--label", "one", "--role", "scout", "Look around")
    assert project.ask("wait", worker["id"])[0]["outcome"] == "succeeded"
    listed = run_tmux("list-windows", "-t", "=tmuxorch-p", "-F", "#{window_name}").split()
    assert {"controller", "overview", "checkpoints", "orchestrator", "app-backend", "W1-one"} <= set(listed)
    assert _settings() == before
    assert run_tmux("list-windows", "-t", "=mine", "-F", "#{window_panes}").split() == ["1"]

    # Inside a tmux of the user's own, the same session is found again, and `down` leaves theirs alone.
    socket = run_tmux("display-message", "-p", "#{socket_path},#{pid},0").strip()
    project.run("down")
    project.run("up", env={"TMUX": socket, "TMUX_PANE": "%0"})
    project.run("down", "--kill-agents", env={"TMUX": socket})
    assert run_tmux("list-sessions", "-F", "#{session_name}").split() == ["mine"]


def test_the_session_is_found_from_inside_another_tmux_server(make_project: Make) -> None:
    project = make_project()
    _on_server(project, "")
    run_tmux("-L", "other", "new-session", "-d", "-s", "elsewhere", "sleep", "1000")
    project.run("up")
    other = run_tmux("-L", "other", "display-message", "-p", "#{socket_path},#{pid},0").strip()
    for words in (["up"], ["exec", "--wait", "Look around"], ["down"], ["up"]):
        project.run(*words, env={"TMUX": other})
    assert run_tmux("-L", "other", "list-sessions", "-F", "#{session_name}").split() == ["elsewhere"]
    assert run_tmux("list-sessions", "-F", "#{session_name}").split() == ["tmuxorch-p"]

    run_tmux("kill-server")
    project.run("up", env={"TMUX": other})
    assert "tmuxorch-p" in run_tmux("-L", "other", "list-sessions", "-F", "#{session_name}").split()
    project.run("exec", "--wait", "Look around")


def test_two_projects_of_one_name_share_a_server(make_project: Make) -> None:
    one, two = make_project("a/p"), make_project("b/p")
    _on_server(two, one.socket)
    one.run("up")
    two.run("up")
    names = {project.ask("status")["project"]["session"] for project in (one, two)}
    assert len(names) == 2
    one.run("down", "--kill-agents")
    assert two.ask("status")["children"][0]["state"] == "idle"
