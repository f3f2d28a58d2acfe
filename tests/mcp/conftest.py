"""Projects with real Codex on the scripted model, led by a client."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.controller.conftest import SCENARIOS
from tests.e2e.project import Project
from tests.tmuxfixture import end_servers
from tmuxorch.demo import scenario
from tmuxorch.demo.model import ModelServer

LONG = "\n".join(f"{number} " + "long " * 2_000 for number in range(9))
"""Lines of 10,000 columns."""

Make = Callable[..., Project]


def person(project: Project, *words: str) -> None:
    """Somebody types `tmuxorch WORDS`. The test itself cannot: what leads is an agent with all that it starts.

    Nobody waits for its end, of which Debian's tmux may not hear.
    """
    command = [sys.executable, "-m", "tmuxorch", "-C", str(project.directory), *words]
    project.tmux("run-shell", "-b", shlex.join(command))


@pytest.fixture
def make_project(tmp_path: Path) -> Iterator[Make]:
    """Makes a project of this test whose repos are `app` and, not a child at first, `other`. It is up."""
    long = tmp_path / "long.yaml"
    long.write_text(
        json.dumps({"rules": [{"match": "TASK: be long", "steps": [[{"do": "message", "text": LONG}]]}]})
    )
    made: list[Project] = []
    with ModelServer(
        scenario.load([long, Path(__file__).with_name("scenario.yaml"), SCENARIOS]), lambda line: None
    ) as model:

        def make(extra: str = "gates: {dirty: proceed}\n") -> Project:
            project = Project(tmp_path / "p", model.base_url, extra, ("app", "other"))
            config = project.config.read_text()
            project.config.write_text(config.replace("  - {name: other, path: repos/other}\n", ""))
            made.append(project)
            project.run("up")
            return project

        try:
            yield make
        finally:
            for project in made:
                project.run("down", "--kill-agents", status=None)
    end_servers()
