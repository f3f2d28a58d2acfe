"""One project with the children `app` and `other` for all tests of a module; a run has one item, named by its test."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.project import Project
from tests.tmuxfixture import end_servers
from tests.waiting import until
from tmuxorch.demo import scenario
from tmuxorch.demo.model import ModelServer
from tmuxorch.errors import Refused

SCENARIOS = Path(__file__).with_name("scenarios")

FORMS = f"""
[mcp_servers.lab]
command = "{sys.executable}"
args = ["{Path(__file__).parents[1] / "codex" / "tinymcp.py"}"]
"""

Make = Callable[..., Project]
Begin = Callable[..., str]


@contextlib.contextmanager
def labs(directory: Path) -> Iterator[Make]:
    """Makes projects on the scripted model of this directory; they are stopped at the end."""
    made: list[Project] = []
    with ModelServer(scenario.load([SCENARIOS]), lambda line: None) as model:

        def make(extra: str = "", codex: str = "", children: tuple[str, ...] = ("app",)) -> Project:
            project = Project(directory / f"p{len(made)}", model.base_url, extra, children)
            with (project.directory / "codex-home" / "config.toml").open("a") as config:
                config.write(codex)
            made.append(project)
            return project

        try:
            yield make
        finally:
            for project in made:
                project.run("down", "--kill-agents", status=None)


@pytest.fixture(scope="module")
def lab(
    _session_home: None, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Project]:
    """A project that is up; the module's CONFIG is added to its configuration, its CODEX to Codex's. What a run leaves
    in a repo is in the way of none."""
    with labs(tmp_path_factory.mktemp("l")) as make:
        extra = "gates: {dirty: proceed}\n" + getattr(request.module, "CONFIG", "")
        project = make(extra, getattr(request.module, "CODEX", ""), ("app", "other"))
        project.run("up")
        yield project


@pytest.fixture
def make_lab(tmp_path: Path) -> Iterator[Make]:
    """Makes projects of this test alone; nothing runs yet."""
    with labs(tmp_path) as make:
        yield make
    end_servers()


@pytest.fixture
def begin(lab: Project) -> Iterator[Begin]:
    """Starts a run whose one item has that name, past its gate unless that is wished.

    It has ended, and no checkpoint is open, before the next test.
    """
    runs: list[str] = []

    def start(name: str, gate: bool = False) -> str:
        runs.append(lab.call("run", problem=f"lab: {name}", yes=not gate, children=["app"])["id"])
        return runs[-1]

    yield start
    for run in runs:
        with contextlib.suppress(Refused):
            lab.call("cancel", id=run)
    until(lambda: not lab.call("checkpoints"), what="the end of all checkpoints")
    openings = Counter(event["id"] for event in lab.events("checkpoint_reopened"))
    for counted in (lab.answers(), lab.ends()):
        assert set((counted - openings).values()) <= {1}
