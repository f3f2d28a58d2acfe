from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.e2e.project import Project
from tests.tmuxfixture import end_servers
from tmuxorch.demo import scenario
from tmuxorch.demo.model import ModelServer
from tmuxorch.demo.stories import ONBOARDING, Story

Make = Callable[..., Project]


@pytest.fixture
def make_project(tmp_path: Path) -> Iterator[Make]:
    """Makes a project on the scripted model: by default the demo's story. It is stopped at the end."""
    made: list[Project] = []
    with contextlib.ExitStack() as stack:

        def make(
            name: str = "p",
            scenarios: list[Path] | None = None,
            extra: str = "",
            children: Sequence[str] = (),
            story: Story = ONBOARDING,
            pace: float | None = None,
            rules: scenario.Scenario | None = None,
            screens: bool = False,
        ) -> Project:
            rules = rules or scenario.load(scenarios or story.scripts)
            if pace is not None:
                rules = msgspec.structs.replace(rules, pace=pace)
            model = stack.enter_context(ModelServer(rules, lambda line: None))
            project = Project(tmp_path / name, model.base_url, extra, children, story, screens)
            made.append(project)
            return project

        try:
            yield make
        finally:
            for project in made:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    project.run("down", "--kill-agents", status=None)
            end_servers()


@pytest.fixture
def project(make_project: Make) -> Project:
    """The demo's story, with every window."""
    return make_project(screens=True)
