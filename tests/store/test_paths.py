"""Where things lie, who may look at them, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tmuxorch.errors import ConfigError
from tmuxorch.store.paths import CONFIG_NAME, SOCKET_PATH_LIMIT, ProjectPaths, find_project, slug


@pytest.fixture
def project(tmp_path: Path) -> Path:
    place = tmp_path / "my project #{é} 'x'"
    place.mkdir()
    return place


def test_the_state_is_private_and_linked(project: Path, home: Path) -> None:
    paths = ProjectPaths(project)
    paths.ensure()
    paths.ensure()
    assert paths.state.parent == home / "state" / "tmuxorch"
    assert paths.state.name == f"my-project-x-{paths.key}"
    assert paths.link.resolve() == paths.state
    made = [paths.state.parent, paths.state, *(each for each in paths.state.iterdir() if each.is_dir())]
    assert {oct(each.stat().st_mode & 0o777) for each in made} == {"0o700"}


def test_looking_makes_nothing(project: Path, home: Path) -> None:
    assert ProjectPaths(project).socket.suffix == ".sock"
    assert list(project.iterdir()) == []
    assert list((home / "state").iterdir()) == []


def test_a_link_to_the_project_is_the_same_project(project: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project)
    assert ProjectPaths(tmp_path / "link").state == ProjectPaths(project).state


@pytest.mark.parametrize("value", ["", "relative/dir"])
def test_a_state_home_that_is_not_absolute_is_ignored(project: Path, value: str) -> None:
    paths = ProjectPaths(project, {"XDG_STATE_HOME": value, "HOME": "/h"})
    assert paths.state.parent == Path("/h/.local/state/tmuxorch")


def test_a_file_in_the_way_is_not_touched(project: Path) -> None:
    paths = ProjectPaths(project)
    paths.link.write_text("mine")
    with pytest.raises(ConfigError, match=r"\.orchestrator is in the way"):
        paths.ensure()
    assert paths.link.read_text() == "mine"


def test_a_copied_project_does_not_share_the_state(project: Path, tmp_path: Path) -> None:
    ProjectPaths(project).ensure()
    subprocess.run(["cp", "-a", project, tmp_path / "copy"], check=True)
    with pytest.raises(ConfigError, match="not this project's state") as caught:
        ProjectPaths(tmp_path / "copy").ensure()
    assert caught.value.hint == "to begin anew here, type: rm .orchestrator"


def test_a_state_of_another_project_is_refused(project: Path) -> None:
    paths = ProjectPaths(project)
    paths.state.mkdir(parents=True)
    (paths.state / "project").write_text("/some/other")
    with pytest.raises(ConfigError, match="is the state of /some/other"):
        paths.ensure()


def test_an_open_state_directory_is_closed(project: Path) -> None:
    paths = ProjectPaths(project)
    paths.state.mkdir(parents=True)
    paths.state.chmod(0o755)
    paths.ensure()
    assert paths.state.stat().st_mode & 0o777 == 0o700


def test_a_state_home_that_cannot_be_made(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be made: Not a directory"):
        ProjectPaths(project, {"XDG_STATE_HOME": str(tmp_path / "file")}).ensure()


def test_the_socket_is_in_the_runtime_directory(project: Path, home: Path) -> None:
    paths = ProjectPaths(project)
    paths.ensure()
    assert paths.bind_socket() == home / "run" / "tmuxorch" / f"{paths.key}.sock"
    assert paths.socket.parent.stat().st_mode & 0o777 == 0o700


def test_the_socket_is_found_from_another_session(project: Path, tmp_path: Path) -> None:
    paths = ProjectPaths(project)
    paths.ensure()
    bound = paths.bind_socket()
    without = {"XDG_STATE_HOME": os.environ["XDG_STATE_HOME"]}
    assert ProjectPaths(project, without, temporary=tmp_path).socket == bound


@pytest.mark.parametrize("runtime", ["", "not/absolute", "/does/not/exist", "too long"])
def test_the_socket_without_a_usable_runtime_directory(project: Path, tmp_path: Path, runtime: str) -> None:
    if runtime == "too long":
        long = tmp_path / ("x" * SOCKET_PATH_LIMIT)
        long.mkdir()
        runtime = str(long)
    environ = {**os.environ, "XDG_RUNTIME_DIR": runtime}
    paths = ProjectPaths(project, environ, temporary=tmp_path)
    paths.ensure()
    assert paths.bind_socket() == tmp_path / f"tmuxorch-{os.getuid()}" / f"{paths.key}.sock"
    assert paths.socket.parent.stat().st_mode & 0o777 == 0o700


def test_a_planted_link_is_not_used_for_the_socket(project: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"tmuxorch-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    paths = ProjectPaths(project, {"XDG_STATE_HOME": os.environ["XDG_STATE_HOME"]}, temporary=tmp_path)
    paths.ensure()
    with pytest.raises(ConfigError, match="not a directory of its own but a link"):
        paths.bind_socket()


def test_the_project_is_the_nearest_parent_with_a_configuration(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_project(deep) == deep
    (tmp_path / CONFIG_NAME).touch()
    assert find_project(deep) == tmp_path
    (tmp_path / "a" / CONFIG_NAME).touch()
    assert find_project(deep) == tmp_path / "a"


@pytest.mark.parametrize(
    ("name", "label"), [("My App", "My-App"), ("--", "project"), ("é#{}", "project"), ("a" * 99, "a" * 40)]
)
def test_slug(name: str, label: str) -> None:
    assert slug(name) == label


def test_paths_are_cheap_to_import() -> None:
    loaded = "import sys, tmuxorch.store.paths; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"platformdirs", "msgspec", "yaml", "asyncio", "dataclasses", "subprocess"} & set(modules)
