"""The demo's stage: a project in a directory, sample repos, the scripted model in its window, everything private.

The tmux server, CODEX_HOME and state are the demo's own; nothing of the user's is read or changed.
"""

from __future__ import annotations

import os
import shlex
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from tmuxorch import environment
from tmuxorch.cli import start
from tmuxorch.controller import processes
from tmuxorch.demo import codex_home, sample_repos
from tmuxorch.demo.stories import Story
from tmuxorch.errors import Refused, TimedOut, TmuxorchError
from tmuxorch.host import records
from tmuxorch.store.config import load
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.tmux import server
from tmuxorch.tmux.model import WindowSpec

MODEL_WINDOW = "model"
MODEL_TIME = 30.0
"""Seconds for the model to listen: one cold interpreter."""

END_TIME = 15.0
STEP = 0.02


def model_directory(paths: ProjectPaths) -> Path:
    """The host directory of a demo's scripted model; other projects have none."""
    return paths.state / "model"


class Stage(Struct, frozen=True, kw_only=True):
    """A project ready for `up`; `model` is the host directory of the scripted model."""

    paths: ProjectPaths
    model: Path


def prepare(directory: Path, story: Story) -> Stage:
    """Makes everything of a story in `directory`, which may exist but must not hold a project. Raises TmuxorchError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = ProjectPaths(directory)
    if paths.config.exists():
        raise Refused(f"{paths.project} holds a project already", hint="tmuxorch demo")
    if paths.state.exists():
        raise Refused(
            f"there was a project in {paths.project} once; its state is still in {paths.state}",
            hint=shlex.join(["rm", "-r", str(paths.state)]),
        )
    sample_repos.create(paths.project / "repos", story)
    socket = f"tmuxorch-demo-{zlib.crc32(os.fsencode(paths.project)) & 0xFFFFFFFF:08x}-{os.getpid()}"
    _write_config(paths, story, socket)
    paths.ensure()
    stage = Stage(paths=paths, model=model_directory(paths))
    try:
        url = _start_model(stage, story)
    except BaseException:
        clear(stage)
        raise
    home = codex_home.make(paths.project / "codex-home", url)
    # CODEX_HOME is in the configuration; what is left says that no proxy comes between Codex and this machine.
    os.environ.update({name: value for name, value in home.items() if name != "CODEX_HOME"})
    return stage


def clear(stage: Stage) -> None:
    """Ends everything of the demo that is alive; its files stay."""
    config = load(stage.paths.config)
    if processes.stop(stage.model):
        _until(lambda: not records.lease_held(stage.model), END_TIME, "the end of the scripted model")
    if session := server.find_session(start.address(config), str(stage.paths.project)):
        server.kill_session(session)


def _write_config(paths: ProjectPaths, story: Story, socket: str) -> None:
    """The story's own configuration, with what makes it private to the demo."""
    private = msgspec.yaml.encode({"codex": {"home": "codex-home"}, "tmux": {"socket_name": socket}}).decode()
    said = "# Written by `tmuxorch demo`: sample repos, a scripted model, a tmux server of its own.\n"
    paths.config.write_text(said + story.config + private, encoding="utf-8")


def _start_model(stage: Stage, story: Story) -> str:
    """Opens the window `model` in a new session; the base URL of the model when it listens."""
    port_file = stage.model / "port"
    stage.model.mkdir(mode=0o700, parents=True, exist_ok=True)
    argv = [
        *environment.program("tmuxorch.demo.model"),
        *map(str, story.scripts),
        "--port-file",
        str(port_file),
    ]
    processes.prepare(
        stage.model,
        {
            "argv": argv,
            "cwd": str(stage.paths.project),
            "stdout": "model.log",
            "stderr": "model.log",
            "view": "log",
            "title": "scripted model (answers were written in advance; not a language model)",
        },
    )
    config = load(stage.paths.config)
    window = WindowSpec(
        key=MODEL_WINDOW,
        name=MODEL_WINDOW,
        argv=(*records.command(), "run", str(stage.model)),
        cwd=stage.paths.project,
        env=environment.handed_on(os.environ),
    )
    name = start.session_name(stage.paths, config)
    server.ensure_session(start.address(config), name, str(stage.paths.project), window)
    _until(lambda: port_file.exists() or records.read_exit(stage.model) is not None, MODEL_TIME, "the model")
    if not port_file.exists():
        log = (stage.model / "model.log").read_text(errors="replace")
        raise TmuxorchError(f"the scripted model did not start: {log.strip()[-500:]}", hint="tmuxorch doctor")
    return f"http://127.0.0.1:{port_file.read_text().strip()}/v1"


def _until(condition: Callable[[], bool], timeout: float, what: str) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimedOut(f"not within {timeout:.0f} s: {what}", hint="tmuxorch doctor")
        time.sleep(STEP)
