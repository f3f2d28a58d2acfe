"""Commands in this process, and a whole project: sample repos, the scripted model, real Codex, real tmux, a
controller that is up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.cli.command import REPO, Done, tmuxorch
from tests.tmuxfixture import own_tmux, run_tmux
from tmuxorch.cli import demo_stage, start
from tmuxorch.cli import main as program
from tmuxorch.cli.client import Client
from tmuxorch.demo.stories import ONBOARDING
from tmuxorch.store.config import load
from tmuxorch.store.paths import ProjectPaths

__all__ = ["own_tmux"]


class Run(Protocol):
    """Runs a command in this process."""

    def __call__(self, *arguments: str | Path) -> Done: ...


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in `tmp_path`, faster than a process of its own."""
    monkeypatch.chdir(tmp_path)

    def here(*arguments: str | Path) -> Done:
        code = program.run([str(argument) for argument in arguments])
        return Done(code, *capsys.readouterr())

    return here


class Project:
    """A project with three children; commands run in it, with the environment in which it was made."""

    def __init__(self, stage: demo_stage.Stage, environ: dict[str, str]) -> None:
        self.stage = stage
        self.dir = stage.paths.project
        self.environ = environ

    def __call__(self, *arguments: str | Path, given: str = "") -> Done:
        return tmuxorch(*arguments, cwd=self.dir, given=given, env=self.environ)

    def tmux(self, *arguments: str) -> str:
        """What tmux prints, asked on the project's own server."""
        flags = ["-S", str(Path(self.environ["TMUX_TMPDIR"], f"tmux-{os.getuid()}", self._socket))]
        return run_tmux(*flags, *arguments)

    @property
    def _socket(self) -> str:
        return load(self.stage.paths.config).tmux.socket_name

    def screen(self, window: str) -> str:
        """What a window shows."""
        return self.tmux("capture-pane", "-p", "-t", f"={self.session}:={window}")

    @property
    def session(self) -> str:
        return self.tmux("list-sessions", "-F", "#{session_name}").strip()


@pytest.fixture(scope="module")
def project(_session_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(REPO))
        base = tmp_path_factory.mktemp("p")
        stage = demo_stage.prepare(base / "it's #{x} ü", ONBOARDING)
        environ = dict(os.environ)
    found = Project(stage, environ)
    try:
        assert found("up").code == 0
        yield found
    finally:
        found("down", "--kill-agents")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TMUX_TMPDIR", environ["TMUX_TMPDIR"])
            demo_stage.clear(stage)


@pytest.fixture
def here(project: Project, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command that leaves no process in this one, in the project and its environment."""
    opened: list[Client] = []
    ensure = start.ensure_controller

    def remembers(paths: ProjectPaths) -> Client:
        opened.append(ensure(paths))
        return opened[-1]

    for name, value in project.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(project.dir)
    monkeypatch.setattr(start, "ensure_controller", remembers)

    def closing(*arguments: str | Path) -> Done:
        try:
            return run(*arguments)
        finally:
            while opened:  # the end of a process does it otherwise
                opened.pop().close()

    return closing
