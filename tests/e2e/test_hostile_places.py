"""Places whose names mean something to a shell, to tmux or to YAML, or are no UTF-8: it all works there, or is refused,
and nothing of a name is ever executed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Make
from tests.e2e.project import Project
from tests.e2e.refusals import refused

NAME = 'it\'s "my" pläce #{pid} #(touch t1) $(touch t2) `touch t3`; %1 {a: b} 项目'

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TERM": "dumb"}
"""A locale in which Python takes names of files for ASCII, and a terminal that can nothing."""

NO_TEXT = os.fsdecode(b"a\xffb")


def test_all_of_it_works_whatever_the_place_is_called(
    make_project: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"state {NAME}"))
    project = make_project(NAME, children=("backend",), screens=True)
    hostile = project.repos["backend"].rename(project.directory / "repos" / NAME)
    config = project.directory / "orchestrator.config.yaml"
    config.write_text(config.read_text().replace("repos/backend", json.dumps(f"repos/{NAME}")))
    for module in ("json", "asyncio", "tmuxorch"):
        (project.directory / f"{module}.py").write_text("raise SystemExit('this is no module of yours')")
    users = ["tmux", "-L", project.socket, "-f", "/dev/null", "new-session", "-d"]
    subprocess.run(users, env={**os.environ, **ASCII}, check=True)

    status = project.ask("up", env=ASCII)
    assert status["project"]["dir"] == str(project.directory)
    assert {child["name"]: child["path"] for child in status["children"]}["backend"] == str(hostile)
    assert {child["state"] for child in status["children"]} == {"idle"}
    assert "You asked backend: wo bist du, Bär?" in project.run(
        "ask", "backend", "wo bist du, Bär?", env=ASCII
    )
    worker = ("exec", "--wait", "--cd", str(hostile), "--label", NAME, "Schau dich um, Bär")
    assert "The task was: Schau dich um, Bär" in project.run(*worker, env=ASCII)
    _is_shown(project, hostile)
    project.run("down", "--kill-agents", env=ASCII)
    assert list(tmp_path.rglob("t[123]")) == [], "parts of a name were executed"


def _is_shown(project: Project, hostile: Path) -> None:
    """What looks at it says the same in every locale and terminal, and draws nothing where nothing can be drawn."""
    assert str(hostile) in project.run("status", env=ASCII)
    assert project.run("checkpoints", env=ASCII) == "nothing waits for you\n"
    assert str(hostile) in project.run("overview", env=ASCII)
    assert "Schau dich um, B" in project.run("logs", "W1", env=ASCII)
    windows = project.windows()
    assert {"overview", "checkpoints", "controller", "app-backend"} <= set(windows)
    assert [name for name in windows if name.startswith("W1-it-s--my--pl-ce")]


def test_what_is_no_utf8_is_refused(make_project: Make) -> None:
    project = make_project()
    for words in (("exec", NO_TEXT), ("ask", "backend", NO_TEXT), ("run", NO_TEXT), ("wait", NO_TEXT)):
        assert r"'a\udcffb'" in refused(project, *words, status=2, says="an argument is not UTF-8").message
    assert _said(project.directory, "exec", NO_TEXT) == r"an argument is not UTF-8: 'a\udcffb'"
    assert _said(project.directory, "exec", "-", stdin=b"a\xffb") == "stdin is not UTF-8 (byte 1)"
    if sys.platform == "linux":  # elsewhere there are no such names
        place = project.directory / "repos" / NO_TEXT
        project.repos["mobile"].rename(place)
        (project.directory / "repos" / "mobile").symlink_to(place)
        refused(project, "up", status=2, says="the path of child mobile is not UTF-8", hint="child rm mobile")
        config = project.directory / "orchestrator.config.yaml"
        config.rename(place / config.name)
        assert "the project's path is not UTF-8: " in _said(place, "status")
    assert not project.paths.state.exists(), "nothing was begun"


def _said(place: Path, *words: str, stdin: bytes = b"") -> str:
    """The usage error of a command in a directory."""
    command = [sys.executable, "-m", "tmuxorch", *words, "--json"]
    done = subprocess.run(command, input=stdin, cwd=place, capture_output=True, check=False)
    assert done.returncode == 2
    return str(json.loads(done.stdout)["error"]["message"])
